"""The record page of a booking: its facts, its price, what can happen next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.core.actor import Actor
from app.core.filters import money
from app.desk.records.services import Beside
from app.kit.fee_windows import fee_at
from app.payments.charges.models import Charge
from app.rental.bookings import rules
from app.rental.bookings.forms import AmendForm, MoveForm
from app.rental.bookings.models import Booking, BookingTerms
from app.rental.bookings.pages.prices import FeeRow, HirePrice, rows_of_fees
from app.rental.bookings.rules import BookingState, Move, can_move
from app.rental.bookings.schemas.bookings import STATE_WORDS
from app.rental.bookings.services.earning import margin_now
from app.rental.bookings.services.moves import open_in_words
from app.rental.locations.models import Location
from app.rental.locations.services import way_to
from app.rental.occupancy.services import Judged
from app.rental.supplier_terms.services.selling import SEES_MARGINS, margin_in_words
from app.rental.suppliers.models import SupplierReservation

EDIT, CANCEL, CLOSE = "bookings.edit", "bookings.cancel", "bookings.close"


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the booking, its button, and what its form says."""

    slug: str
    label: str
    permission: str
    text: str = ""
    toast: str = ""
    tone: str = ""
    needs_reason: bool = True


MOVE_WORDS: dict[str, MoveWords] = {
    "vehicle_assignment": MoveWords("vehicle-assignment", "Assign a vehicle", EDIT, toast="Vehicle assigned"),
    "vehicle_removal": MoveWords(
        "vehicle-assignment/removal", "Take the vehicle away", EDIT, toast="Vehicle taken away", needs_reason=False
    ),
    "amendment": MoveWords("amendment", "Amend", EDIT, toast="Booking amended"),
    "upgrade": MoveWords(
        "upgrade", "Upgrade", EDIT, "Another class for the price that was agreed.", toast="Booking upgraded",
    ),
    "walk": MoveWords("walk", "Walk the customer", EDIT),
    "extension": MoveWords("extension", "Change the return", EDIT, toast="Return changed"),
    "no_show": MoveWords(
        "no-show", "No-show", EDIT, "The vehicle is free again; the fee is that of a cancellation now.",
        toast="Marked as no-show",
    ),
    "closing": MoveWords("closing", "Close", CLOSE, "Nothing is open any more.", toast="Booking closed"),
    "dispute": MoveWords("dispute", "Dispute", CLOSE, "The customer does not agree.", toast="Disputed"),
    "cancellation": MoveWords(
        "cancellation", "Cancel the booking", CANCEL, toast="Booking cancelled", tone="danger",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    text: str
    form: MoveForm


@dataclass(frozen=True, slots=True)
class End:
    """A pick-up or a return as the page shows it."""

    title: str
    location: str
    code: str
    local: datetime
    zone: str
    at: datetime
    way: str = ""
    """Where the vehicle is got, and the way there."""


@dataclass(frozen=True, slots=True)
class PricedBy:
    """What the price was made by: a version of a rate card, or a day price, which has no address."""

    words: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Supplied:
    """Whose car it is: the reservation with the supplier, what it costs there, and what moved since the offer."""

    reference: str
    address: str
    state: str
    price: str
    drifted: list[tuple[str, str]]
    wanted: str
    margin: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BookingDetail:
    """The record page."""

    booking: Booking
    state: str
    tone: str
    is_on: bool
    class_words: str
    customer_name: str
    vehicle: dict[str, Any] | None
    ends: list[End]
    total: str
    fee: str
    fee_rows: list[FeeRow]
    lines: list[dict[str, Any]]
    choices: str
    priced_by: PricedBy
    supplied: Supplied | None
    rebook: str
    overbooked: str
    stands_in: list[tuple[str, UUID, str]]
    moves: list[OfferedMove]
    open_charges: list[tuple[str, str]]
    """What stands in the way of closing: the address of each charge, and what is to be done about it."""
    withheld: str
    earlier: list[BookingTerms]
    timeline: Sequence[Any]
    beside: Beside


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move's form that was refused."""

    booking: Booking
    move: OfferedMove


@dataclass(frozen=True, slots=True)
class VehicleChoice:
    """A vehicle that could be assigned, or why not."""

    id: str
    name: str
    plate: str
    class_code: str
    is_booked_class: bool
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class AssignPage:
    """Choosing a vehicle."""

    booking: Booking
    ends: list[End]
    form: MoveForm
    free: list[VehicleChoice]
    busy: list[VehicleChoice]


@dataclass(frozen=True, slots=True)
class AmendPage:
    """Other terms."""

    booking: Booking
    form: AmendForm
    locations: list[tuple[str, str]]
    words: MoveWords
    is_extension: bool
    price: HirePrice


def terms_in_words(booking: Booking) -> str:
    """`TLL Mon 29 Jun 2026 10:00 to TLL Sat 4 Jul 2026 10:00, CDMR, 390.00 EUR, without a vehicle`."""
    ends = " to ".join(
        f"{place} {local.strftime('%a %-d %b %Y %H:%M')}"
        for place, local in (
            (booking.pickup_location, booking.pickup_local),
            (booking.return_location, booking.return_local),
        )
    )
    vehicle = "with a vehicle" if booking.vehicle_id else "without a vehicle"
    return f"{ends}, {booking.class_code}, {money(booking.total)}, {vehicle}"


OBSTACLE_WORDS = {
    "occupied": "on another booking",
    "paused": "blocked, in maintenance, on transfer or for sale",
    "elsewhere": "at another branch then",
    "needed_elsewhere": "needed at another branch next",
    "not_in_service": "not in service",
}


def state_in_words(booking: Booking, now: datetime) -> tuple[str, str]:
    """The state and its tone."""
    if rules.is_overdue(booking.state, booking.return_at, now):
        return "Overdue", "act"
    needs = booking.state in (BookingState.UNKNOWN, BookingState.DISPUTED, BookingState.CANCELLED_BY_SUPPLIER)
    return STATE_WORDS[booking.state], "act" if needs else ""


def moves_for(booking: Booking, actor: Actor, now: datetime) -> list[OfferedMove]:
    """The moves that the state allows and the actor may make."""
    return [
        OfferedMove(move.name, words, text_of(booking, move, words, now), MoveForm.of({}))
        for move in _possible(booking, now)
        if actor.may((words := MOVE_WORDS[move.name]).permission)
    ]


def text_of(booking: Booking, move: Move, words: MoveWords, now: datetime) -> str:
    """What the form says above the reason; of a cancellation, what it costs now."""
    if move.name != "cancellation":
        return words.text
    if booking.state is BookingState.ON_REQUEST:
        return "It is not confirmed yet: cancelling costs nothing."
    fee = fee_at(booking.total, booking.windows, now)
    return f"Cancelling now costs {money(fee)} of {money(booking.total)}." if fee.minor else "Cancelling now is free."


def withheld_in_words(booking: Booking, actor: Actor, now: datetime) -> str:
    """What the state would allow but the role does not; or that nothing more can happen."""
    if booking.state in rules.TERMINAL:
        return f"This booking is {STATE_WORDS[booking.state].lower()}; nothing more can happen."
    missing = [MOVE_WORDS[move.name] for move in _possible(booking, now)]
    labels = [words.label.lower() for words in missing if not actor.may(words.permission)]
    return f"Another role may {', '.join(labels)}." if labels else ""


def _possible(booking: Booking, now: datetime) -> list[Move]:
    found = rules.allowed_moves(booking.state, booking.source, pickup_at=booking.pickup_at, now=now)
    return [move for move in found if move.name in MOVE_WORDS and _is_offered(move, booking)]


def _is_offered(move: Move, booking: Booking) -> bool:
    """Not what makes no difference; and during a hire vehicles are swapped at a counter, which reads both."""
    match move.name:
        case "vehicle_removal":
            return booking.vehicle_id is not None
        case "vehicle_assignment":
            return booking.state is not BookingState.ON_HIRE
        case _:
            return True


def open_charges(booking: Booking, charges: Sequence[Charge]) -> list[tuple[str, str]]:
    """What is to be done before the booking can be closed, where that is the next thing."""
    if can_move("closing", booking.state, booking.source):
        return []
    return [(f"/charges/{charge.id}#moves", open_in_words(charge)) for charge in charges]


def ends_of(booking: Booking, places: dict[str, Location]) -> list[End]:
    """Pick-up and return."""
    return [
        End(
            title,
            places[code].name if code in places else code,
            code,
            local,
            zone,
            at,
            way_to(places[code]) if title == "Pick-up" and code in places else "",
        )
        for title, code, local, zone, at in (
            ("Pick-up", booking.pickup_location, booking.pickup_local, booking.pickup_zone, booking.pickup_at),
            ("Return", booking.return_location, booking.return_local, booking.return_zone, booking.return_at),
        )
    ]


def fee_rows(booking: Booking, now: datetime) -> list[FeeRow]:
    """The windows in which cancelling costs what, as long as it can be cancelled."""
    if booking.state not in (BookingState.CONFIRMED, BookingState.UNKNOWN):
        return []
    return rows_of_fees(booking.total, booking.windows, now)


def priced_by(booking: Booking) -> PricedBy:
    """What the price was made by."""
    match booking.rate_snapshot:
        case {"card": {"card_id": key, "card_name": name, "version_number": number}}:
            return PricedBy(f"{name}, version {number}", f"/rate-cards/{key}")
        case {"rate": _}:
            return PricedBy("Day price")
        case _:
            return PricedBy("")


def supplied_by(booking: Booking, reservation: SupplierReservation | None, actor: Actor) -> Supplied | None:
    """The reservation of a supplier's car; what it costs and earns for those who may see margins."""
    if reservation is None:
        return None
    margin, sees_margins = margin_now(booking, reservation), actor.may(SEES_MARGINS)
    sees_price = sees_margins or margin is None or not margin.is_net
    drifted = [(words, f"{money(offered)}, then {money(now)}") for words, offered, now in reservation.drifted]
    return Supplied(
        reservation.reference,
        f"/supplier-reservations/{reservation.id}",
        STATE_WORDS[reservation.state.value],
        money(reservation.total) if sees_price else "",
        drifted if sees_price else [],
        reservation.wanted,
        margin_in_words(margin) if margin and sees_margins else [],
    )


def rebook_address(booking: Booking) -> str:
    """Where the same hire is looked for anew, when the supplier has no car for it after all; else empty."""
    if booking.state not in rules.LOST:
        return ""
    fields: dict[str, Any] = {
        "place": booking.pickup_location,
        "class_code": booking.class_code,
        **{name: getattr(booking, name).strftime("%Y-%m-%dT%H:%M") for name in ("pickup_local", "return_local")},
        "replaces_booking_id": booking.id,
    }
    if booking.return_location != booking.pickup_location:
        fields["return_location"] = booking.return_location
    if booking.driver_born_on:
        fields["driver_age"] = rules.age_on(booking.driver_born_on, booking.pickup_local.date())
    return f"/car-searches?{urlencode(fields)}"


def choice_of(judged: Judged, booking: Booking) -> VehicleChoice:
    """A vehicle in the list of those that could be assigned."""
    found = judged.vehicle
    obstacle = OBSTACLE_WORDS[judged.obstacle] if judged.obstacle else ""
    is_booked = found.class_code == booking.class_code
    return VehicleChoice(str(found.id), found.title, found.plate, found.class_code, is_booked, obstacle)
