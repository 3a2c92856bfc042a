"""What the demo's supply desk has on its boards: a week of calls, and an invoice whose lines are not all right."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import AsyncSession
from app.core.partners import tallies
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.kit.ids import id_at, reference_of
from app.kit.money import Money
from app.rental.supplier_invoices import services as invoices
from app.sandbox.suppliers.catalogue import COMPANIES

DAYS: Final = 7
MARKET_OF: Final = {"baltic": "EE", "aurora": "FI", "nordrive": "EE", "sunway": "LT"}
USUAL_MS: Final = {"baltic": 240, "aurora": 610, "nordrive": 130, "sunway": 1_450}
OUTCOMES: Final = (
    (Outcome.ANSWERED, "", 88), (Outcome.REFUSED, "no_results: NO CARS AVAILABLE FOR THIS REQUEST", 6),
    (Outcome.REFUSED, "sold_out: CAR CLASS NO LONGER AVAILABLE", 3), (Outcome.TIMEOUT, "no answer within 4 s", 3),
)  # fmt: skip
OPERATIONS: Final = ("search", "search", "search", "recheck", "retrieve")
NUMBER: Final = "BW-2026-118"
LINES: Final = (
    # place of the reservation among the stories, amount, tax, days, text
    (0, 14_980, 22, 4, "Car hire"),
    (1, 34_423, 22, 8, "Car hire, late return"),
    (0, 14_980, 22, 4, "Car hire"),
    (None, 9_900, 22, 2, "Car hire"),
)


async def add_calls(session: AsyncSession) -> None:
    """A week of calls, more by day than by night, as they would have been counted."""
    chance, now = Random(118), clock.now()  # noqa: S311  # nosec B311 - a demo is not a secret
    calls: list[PartnerExchange] = []
    for code in COMPANIES:
        for hour in range(DAYS * 24):
            at = now - timedelta(hours=hour, minutes=chance.randrange(60))
            calls += [_call(chance, code, at - timedelta(minutes=n)) for n in range(1 + (6 <= at.hour <= 20))]
    session.add_all(calls)
    await session.flush()
    await tallies.add(session, calls)


def _call(chance: Random, code: str, at: datetime) -> PartnerExchange:
    outcome, reason, _ = chance.choices(OUTCOMES, [weight for *_, weight in OUTCOMES])[0]
    took = 4_000 if outcome is Outcome.TIMEOUT else round(USUAL_MS[code] * chance.lognormvariate(0, 0.4))
    return PartnerExchange(
        id=id_at(at),
        at=at,
        partner=f"supplier.{code}",
        operation=chance.choice(OPERATIONS),
        outcome=outcome,
        reason=reason,
        milliseconds=took,
        method="POST",
        url=f"sandbox:/suppliers/{code}",
        market=MARKET_OF[code],
    )


async def add_invoice(session: AsyncSession) -> None:
    """One invoice: right, a day too many, billed twice, and about nobody's reservation."""
    fields = {
        "supplier": "baltic", "invoice_number": NUMBER, "market": "EE", "amount": Money(0, "EUR"),
        "issued_on": clock.today() - timedelta(days=3),
    }  # fmt: skip
    invoice = await invoices.open_invoice(session, fields=fields, actor=SYSTEM)
    for number, (place, minor, tax, days, text) in enumerate(LINES, 1):
        about = {"our_reference": reference_of("SR", 7_000 + place)} if place is not None else {"driver": "Nemo"}
        line = {
            "amount": Money(minor, "EUR"), "tax_percent": Decimal(tax), "days": days, "description": text, **about,
        }  # fmt: skip
        await invoices.add_line(session, invoice, str(number), fields=line, actor=SYSTEM)
