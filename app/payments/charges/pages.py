"""What the pages of charges show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.actor import Actor
from app.core.area import RelatedLine, StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.desk.audit_trail.services import TimelineEntry
from app.desk.exchanges.services import ExchangeLine
from app.desk.records.services import Beside
from app.payments.charges.forms import ChargeForm
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.queries import SPEC
from app.payments.charges.rules import DUE, WAIVABLE, ChargeState, OperationState
from app.payments.charges.schemas import BEING, OPERATION_WORDS, PURPOSE_WORDS, STATE_WORDS, ChargeItem

VIEW, TAKE, REFUND = "charges.view", "charges.take", "charges.refund"
LIST = RecordList(
    key="charges",
    title="Charges",
    path="/charges",
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("purpose", "For"),
        Column("subject", "About"),
        Column("amount", "Amount", align="money"),
        Column("held", "Held", align="money"),
        Column("captured", "Captured", align="money"),
        Column("refunded", "Refunded", align="money"),
        Column("state", "State"),
        Column("card", "Card"),
        Column("branch", "Branch"),
        Column("updated", "Changed", "updated_at", css="faint"),
        Column("words", "Words", is_default=False),
        Column("reason", "Reason", is_default=False),
        Column("market", "Market", is_default=False),
    ),
    cells="payments/charges/_cells.html",
    kind="charge",
)
VIEWS = (
    ("All", {}),
    ("Not known", {"state": "unknown"}),
    ("Failed", {"state": "failed"}),
    ("To be taken", {"state": "planned"}),
    ("Held", {"state": "held"}),
)
TONES = {ChargeState.UNKNOWN: "act", ChargeState.FAILED: "soon"}
ON = frozenset({ChargeState.HELD, ChargeState.CAPTURED})


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the charge, its button, and what its form asks for."""

    slug: str
    label: str
    permission: str
    text: str = ""
    tone: str = ""
    takes: tuple[str, ...] = ()
    toast: str = "The payment provider is asked"


MOVES: Mapping[str, MoveWords] = {
    "hold": MoveWords("hold", "Hold on a card", TAKE, takes=("payment_token", "amount")),
    "sale": MoveWords("sale", "Charge a card", TAKE, takes=("payment_token",)),
    "increase": MoveWords("increase", "Increase the hold", TAKE, "The new amount that is held.", takes=("amount",)),
    "capture": MoveWords(
        "capture", "Capture", TAKE, "The provider lets go of what is held beyond it.", takes=("amount",)
    ),
    "release": MoveWords("release", "Release", TAKE, "Nothing is held any more.", takes=("reason",)),
    "refund": MoveWords("refund", "Refund", REFUND, "Another person decides about it.", "danger", ("amount", "reason")),
    "waiver": MoveWords(
        "waiver",
        "Waive",
        REFUND,
        "Nobody has to pay it. About a larger amount another person decides.",
        "danger",
        ("reason",),
        toast="Charge waived",
    ),
}


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    form: ChargeForm


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: ChargeItem
    purpose: str
    state: str
    tone: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class ChargeList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class OperationLine:
    """What was asked of the provider, by whom, and what came of it."""

    words: str
    amount: str
    state: str
    tone: str
    is_on: bool
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChargeDetail:
    """The record page."""

    charge: Charge
    purpose: str
    state: str
    tone: str
    is_on: bool
    is_working: bool
    subject_href: str
    covered_by: Charge | None
    amounts: list[tuple[str, str]]
    moves: list[OfferedMove]
    withheld: str
    operations: list[OperationLine]
    exchanges: list[ExchangeLine]
    beside: Beside
    timeline: list[TimelineEntry]


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move's form that was refused."""

    charge: Charge
    move: OfferedMove


def state_view(item: ChargeItem) -> StateView:
    """The state as lists show it."""
    state = ChargeState(item.state)
    return StateView(STATE_WORDS[state], TONES.get(state, ""), state in ON)


def row(item: ChargeItem) -> Row:
    """A line of the list."""
    shown = state_view(item)
    return Row(
        id=item.id,
        name=item.reference,
        item=item,
        purpose=PURPOSE_WORDS[item.purpose],
        state=shown.words,
        tone=shown.tone,
        is_on=shown.is_on,
    )


def in_words(charge: Charge, being: ChargeOperation | None) -> tuple[str, str, bool]:
    """The state, its tone, and whether money stands behind it; while the provider is asked, what it is asked for."""
    words = STATE_WORDS[charge.state]
    if being is not None and being.state is OperationState.PENDING:
        words = f"{words}, {BEING[being.kind]}"
    return words, TONES.get(charge.state, ""), charge.state in ON


