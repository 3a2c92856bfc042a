"""A search as it is now: offers of all sources beside each other, and who has nothing, with the reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import NotFound
from app.core.values import UNSET, timestamp
from app.kit.money import Money
from app.rental.quotes import queries
from app.rental.quotes.models import CarSearch, SearchAnswer
from app.rental.quotes.rules import OWN, Filters, Rate, Reason, by_total, convert
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
    rates = rates_of(search)
    offers = [
        compared(kept.offer, search.currency, rates)
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
        partial=not is_over and any(answered is None for _, answered in read),
        deadline_at=timestamp(search.deadline_at),
        expires_at=timestamp(search.expires_at),
        pickup=search.question["pickup"],
        back=search.question["return"],
        locations=search.locations,
        notes=search.notes,
        offers=len(offers),
        groups=groups_of(offers),
        sources=[_progress(each, answered, is_over=is_over) for each, answered in read],
        excluded=_elsewhere(sorted([*excluded, *late], key=_order), offers),
        conversion_rates=_rates_used(offers, search.currency, rates),
    )


def rates_of(search: CarSearch) -> dict[str, Rate]:
    """The exchange rates that were kept with a search."""
    return {
        each["currency"]: Rate(each["currency"], Decimal(each["per_euro"]), date.fromisoformat(each["valid_from"]))
        for each in search.rates
    }


def compared(offer: CarOffer, currency: str, rates: Mapping[str, Rate]) -> CarOffer:
    """An offer with its total in the currency that is compared in, and an honest word on it."""
    total = offer.total.to_money()
    found = convert(total, currency, rates)
    if total.currency == currency:
        return msgspec.structs.replace(offer, compared=offer.total)
    words = (
        f"Compared at the rate of {rates[total.currency].valid_from}; charged in {total.currency}"
        if found is not None and total.currency in rates
        else f"Compared in {currency}; charged in {total.currency}"
        if found is not None
        else f"No exchange rate from {total.currency} to {currency}: not comparable, shown last"
    )
    note = f"{offer.note}. {words}" if isinstance(offer.note, str) else words
    return msgspec.structs.replace(offer, compared=UNSET if found is None else value_of(found), note=note)


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


def _rates_used(offers: Iterable[CarOffer], currency: str, rates: Mapping[str, Rate]) -> list[ConversionRate]:
    others = {offer.total.currency for offer in offers} - {currency}
    used = sorted(rates.keys() & (others | {currency})) if others else []
    return [
        ConversionRate(code, f"{rates[code].per_euro.normalize():f}", rates[code].valid_from.isoformat())
        for code in used
    ]
