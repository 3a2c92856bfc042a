"""The list of quotes, and one of them: its price, how it moved, how long it stands, and the booking of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.core.actor import Actor
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.core.values import MoneyValue
from app.desk.records.services import Beside
from app.kit.hire_pricing.marks import explained
from app.rental.quotes.forms import QuoteBookingForm
from app.rental.quotes.models import Quote
from app.rental.quotes.pages.searches import rate_words
from app.rental.quotes.queries import SPEC
from app.rental.quotes.rules import QuoteState, drift
from app.rental.quotes.schemas.quotes import STATE_WORDS, QuoteCurrencies, QuoteItem
from app.rental.quotes.services.preparing import money_of
from app.rental.supplier_terms.services.selling import SEES_MARGINS, margin_in_words, read_margin

LIST = RecordList(
    key="quotes",
    title="Quotes",
    path="/quotes",
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("state", "State"),
        Column("class", "Class", css="mono"),
        Column("branch", "Pick-up branch"),
        Column("pickup", "Pick-up"),
        Column("return", "Return"),
        Column("source", "Whose"),
        Column("total", "Total", align="money"),
        Column("expires", "Stands until", css="faint"),
        Column("created", "Quoted", "created_at", css="faint"),
    ),
    cells="rental/quotes/_cells.html",
    kind="quote",
)
VIEWS = (("All", {}), ("Open", {"state": "open"}), ("Expired", {"state": "expired"}), ("Booked", {"state": "consumed"}))
STAGE_WORDS = {
    "search": "Search", "quote": "Quote", "recheck": "Recheck", "confirmation": "Confirmed", "invoice": "Invoice",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: QuoteItem
    pickup: str
    back: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class QuoteList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class DriftTable:
    """The lines of a price at each stage; `moved` tells by how much from the first to the last."""

    stages: list[str]
    rows: list[tuple[str, list[str], str]]
    totals: list[str]
    moved: str
    has_moved: bool
    is_net: bool = False
    """Whether it tells what the supplier asked for, which no customer sees."""


@dataclass(frozen=True, slots=True)
class CustomerLookup:
    """Finding who hires: what was typed, who was found, who is chosen."""

    typed: str
    chosen: str
    found: list[tuple[str, str, str]]
    error: str = ""


@dataclass(frozen=True, slots=True)
class QuoteDetail:
    """The record page."""

    quote: Quote
    state: QuoteState
    state_words: str
    class_words: str
    total: str
    lines: list[tuple[str, str, str]]
    choices: str
    currencies: list[tuple[str, str]]
    windows: list[tuple[str, str]]
    drift: DriftTable
    margin: list[tuple[str, str]]
    seconds: int
    related: list[tuple[str, str, str]]
    form: QuoteBookingForm
    lookup: CustomerLookup
    can_book: bool
    can_recheck: bool
    timeline: Sequence[Any]
    beside: Beside
    error: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is QuoteState.OPEN


def row(item: QuoteItem) -> Row:
    """A line of the list."""
    pickup, back = (f"{datetime.fromisoformat(end.local):%-d %b %H:%M}" for end in (item.pickup, item.back))
    return Row(item.id, item.reference, item, pickup, back, item.state == QuoteState.OPEN)


def lines_of(quote: Quote) -> list[tuple[str, str, str]]:
    """What it is for, how it comes about with what it says of itself, how much."""
    return [(line["code"], explained(line), money(money_of(line["amount"]))) for line in quote.price_lines]


def currencies_of(quote: Quote) -> list[tuple[str, str]]:
    """What was locked with the price, where it is more than one currency."""
    if quote.currencies is None:
        return []
    locked = msgspec.convert(quote.currencies, QuoteCurrencies)
    found = [("Settled in", locked.settlement)] if locked.settlement != locked.sale else []
    if locked.exchange_rates:
        is_known = isinstance(locked.compared, MoneyValue)
        found.append(("Compared as", money(locked.compared) if is_known else "not comparable"))  # pyright: ignore
        found += [("Rate, locked", rate_words(rate)) for rate in locked.exchange_rates]
    return found


def windows_of(quote: Quote) -> list[tuple[str, str]]:
    """What cancelling costs: per cent, and until when."""
    return [(f"{float(window['percent']):g} %", window.get("until") or "") for window in quote.fee_windows]


def drift_of(quote: Quote, later: Sequence[dict[str, Any]] = (), *, sees_margins: bool = False) -> DriftTable:
    """How the price moved from stage to stage, line by line: what customers were told, or what the supplier asked."""
    stages = [
        *(
            each.get("supplier", {}) | {"stage": each["stage"]} if sees_margins and "supplier" in each else each
            for each in quote.stages
        ),
        *later,
    ]
    lines = [[(line["code"], money_of(line["amount"])) for line in stage["lines"]] for stage in stages]
    moved = drift(lines[0], lines[-1])
    by_stage = [{each.code: each.after for each in drift(lines[0], stage)} for stage in lines]
    rows = [
        (
            each.code,
            [money(stage[each.code]) if stage.get(each.code) else "-" for stage in by_stage],
            _signed(each.delta.minor, money(each.delta)) if each.delta else "",
        )
        for each in moved
    ]
    totals = [money_of(stage["total"]) for stage in stages]
    is_same_currency = totals[0].currency == totals[-1].currency
    delta = totals[-1] - totals[0] if is_same_currency else None
    return DriftTable(
        stages=[STAGE_WORDS[stage["stage"]] for stage in stages],
        rows=rows,
        totals=[money(total) for total in totals],
        moved=_signed(delta.minor, money(delta)) if delta is not None else "another currency",
        has_moved=delta is None or delta.minor != 0,
        is_net=sees_margins and any("supplier" in each for each in quote.stages),
    )


def drift_in_words(table: DriftTable) -> str:
    """`Search 234.00 EUR, Recheck 240.00 EUR: +6.00 EUR`."""
    told = ", ".join(f"{words} {total}" for words, total in zip(table.stages, table.totals, strict=True))
    return f"{told}: {table.moved if table.has_moved else 'not moved'}"


def margin_of(quote: Quote, actor: Actor) -> list[tuple[str, str]]:
    """What it earns, for those who may see it; nothing of a car of ours."""
    margin = read_margin(quote.margin)
    return margin_in_words(margin) if margin and actor.may(SEES_MARGINS) else []


def state_words(state: QuoteState) -> str:
    return STATE_WORDS[state.value]


def seconds_left(quote: Quote, now: datetime) -> int:
    """How long its price still stands."""
    return max(0, int((quote.expires_at - now).total_seconds()))


def _signed(minor: int, words: str) -> str:
    return f"+{words}" if minor > 0 else words if minor else "0"
