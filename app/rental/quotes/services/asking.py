"""From what is asked to what is searched: branches, wall times, filters, each found right or named as wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.values import UNSET
from app.kit import acriss
from app.kit.distances import kilometres
from app.kit.hire_pricing.days import time_between
from app.kit.markets import MARKETS
from app.kit.money import EXPONENTS
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of, read_local
from app.rental.bookings.rules import LATEST_BACKDATING
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.occupancy.rules import check_stay
from app.rental.quotes import queries
from app.rental.quotes.rules import Filters
from app.rental.quotes.schemas.searches import MOST_BRANCHES, NewCarSearch, SearchPoint

NEIGHBOURS = 4
NEIGHBOUR_KM = 60
KM_PER_DEGREE = 111.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched. `neighbours` are branches nearby that a change may lead to; nobody asked for them."""

    pickup_local: datetime
    return_local: datetime
    places: Sequence[Location]
    back: Location | None
    neighbours: Sequence[Location]
    driver_age: int
    residence: str
    product: str
    currency: str
    filters: Filters
    notes: Sequence[str] = ()

    @property
    def market(self) -> str:
        return self.places[0].market

    @property
    def codes(self) -> list[str]:
        return [place.code for place in self.places]

    def returned_at(self, place: Location) -> Location:
        """Where a car of a branch comes back."""
        return self.back or place


async def read_question(session: AsyncSession, asked: NewCarSearch, actor: Actor) -> Question:
    """Raises InvalidFields that name what is wrong."""
    problems: list[Problem] = []
    pickup_local = _local(asked.pickup.local, "pickup.local", problems)
    return_local = _local(asked.back.local, "return.local", problems)
    filters = _filters(asked, problems)
    places, notes = await _places(session, asked, actor, problems)
    back = await _back(session, asked, problems)
    currency = asked.currency if isinstance(asked.currency, str) else ""
    if currency and currency not in EXPONENTS:
        problems.append(Problem("currency", "unknown_value", "Not a currency of ISO 4217"))
    if not problems and pickup_local and return_local:
        problems = _check_times(pickup_local, return_local, places, back)
    if problems or not pickup_local or not return_local:
        raise InvalidFields(problems)
    return Question(
        pickup_local=pickup_local,
        return_local=return_local,
        places=places,
        back=back,
        neighbours=await _neighbours(session, places, actor),
        driver_age=asked.driver_age,
        residence=asked.residence if isinstance(asked.residence, str) else "",
        product=asked.promo.upper() if isinstance(asked.promo, str) else "",
        currency=currency or MARKETS[places[0].market].currency,
        filters=filters,
        notes=notes,
    )


