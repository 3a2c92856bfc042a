"""What suppliers' offers are sold for by the terms that hold, what that earns, and who may read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.core import clock
from app.core.db import AsyncSession
from app.core.filters import money
from app.kit.money import Money
from app.kit.rounding import round_ratio
from app.rental.supplier_terms import queries, rules
from app.rental.supplier_terms.rules import Margin, Model, Sold, Terms
from app.rental.supplier_terms.schemas import MarginItem, about, in_words, margin_item
from app.rental.suppliers.rules import SEES_MARGINS, SupplierOffer

__all__ = ["SEES_MARGINS", "MarginItem", "margin_item"]
HIRE_WORDS = "Time and mileage"
"""What customers read beside the line that holds the mark-up."""
NOTHING = "No terms: sold at their price, earns nothing"


@dataclass(frozen=True, slots=True)
class Agreements:
    """The terms of every supplier that hold on a day."""

    terms: Mapping[UUID, Terms] = field(default_factory=dict[UUID, Terms])

    def sell(self, supplier_id: UUID, market: str, offer: SupplierOffer) -> Sold:
        """An offer as customers see it, and what we earn by it."""
        return rules.sell(offer, self.terms.get(supplier_id), market, HIRE_WORDS)


async def agreements_on(session: AsyncSession, day: date, supplier_id: UUID | None = None) -> Agreements:
    """What holds on a day, with one supplier or with all of them."""
    found = await queries.list_in_force(session, day, supplier_id)
    return Agreements({sheet.supplier_id: sheet.terms for sheet in found})


async def sell_now(session: AsyncSession, supplier_id: UUID, market: str, offer: SupplierOffer) -> Sold:
    """An offer as it is sold today."""
    return (await agreements_on(session, clock.today(), supplier_id)).sell(supplier_id, market, offer)


def sell_as_before(kept: Margin, offer: SupplierOffer) -> Sold:
    """Another price of a hire by the line that it was sold by, whatever holds today."""
    if kept.line is None:
        return rules.sell(offer, None, "", HIRE_WORDS)
    return rules.sell_by(
        offer, kept.line, kept.terms_currency, HIRE_WORDS, terms_id=kept.terms_id, valid_from=kept.valid_from
    )


def moved_margin(kept: Margin, offer: SupplierOffer, retail: Money) -> Margin:
    """What a hire earns at another price, by the line that it was sold by; `retail` is what the customer pays.

    Without the lines of the new price the commission moves as the price did. In another currency than what the
    customer pays, nobody can say what is left: the customer's part is then that of the supplier.
    """
    line, price = kept.line, offer.total
    commission = 0
    if line is not None and line.model is Model.COMMISSION:
        scaled = round_ratio(kept.commission_minor * price.minor, kept.price_minor) if kept.price_minor > 0 else 0
        commission = rules.commission(offer, line) if offer.lines else scaled
    paid = retail.minor if retail.currency == price.currency else price.minor
    return msgspec.structs.replace(
        kept, currency=price.currency, price_minor=price.minor, retail_minor=paid, commission_minor=commission
    )


def read_margin(kept: Mapping[str, Any] | None) -> Margin | None:
    """What was kept with a price."""
    return None if kept is None else msgspec.convert(kept, Margin)


def plain_margin(margin: Margin) -> dict[str, Any]:
    """As it is kept with a price."""
    return msgspec.to_builtins(margin)


def margin_in_words(margin: Margin) -> list[tuple[str, str]]:
    """Net, mark-up, commission and margin, and by which line."""

    def words(minor: int) -> str:
        return money(Money(minor, margin.currency))

    line = margin.line
    by = f"{about(line)}: {in_words(line, margin.terms_currency)}" if line else NOTHING
    share = f" ({round(margin.margin_minor * 100 / margin.retail_minor, 1)} %)" if margin.retail_minor else ""
    return [
        ("Supplier's price", words(margin.price_minor)),
        ("Mark-up", words(margin.markup_minor)),
        ("Commission", words(margin.commission_minor)),
        ("Net, what we pay", words(margin.cost_minor)),
        ("Margin", words(margin.margin_minor) + share),
        ("By", by),
    ]
