"""`forecourt seed`: many made-up records, the same for the same seed; and the demo of `forecourt run`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import cycle
from multiprocessing import get_context
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from pymysql.cursors import Cursor
    from rich.progress import Progress

    from app.cli.seeds.accounts import Person
    from app.cli.seeds.batches import Batch, Kind, Order

MOST_ROWS: Final = 5_000_000
MOST_APPLICATIONS: Final = 200_000
MOST_BOOKINGS: Final = 2_000_000
AHEAD: Final = 3
"""Batches that are made while one is loaded."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def seed(
        vehicles: Annotated[int, typer.Option(help="How many vehicles.", min=0, max=MOST_ROWS)] = 20_000,
        applications: Annotated[
            int, typer.Option(help="How many applications; customers come with them.", min=0, max=MOST_APPLICATIONS)
        ] = 4_000,
        bookings: Annotated[
            int, typer.Option(help="How many bookings, fifty for a vehicle.", min=0, max=MOST_BOOKINGS)
        ] = 0,
        seed: Annotated[int, typer.Option(help="The same seed makes the same records.", min=0, max=1_000_000)] = 7,
        today: Annotated[
            str, typer.Option(help="The day that dates are reckoned from, YYYY-MM-DD; today when left out.")
        ] = "",
        reindex: Annotated[bool, typer.Option(help="Build the search indices afterwards.")] = True,
        data_dir: DataDir = None,
    ) -> None:
        """Fill the database with realistic records; what the seed has made already stays as it is."""
        day = _day(today)
        with servers_for(command_settings(data_dir), command="seed", search=reindex) as settings:
            wanted: dict[Kind, int] = {"vehicle": vehicles, "application": applications, "booking": bookings}
            added = fill(settings, seed, wanted, day)
            if added and reindex:
                index_all(settings)


def fill(settings: Settings, seed: int, wanted: dict[Kind, int], today: datetime) -> int:
    """Bring each kind to the wanted number of this seed's rows; returns how many rows were added."""
    from app.cli.seeds.batches import analyse, load_missing_branches, orders, present, source_of, warm_up, with_stock
    from app.cli.seeds.loading import connection, transaction
    from app.desk.customers.services import CustomerKeys

    keys = CustomerKeys.of(settings)
    added, seconds = 0, 0.0
    with (
        _maker() as maker,
        connection(settings.database_url) as cursor,
        connection(settings.database_url) as second,
        _bars() as bars,
    ):
        with transaction(cursor):
            load_missing_branches(cursor, today)
        for kind, number in wanted.items():
            held = present(cursor, kind, source_of(seed))
            waiting = with_stock(cursor, orders(kind, seed, held, number, today, keys))
            if not waiting:
                if number:
                    bars.console.print(f"Seed {seed} has made {held:,} {kind}s already; nothing is added.")
                continue
            maker.submit(warm_up).result()
            begun = time.perf_counter()
            senders = (cursor,) if kind == "booking" else (cursor, second)
            rows = _load_all(senders, maker, waiting, bars, f"{kind}s", held, number)
            took = time.perf_counter() - begun
            bars.console.print(f"{number - held:,} {kind}s: {rows:,} rows in {took:.1f} s ({rows / took:,.0f} rows/s)")
            added, seconds = added + rows, seconds + took
        if added:
            analyse(cursor)
    if added:
        typer.echo(f"Seed {seed}: {added:,} rows in {seconds:.1f} s ({added / seconds:,.0f} rows/s)")
    return added


def ensure_demo(settings: Settings) -> None:
    """Make the demo's accounts with the password of the settings, and load its records once per database."""
    import uvloop

    from app.cli.seeds.demo import is_loaded, load_demo
    from app.cli.seeds.loading import connection
    from app.desk.customers.services import CustomerKeys

    assert settings.demo_password is not None
    people = uvloop.run(_ensure_accounts(settings, settings.demo_password.get_secret_value()))
    with connection(settings.database_url) as cursor:
        if is_loaded(cursor):
            uvloop.run(_add_suppliers(settings))
            return
        load_demo(cursor, people, CustomerKeys.of(settings), datetime.now(UTC))
    uvloop.run(_add_suppliers(settings))
    uvloop.run(_add_tasks_and_views(settings, people))
    uvloop.run(_load_told_and_done(settings, people))
    uvloop.run(_attach_files(settings))
    if settings.opensearch_url:
        uvloop.run(_queue_reindex(settings))


async def _ensure_accounts(settings: Settings, password: str) -> list[Person]:
    from app.cli.seeds.accounts import ensure_accounts
    from app.core.db import Database

    database = await Database.open(settings)
    try:
        return await ensure_accounts(database, password)
    finally:
        await database.close()


