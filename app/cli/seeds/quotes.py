"""The demo's quotes: some that still stand, some whose time is over, and the rates that totals are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import msgspec

from app.cli.seeds.rate_cards import DECIDER, WRITER, actor_named
from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.errors import AppError
from app.desk.approvals.services import deciding
from app.main import assemble
from app.rental.exchange_rates import services as exchange_rates
from app.rental.quotes.rules import OWN, QuoteState
from app.rental.quotes.schemas.searches import NewCarSearch
from app.rental.quotes.services import preparing, quoting, searching
from app.settings import Settings

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person

RATES: Final = {
    "CHF": "0.9340", "CZK": "24.620", "DKK": "7.4640", "GBP": "0.8720", "HUF": "391.50",
    "MXN": "21.640", "NOK": "11.710", "PLN": "4.2450", "RON": "5.0870", "SEK": "11.024",
}  # fmt: skip
"""Units for one euro: round numbers of the right size, for the demo alone."""
SHEETS: Final = ((7, "0.994", True), (1, "1", True), (0, "1.003", False))
"""Days ago, what the rates are multiplied by, and whether somebody has agreed."""
SOURCE: Final = "Daily reference rates"
HIRES: Final = (
    # branch, days ahead, days long, driver's age, minutes since it was quoted: none, or more than it stands
    ("TLL", 8, 3, 34, 0), ("TLL", 12, 7, 45, 0), ("ZAG", 9, 4, 29, 0), ("MUC", 15, 5, 52, 40),
    ("TLL", 6, 2, 23, 95), ("ZAG", 20, 10, 38, 200),
)  # fmt: skip


async def add_quotes(database: Database, settings: Settings, people: Sequence[Person]) -> None:
    """Search, and quote the cheapest of our own, as a counter agent would; a branch without an offer has none."""
    await _add_rates(database, people, clock.today())
    for hire in HIRES:
        await _quote(database, settings, *hire)


async def _add_rates(database: Database, people: Sequence[Person], today: date) -> None:
    """A sheet of last week, one of yesterday, and one of today that still waits."""
    writer, decider = [await actor_named(database, people, name) for name in (WRITER, DECIDER)]
    kinds = assemble().approval_kinds
    for days, factor, is_agreed in SHEETS:
        day = today - timedelta(days=days)
        worth = [(code, Decimal(rate) * Decimal(factor)) for code, rate in RATES.items()]
        rates = [{"base": "EUR", "currency": code, "rate": round(rate, 5)} for code, rate in worth]
        fields = {"valid_from": day, "source": SOURCE, "rates": rates}
        async with database.unit() as session:
            _, waits = await exchange_rates.enter_sheet(session, fields=fields, actor=writer)
            if is_agreed:
                await deciding.approve(session, kinds, waits.id, comment="As published", actor=decider)


async def _quote(
    database: Database, settings: Settings, branch: str, ahead: int, days: int, age: int, ago: int
) -> None:
    day = clock.today() + timedelta(days=ahead)
    asked = {
        "pickup": {"local": f"{day}T10:00", "locations": [branch]},
        "return": {"local": f"{day + timedelta(days=days)}T10:00"},
        "driver_age": age,
        "filters": {"sources": [OWN]},
    }
    wanted = msgspec.convert(asked, NewCarSearch)

    async def make(session: AsyncSession) -> None:
        prepared = await searching.prepare(session, database.reads, settings, wanted, SYSTEM)
        kept = [each for answered in prepared.own.values() for each in answered.offers]
        if not kept:
            return
        search = await searching.keep_search(session, prepared, SYSTEM)
        cheapest = min(kept, key=lambda each: each.offer.total.to_money().minor)
        subject = await preparing.prepare_offer(
            session, settings, search.id, cheapest.offer.id, choices={}, actor=SYSTEM
        )
        quote = await quoting.keep_quote(session, subject, None, actor=SYSTEM)
        if ago:
            quote.created_at -= timedelta(minutes=ago)
            quote.expires_at -= timedelta(minutes=ago)
            await quoting.become(session, quote, QuoteState.EXPIRED, actor=SYSTEM)

    try:
        await run_in_unit(database, make)
    except AppError:
        return
