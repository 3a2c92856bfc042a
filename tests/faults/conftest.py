"""What the fault tests stand on: an application over a database of its own, and processes that can be killed."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.settings import Settings, load_settings
from tests.api.committing import BASE_URL, Live, new_database, running_app
from tests.faults.forker import Forker, forking
from tests.faults.stack import Stack, running_stack
from tests.plugins.servers import MEMORY


@pytest.fixture(scope="session")
def fault_settings(mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a migrated database and a data directory that only these tests use."""
    with new_database(mariadb_url, "faults") as url:
        yield load_settings(
            environment="test", database_url=url, base_url=BASE_URL, data_dir=tmp_path_factory.mktemp("data")
        )


@pytest.fixture(scope="session")
async def live(fault_settings: Settings) -> AsyncIterator[Live]:
    """The application in this process, whose requests commit."""
    async with running_app(fault_settings) as running:
        yield running


@pytest.fixture(scope="session")
async def forker(fault_settings: Settings) -> AsyncIterator[Forker]:
    """Processes over the same database that die at a chosen step."""
    async with forking(fault_settings) as forker:
        yield forker


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A server of these tests alone, which keeps what it acknowledged when it is killed."""
    with (
        tempfile.TemporaryDirectory(prefix="forecourt-faults-", dir=place()) as directory,
        running_stack(Path(directory)) as running,
    ):
        yield running


def place() -> Path | None:
    """Memory, where there is some: what is tested is the process that dies, not the power."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None
