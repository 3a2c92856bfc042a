"""What could take the place of a booking that our own branch has no car for: a car of ours, or a supplier's.

Suppliers are asked outside of any transaction: `prepare_walk` reads what they are asked, `ask_suppliers` asks.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession, Database
from app.core.errors import InvalidFields
from app.core.partners.client import Partners
from app.kit import acriss
from app.kit.distances import kilometres
from app.kit.money import Money
from app.rental.bookings import queries, rules
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Choices, Source, StandIn
from app.rental.bookings.services.moves import refuse_move
from app.rental.bookings.services.pricing import NoPrice, hire_of, price
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.locations.services import HandoverTime
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.services import ClassLeft
from app.rental.supplier_terms.rules import Sold
from app.rental.supplier_terms.services.selling import SEES_MARGINS, Agreements, agreements_on
from app.rental.suppliers.rules import SupplierOffer
from app.rental.suppliers.services import offering, searching
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Absent, Found, Plan, Wanted
from app.settings import Settings

NEAR_KM = 60
MOST_BRANCHES, MOST_OF_OURS = 3, 12
USUAL_AGE = 30
"""Of a driver whose birthday nobody asked for."""


@dataclass(frozen=True, slots=True)
class OwnCandidate:
    """A class of ours that is really there for the hire, and what it would cost a new customer today."""

    location: Location
    km: float
    class_code: str
    free: int
    worth: Money | None
    kind: StandIn


@dataclass(frozen=True, slots=True)
class Prepared:
    """A booking that may be walked, and what suppliers are asked for it."""

    booking: Booking
    wanted: Wanted
    plan: Plan
    place: Location
    agreements: Agreements
    """By which suppliers' cars are sold."""

    def sold(self, supplier_id: UUID, offer: SupplierOffer) -> Sold:
        """A supplier's car as a new customer would pay for it, and what we would earn."""
        return self.agreements.sell(supplier_id, self.plan.market, offer)


@dataclass(frozen=True, slots=True)
class Supplied:
    """A supplier's car: whose it is, and what it is sold for and costs us."""

    found: Found
    sold: Sold

    @property
    def cost(self) -> Money:
        """What we would pay."""
        return Money(self.sold.margin.cost_minor, self.sold.margin.currency)

    def is_known_to(self, actor: Actor) -> bool:
        """Whether somebody may know what it costs us: all may where that is what anybody pays."""
        return self.sold.margin.line is None or actor.may(SEES_MARGINS)


@dataclass(frozen=True, slots=True)
class SuppliedResult:
    """What suppliers have, the class that was booked first, and who has nothing."""

    offers: list[Supplied]
    absent: list[Absent]


async def find_own_candidates(session: AsyncSession, booking: Booking, actor: Actor) -> list[OwnCandidate]:
    """Other classes of the branch, and all classes of the branches near it, that have a vehicle left for the hire.

    The same class comes first, then what is better by how far it is and what it costs us to give, then what is smaller.
    """
    places = await locations.in_market(session, booking.market)
    here = next((place for place in places if place.code == booking.pickup_location), None)
    back = await _return_of(session, booking)
    if here is None or back is None:
        return []
    pickups = [
        (km, pickup)
        for km, place in _near(here, [place for place in places if actor.sees(market=place.market, branch=place.code)])
        if (pickup := _handover(place, booking.pickup_local, "pickup"))
    ]
    codes = {pickup.location.code for _, pickup in pickups}
    stock = await occupancy.stock_of(session, codes, occupancy.stay_between(back, back).free_at)
    worth_now = await _worth(
        session, booking, HandoverTime(here, booking.pickup_local, booking.pickup_at, is_out_of_hours=False), back
    )
    found: list[OwnCandidate] = []
    for km, pickup in pickups:
        stay = occupancy.stay_between(pickup, back)
        for code in stock.classes_at(pickup.location.code):
            counted = stock.count(stay, code)
            if counted.free > counted.promised and (pickup.location is not here or code != booking.class_code):
                worth = await _worth(session, booking, pickup, back, code)
                kind = rules.stand_in(booking.class_code, worth_now, code, worth)
                found.append(OwnCandidate(pickup.location, km, code, counted.free - counted.promised, worth, kind))
    return sorted(found, key=_rank)[:MOST_OF_OURS]


