"""Alembic's environment: the tables of all features over the given connection or address."""

import asyncio

import sqlalchemy as sa
from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import app.core.worker
import app.main  # noqa: F401 - registers every other table
from app.core.records import UtcMicros
from app.settings import load_settings
from migrations.resuming import make_resumable

TURN_SECONDS = 120
TAKE_TURN = sa.text("SELECT GET_LOCK(CONCAT('migrate ', LEFT(DATABASE(), 50)), :seconds)")
"""Of several processes that start at once, one migrates; the lock goes with its connection."""


def render_item(kind, item, autogen_context):
    """Our own column types by the frozen names of `migrations.columns`."""
    if kind != "type":
        return False
    autogen_context.imports.add("from migrations import columns")
    variant = getattr(item, "_variant_mapping", {}).get("mariadb")
    if isinstance(item, UtcMicros):
        return "columns.moment()"
    if isinstance(item, sa.Enum):
        return f"columns.choice({item.length})"
    if isinstance(variant, mysql.VARCHAR):
        return f"columns.{'code' if variant.charset == 'ascii' else 'exact'}({variant.length})"
    return False


def run(connection: Connection) -> None:
    make_resumable(connection)
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transaction_per_migration=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_address(address: str) -> None:
    engine = create_async_engine(address)
    try:
        async with engine.connect() as connection:
            if not (await connection.execute(TAKE_TURN, {"seconds": TURN_SECONDS})).scalar():
                raise CommandError("another process is migrating this database; try again when it is done")
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_by_address(context.config.get_main_option("sqlalchemy.url") or load_settings().database_url))
