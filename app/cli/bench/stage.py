"""What every bench works with: servers on their core, a filled database, and somebody who is signed in."""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import typer

from app.cli.bench import WITHOUT_ROWS, cores, module_of
from app.cli.bench.results import keep, print_result, write_document
from app.cli.instance import read_record, servers_for
from app.cli.options import command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from app.cli.seeds.batches import Kind
    from app.core.db import Database

SEED: Final = 7
PERSON: Final = "admin@demo.test"


@dataclass(frozen=True, slots=True)
class Size:
    """How many records to measure over, and how often."""

    vehicles: int
    applications: int
    bookings: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of benches over one data directory."""

    settings: Settings
    size: Size

    @property
    def rounds(self) -> int:
        return self.size.rounds

    @property
    def fast_settings(self) -> Settings:
        """The same database by the faster driver."""
        url = self.settings.database_url.replace("+aiomysql:", "+asyncmy:")
        return self.settings.model_copy(update={"database_url": url})

    @asynccontextmanager
    async def database(self, settings: Settings | None = None) -> AsyncGenerator[Database]:
        """The database for what a bench prepares."""
        from app.core.db import Database

        database = await Database.open(settings or self.settings)
        try:
            yield database
        finally:
            await database.close()

    async def bearer(self, email: str = PERSON) -> dict[str, str]:
        """The header of a new access token; it lives 15 minutes."""
        from app.core.auth.tokens import issue_tokens
        from app.core.db import run_in_unit

        async with self.database() as database:
            staff_id = await self.person(database, email)
            pair = await run_in_unit(database, lambda session: issue_tokens(session, staff_id))
        return {"Authorization": f"Bearer {pair.access_token}"}

    async def cookie(self, email: str = PERSON) -> dict[str, str]:
        """The header of a new browser session."""
        from app.core.auth.sessions import start_session
        from app.core.db import run_in_unit

        async with self.database() as database:
            staff_id = await self.person(database, email)

            async def start(session: Any) -> str:
                return (await start_session(session, staff_id, address="127.0.0.1", browser="bench"))[0]

            return {"Cookie": f"forecourt_session={await run_in_unit(database, start)}"}

    async def person(self, database: Database, email: str = PERSON) -> UUID:
        """Who asks; the demo's accounts are made when they are missing."""
        from app.cli.seeds.accounts import ensure_accounts
        from app.desk.staff.queries import find_by_email

        async with database.session() as session:
            found = await find_by_email(session, email)
        if found is not None:
            return found.id
        await ensure_accounts(database, secrets.token_urlsafe())
        return await self.person(database, email)


def run_benches(names: list[str], data_dir: Path | None, size: Size, *, is_written: bool) -> None:
    """Fill the database where rows are missing, unless no bench reads any, then run these benches one after another."""
    import uvloop

    settings = command_settings(data_dir)
    with servers_for(settings, command="bench") as settings:
        if not WITHOUT_ROWS.issuperset(names):
            _fill(settings, size)
        keep_apart(settings)
        stage = Stage(settings, size)
        for name in names:
            typer.echo(f"{name} ...", err=True)
            result = uvloop.run(importlib.import_module(module_of(name)).run(stage))
            result.notes.append(f"Load of the machine meanwhile: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores.")
            keep(settings.data_dir, result)
            print_result(result)
        if is_written:
            write_document(settings.data_dir)


def _fill(settings: Settings, size: Size) -> None:
    import uvloop

    from app.cli.seeding import fill, index_all
    from app.cli.seeds.hires import HIRES_OF_A_VEHICLE

    now = datetime.now(UTC)
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    wanted: dict[Kind, int] = {
        "vehicle": size.vehicles,
        "application": size.applications,
        "booking": min(size.bookings, size.vehicles * HIRES_OF_A_VEHICLE),
    }
    if fill(settings, SEED, wanted, today):
        index_all(settings)
    uvloop.run(_build_outdated_indexes(settings))


async def _build_outdated_indexes(settings: Settings) -> None:
    """A worker would begin by building an index of an older definition anew, which is no time to measure."""
    from app.cli.indexing import build_indices
    from app.core.indexing import indexes_for, prepare_indexes
    from app.main import assemble
    from search.client import SearchClient

    if not settings.opensearch_url:
        return
    client = SearchClient(settings.opensearch_url)
    try:
        outdated = await prepare_indexes(indexes_for(client, settings), list(assemble().kinds.values()))
    finally:
        await client.close()
    for kind in outdated:
        await build_indices(settings, kind.key)


def keep_apart(settings: Settings) -> None:
    """The database, the search engine and this process go to the second core; the application has the first alone."""
    _place(settings, cores()[1])


def share_cores(settings: Settings) -> None:
    """Let every server and this process have every core, for work in which none of them is what is measured alone."""
    _place(settings, set().union(*cores()))


def _place(settings: Settings, places: set[int]) -> None:
    record = read_record(settings.data_dir)
    for name in ("mariadb", "opensearch"):
        pid = record.get(name, {}).get("pid")
        for thread in Path(f"/proc/{pid}/task").glob("*") if pid else ():
            os.sched_setaffinity(int(thread.name), places)
    os.sched_setaffinity(0, places)