def distance(one: Location, other: Location) -> float:
    """Kilometres between two branches; far away when nobody knows where one is."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    return kilometres(float(one.latitude), float(one.longitude), float(other.latitude), float(other.longitude))


def _local(text: str, field: str, problems: list[Problem]) -> datetime | None:
    try:
        return read_local(text)
    except NoSuchTime as error:
        problems.append(Problem(field, "malformed", str(error)))
        return None


def _filters(asked: NewCarSearch, problems: list[Problem]) -> Filters:
    given = asked.filters
    patterns: list[str] = []
    for place, pattern in enumerate(given.classes):
        try:
            patterns.append(acriss.parse_pattern(pattern))
        except acriss.AcrissError as error:
            problems.append(Problem(f"filters.classes.{place}", "malformed", str(error)))
    transmission = given.transmission if isinstance(given.transmission, str) else ""
    return Filters(frozenset(given.buckets), transmission, tuple(patterns), frozenset(given.sources))


async def _places(
    session: AsyncSession, asked: NewCarSearch, actor: Actor, problems: list[Problem]
) -> tuple[list[Location], list[str]]:
    """The branches of the pick-up, the nearest or first ten of them, and what is to be said of that."""
    pickup = asked.pickup
    if sum(given is not UNSET for given in (pickup.locations, pickup.city, pickup.near)) != 1:
        problems.append(Problem("pickup", "invalid", "Either locations, a city or a point"))
        return [], []
    if isinstance(pickup.locations, list):
        return await _named(session, pickup.locations, actor, problems), []
    if isinstance(pickup.near, SearchPoint):
        found, field = await _around(session, pickup.near, actor), "pickup.near"
    else:
        found, field = await queries.list_places(session, actor, city=str(pickup.city).strip()), "pickup.city"
    if not found:
        problems.append(Problem(field, "unknown_location", "There is no branch of yours"))
    cut = f"The {MOST_BRANCHES} nearest of {len(found)} branches were asked."
    return found[:MOST_BRANCHES], [cut] if len(found) > MOST_BRANCHES else []


async def _named(session: AsyncSession, codes: Sequence[str], actor: Actor, problems: list[Problem]) -> list[Location]:
    known = await locations.by_codes(session, set(codes))
    found: list[Location] = []
    for number, code in enumerate(dict.fromkeys(codes)):
        place = known.get(code)
        if place is None or not place.is_active or not actor.sees(market=place.market, branch=place.code):
            problems.append(Problem(f"pickup.locations.{number}", "unknown_location", f"There is no location {code}"))
        else:
            found.append(place)
    return found


async def _around(session: AsyncSession, point: SearchPoint, actor: Actor) -> list[Location]:
    box = _box(point.latitude, point.longitude, point.radius_km)
    near = [
        (kilometres(point.latitude, point.longitude, float(place.latitude), float(place.longitude)), place)
        for place in await queries.list_places(session, actor, box=box)
        if place.latitude is not None and place.longitude is not None
    ]
    ordered = sorted(near, key=lambda each: (each[0], each[1].code))
    return [place for away, place in ordered if away <= point.radius_km]


async def _back(session: AsyncSession, asked: NewCarSearch, problems: list[Problem]) -> Location | None:
    code = asked.back.location
    if not isinstance(code, str):
        return None
    place = (await locations.by_codes(session, {code})).get(code)
    if place is None or not place.is_active:
        problems.append(Problem("return.location", "unknown_location", f"There is no location {code}"))
        return None
    return place


async def _neighbours(session: AsyncSession, places: Sequence[Location], actor: Actor) -> list[Location]:
    """The nearest branches besides those that are searched, in the same market."""
    middle = places[0]
    if middle.latitude is None or middle.longitude is None:
        return []
    box = _box(float(middle.latitude), float(middle.longitude), NEIGHBOUR_KM)
    searched = {place.code for place in places}
    found = [
        place
        for place in await queries.list_places(session, actor, box=box)
        if place.code not in searched and place.market == middle.market and distance(middle, place) <= NEIGHBOUR_KM
    ]
    return sorted(found, key=lambda place: (distance(middle, place), place.code))[:NEIGHBOURS]


def _box(latitude: float, longitude: float, radius_km: float) -> tuple[float, float, float, float]:
    """South, west, north and east of a circle."""
    up = radius_km / KM_PER_DEGREE
    across = up / max(0.01, math.cos(math.radians(latitude)))
    return latitude - up, longitude - across, latitude + up, longitude + across


def _check_times(
    pickup_local: datetime, return_local: datetime, places: Sequence[Location], back: Location | None
) -> list[Problem]:
    for place in places:
        there = back or place
        time = time_between(pickup_local, place.time_zone, return_local, there.time_zone)
        if isinstance(time, Problem):
            return [time]
        pickup_at, return_at = moment_of(pickup_local, place.time_zone), moment_of(return_local, there.time_zone)
        if pickup_at < clock.now() - LATEST_BACKDATING:
            return [Problem("pickup.local", "out_of_range", "The pick-up is over")]
        if found := check_stay(pickup_at, return_at):
            return found
    return []
