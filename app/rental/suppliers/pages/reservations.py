"""What the pages about reservations with suppliers show."""

from dataclasses import dataclass
from datetime import datetime

from app.core import clock
from app.core.area import StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.core.values import MoneyValue
from app.desk.audit_trail.services import TimelineEntry
from app.desk.exchanges.services import ExchangeLine
from app.desk.records.services import Beside
from app.kit.wall_times import wall_time
from app.rental.suppliers import rules
from app.rental.suppliers.forms import ReasonForm, SettleForm
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.pages.words import HIDDEN, OPERATION_WORDS
from app.rental.suppliers.queries import RESERVATIONS_SPEC, STATE_WORDS
from app.rental.suppliers.rules import Operation, ReservationState
from app.rental.suppliers.schemas import ReservationItem
from app.rental.suppliers.services.reservations import CANCELLABLE
from app.rental.suppliers.services.settling import awaited

PATH = "/supplier-reservations"
LIST = RecordList(
    key="supplier_reservations",
    title="Supplier reservations",
    path=PATH,
    spec=RESERVATIONS_SPEC,
    columns=(
        Column("reference", "Reference", is_fixed=True),
        Column("supplier", "Supplier"),
        Column("state", "State"),
        Column("number", "Their number", css="mono"),
        Column("acriss", "Class", css="mono"),
        Column("places", "From, to"),
        Column("times", "Pick-up, return"),
        Column("price", "Price", align="money"),
        Column("polls", "Asked", align="number"),
        Column("next", "Next look"),
        Column("made", "Made", "created_at"),
    ),
    cells="rental/suppliers/_reservation_cells.html",
    kind="supplier_reservation",
)
VIEWS = (
    ("All", {}),
    ("Not known", {"state": "unknown"}),
    ("On request", {"state": "on_request"}),
    ("Being cancelled", {"state": "cancel_pending"}),
    ("Confirmed", {"state": "confirmed"}),
)
FIELD_LABELS = {"state": "State", "supplier_number": "Their number"}
TONES = {ReservationState.UNKNOWN: "act", ReservationState.ON_REQUEST: "soon", ReservationState.CANCEL_PENDING: "soon"}


@dataclass(frozen=True, slots=True)
class Row:
    """One reservation in the list."""

    id: str
    reference: str
    supplier: str
    state: str
    tone: str
    is_on: bool
    number: str
    acriss: str
    places: str
    times: str
    price: str
    polls: int
    next_at: str | None
    made_at: str


@dataclass(frozen=True, slots=True)
class ReservationList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What people do that the supplier's machine cannot: whom they call, and what they say."""

    operation: str
    phone: str
    phone_href: str
    facts: list[tuple[str, str]]
    text: str


@dataclass(frozen=True, slots=True)
class ReservationDetail:
    """One reservation: where it is, at what price, what was said, and what people can do."""

    reservation: SupplierReservation
    supplier: Supplier
    state: str
    tone: str
    is_on: bool
    offered: str
    confirmed: str
    drift: str
    lines: list[tuple[str, str]]
    drifted: list[tuple[str, str]]
    wanted: str
    by_hand: ByHand | None
    mileage: str
    outcomes: list[tuple[str, str]]
    can_cancel: bool
    cancel_form: ReasonForm
    settle_form: SettleForm
    exchanges: list[ExchangeLine]
    beside: Beside
    timeline: list[TimelineEntry]


def by_hand(
    reservation: SupplierReservation, supplier: Supplier, operation: Operation | None, *, sees_price: bool = True
) -> ByHand | None:
    """The call that somebody has to make; none while a machine does it."""
    if operation is None or not rules.missing(supplier.capabilities, operation):
        return None
    number = reservation.supplier_number or ""
    driver = f"{reservation.given_name} {reservation.surname}".strip()
    pickup = f"{short(reservation.pickup_local)} at {reservation.pickup_branch}"
    known = f"reservation {number}" if number else f"the reservation with our reference {reservation.reference}"
    about = f"{known}, {driver}, pick-up {pickup}"
    price = f", for {money(reservation.offered)}" if sees_price else ""
    texts = {
        Operation.CANCEL: f"Please cancel {about}. What does cancelling cost? May I have your name?",
        Operation.AMEND: f"Please change {about}, to {reservation.wanted}. What is the price then? Your name?",
        Operation.BOOK: (
            f"Please book {reservation.acriss} for {driver}, {pickup} until {short(reservation.return_local)}{price}."
            f" Our reference is {reservation.reference}. What is your number?"
        ),
    }
    asked = f"Do you have {about}? What is its number, is it confirmed, and at what price? May I have your name?"
    return ByHand(
        operation=OPERATION_WORDS[operation],
        phone=supplier.phone,
        phone_href="tel:" + "".join(letter for letter in supplier.phone if letter in "+0123456789"),
        facts=[
            ("Their number", number), ("Our reference", reservation.reference), ("Driver", driver),
            ("Pick-up", pickup), ("Return", f"{short(reservation.return_local)} at {reservation.return_branch}"),
        ],
        text=texts.get(operation, asked),
    )  # fmt: skip


