"""Offers as they are shown and kept: of our own fleet, and of suppliers."""

from collections.abc import Sequence
from typing import Any

from app.core.values import UNSET, Maybe, MoneyValue
from app.kit import acriss
from app.kit.hire_pricing.card_prices import TAX
from app.kit.money import Money
from app.rental.bookings.services import pricing
from app.rental.quotes.rules import OWN, Filters, Hire, Reason, Refusal, changed_parts, transmission_of
from app.rental.quotes.schemas.searches import (
    CarChange,
    CarCover,
    CarExclusion,
    CarLine,
    CarOffer,
    KeptOffer,
    value_of,
)
from app.rental.quotes.services.fleet import Fleet, Offered
from app.rental.quotes.services.prices import ByCard
from app.rental.supplier_terms.rules import Sold
from app.rental.suppliers.rules import PriceLine, SupplierOffer
from app.rental.suppliers.services.searching import Absent, Found, Heard

OWN_NAME = "Own fleet"
OR_SIMILAR = "or similar"
MOST_TOLD = 6
"""Classes that are named of those that a supplier has."""
MANDATORY_TAX = frozenset({"TAX", "VAT"})
NOTHING_OF_PRODUCT = "The rate card has no {}: priced without it"


def own_offer(fleet: Fleet, offered: Offered) -> KeptOffer:
    """A class of our own that is to be had."""
    hire, price = offered.hire, offered.price
    titles = fleet.stock.titles(hire.pickup, hire.class_code)
    note = NOTHING_OF_PRODUCT.format(hire.product) if hire.product and not offered.has_product else UNSET
    plan = offered.rate.card.plan if isinstance(offered.rate, ByCard) else None
    return KeptOffer(
        CarOffer(
            id=f"{OWN}.{hire.pickup}.{hire.class_code}",
            source=OWN,
            source_name=OWN_NAME,
            pickup_location=hire.pickup,
            return_location=hire.back,
            delivery=fleet.places[hire.pickup].delivery.value,
            **_of_class(hire.class_code),
            model=_similar(titles[0] if titles else ""),
            total=value_of(price.total),
            lines=[
                CarLine(
                    line.code,
                    line.quantity,
                    value_of(line.amount),
                    line.explanation,
                    is_included=line.amount.minor == 0,
                    is_required=line.is_required,
                    is_guaranteed=line.is_guaranteed,
                    is_tax_inclusive=line.is_tax_inclusive,
                )
                for line in price.lines
            ],
            is_tax_included=_has_tax_inside(offered),
            note=note,
            covers=_covers(offered),
            included_km=plan.included(price.charged.counted_days) if plan else UNSET,
            has_unlimited_km=plan is None,
            deposit=_deposit(offered),
            left=offered.counted.left,
            rate_card=offered.rate.snapshot.card_name if isinstance(offered.rate, ByCard) else UNSET,
        )
    )


def supplier_offer(found: Found, number: int, hire: Hire, sold: Sold) -> KeptOffer | None:
    """A supplier's car as it is sold; None when its class is none that we know."""
    offer = sold.offer
    try:
        of_class = _of_class(acriss.parse(offer.acriss))
    except acriss.AcrissError:
        return None
    lines = [_supplier_line(line, offer) for line in offer.lines]
    return KeptOffer(
        CarOffer(
            id=f"{found.code}.{hire.pickup}.{number}",
            source=found.code,
            source_name=found.name,
            pickup_location=hire.pickup,
            return_location=hire.back,
            delivery=found.delivery.value if found.delivery else UNSET,
            **of_class,
            model=_similar(offer.model),
            total=value_of(offer.total),
            lines=lines,
            is_tax_included=not any(line.code in MANDATORY_TAX and not line.is_included for line in lines),
            covers=[CarCover(cover.code, value_of(cover.excess) if cover.excess else UNSET) for cover in offer.covers],
            included_km=UNSET if offer.mileage.included_km is None else offer.mileage.included_km,
            has_unlimited_km=offer.mileage.included_km is None,
            is_mileage_doubtful=offer.mileage.is_doubtful,
            is_on_request=offer.is_on_request,
        ),
        key=offer.key,
        pickup_branch=found.hire.pickup.branch,
        return_branch=found.hire.back.branch,
        asked=asked_of(found.offer, sold),
    )


def asked_of(offer: SupplierOffer, sold: Sold) -> dict[str, Any] | None:
    """What a supplier asks for, as a stage of its price; nothing where the customer pays just that."""
    if not sold.margin.is_net:
        return None
    lines = [pricing.plain_line(line.code, line.amount, line.words) for line in offer.lines]
    return {"total": pricing.plain(offer.total), "lines": lines}


def own_exclusion(hire: Hire, refusal: Refusal, changed: Offered | None, tried: int) -> CarExclusion:
    """A class that is not to be had, and the change that was tried and would make it so."""
    return CarExclusion(
        source=OWN,
        source_name=OWN_NAME,
        pickup_location=hire.pickup,
        reason=refusal.reason.value,
        detail=refusal.detail,
        class_code=hire.class_code,
        numbers=dict(refusal.numbers or {}),
        change=UNSET if changed is None else _change(hire, changed),
        tried=tried,
    )


