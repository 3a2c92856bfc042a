"""A database of the worker's own tests: what they write is committed, and every table is emptied between them."""

import os
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.events import OutboxEvent
from app.core.jobs.models import Job, JobSchedule, WorkerHeartbeat
from app.core.leases import WorkerLease
from app.core.outbox.models import EventApplied, EventConsumer, EventFailure
from app.core.partners.models import PartnerExchange
from app.core.partners.tallies import PartnerRollup, PartnerTally
from app.settings import Settings, load_settings
from tests.plugins.servers import create_database, on_database, run_statements

MODELS = (
    Job, JobSchedule, WorkerHeartbeat, WorkerLease, EventConsumer, EventFailure, EventApplied, OutboxEvent, AuditEntry,
    PartnerExchange, PartnerTally, PartnerRollup,
)  # fmt: skip
TABLES = [SQLModel.metadata.tables[model.__tablename__] for model in MODELS]
WIDGETS = "CREATE TABLE widget (id uuid PRIMARY KEY, version int NOT NULL, name varchar(200) NOT NULL)"


@pytest.fixture(scope="session")
async def committing_settings(mariadb_url: str) -> AsyncIterator[Settings]:
    """Settings of a new database on that server, with the worker's tables and one table of records."""
    name = f"forecourt_worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    url = on_database(mariadb_url, name)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, tables=TABLES)
        await connection.execute(text(WIDGETS))
    await engine.dispose()
    yield load_settings(environment="test", database_url=url)
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture
async def committing(committing_settings: Settings) -> AsyncIterator[Database]:
    """An empty database whose units of work are really committed."""
    database = await Database.open(committing_settings)
    async with database.unit() as session:
        for table in ["widget", *(table.name for table in TABLES)]:
            await session.execute(text(f"TRUNCATE TABLE {table}"))
    yield database
    await database.close()
