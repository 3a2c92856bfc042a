"""Bookings as every tool of the desk sees them."""

from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.area import DataCheck, RecordKind, RelatedLine, StateView
from app.core.db import AsyncSession
from app.core.filters import money
from app.core.previews import Preview
from app.desk.tags.tasks import actions_for as tag_actions
from app.rental.bookings import queries, search, services
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import details, lists
from app.rental.bookings.rules import HOLDS_STOCK, NEVER_HOLDS, Source
from app.rental.bookings.tasks import LISTING
from app.rental.locations import services as locations

MOST_RELATED = 10
_HELD, _ENDED = (", ".join(f"'{state}'" for state in sorted(states)) for states in (HOLDS_STOCK, NEVER_HOLDS))


async def preview(session: AsyncSession, booking: Booking, actor: Actor) -> Preview:
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


async def of_customer(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The hires of a customer, the latest first."""
    return [
        _line(booking) for booking in await queries.list_of(session, "customer_id", subject_id, actor, MOST_RELATED)
    ]


async def of_vehicle(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The bookings of a vehicle, the latest first."""
    return [_line(booking) for booking in await queries.list_of(session, "vehicle_id", subject_id, actor, MOST_RELATED)]


def _line(booking: Booking) -> RelatedLine:
    state, tone = details.state_in_words(booking, clock.now())
    when = f"{booking.pickup_local:%-d %b %Y %H:%M} {booking.pickup_location} - {booking.return_local:%-d %b %Y %H:%M}"
    back = f" {booking.return_location}" if booking.return_location != booking.pickup_location else ""
    text = f"{when}{back}, {booking.class_code}, {booking.driver_name}, {money(booking.total)}"
    view = StateView(state, tone, booking.state.value in lists.ON)
    return RelatedLine(f"/bookings/{booking.id}", booking.reference, text, view)


BOOKING = RecordKind(
    key="booking",
    title="Booking",
    plural="Bookings",
    icon="calendar",
    permission=search.PERMISSION,
    model=Booking,
    address=lambda record_id: f"/bookings/{record_id}",
    name=lambda booking: booking.reference,
    find=queries.find_booking,
    search=search.KIND,
    load_documents=search.load_documents,
    list_ids=queries.list_ids,
    find_simply=queries.find_simply,
    represent=queries.represent,
    state=lists.state_view,
    listing=LISTING,
    bulk_actions=tag_actions(queries.find_booking),
    list_address="/bookings",
    record_list=lists.LIST,
    preview=preview,
    labels=services.FIELD_LABELS,
    branch_of=lambda booking: booking.pickup_location,
    related={"customer": of_customer, "vehicle": of_vehicle},
    related_filters={"customer": "customer_id", "vehicle": "vehicle_id"},
    has_notes=True,
    has_tags=True,
    checks=(
        DataCheck(
            "I3",
            "Own bookings that run without holding a vehicle or a class",
            f"SELECT b.id FROM booking b LEFT JOIN occupancy o ON o.holder_id = b.id "  # noqa: S608
            f"WHERE b.source = '{Source.OWN}' AND b.state IN ({_HELD}) AND o.id IS NULL",
        ),
        DataCheck(
            "I3",
            "Bookings that hold another vehicle or time than they say, or hold one after their end",
            f"SELECT b.id FROM booking b JOIN occupancy o ON o.holder_id = b.id WHERE b.state IN ({_ENDED}) "  # noqa: S608
            "OR NOT (b.vehicle_id <=> o.vehicle_id) OR b.pickup_at <> o.starts_at OR b.return_at <> o.ends_at "
            "OR b.class_code <> o.class_code",
        ),
    ),
)
