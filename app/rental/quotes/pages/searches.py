"""The counter's search: one line that asks, offers by bucket, who still answers, and why there is no car."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from app.core.filters import money
from app.core.values import UNSET
from app.kit import acriss
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.hire_pricing.marks import line_name
from app.rental.locations.services import DELIVERY_WORDS
from app.rental.quotes.forms import CITY, AskForm, OfferForm
from app.rental.quotes.rules import OWN
from app.rental.quotes.schemas.searches import (
    CarChange,
    CarExclusion,
    CarOffer,
    CarSearchItem,
    ConversionRate,
    SourceProgress,
)
from app.rental.quotes.services.reading import BUCKET_WORDS

FILTERS = ("bucket", "transmission", "source", "delivery")
POLL_MILLISECONDS = 500
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One offer in the list."""

    id: str
    href: str
    offer: CarOffer
    total: str
    compared: str
    badges: list[str]
    note: str
    left: str


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The offers of a bucket, and the cheapest of them."""

    bucket: str
    words: str
    cheapest: str
    rows: list[OfferRow]


@dataclass(frozen=True, slots=True)
class WhyRow:
    """Somebody, or a class, without an offer."""

    source: str
    location: str
    code: str
    words: str
    detail: str
    change: str
    without: str
    total: str
    compared: str
    href: str


@dataclass(frozen=True, slots=True)
class FilterMenu:
    """A filter over the offers: its options as value, words and number."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Results:
    """What was found so far."""

    id: str
    address: str
    search: CarSearchItem
    groups: list[GroupRows]
    why: list[WhyRow]
    sources: list[SourceProgress]
    waiting: int
    menus: list[FilterMenu]
    title: str
    shown: int
    rates: str
    poll: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The whole page; without results before anybody has searched."""

    form: AskForm
    places: list[tuple[str, str]]
    locations: list[tuple[str, str]]
    results: Results | None
    can_quote: bool


@dataclass(frozen=True, slots=True)
class OfferPage:
    """An offer's price line by line, and what may be taken with it."""

    search_id: str
    row: OfferRow
    form: OfferForm
    covers: list[tuple[str, str]]
    extras: list[tuple[str, str]]
    products: list[tuple[str, str]]
    driver_words: str
    can_quote: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """The lines of some offers beside each other."""

    search_id: str
    rows: list[OfferRow]
    lines: list[tuple[str, list[str]]]


def usual_form(given: Mapping[str, str], place: str, now_there: datetime) -> AskForm:
    """What the address says; without times, three days from ten tomorrow."""
    start = (now_there + timedelta(days=1)).replace(hour=10, minute=0)
    usual = {
        "place": place,
        "pickup_local": f"{start:%Y-%m-%dT%H:%M}",
        "return_local": f"{start + timedelta(days=3):%Y-%m-%dT%H:%M}",
        "driver_age": "30",
    }
    return AskForm.of({**usual, **{name: value for name, value in given.items() if value}})


def form_of(search: CarSearchItem, question: Mapping[str, Any]) -> AskForm:
    """The form as it was sent."""
    pickup, back = question["pickup"], question["return"]
    city, codes = pickup.get("city"), pickup.get("locations") or search.locations
    return AskForm.of(
        {
            "place": f"{CITY}{city}" if city else codes[0],
            "pickup_local": pickup["local"],
            "return_location": back.get("location"),
            "return_local": back["local"],
            "driver_age": question.get("driver_age"),
            "residence": question.get("residence"),
            "promo": question.get("promo"),
            "currency": question.get("currency"),
            "class_code": next(iter((question.get("filters") or {}).get("classes") or ()), None),
            "replaces_booking_id": question.get("replaces_booking_id"),
        }
    )


