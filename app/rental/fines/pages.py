"""What the pages of fines and tolls show."""

from dataclasses import dataclass
from datetime import date

from app.core.actor import Actor
from app.core.area import RelatedLine, StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.desk.audit_trail.services import TimelineEntry
from app.desk.records.services import Beside
from app.kit.money import Money
from app.rental.fines import rules, services
from app.rental.fines.forms import FineForm, ReasonForm
from app.rental.fines.models import Fine
from app.rental.fines.queries import SPEC
from app.rental.fines.rules import FineState
from app.rental.fines.schemas import KIND_WORDS, STATE_WORDS, FineItem

VIEW, EDIT = "fines.view", "fines.edit"
PATH = "/fines"
LIST = RecordList(
    key="fines",
    title="Fines and tolls",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("state", "State"),
        Column("kind", "Kind"),
        Column("vehicle", "Vehicle", align="wide"),
        Column("happened", "When"),
        Column("amount", "Amount", align="money"),
        Column("driver", "Driver", css="name"),
        Column("booking", "Booking", css="mono"),
        Column("place", "Where", is_default=False),
        Column("authority", "Authority", is_default=False),
        Column("updated", "Changed", "updated_at", css="faint", is_default=False),
        Column("branch", "Branch", is_default=False),
        Column("fee", "Handling fee", align="money", is_default=False),
        Column("reason", "Reason", is_default=False),
        Column("market", "Market", is_default=False),
    ),
    cells="rental/fines/_cells.html",
    kind="fine",
)
VIEWS = (
    ("All", {}),
    ("Nobody known", {"state": "unmatched"}),
    ("To be charged", {"state": "matched"}),
    ("Charged", {"state": "charged"}),
)
TONES = {FineState.UNMATCHED: "act", FineState.MATCHED: "soon"}
KINDS = tuple(KIND_WORDS.items())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: FineItem
    kind: str
    when: str
    state: str
    tone: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class FineList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_record: bool


@dataclass(frozen=True, slots=True)
class FineNew:
    """Recording one."""

    form: FineForm
    kinds: tuple[tuple[str, str], ...]
    locations: list[tuple[str, str]]
    currencies: list[str]


@dataclass(frozen=True, slots=True)
class FineDetail:
    """The record page."""

    fine: Fine
    kind: str
    state: str
    tone: str
    is_on: bool
    when: str
    amount: str
    fee: str
    total: str
    can_match: bool
    can_charge: bool
    can_drop: bool
    form: ReasonForm
    beside: Beside
    timeline: list[TimelineEntry]


@dataclass(frozen=True, slots=True)
class Letter:
    """What the customer is told."""

    fine: Fine
    kind: str
    when: str
    amount: str
    fee: str
    total: str
    name: str
    address: list[str]
    written_on: date
    booking_reference: str


def state_view(item: FineItem) -> StateView:
    """The state as lists show it."""
    state = FineState(item.state)
    return StateView(STATE_WORDS[state], TONES.get(state, ""), state is FineState.CHARGED)


def row(item: FineItem) -> Row:
    """A line of the list."""
    shown, when = state_view(item), item.happened_local.replace("T", " ")
    return Row(item.id, item.reference, item, KIND_WORDS[item.kind], when, shown.words, shown.tone, shown.is_on)


def related_line(fine: Fine) -> RelatedLine:
    """A fine beside its booking or vehicle."""
    view = StateView(STATE_WORDS[fine.state], TONES.get(fine.state, ""), fine.state is FineState.CHARGED)
    parts = [KIND_WORDS[fine.kind], money(fine.amount), fine.authority, services.when(fine), fine.place]
    return RelatedLine(f"{PATH}/{fine.id}", fine.reference, ", ".join(part for part in parts if part), view)


def total(fine: Fine) -> str:
    """With what handling it costs."""
    return money(Money(fine.amount_minor + fine.fee_minor, fine.currency))


def detail(
    fine: Fine, actor: Actor, *, beside: Beside, timeline: list[TimelineEntry], form: ReasonForm | None = None
) -> FineDetail:
    """The record page."""
    may = actor.may(EDIT)
    return FineDetail(
        fine=fine,
        kind=KIND_WORDS[fine.kind],
        state=STATE_WORDS[fine.state],
        tone=TONES.get(fine.state, ""),
        is_on=fine.state is FineState.CHARGED,
        when=services.when(fine),
        amount=money(fine.amount),
        fee=money(fine.fee),
        total=total(fine),
        can_match=may and rules.can_follow(fine.state, FineState.UNMATCHED),
        can_charge=may and rules.can_follow(fine.state, FineState.CHARGED),
        can_drop=may and rules.can_follow(fine.state, FineState.DROPPED),
        form=form or ReasonForm.of({}),
        beside=beside,
        timeline=timeline,
    )
