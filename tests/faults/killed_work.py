"""Background work as one forked process does it: a worker with short leases, until no job is left."""

import asyncio
import re
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from app.core import db
from app.core.area import JobKind
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.jobs import context as jobs_context
from app.core.jobs.context import JobContext
from app.core.jobs.runner import JobRunner
from app.desk.imports.services import runs
from app.main import assemble
from app.settings import Settings
from migrations.resuming import make_resumable

LEASE = timedelta(seconds=3)
"""Long enough for a slow machine to renew it."""
LONGEST_SECONDS = 40
ROWS_AT_ONCE = 3
"""Several batches of an import out of a few rows."""
CHANGES_STATE = re.compile(r"UPDATE job SET updated_at=\S+, state=")
_is_job: ContextVar[bool] = ContextVar("is_job", default=False)


def is_of_a_job(statement: str) -> bool:
    """Whether a statement belongs to the work of a job, or claims it or reports its end; heartbeats are none of it."""
    return _is_job.get() or CHANGES_STATE.match(statement) is not None


def _marked(kind: JobKind) -> JobKind:
    async def run(context: JobContext) -> Any:
        _is_job.set(True)
        return await kind.run(context)

    return replace(kind, run=run, lease=LEASE, max_attempts=100)


async def run_jobs(settings: Settings, keys: list[str]) -> dict[str, Any]:
    """Run jobs of these kinds until none is queued or running."""
    assembly = assemble()
    kinds = [_marked(kind) for kind in assembly.tasks if kind.key in keys]
    assert kinds, f"no job kinds {keys}"
    runs.BATCH, jobs_context.PROGRESS_SECONDS = ROWS_AT_ONCE, 0  # as many steps however long they take
    database = await Database.open(settings)
    stop = asyncio.Event()
    runner = JobRunner(database, None, settings, kinds, "killed", records=list(assembly.kinds.values()))
    running = asyncio.create_task(runner.run(stop))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while await _unfinished(database, keys):  # noqa: ASYNC110 - the database has no event to wait for
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await running
        await database.close()
    return {}


def be_given_up_soon() -> None:
    """Let the server end the transactions of this process after a second in which it is stopped."""
    db.UNIT_SETTINGS = f"{db.UNIT_SETTINGS}, idle_transaction_timeout=1"


async def _unfinished(database: Database, keys: list[str]) -> bool:
    """Whether jobs are left; what a process was waiting for when it was stopped is overdue, and asked for again."""
    places = ", ".join(["%s"] * len(keys))
    sql = f"SELECT 1 FROM job WHERE state IN ('queued', 'running') AND kind IN ({places}) LIMIT 1"
    try:
        return bool(await database.reads.fetch(sql, keys))
    except Unavailable:
        return True


async def make_due(database: Database) -> None:
    """Let the leases of killed workers run out and waiting attempts begin, instead of waiting for it."""
    async with database.unit() as session:
        await session.execute(
            text("UPDATE job SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE state = 'running'")
        )
        await session.execute(text("UPDATE job SET run_at = UTC_TIMESTAMP(6) WHERE state = 'queued'"))


def expand(url: str) -> None:
    """What a migration does before the code that needs it: a column with a default, its index, and a table."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="mariadb+pymysql"))
    with engine.connect() as connection:
        make_resumable(connection)
        steps = Operations(MigrationContext.configure(connection))
        steps.add_column("vehicle", sa.Column("fuel_card", sa.String(40), nullable=False, server_default=""))
        steps.create_index("ix_vehicle_fuel_card", "vehicle", ["fuel_card"])
        steps.create_table("fuel_card_use", sa.Column("id", sa.Uuid(), primary_key=True))
        steps.drop_table("fuel_card_use")
        connection.commit()
    engine.dispose()
