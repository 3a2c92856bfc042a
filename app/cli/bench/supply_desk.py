"""The boards of the supply desk over two million calls of twelve suppliers, beside their limit of 100 ms."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from app.cli.bench.measuring import Line, Result, Target, compare
from app.cli.bench.stage import Stage
from app.cli.bench.supply_rows import DAYS, EXCHANGES, RESERVATIONS, SUPPLIERS, fill_desk
from app.core.actor import SYSTEM
from app.core.indexing import primary_reads
from app.core.partners.client import Partners
from app.core.reads import Query
from app.desk.exchanges import queries as exchanges
from app.rental.limbo import queries as limbo
from app.rental.suppliers.rules.measuring import Window
from app.rental.suppliers.services import health

LIMIT_MS: Final = 100.0
ONE: Final = "bench-03"
METHOD: Final = (
    f"{EXCHANGES:,} kept calls of {SUPPLIERS} suppliers over {DAYS} days and {RESERVATIONS:,} reservations. Each board "
    "is read as its page reads it, without a web server, once to warm up and then in rounds. Every filter and order of "
    "the list of calls is measured by *deep-pages*, where these rows are."
)


async def run(stage: Stage) -> Result:
    """Fill the desk where it is empty, then read its boards in turn."""
    from app.cli.seeds.loading import connection

    with connection(stage.settings.database_url) as cursor:
        fill_desk(cursor)
    pool = primary_reads(stage.settings)
    async with stage.database() as database:
        partners = Partners(lambda: database)

        def board(window: Window, code: str = "") -> Callable[[], Awaitable[Any]]:
            return lambda: health.board_of(pool, partners, SYSTEM, window=window, code=code)

        measured = {f"health board, {window}, all suppliers": board(window) for window in Window}
        measured |= {f"health board, {window}, one supplier": board(window, ONE) for window in Window}
        measured["limbo desk: money exposed"] = lambda: limbo.sum_exposed(pool, SYSTEM)
        measured["limbo desk: pressing"] = lambda: limbo.count_pressing(pool, SYSTEM, 7_200)
        everything = Query({}, "-at")
        measured["text in the newest calls"] = lambda: exchanges.search_text(pool, "BN12345678", everything, SYSTEM)
        try:
            lines = [await _line(name, read, stage.rounds) for name, read in measured.items()]
        finally:
            await pool.close()
    return Result(name="supply-desk", title="The supply desk", method=METHOD, lines=lines)


async def _line(name: str, read: Callable[[], Awaitable[Any]], rounds: int) -> Line:
    times: list[float] = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        await read()
        times.append((time.perf_counter() - began) * 1000)
    return compare(name, times[1:], [LIMIT_MS] * rounds, "ms", Target(1.0, "less"), digits=1)
