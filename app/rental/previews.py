"""Vehicles and bookings at a glance, and bookings in the lists beside other records."""

from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.area import OfferedAction, RelatedLine, StateView
from app.core.db import AsyncSession
from app.core.filters import money
from app.core.previews import Preview
from app.rental.bookings import queries
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import details, lists
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services import hires
from app.rental.damages import pages as damage_pages
from app.rental.damages import queries as damage_queries
from app.rental.fines import pages as fine_pages
from app.rental.fines import queries as fine_queries
from app.rental.handovers import pages as handover_pages
from app.rental.handovers import queries as handover_queries
from app.rental.handovers.rules import Direction, HandoverState
from app.rental.locations import services as locations
from app.rental.papers import services as papers
from app.rental.papers.pages import papers as paper_pages
from app.rental.papers.rules import Paper
from app.rental.quotes import queries as quote_queries
from app.rental.quotes.pages import quotes as quote_pages
from app.rental.quotes.services import drifting
from app.rental.supplier_terms.services.selling import SEES_MARGINS
from app.rental.vehicles import pages
from app.rental.vehicles.models import Vehicle

MOST_RELATED = 10


async def preview_vehicle(session: AsyncSession, vehicle: Vehicle, actor: Actor) -> Preview:
    """A vehicle at a glance."""
    places = await locations.by_codes(session, {vehicle.location_code} if vehicle.location_code else set())
    place = places.get(vehicle.location_code or "")
    due = ", ".join(words for _, _, words, _ in pages.due_rows(vehicle.due(clock.today())))
    facts = [
        ("Plate", vehicle.plate or ""), ("Branch", place.name if place else ""),
        ("Class", pages.class_in_words(vehicle)), ("Odometer", pages.odometer_in_words(vehicle)),
        ("Day price", money(vehicle.day_price)), ("Documents due", due or "none"),
    ]  # fmt: skip
    moves = [(move.words.label, f"/vehicles/{vehicle.id}#moves") for move in pages.moves_for(vehicle, actor)]
    return Preview(
        vehicle.title,
        vehicle.plate or "",
        pages.state_in_words(vehicle.state),
        is_on=vehicle.state in pages.ON,
        facts=facts,
        moves=moves,
    )


async def preview_booking(session: AsyncSession, booking: Booking, actor: Actor) -> Preview:
    """A booking at a glance."""
    now = clock.now()
    state, tone = details.state_in_words(booking, now)
    places = await locations.by_codes(session, {booking.pickup_location, booking.return_location})
    vehicle = await queries.find_vehicle(session, booking.vehicle_id)
    ends = [(end.title, f"{end.local:%a %-d %b %Y %H:%M}, {end.location}") for end in details.ends_of(booking, places)]
    facts = [
        *ends,
        ("Driver", booking.driver_name),
        ("Phone", booking.driver_phone or ""),
        ("Class", booking.class_code),
        ("Vehicle", f"{vehicle['plate'] or ''} {vehicle['title']}".strip() if vehicle else "not assigned"),
        ("Total", money(booking.total)),
    ]
    moves = [(move.words.label, f"/bookings/{booking.id}#moves") for move in details.moves_for(booking, actor, now)]
    is_on = booking.state.value in lists.ON
    return Preview(booking.reference, "", state, tone, is_on=is_on, facts=facts, moves=moves)