def state_view(state: str) -> StateView:
    """A state as lists show it."""
    known = ReservationState(state)
    return StateView(STATE_WORDS[state], TONES.get(known, ""), known is ReservationState.CONFIRMED)


def row(item: ReservationItem) -> Row:
    """A line of the list."""
    state = ReservationState(item.state)
    return Row(
        id=item.id,
        reference=item.reference,
        supplier=item.supplier,
        state=STATE_WORDS[item.state],
        tone=TONES.get(state, ""),
        is_on=state is ReservationState.CONFIRMED,
        number=item.supplier_number if isinstance(item.supplier_number, str) else "",
        acriss=item.acriss,
        places=f"{item.pickup_location} to {item.return_location}",
        times=f"{short(item.pickup_local)} to {short(item.return_local)}",
        price=money(item.offered) if isinstance(item.offered, MoneyValue) else HIDDEN,
        polls=item.polls,
        next_at=item.next_poll_at if isinstance(item.next_poll_at, str) else None,
        made_at=item.created_at,
    )


def short(moment: str | datetime) -> str:
    """A wall time in few letters."""
    text = moment.isoformat() if isinstance(moment, datetime) else moment
    return text[:16].replace("T", " ")


def _now_there(reservation: SupplierReservation) -> str:
    return f"{wall_time(clock.now(), reservation.time_zone):%Y-%m-%dT%H:%M}"


def outcomes(reservation: SupplierReservation) -> list[tuple[str, str]]:
    """To which ends people may bring it."""
    ends = sorted(rules.MOVES[reservation.state] - rules.OPEN)
    return [(state.value, STATE_WORDS[state.value]) for state in ends] if reservation.state in rules.OPEN else []


def detail(
    reservation: SupplierReservation,
    supplier: Supplier,
    *,
    may_settle: bool,
    sees_price: bool,
    exchanges: list[ExchangeLine],
    beside: Beside,
    timeline: list[TimelineEntry],
    cancel_form: ReasonForm | None = None,
    settle_form: SettleForm | None = None,
) -> ReservationDetail:
    """The record page; a net price is for those who may see margins."""
    confirmed, offer = reservation.confirmed, reservation.offer
    lines, drifted = (offer.get("lines", []), reservation.drifted) if sees_price else ([], [])
    drift = rules.drift_percent(reservation.offered, confirmed) if confirmed else None
    km = offer.get("included_km")
    return ReservationDetail(
        reservation=reservation,
        supplier=supplier,
        state=STATE_WORDS[reservation.state.value],
        tone=TONES.get(reservation.state, ""),
        is_on=reservation.state is ReservationState.CONFIRMED,
        offered=money(reservation.offered) if sees_price else HIDDEN,
        confirmed=(money(confirmed) if sees_price else HIDDEN) if confirmed else "",
        drift=f"{drift} % against the offer" if drift and sees_price else "",
        lines=[(line["words"] or line["code"], money(MoneyValue(**line["amount"]))) for line in lines],
        drifted=[(words, f"{money(offered)}, then {money(now)}") for words, offered, now in drifted],
        wanted=reservation.wanted,
        by_hand=by_hand(reservation, supplier, awaited(reservation), sees_price=sees_price),
        mileage="unlimited" if km is None else f"{km:,} km",
        outcomes=outcomes(reservation) if may_settle else [],
        can_cancel=may_settle and reservation.state in CANCELLABLE and reservation.cancel_asked_at is None,
        cancel_form=cancel_form or ReasonForm.of({}),
        settle_form=settle_form or SettleForm.of({"said_at": _now_there(reservation)}),
        exchanges=exchanges,
        beside=beside,
        timeline=timeline,
    )
