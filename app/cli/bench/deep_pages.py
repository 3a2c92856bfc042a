"""Page 10,000 beside page 1, for every filter and order that the lists offer."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import app
from app.cli.bench.measuring import Line, Result, Target
from app.cli.bench.stage import Stage
from app.core.actor import SYSTEM
from app.core.cursors import Cursor, CursorSigner, digest
from app.core.indexing import primary_reads
from app.core.listing import ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query

DEEP_ROWS: Final = 500_000
"""Where page 10,000 of 50 rows begins."""
LEAST_ROWS: Final = 1_000
PAGE: Final = 50
REPEATS: Final = 5
MOST_TIME: Final = Target(1.1, "less")
MOST_ROWS: Final = 3 * PAGE
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
class Case:
    """One filter and one order: how long both pages took, in milliseconds, and how many rows were handed over."""

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
    signer = CursorSigner(stage.settings.key("cursors"))
    pool = primary_reads(stage.settings)
    cases: list[Case] = []
    controls: list[float] = []
    try:
        for listed in lists():
            total = await _matching(pool, listed, {})
            if total < LEAST_ROWS:
                continue
            for filters in await _filters(pool, listed):
                for sort in (way + name for name in listed.spec.sorts for way in ("", "-")):
                    case = await _case(pool, signer, listed, filters, sort)
                    cases += [case] if case else []
            controls.append(await _offset(pool, listed, min(DEEP_ROWS, total - PAGE - 1)))
    finally:
        await pool.close()
    return _result(cases, controls)


def lists() -> Iterator[Listed]:
    """Every list of the application: a read path beside its `SPEC`."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name.endswith(".queries"):
            found = importlib.import_module(module.name)
            spec = getattr(found, "SPEC", None)
            for name, value in vars(found).items():
                if isinstance(value, ListRead) and isinstance(spec, ListSpec):
                    yield Listed(name, value, spec)


async def _filters(pool: ReadPool, listed: Listed) -> list[dict[str, list[Any]]]:
    """No filter, and each filter whose column tells a most frequent value."""
    found: list[dict[str, list[Any]]] = [{}]
    for known in listed.spec.filters:
        column = listed.reads.where.get(known.name)
        if not known.is_offered or not known.has_many or column is None or not hasattr(column, "table"):
            continue
        name: str = column.name  # pyright: ignore
        sql = f"SELECT `{name}`, COUNT(*) FROM `{_table(listed)}` WHERE `{name}` IS NOT NULL "  # noqa: S608
        rows = await _slowly(pool, f"{sql} GROUP BY `{name}` ORDER BY 2 DESC LIMIT 1")
        if rows:
            found.append({known.name: [str(rows[0][0])]})
    return found


async def _case(
    pool: ReadPool, signer: CursorSigner, listed: Listed, filters: dict[str, list[Any]], sort: str
) -> Case | None:
    matching = await _matching(pool, listed, filters)
    depth = min(DEEP_ROWS, matching - PAGE - 1)
    if depth < PAGE:
        return None
    after = await _row_at(pool, listed, filters, sort, depth)
    identity = digest(listed.reads.item.__name__, sort, sorted((k, tuple(v)) for k, v in filters.items()))
    cursor = signer.write(Cursor(identity, after, depth))
    before = await _handed_over(pool)
    own = await _handed_over(pool) - before
    times: dict[str | None, list[float]] = {None: [], cursor: []}
    rows: dict[str | None, int] = {}
    for _ in range(REPEATS):
        for place, found in times.items():
            before = await _handed_over(pool)
            begun = time.perf_counter()
            page = await listed.reads.page(pool, signer, Query(filters, sort, PAGE, place), SYSTEM)
            found.append((time.perf_counter() - begun) * 1000)
            rows[place] = await _handed_over(pool) - before - own - len(page.items) - 2
    name = f"{listed.name} {', '.join(filters) or 'all'} by {sort}"
    return Case(name, median(times[None]), median(times[cursor]), rows[None], rows[cursor])


async def _matching(pool: ReadPool, listed: Listed, filters: dict[str, list[Any]]) -> int:
    where, values = _where(listed, filters)
    rows = await _slowly(pool, f"SELECT COUNT(*) FROM `{_table(listed)}` {where}", values)  # noqa: S608
    return int(rows[0][0])


async def _row_at(
    pool: ReadPool, listed: Listed, filters: dict[str, list[Any]], sort: str, depth: int
) -> tuple[Any, str]:
    """Order value and id of the row before the deep page, found by counting."""
    column = listed.reads.sorts[sort.removeprefix("-")].column.name
    way = "DESC" if sort.startswith("-") else "ASC"
    where, values = _where(listed, filters)
    sql = f"SELECT `{column}`, id FROM `{_table(listed)}` {where} ORDER BY `{column}` {way}, id {way} "  # noqa: S608
    value, found = (await _slowly(pool, f"{sql} LIMIT 1 OFFSET {depth}", values))[0]
    text = (
        None if value is None else value if isinstance(value, int) else str(value).replace("T", " ").removesuffix("Z")
    )
    return text, str(found)


def _table(listed: Listed) -> str:
    return str(listed.reads.table.name)  # pyright: ignore


def _where(listed: Listed, filters: dict[str, list[Any]]) -> tuple[str, list[Any]]:
    if not filters:
        return "", []
    ((name, (value,)),) = filters.items()
    return f"WHERE `{listed.reads.where[name].name}` = %s", [value]  # pyright: ignore


async def _offset(pool: ReadPool, listed: Listed, depth: int) -> float:
    """How long the same page takes when its rows are counted off."""
    begun = time.perf_counter()
    sort = listed.spec.default_sort
    column, way = listed.reads.sorts[sort.removeprefix("-")].column.name, "DESC" if sort.startswith("-") else "ASC"
    sql = f"SELECT * FROM `{_table(listed)}` ORDER BY `{column}` {way}, id {way} LIMIT {PAGE} OFFSET {depth}"  # noqa: S608
    await _slowly(pool, sql)
    return (time.perf_counter() - begun) * 1000


async def _slowly(pool: ReadPool, sql: str, values: list[Any] | None = None) -> list[Any]:
    """What counts its way through a table may take longer than any page."""
    return await pool.fetch(sql, values or [])


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
            is_met=MOST_TIME.is_met_by(median(ratios)),
        ),
        Line(
            what=f"rows handed over for a page of {PAGE}, the most of any",
            ours=f"{max(case.deep_rows for case in cases):,}",
            theirs=f"{PAGE}",
            ratio=max(case.deep_rows for case in cases) / PAGE,
            least=min(case.deep_rows for case in cases) / PAGE,
            most=max(case.deep_rows for case in cases) / PAGE,
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
