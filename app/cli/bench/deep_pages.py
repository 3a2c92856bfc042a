"""Page 10,000 beside page 1, for every filter and order that the lists offer."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import app
from app.cli.bench.measuring import Line, Result, Target
from app.cli.bench.stage import Stage
from app.core import cursors
from app.core.actor import SYSTEM
from app.core.cursors import CursorSigner, digest
from app.core.indexing import primary_reads
from app.core.listing import ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

DEEP_ROWS: Final = 500_000
"""Where page 10,000 of 50 rows begins."""
LEAST_ROWS: Final = 1_000
PAGE: Final = 50
REPEATS: Final = 5
MOST_TIME: Final = Target(1.1, "less")
MOST_ROWS: Final = 3 * (PAGE + 1)
"""Keys, keys again as they are joined, rows; one more than are shown tells whether there is a next page."""
SHOWN: Final = 12
METHOD: Final = (
    "Each list is read through its own read path without a web server: every order in both directions, without filter "
    "and with each filter set to its most frequent value. *Deep* is page 10,000, or the last full page where fewer "
    "rows match. Times are medians of five reads of each in turn; rows are what the storage engine handed over "
    "(`Handler_read_*`). OFFSET is the control: the same default order, its rows counted off."
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list and what can be asked of it."""

    name: str
    reads: ListRead[Any]
    spec: ListSpec


@dataclass(frozen=True, slots=True)
class Place:
    """One filter and one order, and how many rows stand before the deep page."""

    listed: Listed
    filters: dict[str, list[Any]]
    sort: str
    matching: int

    @property
    def depth(self) -> int:
        return min(DEEP_ROWS, self.matching - PAGE - 1)


@dataclass(frozen=True, slots=True)
class Case:
    """How long both pages of a place took, in milliseconds, and how many rows were handed over."""

    name: str
    first: float
    deep: float
    first_rows: int
    deep_rows: int

    @property
    def ratio(self) -> float:
        return self.deep / self.first


async def run(stage: Stage) -> Result:
    """Read both pages of every case."""
    from app.cli.seeds.loading import connection

    signer = CursorSigner(stage.settings.keys("cursors"))
    pool = primary_reads(stage.settings)
    cases: list[Case] = []
    controls: list[float] = []
    try:
        with connection(stage.settings.database_url) as counting:
            for listed in lists():
                places = list(_places(counting, listed))
                cases += [await _case(counting, pool, signer, place) for place in places]
                controls += [_offset(counting, places[0])] if places else []
    finally:
        await pool.close()
    return _result(cases, controls)


def lists() -> Iterator[Listed]:
    """Every list of the application: a read path beside `SPEC`, or `ROWS_SPEC` where it is the second, of rows."""
    known = set[int]()
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.endswith(".queries"):
            found = vars(importlib.import_module(module.name))
            for name, value in found.items():
                spec = found.get(f"{name.upper()}_SPEC", found.get("SPEC"))
                if isinstance(value, ListRead) and isinstance(spec, ListSpec) and id(spec) not in known:
                    known.add(id(spec))
                    yield Listed(name, value, spec)


def _places(counting: Cursor, listed: Listed) -> Iterator[Place]:
    """Without filter and with each filter at its most frequent value, in every order, where there is much to page."""
    for filters, matching in _filters(counting, listed):
        if matching >= LEAST_ROWS:
            for sort in listed.spec.sorts:
                yield Place(listed, filters, sort, matching)
                yield Place(listed, filters, f"-{sort}", matching)


def _filters(counting: Cursor, listed: Listed) -> Iterator[tuple[dict[str, list[Any]], int]]:
    """The filters and how many rows they leave."""
    yield {}, int(_told(counting, f"SELECT COUNT(*) FROM `{_table(listed)}`")[0])  # noqa: S608
    for known in listed.spec.filters:
        column = listed.reads.where.get(known.name)
        if not known.is_offered or not known.has_many or column is None or not hasattr(column, "table"):
            continue
        name: str = column.name  # pyright: ignore
        sql = f"SELECT `{name}`, COUNT(*) FROM `{_table(listed)}` WHERE `{name}` IS NOT NULL "  # noqa: S608
        if row := _told(counting, f"{sql} GROUP BY `{name}` ORDER BY 2 DESC LIMIT 1"):
            yield {known.name: [str(row[0])]}, int(row[1])


async def _case(counting: Cursor, pool: ReadPool, signer: CursorSigner, place: Place) -> Case:
    """Read both pages in turn."""
    listed, filters, sort = place.listed, place.filters, place.sort
    after = _row_at(counting, place)
    identity = digest(listed.reads.item.__name__, sort, sorted((k, tuple(v)) for k, v in filters.items()))
    cursor = signer.write(cursors.Cursor(identity, after, place.depth))
    before = await _handed_over(pool)
    own = await _handed_over(pool) - before
    times: dict[str | None, list[float]] = {None: [], cursor: []}
    rows: dict[str | None, int] = {}
    for _ in range(REPEATS):
        for start, found in times.items():
            before = await _handed_over(pool)
            begun = time.perf_counter()
            page = await listed.reads.page(pool, signer, Query(filters, sort, PAGE, start), SYSTEM)
            found.append((time.perf_counter() - begun) * 1000)
            rows[start] = await _handed_over(pool) - before - own - len(page.items) - 2
    name = f"{listed.name} {', '.join(filters) or 'all'} by {sort}"
    return Case(name, median(times[None]), median(times[cursor]), rows[None], rows[cursor])


