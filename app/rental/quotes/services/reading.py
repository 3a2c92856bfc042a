"""A search as it is now: offers of all sources beside each other, and who has nothing, with the reason."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import NotFound
from app.core.values import UNSET, Maybe, MoneyValue, timestamp
from app.kit.money import Money
from app.rental.exchange_rates.rules import BRIDGE, Rate, Rates, convert
from app.rental.quotes import queries
from app.rental.quotes.models import CarSearch, SearchAnswer
from app.rental.quotes.rules import OWN, Filters, Reason, by_total
from app.rental.quotes.schemas.searches import (
    Answered,
    CarChange,
    CarExclusion,
    CarGroup,
    CarOffer,
    CarSearchItem,
    ConversionRate,
    KeptOffer,
    SourceProgress,
    value_of,
)
from app.rental.suppliers.rules import Absence

BUCKET_WORDS = {
    "small": "Small", "medium": "Medium", "large": "Large", "premium": "Premium", "estate": "Estate",
    "convertible": "Convertible", "people_carrier": "People carrier",
}  # fmt: skip
LATE_WORDS = "No answer before the deadline"


async def read_search(
    session: AsyncSession, search_id: UUID, actor: Actor, filters: Filters | None = None
) -> CarSearchItem:
    """How far it is. Raises NotFound for none, one that is too old, and one outside the scope."""
    search = await queries.get_search(session, search_id, actor)
    now = await read_database_time(session)
    if search.expires_at <= now:
        raise NotFound("This search is too old: prices and cars have changed.")
    answers = await queries.list_answers(session, search.id)
    return search_item(search, answers, is_over=search.deadline_at <= now, filters=filters or Filters())


async def find_offer(
    session: AsyncSession, search_id: UUID, offer_id: str, actor: Actor
) -> tuple[CarSearch, KeptOffer]:
    """An offer of a search. Raises NotFound."""
    search = await queries.get_search(session, search_id, actor)
    if search.expires_at <= await read_database_time(session):
        raise NotFound("This search is too old: prices and cars have changed.")
    source = offer_id.partition(".")[0]
    for each in await queries.list_answers(session, search.id):
        if each.source == source and each.content is not None:
            for kept in msgspec.convert(each.content, Answered).offers:
                if kept.offer.id == offer_id:
                    return search, kept
    raise NotFound("There is no such offer in this search.")


def search_item(
    search: CarSearch, answers: Sequence[SearchAnswer], *, is_over: bool, filters: Filters
) -> CarSearchItem:
    """A search with its answers as the API shows it."""
    read = [(each, None if each.content is None else msgspec.convert(each.content, Answered)) for each in answers]
    comparison = comparison_of(search)
    offers = [
        comparison.of_offer(kept.offer)
        for _, answered in read
        if answered
        for kept in answered.offers
        if filters.take(kept.offer.class_code, kept.offer.source)
    ]
    excluded = [each for _, answered in read if answered for each in answered.excluded]
    late = [_late(each) for each, answered in read if answered is None and is_over]
    return CarSearchItem(
        id=str(search.id),
        market=search.market,
        currency=search.currency,
        partial=not is_over and any(answered is None or answered.is_trying for _, answered in read),
        deadline_at=timestamp(search.deadline_at),
        expires_at=timestamp(search.expires_at),
        pickup=search.question["pickup"],
        back=search.question["return"],
        locations=search.locations,
        notes=search.notes,
        offers=len(offers),
        groups=groups_of(offers),
        sources=[_progress(each, answered, is_over=is_over) for each, answered in read],
        excluded=[comparison.of_exclusion(each) for each in _elsewhere(sorted([*excluded, *late], key=_order), offers)],
        conversion_rates=comparison.used_by([offer.total for offer in offers]),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What amounts are compared in and by: the rates that were kept with a search, as old as they were then."""

    currency: str
    rates: Rates
    day: date

    def of_offer(self, offer: CarOffer) -> CarOffer:
        """An offer with its total in the currency that is compared in, and an honest word on it."""
        words = self.words(offer.total)
        note = f"{offer.note}. {words}" if words and isinstance(offer.note, str) else words or offer.note
        return msgspec.structs.replace(offer, compared=self.value(offer.total), note=note)

    def of_exclusion(self, excluded: CarExclusion) -> CarExclusion:
        """What a change would cost, compared as offers are."""
        change = excluded.change
        if not isinstance(change, CarChange) or not isinstance(change.total, MoneyValue):
            return excluded
        changed = msgspec.structs.replace(change, compared=self.value(change.total))
        return msgspec.structs.replace(excluded, change=changed)

    def value(self, total: MoneyValue) -> Maybe[MoneyValue]:
        """An amount as it is compared; nothing where a rate is missing or too old."""
        found = convert(total.to_money(), self.currency, self.rates, self.day).amount
        return UNSET if found is None else value_of(found)

    def words(self, total: MoneyValue) -> str:
        """By what an amount is compared, or why it is not."""
        if total.currency == self.currency:
            return ""
        found = convert(total.to_money(), self.currency, self.rates, self.day)
        if found.amount is not None:
            oldest = min(rate.valid_from for rate in found.used)
            return f"Compared at the rate of {oldest}; charged in {total.currency}"
        if found.stale is not None:
            old = f"{(self.day - found.stale.valid_from).days} days old"
            return f"The rate from {total.currency} to {self.currency} is {old}: not compared, shown last"
        return f"No exchange rate from {total.currency} to {self.currency}: not comparable, shown last"

    def used_by(self, totals: Iterable[MoneyValue]) -> list[ConversionRate]:
        """The rates by which these are compared, or would be if they were not too old."""
        found = {
            rate.pair: rate
            for total in totals
            for rate in convert(total.to_money(), self.currency, self.rates, self.day).used
        }
        return [
            ConversionRate(
                rate.base, rate.currency, f"{rate.rate.normalize():f}", rate.valid_from.isoformat(), rate.source,
                rate.is_stale(self.day),
            )
            for _, rate in sorted(found.items())
        ]  # fmt: skip