def place_choices(branches: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Branches (code, name, city) for the menu; cities with several of them come before."""
    cities: dict[str, int] = {}
    for _, _, city in branches:
        cities[city] = cities.get(city, 0) + 1
    together = [(f"{CITY}{city}", f"{city}, all {count}") for city, count in sorted(cities.items()) if count > 1]
    return together + [(code, f"{code} {name}") for code, name, _ in branches]


def results_of(search: CarSearchItem, chosen: Mapping[str, str], hire: Mapping[str, str]) -> Results:
    """What is shown: the filters leave offers out, and tell of those that are there."""
    offers = [offer for group in search.groups for offer in group.offers]
    menus = _menus(offers, chosen)
    groups = [
        GroupRows(group.bucket, group.words, rows[0].compared or rows[0].total, rows)
        for group in search.groups
        if (rows := [offer_row(search.id, offer) for offer in group.offers if _is_wanted(offer, chosen)])
    ]
    query = urlencode({name: value for name, value in chosen.items() if value})
    waiting = sum(each.state in ("waiting", "trying") for each in search.sources)
    shown = sum(len(group.rows) for group in groups)
    return Results(
        id=search.id,
        address=f"/car-searches/{search.id}" + (f"?{query}" if query else ""),
        search=search,
        groups=groups,
        why=[_why(each, search, hire) for each in search.excluded],
        sources=[each for each in search.sources if each.source != OWN],
        waiting=waiting,
        menus=menus,
        title=f"{shown} of {len(offers)}" if shown != len(offers) else str(shown),
        shown=shown,
        rates="; ".join(rate_words(rate) for rate in search.conversion_rates),
        poll=POLL_MILLISECONDS if search.partial else 0,
    )


def rate_words(rate: ConversionRate) -> str:
    """`1 EUR = 11.42 SEK since 2026-11-25, European Central Bank`."""
    old = ", too old to compare by" if rate.is_stale else ""
    source = f", {rate.source}" if rate.source else ""
    return f"1 {rate.base} = {rate.rate} {rate.currency} since {rate.valid_from}{source}{old}"


def offer_row(search_id: str, offer: CarOffer) -> OfferRow:
    """One offer in words."""
    is_other = offer.compared is not UNSET and offer.compared != offer.total
    return OfferRow(
        id=offer.id,
        href=f"/car-searches/{search_id}/offers/{offer.id}",
        offer=offer,
        total=money(offer.total),
        compared=money(offer.compared) if is_other else "",  # pyright: ignore
        badges=_badges(offer),
        note=offer.note if isinstance(offer.note, str) else "",
        left=f"{offer.left} left" if isinstance(offer.left, int) else "",
    )


def offer_page(
    search_id: str, offer: CarOffer, terms: CardTerms | None, form: OfferForm, *, can_quote: bool, error: str = ""
) -> OfferPage:
    """An offer, and what its rate card has besides."""
    currency = offer.total.currency
    driver = terms.additional_driver if terms else None
    return OfferPage(
        search_id=search_id,
        row=offer_row(search_id, offer),
        form=form,
        covers=[
            (
                cover.code,
                f"{line_name(cover.code)}: {cover.price} {currency} per {cover.per.value}, excess {cover.excess}",
            )
            for cover in (terms.covers if terms else ())
            if cover.price is not None
        ],
        extras=[
            (extra.code, f"{line_name(extra.code)}: {extra.price} {currency} per {extra.per.value}")
            for extra in (terms.extras if terms else ())
        ],
        products=[
            (product.code, f"{line_name(product.code)} {product.adjustment_percent or 0} %")
            for product in (terms.products if terms else ())
        ],
        driver_words=f"{driver.price} {currency} per {driver.per.value}" if driver else "",
        can_quote=can_quote,
        error=error,
    )


def comparison_page(search_id: str, offers: Sequence[CarOffer]) -> ComparisonPage:
    """Line by line; the same code of one offer twice is added up."""
    codes = list(dict.fromkeys(line.code for offer in offers for line in offer.lines))
    lines = [(code, [_amount_of(offer, code) for offer in offers]) for code in codes]
    return ComparisonPage(search_id, [offer_row(search_id, offer) for offer in offers], lines)


def _amount_of(offer: CarOffer, code: str) -> str:
    found = [line for line in offer.lines if line.code == code]
    if not found:
        return "-"
    return "included" if all(line.is_included for line in found) else ", ".join(money(line.amount) for line in found)


def _badges(offer: CarOffer) -> list[str]:
    km = f"{offer.included_km} km" if isinstance(offer.included_km, int) else ""
    badges = [
        DELIVERY_WORDS[offer.delivery] if isinstance(offer.delivery, str) else "",
        "unlimited km" if offer.has_unlimited_km else km,
        "km doubtful" if offer.is_mileage_doubtful else "",
        "" if offer.is_tax_included else "plus tax, in the total",
        *(f"{cover.code} included" for cover in offer.covers),
        f"deposit {money(offer.deposit)}" if offer.deposit is not UNSET else "",  # pyright: ignore
        "on request" if offer.is_on_request else "",
    ]
    return [badge for badge in badges if badge]


def _menus(offers: Sequence[CarOffer], chosen: Mapping[str, str]) -> list[FilterMenu]:
    buckets = [bucket for bucket in acriss.BUCKETS if any(offer.bucket == bucket for offer in offers)]
    gears = sorted({offer.transmission for offer in offers})
    ways = [(each, words) for each, words in DELIVERY_WORDS.items() if any(offer.delivery == each for offer in offers)]
    sources = sorted({(offer.source != OWN, offer.source, offer.source_name) for offer in offers})
    return [
        FilterMenu("bucket", "Class", [(each, BUCKET_WORDS[each]) for each in buckets], chosen.get("bucket", "")),
        FilterMenu("transmission", "Gears", [(each, each) for each in gears], chosen.get("transmission", "")),
        FilterMenu("source", "Whose", [(code, name) for _, code, name in sources], chosen.get("source", "")),
        FilterMenu("delivery", "Handed over", ways, chosen.get("delivery", "")),
    ]


def _is_wanted(offer: CarOffer, chosen: Mapping[str, str]) -> bool:
    return all(not chosen.get(name) or getattr(offer, name) == chosen[name] for name in FILTERS)


def _why(each: CarExclusion, search: CarSearchItem, hire: Mapping[str, str]) -> WhyRow:
    change = each.change if isinstance(each.change, CarChange) else None
    numbers = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in each.numbers.items() if number)
    return WhyRow(
        source=each.source_name,
        location=each.pickup_location,
        code=each.class_code if isinstance(each.class_code, str) else "",
        words=each.words,
        detail=each.detail or numbers,
        change=change.words if change else "",
        without=_without_change(each),
        total=money(change.total) if change and change.total is not UNSET else "",  # pyright: ignore
        compared=_compared(change) if change else "",
        href=_changed_href(each, change, search, hire) if change else "",
    )


def _without_change(each: CarExclusion) -> str:
    """What is said where no change is known to help."""
    if not each.tried:
        return "not tried"
    return f"{each.tried} change{'s' if each.tried > 1 else ''} tried, none helps"


def _compared(change: CarChange) -> str:
    """The total in the currency that is compared in, where that is another one."""
    is_other = change.compared is not UNSET and change.compared != change.total
    return money(change.compared) if is_other else ""  # pyright: ignore


def _changed_href(each: CarExclusion, change: CarChange, search: CarSearchItem, hire: Mapping[str, str]) -> str:
    """The form with the change made; whoever asked for every class sees the one that helps among all."""
    moved = {
        "place": change.pickup_location,
        "pickup_local": change.pickup_local,
        "return_location": change.return_location,
        "return_local": change.return_local,
        "driver_age": change.driver_age,
        "class_code": change.class_code if hire.get("class_code") else UNSET,
    }
    given = {name: str(value) for name, value in moved.items() if value is not UNSET}
    usual = dict(hire) if len(search.locations) == 1 else {**hire, "place": each.pickup_location}
    return f"/car-searches?{urlencode(usual | given)}"
