"""What the pages of rate cards show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.core.columns import Column
from app.core.db import AsyncSession
from app.core.filters import day
from app.core.lists import Frame, Opened, RecordList, SystemViews
from app.core.previews import Drawer, Preview
from app.core.search_lists import Answer, frame_answer
from app.desk.records.services import Beside
from app.kit.hire_pricing import card_lines
from app.kit.markets import MARKETS
from app.rental.rates.forms import CardForm
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.pages.trials import KINDS, STRATEGIES, TIER_MODES, ZONES, PriceShown
from app.rental.rates.queries import SPEC
from app.rental.rates.rules import CardState, VersionState
from app.rental.rates.schemas import STATE_WORDS, VERSION_WORDS, RateCardItem, class_in_words

PATH = "/rate-cards"
EDIT = "rates.edit"
SPAN_WIDTH = 1_000
BLANK = {
    "priced_by": "blocks",
    "grace_minutes": 29,
    "season_strategy": "per_day",
    "tier_mode": "graduated",
    "tax_percent": "0",
    "is_tax_included": "true",
    "is_one_way_allowed": "true",
}
"""What the editor begins with for a new card."""

LIST = RecordList(
    key="rate_cards",
    title="Rate cards",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("name", "Rate card", "name", is_fixed=True),
        Column("acriss", "Class", "acriss", css="mono"),
        Column("words", "In words", align="wide"),
        Column("market", "Market"),
        Column("branches", "Branches"),
        Column("currency", "Currency", is_default=False),
        Column("state", "State"),
        Column("active", "In force"),
        Column("next", "Next"),
        Column("draft", "Draft"),
        Column("brand", "Brand", is_default=False),
        Column("updated", "Changed", "updated_at", css="faint"),
    ),
    cells="rental/rates/_cells.html",
    kind="rate_card",
    hint="Name, class, branch",
    is_selectable=True,
)
VIEWS: SystemViews = (
    ("All", {}), ("In force", {"state": "active"}), ("With a draft", {"has_draft": "yes"}),
    ("Not yet in force", {"state": "draft"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: RateCardItem
    words: str
    branches: str
    active: str
    coming: str
    draft: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class CardList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A version in the picture of dates: where its bar stands, and in words."""

    left: int
    width: int
    number: int
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the table."""

    number: int
    state: str
    is_on: bool
    dates: str
    made: str
    approved: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class TermRow:
    """One field of a version's terms in lines; in a comparison also what it was before."""

    label: str
    lines: list[str]
    before: list[str]


@dataclass(frozen=True, slots=True)
class CardDetail:
    """The record page."""

    card: RateCard
    state: str
    is_on: bool
    words: str
    market: str
    branches: str
    versions: list[VersionRow]
    spans: list[Span]
    today_at: int
    shown: RateCardVersion | None
    shown_state: str
    terms: list[TermRow]
    timeline: Sequence[Any]
    beside: Beside
    can_edit: bool
    can_export: bool
    is_asked: bool

    @property
    def compared_with(self) -> list[int]:
        """The versions that the shown one can be compared with."""
        return [row.number for row in self.versions if self.shown and row.number != self.shown.number]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions."""

    card: RateCard
    first: RateCardVersion
    second: RateCardVersion
    rows: list[TermRow]


@dataclass(frozen=True, slots=True)
class CardEdit:
    """The editor of a draft, with the trial beside it."""

    form: CardForm
    card: RateCard | None
    action: str
    cancel_href: str
    markets: list[tuple[str, str]]
    currency: str
    price: PriceShown | None

    kinds = KINDS
    currencies = ()
    strategies = STRATEGIES
    tier_modes = TIER_MODES

    @property
    def zone(self) -> str:
        """The zone of the card's market."""
        return MARKETS[self.card.market].zone if self.card else ZONES[0]


async def preview(_session: AsyncSession, card: RateCard, actor: Actor) -> Preview:
    """A rate card at a glance."""
    facts = [
        ("Class", f"{card.acriss} {class_in_words(card.acriss)}"), ("Market", MARKETS[card.market].name),
        ("Branches", _branches(card.branch_codes)), ("In force", _in_force(card.active_number, card.active_from)),
        ("Next", _in_force(card.next_number, card.next_from)), ("Draft", _number(card.draft_number)),
    ]  # fmt: skip
    moves = [("Write a new version", f"{PATH}/{card.id}/draft")] if actor.may(EDIT) else []
    return Preview(
        card.name, card.acriss, STATE_WORDS[card.state], is_on=card.state is CardState.ACTIVE, facts=facts, moves=moves
    )


def card_list(opened: Opened, found: Answer[RateCardItem], drawer: Drawer | None, actor: Actor) -> CardList:
    """The list page."""
    around = frame_answer(LIST, opened, found, drawer=drawer)
    return CardList(around, [row(item) for item in found.page.items], can_create=actor.may(EDIT))


