"""What every class costs at some branches on some days, read once for a whole search."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.kit.hire_pricing.card_prices import Card
from app.kit.hire_pricing.card_terms import Snapshot
from app.kit.hire_pricing.reading import Reading, Tariff
from app.kit.hire_pricing.terms import BlockTerms, RateTerms
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.quotes import queries
from app.rental.rates import rules as rates_rules
from app.rental.rates import services as rates
from app.rental.rates.services import DatedCard


@dataclass(frozen=True, slots=True)
class ByCard:
    """A class that a rate card prices."""

    snapshot: Snapshot
    card: Card


@dataclass(frozen=True, slots=True)
class ByDay:
    """A class that has a day price alone."""

    tariff: Tariff


Rate = ByCard | ByDay


@dataclass(slots=True)
class PriceBook:
    """Cards by market, day prices by branch and by market."""

    cards: Mapping[str, Sequence[DatedCard]]
    day_prices: Mapping[tuple[str, str], Money]
    _known: dict[tuple[str, str, date], Rate | None] = field(default_factory=dict[tuple[str, str, date], "Rate | None"])
    by_version: dict[tuple[str, int], ByCard] = field(default_factory=dict[tuple[str, int], ByCard])

    def rate(self, place: Location, class_code: str, day: date) -> Rate | None:
        """What prices a class at a branch on a day of pick-up: the card in force, else the lowest day price."""
        key = (place.code, class_code, day)
        if key not in self._known:
            self._known[key] = self._find(place, class_code, day)
        return self._known[key]

    def _find(self, place: Location, class_code: str, day: date) -> Rate | None:
        on_day = (each.card for each in self.cards.get(place.market, ()) if each.prices(day))
        chosen = rates_rules.choose(on_day, branch=place.code, code=class_code)
        if chosen is not None:
            return self._priced_by(chosen.snapshot)
        price = self.day_prices.get((place.code, class_code)) or self.day_prices.get((place.market, class_code))
        return None if price is None else ByDay(day_tariff(price))

    def _priced_by(self, snapshot: Snapshot) -> ByCard:
        key = (snapshot.card_id, snapshot.version_number)
        if key not in self.by_version:
            self.by_version[key] = ByCard(snapshot, rates.card_to_price(snapshot))
        return self.by_version[key]


def day_tariff(price: Money) -> Tariff:
    """A day price as a rate."""
    return Reading(price.currency).tariff(RateTerms(blocks=[BlockTerms(1, price.amount)]))


async def read_prices(
    session: AsyncSession,
    reads: ReadPool,
    places: Collection[Location],
    classes: Mapping[str, Iterable[str]],
    days: tuple[date, date],
    around: timedelta,
) -> PriceBook:
    """All that prices these classes by branch for pick-ups between two days, and so long before and after."""
    markets = sorted({place.market for place in places})
    dated = await rates.rates_between(reads, markets, days[0] - around, days[1] + around)
    cards = {market: [each for each in dated if each.card.snapshot.market == market] for market in markets}
    book = PriceBook(cards, {})
    without = {
        code
        for place in places
        for code in classes.get(place.code, ())
        if not isinstance(book.rate(place, code, days[0]), ByCard)
    }
    if not without:
        return book
    at_branches = await queries.list_day_prices(session, without, locations={place.code for place in places})
    left = without - {code for _, code in at_branches}
    in_markets = await queries.list_day_prices(session, left, markets=markets) if left else {}
    return PriceBook(cards, at_branches | in_markets, by_version=book.by_version)