async def _add_suppliers(settings: Settings) -> None:
    """The demo's suppliers, also in a database whose demo is older than they are."""
    from app.cli.seeds.suppliers import add_suppliers
    from app.core.db import Database
    from app.main import assemble

    assemble()
    database = await Database.open(settings)
    try:
        await add_suppliers(database, settings)
    finally:
        await database.close()


async def _add_tasks_and_views(settings: Settings, people: list[Person]) -> None:
    from app.cli.seeds.tasks import add_tasks
    from app.cli.seeds.views import add_views
    from app.core.db import Database
    from app.main import assemble

    assemble()
    database = await Database.open(settings)
    try:
        await add_tasks(database)
        await add_views(database, people)
    finally:
        await database.close()


async def _load_told_and_done(settings: Settings, people: list[Person]) -> None:
    from app.cli.seeds.approvals import load_approvals
    from app.cli.seeds.notes import load_notes
    from app.cli.seeds.notifications import load_notifications
    from app.cli.seeds.quotes import add_quotes
    from app.cli.seeds.rate_cards import load_rate_cards
    from app.cli.seeds.runs import load_runs
    from app.cli.seeds.supplied import add_supplied
    from app.cli.seeds.supplier_terms import add_supplier_terms
    from app.core.db import Database

    database = await Database.open(settings)
    try:
        await load_notes(database, people, datetime.now(UTC))
        await load_notifications(database, people, datetime.now(UTC))
        await load_runs(database, people, datetime.now(UTC))
        await load_approvals(database, people, datetime.now(UTC))
        await load_rate_cards(database, people, datetime.now(UTC))
        await add_supplied(database, people)
        await add_supplier_terms(database, people)
        await add_quotes(database, settings, people)
    finally:
        await database.close()


async def _attach_files(settings: Settings) -> None:
    from app.cli.seeds.attachments import attach_files
    from app.core.db import Database
    from app.main import assemble

    assemble()
    database = await Database.open(settings)
    try:
        await attach_files(database, settings.data_dir)
    finally:
        await database.close()


async def _queue_reindex(settings: Settings) -> None:
    """Have the worker index what came in without events of its own."""
    from app.core.db import Database
    from app.core.indexing import searchable
    from app.core.worker import queue_reindex
    from app.main import assemble

    database = await Database.open(settings)
    try:
        for kind in searchable(list(assemble().kinds.values())):
            await queue_reindex(database, kind)
    finally:
        await database.close()


def _load_all(
    cursors: Sequence[Cursor],
    maker: ProcessPoolExecutor,
    waiting: Sequence[Order],
    bars: Progress,
    title: str,
    present: int,
    wanted: int,
) -> int:
    """Send batches over all connections at once; they commit in their order, so that a killed run leaves no gap.

    One connection is right for tables in which neighbours lock each other, as holds of vehicles do: a batch would wait
    for the lock of the one after it, which waits for its commit.
    """
    from app.cli.seeds.batches import store

    bar = bars.add_task(title, total=wanted, completed=present)
    rows, earlier = 0, deque[Future[int]]()
    with ThreadPoolExecutor(len(cursors)) as senders:
        for batch, cursor in zip(_made_ahead(maker, waiting), cycle(cursors)):
            if len(earlier) == len(cursors):
                rows += earlier.popleft().result()
            earlier.append(senders.submit(store, cursor, batch, after=earlier[-1] if earlier else None))
            bars.update(bar, completed=batch.order.first)
        rows += sum(future.result() for future in earlier)
    bars.update(bar, completed=wanted)
    return rows


def _made_ahead(maker: ProcessPoolExecutor, waiting: Sequence[Order]) -> Generator[Batch]:
    """Batches in order, a few of them made before they are asked for."""
    from app.cli.seeds.batches import make_batch

    flying: list[Future[Batch]] = []
    for order in waiting:
        flying.append(maker.submit(make_batch, order))
        if len(flying) > AHEAD:
            yield flying.pop(0).result()
    for future in flying:
        yield future.result()


@contextmanager
def _maker() -> Generator[ProcessPoolExecutor]:
    """One process that makes rows while this one sends them; it begins before there are threads or connections."""
    from app.cli.seeds.batches import warm_up

    maker = ProcessPoolExecutor(1, mp_context=get_context("fork"))
    try:
        maker.submit(warm_up)
        yield maker
    finally:
        maker.shutdown(wait=True, cancel_futures=True)


def _bars() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def index_all(settings: Settings) -> None:
    import uvloop

    from app.cli.indexing import build_indices

    if settings.opensearch_url:
        uvloop.run(build_indices(settings, None))
    else:
        typer.echo("There is no search server; `forecourt reindex` builds the indices once there is one.", err=True)


def _day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day such as 2026-06-25.", param_hint="--today") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