def related_line(charge: Charge, being: ChargeOperation | None) -> RelatedLine:
    """A charge beside what it is for."""
    words, tone, is_on = in_words(charge, being)
    moved = [
        f"{label} {money(charge.money(minor))}"
        for label, minor in (("held", charge.held_minor), ("captured", charge.captured_minor))
        if minor and minor != charge.amount_minor
    ]
    parts = [PURPOSE_WORDS[charge.purpose], money(charge.amount), *moved, charge.card_words, charge.words]
    text = ", ".join(part for part in parts if part)
    return RelatedLine(f"/charges/{charge.id}", charge.reference, text, StateView(words, tone, is_on))


def moves_for(charge: Charge, actor: Actor, *, is_busy: bool) -> list[OfferedMove]:
    """The moves that the state allows and the actor may make; none while the provider is asked."""
    return [move for move in _possible(charge, is_busy=is_busy) if actor.may(move.words.permission)]


def withheld_in_words(charge: Charge, actor: Actor, *, is_busy: bool) -> str:
    """What the state would allow but the role does not, or why nothing can be done."""
    if is_busy:
        return "The payment provider is being asked; the page follows by itself."
    possible = _possible(charge, is_busy=False)
    labels = [move.words.label.lower() for move in possible if not actor.may(move.words.permission)]
    if labels:
        return f"Another role may {', '.join(labels)}."
    return "" if possible else f"This charge is {STATE_WORDS[charge.state].lower()}; nothing more can happen."


def _possible(charge: Charge, *, is_busy: bool) -> list[OfferedMove]:
    if is_busy:
        return []
    names: list[str] = []
    if charge.state in DUE:
        names += ["hold", "sale"]
    if charge.state is ChargeState.HELD:
        names += ["capture", "increase", "release"]
    if charge.state is ChargeState.CAPTURED and charge.covered_by_id is None:
        names.append("refund")
    if charge.state in WAIVABLE:
        names.append("waiver")
    return [OfferedMove(name, MOVES[name], form_of(charge, name)) for name in names]


def form_of(charge: Charge, move: str) -> ChargeForm:
    """The form of a move with what is likely wanted."""
    likely = {
        "hold": charge.amount_minor,
        "increase": charge.held_minor,
        "capture": charge.held_minor,
        "refund": charge.captured_minor - charge.refunded_minor,
    }
    values = {"amount": charge.money(likely[move])} if move in likely else {}
    return ChargeForm.of({**values, "payment_token": charge.payment_token or ""})


def operation_line(operation: ChargeOperation, charge: Charge) -> OperationLine:
    """One line of what was asked."""
    states = {
        OperationState.PENDING: ("being asked", ""),
        OperationState.UNKNOWN: ("not known", "act"),
        OperationState.DONE: ("done", ""),
        OperationState.REFUSED: ("refused", "soon"),
    }
    words, tone = states[operation.state]
    return OperationLine(
        OPERATION_WORDS[operation.kind],
        money(charge.money(operation.minor)),
        words,
        tone,
        operation.state is OperationState.DONE,
        operation.reason,
        operation.asked_by,
        operation.asked_at,
    )


def detail(
    charge: Charge,
    operations: Sequence[ChargeOperation],
    actor: Actor,
    *,
    subject_href: str,
    covered_by: Charge | None,
    exchanges: list[ExchangeLine],
    beside: Beside,
    timeline: list[TimelineEntry],
) -> ChargeDetail:
    """The record page."""
    being = next((each for each in operations if each.ended_at is None), None)
    words, tone, is_on = in_words(charge, being)
    is_busy = being is not None
    return ChargeDetail(
        charge=charge,
        purpose=PURPOSE_WORDS[charge.purpose],
        state=words,
        tone=tone,
        is_on=is_on,
        is_working=is_busy,
        subject_href=subject_href,
        covered_by=covered_by,
        amounts=[
            (label, money(charge.money(minor)))
            for label, minor in (
                ("Amount", charge.amount_minor), ("Held", charge.held_minor),
                ("Captured", charge.captured_minor), ("Refunded", charge.refunded_minor),
            )
        ],
        moves=moves_for(charge, actor, is_busy=is_busy),
        withheld=withheld_in_words(charge, actor, is_busy=is_busy),
        operations=[operation_line(each, charge) for each in operations],
        exchanges=exchanges,
        beside=beside,
        timeline=timeline,
    )  # fmt: skip
