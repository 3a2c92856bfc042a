"""What the page of suppliers' margins shows: months of suppliers, and the whole of each currency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from urllib.parse import urlencode

from app.core.filters import money
from app.core.lists import Menu, Option
from app.core.permissions import EXPORT
from app.kit.tables import Cell, Head
from app.rental.margins.rules import Sums, month_of
from app.rental.margins.services import PERIODS, MonthOfSupplier, Report

PATH = "/rental/margins"
HEADS = [
    *(Head(title) for title in ("Month", "Supplier", "Name", "Currency")),
    *(
        Head(title, "number")
        for title in (
            "Bookings", "Lost", "Without a margin", "Retail", "Net cost", "Commission", "Mark-up", "Margin",
            "Margin, % of retail",
        )
    ),
]  # fmt: skip


class MarginTile(NamedTuple):
    """What is left in one currency."""

    label: str
    figure: str
    note: str


class MarginRow(NamedTuple):
    """Sums in words, all in one currency."""

    supplier: str
    supplier_href: str
    month: str
    month_href: str
    bookings: str
    lost: str
    retail: str
    cost: str
    commission: str
    markup: str
    margin: str
    share: str


@dataclass(frozen=True, slots=True)
class MarginsPage:
    """Margins of some months."""

    span_words: str
    counted: str
    tiles: list[MarginTile]
    rows: list[MarginRow]
    totals: list[MarginRow]
    unkept: int
    menus: list[Menu]
    periods: list[tuple[str, str, bool]]
    csv_href: str
    xlsx_href: str


def margins_page(report: Report, suppliers: Sequence[tuple[str, str]], may: Callable[[str], bool]) -> MarginsPage:
    asked, span = report.asked, report.span
    options = tuple(Option(code, name, None, code in asked.suppliers) for code, name in suppliers)
    is_one = span.first == span.last
    return MarginsPage(
        span_words=f"{span.first:%b %Y}" if is_one else f"{span.first:%b %Y} to {span.last:%b %Y}",
        counted=_counted(report),
        tiles=[_tile(sums) for sums in report.totals],
        rows=[
            _row(
                row.sums,
                row.supplier_name,
                f"{row.month:%b %Y}",
                supplier_href=f"/supplier-terms?supplier={row.supplier}",
                month_href=_bookings(row) if may("bookings.view") else "",
            )
            for row in report.rows
        ],
        totals=[_row(sums, f"Total, {sums.currency}", "") for sums in report.totals],
        unkept=sum(sums.unkept for sums in report.totals),
        menus=[Menu("supplier", "Supplier", options)],
        periods=[(key, words, key == asked.period and not asked.first) for key, words in PERIODS.items()],
        csv_href=_file(report, "csv") if may(EXPORT) else "",
        xlsx_href=_file(report, "xlsx") if may(EXPORT) else "",
    )


def cells(report: Report) -> list[list[Cell]]:
    """The months as rows of a file; what they come to is left to whoever adds them up."""
    return [
        [
            f"{row.month:%Y-%m}", row.supplier, row.supplier_name, row.sums.currency,
            row.sums.bookings, row.sums.lost, row.sums.unkept,
            *(row.sums.money(minor).decimal for minor in _amounts(row.sums)),
            None if row.sums.share is None else Decimal(_percent(row.sums.share)),
        ]
        for row in report.rows
    ]  # fmt: skip


def file_name(report: Report) -> str:
    """`margins-2026-01-2026-06`."""
    return f"margins-{report.span.first:%Y-%m}-{report.span.last:%Y-%m}"


def _tile(sums: Sums) -> MarginTile:
    parts = [f"{money(sums.money(minor))} {word}" for minor, word in _earned(sums) if minor]
    of_retail = (
        f"{share_words(sums.share)} of {money(sums.money(sums.earned.retail_minor))}" if sums.share is not None else ""
    )
    return MarginTile(
        f"Margin, {sums.currency}",
        money(sums.money(sums.earned.margin_minor)),
        ": ".join(part for part in (of_retail, " and ".join(parts)) if part),
    )


def _earned(sums: Sums) -> tuple[tuple[int, str], ...]:
    return (sums.earned.commission_minor, "commission"), (sums.earned.markup_minor, "mark-up")


def _row(sums: Sums, supplier: str, month: str, *, supplier_href: str = "", month_href: str = "") -> MarginRow:
    return MarginRow(
        supplier,
        supplier_href,
        month,
        month_href,
        f"{sums.bookings:,}",
        f"{sums.lost:,}" if sums.lost else "",
        *(money(sums.money(minor)) for minor in _amounts(sums)),
        share=share_words(sums.share),
    )


def _amounts(sums: Sums) -> tuple[int, int, int, int, int]:
    earned = sums.earned
    return (
        earned.retail_minor,
        earned.cost_minor,
        earned.commission_minor,
        earned.markup_minor,
        earned.margin_minor,
    )


def share_words(share: Fraction | None) -> str:
    """`12.4 %`, or nothing where there is nothing to divide by."""
    return "" if share is None else f"{_percent(share)} %"


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.1f}"


def _file(report: Report, kind: str) -> str:
    """The same months and suppliers as a file, whenever it is asked for."""
    pairs = [("first", f"{report.span.first:%Y-%m}"), ("last", f"{report.span.last:%Y-%m}")]
    pairs += [("supplier", code) for code in report.asked.suppliers]
    return f"{PATH}/file?{urlencode([*pairs, ('format', kind)])}"


def _bookings(row: MonthOfSupplier) -> str:
    """The bookings of the supplier's cars with pick-up in the month."""
    pairs = [
        ("supplier", row.supplier),
        ("pickup_after", row.month.isoformat()),
        ("pickup_before", month_of(row.month, 1).isoformat()),
    ]
    return f"/bookings?{urlencode(pairs)}&sort=pickup_at"


def _counted(report: Report) -> str:
    found = report.freshness
    if found is None:
        return "Nothing was counted yet: the worker counts every quarter of an hour."
    return f"Counted {found.counted_at[:16].replace('T', ' ')} UTC."
