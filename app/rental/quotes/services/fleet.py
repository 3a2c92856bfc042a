"""Our own fleet in a search: what is read once, and whether a class is to be had for a hire, or all against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.kit.calendars import public_holidays
from app.kit.hire_pricing.card_prices import price_by_card
from app.kit.hire_pricing.days import HireTime, NoPrice, time_between
from app.kit.hire_pricing.prices import HirePrice, price_hire
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of
from app.rental.bookings.rules import LATEST_BACKDATING, Choices
from app.rental.bookings.services import pricing
from app.rental.locations import rules as hours
from app.rental.locations.models import Location
from app.rental.locations.rules import Handover
from app.rental.locations.services import HandoverTime
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.rules import Counted, Stay, Stock
from app.rental.quotes.rules import FARTHEST, Hire, Reason, Refusal
from app.rental.quotes.services.asking import Question
from app.rental.quotes.services.prices import ByCard, PriceBook, Rate, read_prices
from app.rental.rates import rules as rates

AROUND = FARTHEST + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """A class that is to be had, at its price."""

    hire: Hire
    counted: Counted
    price: HirePrice
    rate: Rate
    has_product: bool


@dataclass(frozen=True, slots=True)
class _End:
    at: HandoverTime
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class _Ends:
    pickup: _End
    back: _End
    time: HireTime
    stay: Stay


@dataclass(slots=True)
class Fleet:
    """Everything of our own that a search needs. Asking it costs no query, so that changes can be tried."""

    now: datetime
    places: Mapping[str, Location]
    stock: Stock
    prices: PriceBook
    _ends: dict[Any, _End | None] = field(default_factory=dict[Any, "_End | None"])
    _hires: dict[Any, _Ends | None] = field(default_factory=dict[Any, "_Ends | None"])
    _guards: dict[Any, list[Refusal]] = field(default_factory=dict[Any, "list[Refusal]"])

    def judge(self, hire: Hire) -> Offered | list[Refusal] | None:
        """What is offered, or what stands against it; None for a hire that cannot be: its times make none.

        A price is looked for only where nothing else stands against it.
        """
        ends = self._between(hire)
        if ends is None:
            return None
        refusals = [end.refusal for end in (ends.pickup, ends.back) if end.refusal]
        rate = self.prices.rate(self.places[hire.pickup], hire.class_code, hire.pickup_local.date())
        has_product = isinstance(rate, ByCard) and hire.product in rate.card.products
        choices = Choices(product=hire.product if has_product else "")
        priced = pricing.Hire(ends.pickup.at, ends.back.at, choices, hire.driver_age)
        if isinstance(rate, ByCard):
            refusals += self._guarded(rate, hire, priced, ends.time)
        counted = self.stock.count(ends.stay, hire.class_code)
        refusals += _without_stock(counted, ends.stay)
        if rate is None:
            return [*refusals, Refusal(Reason.NO_PRICE)]
        if refusals:
            return refusals
        price = _price(rate, priced, ends.time)
        return [price] if isinstance(price, Refusal) else Offered(hire, counted, price, rate, has_product)

    def local_now(self, code: str) -> datetime:
        """What the clocks of a branch show."""
        return self.now.astimezone(ZoneInfo(self.places[code].time_zone)).replace(tzinfo=None)

    def is_open(self, code: str, local: datetime) -> bool:
        """Whether a branch hands over at a wall time."""
        end = self._end(code, local, is_pickup=True)
        return end is not None and end.refusal is None

    def opening_after(self, code: str, local: datetime) -> datetime | None:
        """When a branch opens next."""
        place = self.places[code]
        return hours.next_opening(place.hours, public_holidays(place.country), local)

    def _end(self, code: str, local: datetime, *, is_pickup: bool) -> _End | None:
        key = (code, local, is_pickup)
        if key not in self._ends:
            self._ends[key] = _end_of(self.places[code], local, is_pickup=is_pickup)
        return self._ends[key]

    def _between(self, hire: Hire) -> _Ends | None:
        """Both ends of a hire, how long it is and what it holds; None when its times make no hire, or none to try."""
        key = (hire.pickup, hire.pickup_local, hire.back, hire.return_local)
        if key not in self._hires:
            self._hires[key] = self._find_between(hire)
        return self._hires[key]

    def _find_between(self, hire: Hire) -> _Ends | None:
        pickup = self._end(hire.pickup, hire.pickup_local, is_pickup=True)
        back = self._end(hire.back, hire.return_local, is_pickup=False)
        zones = self.places[hire.pickup].time_zone, self.places[hire.back].time_zone
        time = time_between(hire.pickup_local, zones[0], hire.return_local, zones[1])
        if pickup is None or back is None or isinstance(time, Problem):
            return None
        stay = occupancy.stay_between(pickup.at, back.at)
        is_known = pickup.at.at >= self.now - LATEST_BACKDATING and stay.free_at <= self.stock.until
        return _Ends(pickup, back, time, stay) if is_known else None

    def _guarded(self, rate: ByCard, hire: Hire, priced: pricing.Hire, time: HireTime) -> list[Refusal]:
        """What the guards of a card say: the same for every class that it prices."""
        snapshot = rate.snapshot
        key = (snapshot.card_id, snapshot.version_number, hire.pickup, hire.pickup_local, hire.back, hire.return_local,
               hire.driver_age)  # fmt: skip
        if key not in self._guards:
            guards, name = snapshot.terms.guards, snapshot.card_name
            self._guards[key] = [
                Refusal(Reason(each.field), f"{each.detail}, by the rate card {name}", getattr(guards, each.field))
                for each in rates.refusals(guards, pricing.asked_of(priced, time, self.now))
            ]
        return self._guards[key]


async def read_fleet(session: AsyncSession, reads: ReadPool, question: Question, now: datetime) -> Fleet:
    """Read what the search and the changes around it need, in a fixed number of queries."""
    places = {place.code: place for place in (*question.places, *question.neighbours)}
    if question.back is not None:
        places.setdefault(question.back.code, question.back)
    latest = max(moment_of(question.return_local, question.returned_at(place).time_zone) for place in question.places)
    stock = await occupancy.stock_of(session, set(places), latest + AROUND)
    classes = {code: stock.classes_at(code) for code in places}
    day = question.pickup_local.date()
    prices = await read_prices(session, reads, places.values(), classes, (day, day), FARTHEST)
    return Fleet(now, places, stock, prices)


def _end_of(place: Location, local: datetime, *, is_pickup: bool) -> _End | None:
    try:
        moment = moment_of(local, place.time_zone)
    except NoSuchTime:
        return None
    holidays = public_holidays(place.country)
    found = hours.handover(place.hours, holidays, local, allows_out_of_hours=place.allows_out_of_hours)
    at = HandoverTime(place, local, moment, found is Handover.OUT_OF_HOURS)
    if found is not Handover.CLOSED:
        return _End(at, None)
    opening = hours.next_opening(place.hours, holidays, local)
    when = f"{place.name} opens on {opening:%a %-d %b at %H:%M}" if opening else f"{place.name} has no opening hours"
    return _End(at, Refusal(Reason.CLOSED_AT_PICKUP if is_pickup else Reason.CLOSED_AT_RETURN, when, opening))


def _without_stock(counted: Counted, stay: Stay) -> Sequence[Refusal]:
    if counted.left > 0:
        return ()
    numbers = {
        "vehicles": counted.vehicles,
        "free": counted.free,
        "promised": counted.promised,
        "overbooking_limit": counted.overbooking_limit,
        **{obstacle.value: number for obstacle, number in counted.obstacles.items()},
    }
    if counted.vehicles == 0:
        return (Refusal(Reason.NO_VEHICLE, f"None at {stay.pickup_location}", numbers=numbers),)
    words = f"{counted.free} of {counted.vehicles} free, {counted.promised} promised"
    beyond = f", {counted.overbooking_limit} beyond the fleet" if counted.overbooking_limit else ""
    return (Refusal(Reason.SOLD_OUT, words + beyond, numbers=numbers),)


def _price(rate: Rate, hire: pricing.Hire, time: HireTime) -> HirePrice | Refusal:
    try:
        if isinstance(rate, ByCard):
            return price_by_card(rate.card, pricing.card_hire(hire, time))
        return price_hire(rate.tariff, time)
    except NoPrice as error:
        return Refusal(Reason.NO_LENGTH, str(error))
