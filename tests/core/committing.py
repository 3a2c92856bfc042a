"""A database of the worker's own tests: what they write is committed, and every table is emptied between them."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from app.cli.servers.mariadb import PrivateMariaDB
from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.events import OutboxEvent
from app.core.jobs.models import Job, JobSchedule, WorkerHeartbeat
from app.core.leases import WorkerLease
from app.core.outbox.models import EventApplied, EventConsumer, EventFailure
from app.settings import Settings, load_settings

MODELS = (
    Job, JobSchedule, WorkerHeartbeat, WorkerLease, EventConsumer, EventFailure, EventApplied, OutboxEvent, AuditEntry,
)  # fmt: skip
TABLES = [SQLModel.metadata.tables[model.__tablename__] for model in MODELS]
WIDGETS = "CREATE TABLE widget (id uuid PRIMARY KEY, version int NOT NULL, name varchar(200) NOT NULL)"


@pytest.fixture(scope="session")
def committing_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a real server: the one the runner started, else one of our own."""
    given = os.environ.get("FORECOURT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    if "mariadb_url" in request.session._fixturemanager._arg2fixturedefs:
        yield str(request.getfixturevalue("mariadb_url"))
        return
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="fc", dir=memory if memory.is_dir() else None) as directory:
        server = PrivateMariaDB(Path(directory), for_tests=True)
        try:
            server.start()
            server.wait()
            yield server.url
        finally:
            server.stop()


@pytest.fixture(scope="session")
async def committing_settings(committing_server: str) -> AsyncIterator[Settings]:
    """Settings of a new database on that server, with the worker's tables and one table of records."""
    server = make_url(committing_server)
    name = f"worker_tests_{os.getpid()}"
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        await connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.set(database=name).render_as_string(hide_password=False)
    own = create_async_engine(url)
    async with own.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=TABLES)
        await connection.execute(text(WIDGETS))
    await own.dispose()
    yield load_settings(environment="test", database_url=url)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP DATABASE {name}"))
    await engine.dispose()


@pytest.fixture
async def committing(committing_settings: Settings) -> AsyncIterator[Database]:
    """An empty database whose units of work are really committed."""
    database = await Database.open(committing_settings)
    async with database.unit() as session:
        for table in ["widget", *(table.name for table in TABLES)]:
            await session.execute(text(f"TRUNCATE TABLE {table}"))
    yield database
    await database.close()
