"""A store of the test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.core.runtime import Runtime
from app.desk.attachments import services
from app.desk.attachments.adapters.store import Store
from app.desk.attachments.services import Inspected, Upload


@pytest.fixture
def store(runtime: Runtime, tmp_path: Path) -> Iterator[Store]:
    """Where the running application keeps files during this test."""
    before = runtime.settings
    runtime.settings = before.model_copy(update={"data_dir": tmp_path})
    yield Store(tmp_path)
    runtime.settings = before


def upload(name: str, content: bytes) -> Upload:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    return Upload(name, chunks)


@pytest.fixture
def inspect(tmp_path: Path) -> Callable[[str, bytes], Awaitable[Inspected]]:
    """Looks into a file without an application around."""
    return lambda name, content: services.inspect_upload(Store(tmp_path), upload(name, content))
