"""`forecourt bench`: what Forecourt costs beside others doing the same work, as ratios."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Final

import typer

from app.cli.failures import CommandFailed
from app.cli.options import DataDir

BENCHES: Final = {
    "json-page": "a page of 50 rows as JSON, beside hand-written code and FastAPI",
    "deep-pages": "page 10,000 beside page 1, for every filter and order that the lists offer",
    "html-page": "a page of 50 rows as HTML, beside Django's admin",
    "indexing": "documents into the search engine, beside opensearch-py's own bulk helper",
    "freshness": "from the commit until a search finds it, beside a write that waits for the refresh",
    "search-page": "a searched page with counts of filter values, beside the bare client",
    "footprint": "from the start until the first answer, and memory, beside Django's admin",
    "car-search": "a search over 1,000 candidates, beside its limit of 250 ms on one core",
    "overhead": "session, content policy, permission and log, on beside off",
    "booking": "a booking by sixteen clients at once, beside the same SQL by hand",
    "one-vehicle": "one vehicle wanted by 64 clients, beside a lock on the vehicle",
    "planner": "a sheet of 500 vehicles and 90 days, beside 300 ms",
    "supply-desk": "boards over two million calls to suppliers, beside 100 ms",
    "calm": "pages while search is down or hangs, beside a quiet hour",
}
"""Each bench and what it measures; its module has the same name."""
WITHOUT_ROWS: Final = frozenset({"car-search"})
"""Benches that measure over rows of their own: nothing has to be seeded for them."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def bench(
        name: Annotated[str, typer.Argument(help="A bench, `all` of them, or `list`.")] = "list",
        vehicles: Annotated[int, typer.Option(help="Vehicles to measure over.", min=1_000)] = 1_000_000,
        applications: Annotated[int, typer.Option(help="Applications to measure over.", min=200)] = 200_000,
        bookings: Annotated[
            int, typer.Option(help="Bookings to measure over, fifty for a vehicle.", min=0)
        ] = 1_000_000,
        rounds: Annotated[int, typer.Option(help="How often each side is measured.", min=1, max=50)] = 5,
        write: Annotated[bool, typer.Option(help="Write docs/performance.md from the latest results.")] = False,
        data_dir: DataDir = None,
    ) -> None:
        """Measure speed and size beside other ways of doing the same work; the answers are ratios."""
        if name == "list":
            for known, purpose in BENCHES.items():
                typer.echo(f"{known:<14}{purpose}")
            return
        if name != "all" and name not in BENCHES:
            raise CommandFailed(f"There is no bench {name}; there are {', '.join(BENCHES)}.")
        from app.cli.bench.stage import Size, run_benches

        size = Size(vehicles, applications, bookings, rounds)
        run_benches(list(BENCHES) if name == "all" else [name], data_dir, size, is_written=write)


def module_of(name: str) -> str:
    """The module whose `run(stage)` is this bench."""
    return f"{__name__}.{name.replace('-', '_')}"


@cache
def cores() -> tuple[set[int], set[int]]:
    """The core of the application, and those of the database and the load; one and the same when there is only one.

    Asked once, for this process itself moves to the second.
    """
    free = sorted(os.sched_getaffinity(0))
    return {free[0]}, set(free[1:2]) or {free[0]}