def supplier_exclusion(absent: Absent, pickup: str) -> CarExclusion:
    """A supplier that has nothing at a branch."""
    return CarExclusion(
        source=absent.code,
        source_name=absent.name,
        pickup_location=pickup,
        reason=absent.reason.value,
        detail=absent.detail,
    )


def other_classes(heard: Heard, hire: Hire, kept: Sequence[KeptOffer], filters: Filters) -> CarExclusion:
    """A supplier whose every offer is of a class that is not wanted, and the nearest of them."""
    codes = sorted({each.offer.class_code for each in kept})
    more = f" and {len(codes) - MOST_TOLD} more" if len(codes) > MOST_TOLD else ""
    return CarExclusion(
        source=heard.code,
        source_name=heard.name,
        pickup_location=heard.pickup,
        reason=Reason.OTHER_CLASSES.value,
        detail=f"Has {', '.join(codes[:MOST_TOLD])}{more}" if codes else "Its classes are none that we know",
        change=supplier_change(hire, hire, nearest_offer(kept, filters).offer) if kept else UNSET,
        tried=len(codes),
    )


def nearest_offer(kept: Sequence[KeptOffer], filters: Filters) -> KeptOffer:
    """Of the class that is nearest to what is wanted, the cheapest."""

    def nearness(each: KeptOffer) -> tuple[int, int]:
        return filters.distance(each.offer.class_code), each.offer.total.to_money().minor

    return min(kept, key=nearness)


def supplier_change(hire: Hire, changed: Hire, offer: CarOffer) -> CarChange:
    """A hire that a supplier was really asked for, and a car that it has then."""
    parts = changed_parts(hire, changed)
    return CarChange(
        pickup_location=parts.get("pickup", UNSET),
        pickup_local=_minutes(parts, "pickup_local"),
        return_location=parts.get("back", UNSET),
        return_local=_minutes(parts, "return_local"),
        class_code=offer.class_code,
        driver_age=parts.get("driver_age", UNSET),
        total=offer.total,
    )


def _change(hire: Hire, changed: Offered) -> CarChange:
    parts = changed_parts(hire, changed.hire)
    return CarChange(
        pickup_location=parts.get("pickup", UNSET),
        pickup_local=_minutes(parts, "pickup_local"),
        return_location=parts.get("back", UNSET),
        return_local=_minutes(parts, "return_local"),
        class_code=parts.get("class_code", UNSET),
        driver_age=parts.get("driver_age", UNSET),
        total=value_of(changed.price.total),
        left=changed.counted.left,
    )


def _similar(model: str) -> str:
    return f"{model} {OR_SIMILAR}" if model and not model.endswith(OR_SIMILAR) else model


def _minutes(parts: dict[str, Any], name: str) -> Maybe[str]:
    local = parts.get(name)
    return UNSET if local is None else f"{local:%Y-%m-%dT%H:%M}"


def _of_class(code: str) -> dict[str, Any]:
    return {
        "class_code": code,
        "class_words": acriss.decode(code),
        "bucket": acriss.bucket(code),
        "transmission": transmission_of(code),
    }


def _has_tax_inside(offered: Offered) -> bool:
    if isinstance(offered.rate, ByCard):
        return offered.rate.card.is_tax_included
    return all(line.code != TAX for line in offered.price.lines)


def _covers(offered: Offered) -> list[CarCover]:
    """What a card has in its price."""
    if not isinstance(offered.rate, ByCard):
        return []
    snapshot = offered.rate.snapshot
    return [
        CarCover(cover.code, value_of(Money.parse(cover.excess, snapshot.currency)))
        for cover in snapshot.terms.covers
        if cover.price is None
    ]


def _deposit(offered: Offered) -> Maybe[MoneyValue]:
    """The largest deposit of the covers that are in the price."""
    if not isinstance(offered.rate, ByCard):
        return UNSET
    snapshot = offered.rate.snapshot
    found = [
        Money.parse(cover.deposit, snapshot.currency)
        for cover in snapshot.terms.covers
        if cover.price is None and cover.deposit is not None
    ]
    return value_of(max(found, key=lambda each: each.minor)) if found else UNSET


def _supplier_line(line: PriceLine, offer: SupplierOffer) -> CarLine:
    total = sum(each.amount.minor for each in offer.lines)
    is_inside = line.is_included or line.amount.minor == 0
    is_inside = is_inside or (total > offer.total.minor and line.code in MANDATORY_TAX)
    return CarLine(
        line.code,
        1,
        value_of(line.amount),
        line.words,
        is_included=is_inside,
        is_required=line.is_required,
        is_guaranteed=line.is_guaranteed,
        is_tax_inclusive=line.is_tax_inclusive,
    )