def _row_at(counting: Cursor, place: Place) -> tuple[Any, str]:
    """Order value and id of the row before the deep page, counted off from the nearer end."""
    column = place.listed.reads.sorts[place.sort.removeprefix("-")].column.name
    from_end = place.matching - 1 - place.depth
    is_descending = place.sort.startswith("-") != (from_end < place.depth)
    way = "DESC" if is_descending else "ASC"
    where, values = _where(place)
    sql = f"SELECT `{column}`, id FROM `{_table(place.listed)}` {where} ORDER BY `{column}` {way}, id {way} "  # noqa: S608
    value, found = _told(counting, f"{sql} LIMIT 1 OFFSET {min(place.depth, from_end)}", values)
    return value if value is None or isinstance(value, int) else str(value), str(found)


def _table(listed: Listed) -> str:
    return str(listed.reads.table.name)  # pyright: ignore


def _where(place: Place) -> tuple[str, list[Any]]:
    if not place.filters:
        return "", []
    ((name, (value,)),) = place.filters.items()
    return f"WHERE `{place.listed.reads.where[name].name}` = %s", [value]  # pyright: ignore


def _offset(counting: Cursor, place: Place) -> float:
    """How long the deep page of the list's own order takes when its rows are counted off."""
    begun = time.perf_counter()
    sort = place.listed.spec.default_sort
    column = place.listed.reads.sorts[sort.removeprefix("-")].column.name
    way = "DESC" if sort.startswith("-") else "ASC"
    sql = f"SELECT * FROM `{_table(place.listed)}` ORDER BY `{column}` {way}, id {way}"  # noqa: S608
    counting.execute(f"{sql} LIMIT {PAGE} OFFSET {place.depth}")
    counting.fetchall()
    return (time.perf_counter() - begun) * 1000


def _told(counting: Cursor, sql: str, values: Sequence[Any] = ()) -> Any:
    """The first row of what may count its way through a whole table, which no page may."""
    counting.execute(sql, values)
    return counting.fetchone()


async def _handed_over(pool: ReadPool) -> int:
    rows = await pool.fetch("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(row[1]) for row in rows)


def _result(cases: list[Case], controls: list[float]) -> Result:
    ratios = [case.ratio for case in cases]
    slowest = sorted(cases, key=lambda case: -case.ratio)[:SHOWN]
    widest = [case for case in sorted(cases, key=lambda one: -one.deep_rows) if case.deep_rows > MOST_ROWS]
    deepest = [case.deep for case in cases if " all by " in f"{case.name} "]
    met = sum(MOST_TIME.is_met_by(ratio) for ratio in ratios)
    lines = [
        Line(
            what=f"page 10,000 beside page 1, {len(cases)} filters and orders",
            ours=f"{median(case.deep for case in cases):.2f} ms",
            theirs=f"{median(case.first for case in cases):.2f} ms",
            ratio=median(ratios),
            least=min(ratios),
            most=max(ratios),
            target=str(MOST_TIME),
            is_met=met == len(cases),
        ),
        Line(
            what=f"rows handed over for a page of {PAGE}, the most of any",
            ours=f"{max(case.deep_rows for case in cases):,}",
            theirs=f"{PAGE + 1}",
            ratio=max(case.deep_rows for case in cases) / (PAGE + 1),
            least=min(case.deep_rows for case in cases) / (PAGE + 1),
            most=max(case.deep_rows for case in cases) / (PAGE + 1),
            target="<= 3x",
            is_met=not widest,
        ),
        Line(
            what="the control: OFFSET beside keys",
            ours=f"{median(deepest):.2f} ms",
            theirs=f"{max(controls):.0f} ms",
            ratio=median(deepest) / max(controls),
            least=min(deepest) / max(controls),
            most=max(deepest) / max(controls),
        ),
    ]
    notes = [f"{met} of {len(cases)} are within {MOST_TIME}."]
    notes += [f"Slowest beside its page 1: {one.name}, {one.first:.2f} -> {one.deep:.2f} ms." for one in slowest[:3]]
    notes += [f"Most rows: {one.name}, {one.first_rows} on page 1, {one.deep_rows} deep." for one in widest[:SHOWN]]
    notes += [f"{len(widest)} of {len(cases)} hand over more than {MOST_ROWS} rows."] if widest else []
    return Result(name="deep-pages", title="Deep pages", method=METHOD, lines=lines, notes=notes)