async def find_left(session: AsyncSession, booking: Booking) -> ClassLeft | None:
    """What its class has left for a booking of ours that has no vehicle yet; None where that says nothing."""
    if booking.source is not Source.OWN or booking.state is not BookingState.CONFIRMED or booking.vehicle_id:
        return None
    hold = await occupancy.find_hold(session, booking.id)
    return await occupancy.left_of(session, booking.class_code, hold.stay, besides=booking.id) if hold else None


async def prepare_walk(session: AsyncSession, settings: Settings, booking_id: UUID, actor: Actor) -> Prepared:
    """What suppliers are asked for a booking. Raises NotFound, IllegalState, NotOurFleet."""
    booking = await queries.get_booking(session, booking_id, actor)
    refuse_move(booking, "walk")
    age = rules.age_on(booking.driver_born_on, booking.pickup_local.date()) if booking.driver_born_on else USUAL_AGE
    wanted = Wanted(booking.pickup_location, booking.pickup_local, booking.return_location, booking.return_local, age)
    known = await locations.by_codes(session, {wanted.pickup, wanted.back})
    plan = (await searching.plan_searches(session, settings, [wanted], known))[0]
    agreements = await agreements_on(session, clock.today())
    return Prepared(booking, wanted, plan, known[wanted.pickup], agreements)


async def ask_suppliers(partners: Partners, prepared: Prepared) -> SuppliedResult:
    """Offers of classes that we know, and who has none; no transaction may be open.

    The class that was booked comes first, then those of its size, each the cheapest for us first.
    """
    found = await searching.search(partners, prepared.plan)
    known = [
        Supplied(each, prepared.sold(each.supplier_id, each.offer))
        for each in found.offers
        if acriss.is_known(each.offer.acriss)
    ]
    offers = sorted(known, key=lambda each: _distance(prepared.booking.class_code, each))
    return SuppliedResult(offers, found.absent)


async def intend(
    database: Database, partners: Partners, prepared: Prepared, *, supplier: str, key: str, expected: Money
) -> Intent:
    """A supplier's offer as it is now, to be reserved for the driver of the booking; no transaction may be open.

    `expected` is what it was told to be sold for: how far the supplier's price has moved since is known, and kept, only
    where that is its price. Raises InvalidFields, SupplierSaysNo, PartnerError.
    """
    question = offering.question_for(prepared.plan, supplier)
    offer = await offering.recheck(partners, prepared.plan, question, key)
    if not prepared.sold(question.line.supplier_id, offer).margin.is_net:
        await offering.note_drift(database, prepared.plan, question, expected, offer)
    given, _, surname = prepared.booking.driver_name.rpartition(" ")
    return offering.intent_of(prepared.plan, question, prepared.wanted, offer, prepared.place, (surname, given))


def _rank(each: OwnCandidate) -> tuple[bool, bool, float, int]:
    return each.kind is StandIn.SMALLER, each.kind is not StandIn.SAME, each.km, each.worth.minor if each.worth else 0


def _distance(booked: str, supplied: Supplied) -> tuple[bool, bool, str, int]:
    code, cost = supplied.found.offer.acriss, supplied.cost
    return code != booked, acriss.bucket(code) != acriss.bucket(booked), cost.currency, cost.minor


def _near(here: Location, places: Iterable[Location]) -> list[tuple[float, Location]]:
    """The branch itself, then those near it, with how far they are."""
    around = [(km, place) for place in places if place is not here and (km := _km(here, place)) <= NEAR_KM]
    return [(0.0, here), *sorted(around, key=lambda pair: (pair[0], pair[1].code))[:MOST_BRANCHES]]


def _km(one: Location, other: Location) -> float:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    return kilometres(float(one.latitude), float(one.longitude), float(other.latitude), float(other.longitude))


def _handover(place: Location | None, local: datetime, field: str) -> HandoverTime | None:
    """A handover at a branch, where somebody is there then."""
    try:
        return locations.judge_handover(place, {"location": "", "local": local}, field=field)
    except InvalidFields:
        return None


async def _return_of(session: AsyncSession, booking: Booking) -> HandoverTime | None:
    known = await locations.by_codes(session, {booking.return_location})
    return _handover(known.get(booking.return_location), booking.return_local, "return")


async def _worth(
    session: AsyncSession, booking: Booking, pickup: HandoverTime, back: HandoverTime, class_code: str = ""
) -> Money | None:
    """What a class costs a new customer today for these times, without anything besides; None where nothing says."""
    hire = hire_of(pickup, back, Choices(brand=booking.chosen.brand), booking.driver_born_on)
    try:
        return (await price(session, class_code or booking.class_code, hire, is_guarded=False)).total
    except (NoPrice, InvalidFields):
        return None