def row(item: RateCardItem) -> Row:
    """A line of the list."""
    return Row(
        id=item.id,
        name=item.name,
        item=item,
        words=class_in_words(item.acriss),
        branches=_branches(item.branches),
        active=_in_force(item.active_number or None, item.active_from or None),
        coming=_in_force(item.next_number or None, item.next_from or None),
        draft=_number(item.draft_number or None),
        is_on=item.state == CardState.ACTIVE,
    )


def version_rows(versions: Sequence[RateCardVersion], shown: RateCardVersion | None) -> list[VersionRow]:
    """The table of versions, the newest first."""
    return [
        VersionRow(
            number=version.number,
            state=VERSION_WORDS[version.state],
            is_on=version.state is VersionState.ACTIVE,
            dates=_dates(version.valid_from, version.valid_until),
            made=version.made_by_name,
            approved=version.approved_by_name or "",
            is_shown=shown is not None and shown.number == version.number,
        )
        for version in versions
    ]


def spans_of(versions: Sequence[RateCardVersion], today: date) -> tuple[list[Span], int]:
    """The picture of the dates of pick-up that each version prices, and where today stands in it."""
    dated = [version for version in versions if version.state is not VersionState.DISCARDED and _has_days(version)]
    if not dated:
        return [], 0
    first = max(min(version.valid_from for version in dated), today - timedelta(days=365))
    last = max([version.valid_until or version.valid_from + timedelta(days=90) for version in dated] + [today])
    first, days = first - timedelta(days=5), (last - first).days + 35

    def place(on: date) -> int:
        return max(0, min(SPAN_WIDTH, (on - first).days * SPAN_WIDTH // days))

    spans: list[Span] = []
    for version in sorted(dated, key=lambda each: each.valid_from):
        left = place(version.valid_from)
        right = place(version.valid_until) if version.valid_until else SPAN_WIDTH
        words = f"Version {version.number}: {_dates(version.valid_from, version.valid_until)}"
        spans.append(Span(left, max(right - left - 2, 2), version.number, version.state.value, words))
    return spans, place(today)


def term_rows(version: RateCardVersion | None) -> list[TermRow]:
    """The terms of a version that say something."""
    if version is None:
        return []
    written = card_lines.write_card(version.card_terms)
    return [
        TermRow(card_lines.LABELS[name], card_lines.in_words(name, text).splitlines(), [])
        for name, text in written.items()
        if text
    ]


def differences(first: RateCardVersion, second: RateCardVersion) -> list[TermRow]:
    """The fields whose text differs, with both texts."""
    before, after = card_lines.write_card(first.card_terms), card_lines.write_card(second.card_terms)
    rows = [TermRow("In force from", [day(second.valid_from)], [day(first.valid_from)])]
    rows = rows if first.valid_from != second.valid_from else []
    return rows + [
        TermRow(
            card_lines.LABELS[name],
            card_lines.in_words(name, after[name]).splitlines(),
            card_lines.in_words(name, before[name]).splitlines(),
        )
        for name in after
        if before[name] != after[name]
    ]


def markets_for(actor: Actor) -> list[tuple[str, str]]:
    """The markets of an actor's scope, for a menu."""
    return [
        (code, f"{market.name}, {market.currency}")
        for code, market in MARKETS.items()
        if actor.markets is None or code in actor.markets
    ]


def with_hire(form: CardForm) -> CardForm:
    """The form with a hire of five days from next week on to try the draft on, unless one was typed."""
    pickup = clock.now().replace(hour=10, minute=0) + timedelta(days=7)
    for name, value in (("pickup", pickup), ("back", pickup + timedelta(days=5))):
        form.raw.setdefault(name, f"{value:%Y-%m-%dT%H:%M}")
    return form


def edit_page(form: CardForm, card: RateCard | None, price: PriceShown | None, actor: Actor) -> CardEdit:
    """The editor."""
    return CardEdit(
        form=form,
        card=card,
        action=f"{PATH}/{card.id}/draft" if card else PATH,
        cancel_href=f"{PATH}/{card.id}" if card else PATH,
        markets=markets_for(actor),
        currency=card.currency if card else "",
        price=price,
    )


def branches_of(card: RateCard) -> str:
    return _branches(card.branch_codes)


def _branches(codes: Sequence[str]) -> str:
    return ", ".join(codes) or "all"


def _has_days(version: RateCardVersion) -> bool:
    return version.valid_until is None or version.valid_until > version.valid_from


def _number(number: int | None) -> str:
    return f"Version {number}" if number else ""


def _in_force(number: int | None, since: Any) -> str:
    return f"Version {number}, from {day(since)}" if number else ""


def _dates(first: date, until: date | None) -> str:
    if until is None:
        return f"from {day(first)}"
    return f"{day(first)} to {day(until - timedelta(days=1))}" if until > first else "never"