def comparison_of(search: CarSearch) -> Comparison:
    """What the totals of a search are compared in and by."""
    rates = [
        Rate(
            each.get("base", BRIDGE),
            each["currency"],
            Decimal(each.get("rate") or each["per_euro"]),
            date.fromisoformat(each["valid_from"]),
            each.get("source", ""),
        )
        for each in search.rates
    ]
    return Comparison(search.currency, {rate.pair: rate for rate in rates}, search.created_at.date())


def groups_of(offers: Sequence[CarOffer]) -> list[CarGroup]:
    """Offers by bucket, each group by total, the group with the cheapest first."""
    known = {offer.id: offer for offer in offers}
    grouped: dict[str, list[CarOffer]] = defaultdict(list)
    for key in by_total({offer.id: _compared_money(offer) for offer in offers}):
        grouped[known[key].bucket].append(known[key])
    return [CarGroup(bucket, BUCKET_WORDS[bucket], several) for bucket, several in grouped.items()]


def _compared_money(offer: CarOffer) -> Money | None:
    return None if offer.compared is UNSET else offer.compared.to_money()  # pyright: ignore


def _progress(answer: SearchAnswer, answered: Answered | None, *, is_over: bool) -> SourceProgress:
    if answered is None:
        state = "late" if is_over else "waiting"
    elif answered.is_trying and not is_over:
        state = "trying"
    elif answered.offers or answer.source == OWN:
        state = "answered"
    else:
        state = "late" if any(each.reason == Absence.LATE for each in answered.excluded) else "absent"
    offers = len(answered.offers) if answered else 0
    return SourceProgress(answer.source, answer.source_name, answer.pickup_location, state, offers, answer.milliseconds)


def _late(answer: SearchAnswer) -> CarExclusion:
    return CarExclusion(
        answer.source, answer.source_name, answer.pickup_location, Absence.LATE.value, detail=LATE_WORDS
    )


def _elsewhere(excluded: Iterable[CarExclusion], offers: Sequence[CarOffer]) -> list[CarExclusion]:
    """A supplier without an offer at one branch may have some at another one of the search: that was tried, too."""
    cheapest: dict[str, CarOffer] = {}
    for group in groups_of(offers):
        for offer in group.offers:
            best = cheapest.get(offer.source)
            if best is None or (_minor(offer), offer.id) < (_minor(best), best.id):
                cheapest[offer.source] = offer
    return [
        msgspec.structs.replace(each, change=_change_to(cheapest[each.source]))
        if each.source != OWN
        and each.source in cheapest
        and cheapest[each.source].pickup_location != each.pickup_location
        else each
        for each in excluded
    ]


def _order(each: CarExclusion) -> tuple[bool, bool, str, str, str]:
    """Suppliers first, then classes that the branch has, then those that it never had."""
    code = each.class_code if isinstance(each.class_code, str) else ""
    return (each.source == OWN, each.reason == Reason.NO_VEHICLE, each.source, code, each.pickup_location)


def _minor(offer: CarOffer) -> int:
    money = _compared_money(offer)
    return offer.total.to_money().minor if money is None else money.minor


def _change_to(offer: CarOffer) -> CarChange:
    return CarChange(pickup_location=offer.pickup_location, class_code=offer.class_code, total=offer.total)
