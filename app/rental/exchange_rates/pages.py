"""Pages of exchange rates: what counts today, the sheets, one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.actor import Actor
from app.desk.records.services import Beside
from app.kit.money import EXPONENTS
from app.rental.agreed_sheets.services import SheetHead, SheetLine, SheetWords, sheet_line
from app.rental.exchange_rates.approvals import VIEW
from app.rental.exchange_rates.forms import SheetForm
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet
from app.rental.exchange_rates.rules import STALE_AFTER, STARTLING_PERCENT, Rate, Rates, moved_percent
from app.rental.exchange_rates.schemas import (
    RateItem,
    SheetAnswer,
)
from app.rental.exchange_rates.schemas import SheetLine as RateLine

__all__ = ["EDIT", "PATH", "VIEW"]
PATH = "/exchange-rates"
EDIT = "exchange_rates.edit"
WORDS = SheetWords(
    path=PATH,
    edit=EDIT,
    withdraw="Withdraw the sheet",
    confirm="Withdraw these rates?",
    later="Nothing: a later sheet takes its place.",
)
AGAIN = ("Enter rates", f"{PATH}/new")
CURRENCIES = [(code, code) for code in sorted(EXPONENTS)]


@dataclass(frozen=True, slots=True)
class RateRow:
    """What a pair is worth today."""

    pair: str
    rate: str
    since: date
    age: str
    source: str
    tone: str


@dataclass(frozen=True, slots=True)
class RatesPage:
    """Today's rates and the last sheets."""

    day: date
    rows: list[RateRow]
    sheets: list[SheetLine]
    stale: int
    stale_days: int
    can_edit: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """A rate of a sheet beside what counted before."""

    pair: str
    rate: str
    before: str
    moved: str
    tone: str


@dataclass(frozen=True, slots=True)
class SheetPageView:
    """One sheet."""

    sheet: ExchangeRateSheet
    head: SheetHead
    rows: list[LineRow]
    beside: Beside
    timeline: Sequence[Any]


@dataclass(frozen=True, slots=True)
class NewSheetPage:
    """The form."""

    form: SheetForm

    currencies = CURRENCIES


def rates_page(day: date, rates: Rates, sheets: Sequence[ExchangeRateSheet], actor: Actor) -> RatesPage:
    """Today's rates, those that are too old first."""
    ordered = sorted(rates.values(), key=lambda rate: (not rate.is_stale(day), rate.pair))
    return RatesPage(
        day=day,
        rows=[_row(rate, day) for rate in ordered],
        sheets=[sheet_line(sheet, WORDS, sheet.source) for sheet in sheets],
        stale=sum(rate.is_stale(day) for rate in ordered),
        stale_days=STALE_AFTER.days,
        can_edit=actor.may(EDIT),
    )


def sheet_page(
    sheet: ExchangeRateSheet,
    lines: Sequence[ExchangeRate],
    before: Rates,
    head: SheetHead,
    beside: Beside,
    timeline: Sequence[Any],
) -> SheetPageView:
    """One sheet beside the rates that counted when it came."""
    return SheetPageView(
        sheet=sheet,
        head=head,
        rows=[_line(line, before.get((line.base, line.currency))) for line in lines],
        beside=beside,
        timeline=timeline,
    )


def rate_item(rate: Rate, day: date) -> RateItem:
    """A rate as the API shows it."""
    return RateItem(
        rate.base, rate.currency, plain(rate.rate), rate.valid_from.isoformat(), rate.source, rate.is_stale(day)
    )


def sheet_answer(sheet: ExchangeRateSheet, lines: Sequence[ExchangeRate]) -> SheetAnswer:
    """A sheet as the API shows it."""
    return SheetAnswer(
        id=str(sheet.id),
        valid_from=sheet.valid_from.isoformat(),
        source=sheet.source,
        state=sheet.state.value,
        created_by_name=sheet.created_by_name,
        agreed_by_name=sheet.agreed_by_name,
        version=sheet.version,
        rates=[RateLine(line.base, line.currency, plain(line.rate)) for line in lines],
    )


def plain(rate: Decimal) -> str:
    """`11.02400000` as `11.024`, and never with an exponent."""
    return f"{rate.normalize():f}"


def _row(rate: Rate, day: date) -> RateRow:
    days = (day - rate.valid_from).days
    age = "today" if days == 0 else f"{days} day{'s' if days > 1 else ''} old"
    pair = f"1 {rate.base} in {rate.currency}"
    return RateRow(pair, plain(rate.rate), rate.valid_from, age, rate.source, "act" if rate.is_stale(day) else "")


def _line(line: ExchangeRate, before: Rate | None) -> LineRow:
    moved = moved_percent(before, line.rate)
    is_startling = moved is not None and abs(moved) > STARTLING_PERCENT
    return LineRow(
        f"1 {line.base} in {line.currency}",
        plain(line.rate),
        plain(before.rate) if before else "",
        "" if moved is None else f"{moved:+} %",
        "act" if is_startling else "",
    )