async def bookings_of_customer(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The hires of a customer, the latest first."""
    return [
        _line(booking) for booking in await queries.list_of(session, "customer_id", subject_id, actor, MOST_RELATED)
    ]


async def bookings_of_vehicle(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The bookings of a vehicle, the latest first."""
    return [_line(booking) for booking in await queries.list_of(session, "vehicle_id", subject_id, actor, MOST_RELATED)]


def _line(booking: Booking) -> RelatedLine:
    state, tone = details.state_in_words(booking, clock.now())
    when = f"{booking.pickup_local:%-d %b %Y %H:%M} {booking.pickup_location} - {booking.return_local:%-d %b %Y %H:%M}"
    back = f" {booking.return_location}" if booking.return_location != booking.pickup_location else ""
    text = f"{when}{back}, {booking.class_code}, {booking.driver_name}, {money(booking.total)}"
    view = StateView(state, tone, booking.state.value in lists.ON)
    return RelatedLine(f"/bookings/{booking.id}", booking.reference, text, view)


async def handovers_of_booking(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The check-out of a booking, its swaps, and its check-in."""
    found = await handover_queries.list_of(session, subject_id)
    seen = [each for each in found if actor.sees(market=each.market, branch=each.branch)]
    swaps = await hires.list_swaps(session, subject_id) if seen else []
    names = {key: await _plate(session, key) for swap in swaps for key in (swap.taken_id, swap.given_id)}
    lines = [handover_pages.related_line(each) for each in seen]
    return [*lines[:1], *(handover_pages.swap_line(swap, names) for swap in swaps), *lines[1:]]


async def _plate(session: AsyncSession, vehicle_id: UUID) -> str:
    vehicle = await queries.find_vehicle(session, vehicle_id)
    return (vehicle["plate"] or vehicle["title"]) if vehicle else ""


async def offer_handover(session: AsyncSession, booking: Booking, actor: Actor) -> list[OfferedAction]:
    """What a counter does next with a booking: hand the vehicle over, or take it back."""
    next_ = {
        BookingState.CONFIRMED: Direction.OUT, BookingState.NO_SHOW: Direction.OUT, BookingState.ON_HIRE: Direction.IN,
    }  # fmt: skip
    direction, printed = next_.get(booking.state), await _papers(session, booking, actor)
    if direction is None or booking.source is not Source.OWN or not actor.may(handover_pages.EDIT):
        return printed
    if booking.state is BookingState.ON_HIRE:
        swap = OfferedAction(
            "Swap the vehicle", f"/bookings/{booking.id}/vehicle-swaps/new", is_begun=True, is_main=False
        )
        printed = [swap, *printed]
    title = handover_pages.TITLES[direction]
    begun = await handover_queries.find_of(session, booking.id, direction)
    if begun is not None and begun.state is HandoverState.DRAFT:
        label = f"Go on with the {title.lower()}"
        return [OfferedAction(label, f"{handover_pages.PATH}/{begun.id}", is_begun=True), *printed]
    return [OfferedAction(title, f"/bookings/{booking.id}/{title.lower()}"), *printed]


async def _papers(session: AsyncSession, booking: Booking, actor: Actor) -> list[OfferedAction]:
    """What can be printed of a booking, and where its invoices are."""
    if not actor.may(paper_pages.PRINT):
        return []
    base, out = f"/bookings/{booking.id}/papers", await handover_queries.find_of(session, booking.id, Direction.OUT)
    kind = Paper.VOUCHER if out is None else Paper.AGREEMENT
    title = paper_pages.TITLES[kind]
    words = "Papers"
    if papers.can_be_billed(booking):
        is_open = bool(await papers.unbilled(session, booking))
        words = "Papers and invoices, something is to be billed" if is_open else "Papers and invoices"
    links = ((title, f"{base}/{kind}"), (words, base))
    return [OfferedAction(label, href, is_begun=True, is_main=False) for label, href in links]


async def damage_of_booking(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The damage cases of a booking, the newest first."""
    found = await damage_queries.list_cases(session, "booking_id", subject_id, actor, MOST_RELATED)
    return [damage_pages.related_line(each) for each in found]


async def damage_of_vehicle(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The damage cases of a vehicle, the newest first."""
    found = await damage_queries.list_cases(session, "vehicle_id", subject_id, actor, MOST_RELATED)
    return [damage_pages.related_line(each) for each in found]


async def fines_of_booking(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The fines and tolls of a booking, the newest first."""
    found = await fine_queries.list_about(session, "booking_id", subject_id, actor, MOST_RELATED)
    return [fine_pages.related_line(each) for each in found]


async def fines_of_vehicle(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The fines and tolls of a vehicle, the newest first."""
    found = await fine_queries.list_about(session, "vehicle_id", subject_id, actor, MOST_RELATED)
    return [fine_pages.related_line(each) for each in found]


async def quote_of_booking(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The quote that a booking was made of, and how its price moved from the search on."""
    quote = await quote_queries.find_of_booking(session, subject_id, actor)
    if quote is None:
        return []
    later = await drifting.later_stages(session, quote, actor)
    table = quote_pages.drift_of(quote, later, sees_margins=actor.may(SEES_MARGINS))
    state = StateView("Price moved", "soon") if table.has_moved else StateView("Price as told")
    return [RelatedLine(f"/quotes/{quote.id}#drift", quote.reference, quote_pages.drift_in_words(table), state)]
