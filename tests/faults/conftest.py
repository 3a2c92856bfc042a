"""What the fault tests stand on: an application over a database of its own, and processes that can be killed."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.settings import Settings, load_settings
from tests.api.committing import BASE_URL, Live, new_database, running_app
from tests.faults.forker import Forker, forking


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
