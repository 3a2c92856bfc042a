"""What the pages of damage cases show."""

from dataclasses import dataclass
from typing import Any

from app.core.actor import Actor
from app.core.area import RelatedLine, StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.desk.audit_trail.services import TimelineEntry
from app.desk.records.services import Beside
from app.rental.damages import rules, services
from app.rental.damages.forms import EstimateForm, ReasonForm
from app.rental.damages.models import DamageCase
from app.rental.damages.queries import SPEC
from app.rental.damages.rules import CaseState, Party
from app.rental.damages.schemas import PARTY_WORDS, STATE_WORDS, CaseItem

VIEW, SETTLE = "damages.view", "damages.settle"
PATH = "/damage-cases"
LIST = RecordList(
    key="damage_cases",
    title="Damage cases",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("vehicle", "Vehicle"),
        Column("booking", "Booking", css="mono"),
        Column("words", "Damage", css="wide"),
        Column("party", "Answers for it"),
        Column("estimate", "Estimate", align="money"),
        Column("state", "State"),
        Column("branch", "Branch"),
        Column("updated", "Changed", "updated_at", css="faint"),
        Column("market", "Market", is_default=False),
    ),
    cells="rental/damages/_cells.html",
    kind="damage_case",
)
VIEWS = (
    ("All", {}),
    ("Open", {"state": "open"}),
    ("Estimated", {"state": "estimated"}),
    ("Charged", {"state": "charged"}),
)
TONES = {CaseState.OPEN: "soon"}
ON = frozenset({CaseState.ESTIMATED, CaseState.CHARGED})
PARTIES = tuple((party.value, PARTY_WORDS[party]) for party in Party if party is not Party.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: CaseItem
    party: str
    state: str
    tone: str
    is_on: bool
    estimate: str


@dataclass(frozen=True, slots=True)
class CaseList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """The record page."""

    case: DamageCase
    state: str
    tone: str
    is_on: bool
    party: str
    estimate: str
    marks: list[str]
    parties: tuple[tuple[str, str], ...]
    can_estimate: bool
    can_charge: bool
    can_close: bool
    can_drop: bool
    estimate_form: EstimateForm
    reason_form: ReasonForm
    beside: Beside
    timeline: list[TimelineEntry]


def state_view(item: CaseItem) -> StateView:
    """The state as lists show it."""
    state = CaseState(item.state)
    return StateView(STATE_WORDS[state], TONES.get(state, ""), state in ON)


def row(item: CaseItem) -> Row:
    """A line of the list."""
    shown = state_view(item)
    return Row(
        item.id, item.reference, item, PARTY_WORDS[item.party], shown.words, shown.tone, shown.is_on,
        money(item.estimate) if item.estimate else "",
    )  # fmt: skip


def related_line(case: DamageCase) -> RelatedLine:
    """A case beside its booking or vehicle."""
    view = StateView(STATE_WORDS[case.state], TONES.get(case.state, ""), case.state in ON)
    parts = [case.words, money(case.estimate) if case.estimate else "", PARTY_WORDS[case.party]]
    return RelatedLine(f"{PATH}/{case.id}", case.reference, ", ".join(part for part in parts if part), view)


def detail(
    case: DamageCase,
    marks: Any,
    actor: Actor,
    *,
    beside: Beside,
    timeline: list[TimelineEntry],
    estimate_form: EstimateForm | None = None,
    reason_form: ReasonForm | None = None,
) -> CaseDetail:
    """The record page."""
    may = actor.may(SETTLE)
    values: dict[str, Any] = {"party": case.party, "words": case.words}
    if case.estimate is not None:
        values["amount"] = case.estimate
    return CaseDetail(
        case=case,
        state=STATE_WORDS[case.state],
        tone=TONES.get(case.state, ""),
        is_on=case.state in ON,
        party=PARTY_WORDS[case.party],
        estimate=money(case.estimate) if case.estimate else "",
        marks=[services.in_words(mark) for mark in marks],
        parties=PARTIES,
        can_estimate=may and rules.can_follow(case.state, CaseState.ESTIMATED),
        can_charge=may and case.state is CaseState.ESTIMATED and case.party is Party.CUSTOMER,
        can_close=may and rules.can_follow(case.state, CaseState.CLOSED),
        can_drop=may and rules.can_follow(case.state, CaseState.DROPPED),
        estimate_form=estimate_form or EstimateForm.of(values),
        reason_form=reason_form or ReasonForm.of({}),
        beside=beside,
        timeline=timeline,
    )
