"""The demo's rate cards: one for each category of cars in each market, and some with a version that is to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from app.cli.seeds.ids import seeded_id
from app.cli.seeds.vehicles import PRICE_LEVELS, RATES
from app.core.actor import SYSTEM
from app.core.auth.staff import actor_of
from app.core.changes import because, record
from app.desk.approvals.services import deciding
from app.desk.staff.services.identity import load_staff_facts
from app.kit.hire_pricing import card_lines, lines
from app.kit.hire_pricing.card_terms import CardTerms, FeeTerms, GuardTerms
from app.kit.hire_pricing.mileage import TierMode
from app.kit.hire_pricing.terms import BlockTerms, MileageTerms, RateTerms, SeasonTerms
from app.kit.markets import MARKETS
from app.kit.money import Money, exponent
from app.main import assemble
from app.rental.rates import services
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.rules import CardState, VersionState

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.actor import Actor
    from app.core.db import AsyncSession, Database

WRITER, DECIDER = "Kersti Laur", "Henrik Saar"
CATEGORIES: Final = {
    "M": ("Mini", 29), "E": ("Economy", 35), "C": ("Compact", 45), "I": ("Intermediate", 58), "S": ("Standard", 70),
    "F": ("Fullsize", 88), "P": ("Premium", 95), "L": ("Luxury", 128),
}  # fmt: skip
"""Letter of the class -> its name, and what a day costs in euro."""
TAXES: Final = {
    "AT": "20", "BE": "21", "BG": "20", "CH": "8.1", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GB": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21",
    "LV": "21", "MX": "16", "NL": "21", "NO": "25", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22",
    "SK": "23",
}  # fmt: skip
"""Value added tax on hiring a car, in percent."""
BLOCKS: Final = ((1, 1.0), (3, 2.7), (7, 5.6), (30, 19.5))
"""Days, and how many single days they cost."""
STORIES: Final = (("EE", "C", "approved"), ("EE", "E", "asked"), ("LV", "C", "drafted"), ("HR", "M", "asked"))
"""Market, category, and what has become of the next version."""


async def load_rate_cards(database: Database, people: Sequence[Person], present: datetime) -> None:
    """Cards in force since last year in their second version; a few with a third one."""
    today = present.date()
    await load_cards_in_force(database, present)
    writer, decider = [await actor_named(database, people, name) for name in (WRITER, DECIDER)]
    for market, letter, end in STORIES:
        async with database.unit() as session:
            card = await _card(session, market, letter)
            terms = card_terms(market, letter, today.year + 1, raised=1.06)
            await services.save_draft(
                session, card.id, terms=terms, valid_from=today + timedelta(days=40), actor=writer
            )
            if end != "drafted":
                waits = await services.request_activation(session, card.id, why="Prices of next year", actor=writer)
                if end == "approved":
                    kinds = assemble().approval_kinds
                    await deciding.approve(session, kinds, waits.id, comment="As discussed", actor=decider)


async def load_cards_in_force(database: Database, present: datetime) -> None:
    """One card for every market and category, in its second version since sixty days."""
    async with database.unit() as session:
        with because("Prices of the season"):
            for market in MARKETS:
                for letter in CATEGORIES:
                    await _add(session, market, letter, present)


def card_terms(market: str, letter: str, year: int, raised: float = 1.0) -> CardTerms:
    """Terms of a category in a market, with the seasons of a year."""
    day = CATEGORIES[letter][1] * PRICE_LEVELS.get(market, 1.0) * raised

    def price(euro: float) -> str:
        return _price(market, euro)

    def blocks(level: float) -> list[BlockTerms]:
        return [BlockTerms(days, price(day * level * factor)) for days, factor in BLOCKS]

    seasons = (
        SeasonTerms(date(year, 7, 1), date(year, 8, 31), blocks=blocks(1.35)),
        SeasonTerms(date(year, 12, 19), date(year + 1, 1, 6), blocks=blocks(1.2)),
    )
    excess = 700 + round(day) * 5
    return CardTerms(
        rate=RateTerms(blocks=blocks(1), hour_price=price(day / 6), seasons=list(seasons)),
        mileage=MileageTerms(250, 3_000, price(0.25), None, TierMode.GRADUATED),
        covers=card_lines.read_covers(
            f"CDW included, excess {price(excess)}, deposit {price(300)}\n"
            f"SCDW {price(day / 4)} per day, excess {price(0)}, deposit {price(100)}, at most {price(day * 4)}"
        ),
        extras=lines.read_extras(
            f"GPS {price(7)} per day, at most {price(60)}\nCHILD_SEAT {price(8)} per day, at most {price(50)}\n"
            f"CROSS_BORDER {price(45)} per hire"
        ),
        routes=card_lines.read_routes(f"* to * {price(90)}"),
        ages=card_lines.read_ages(f"YOUNG_DRIVER 21-24 {price(10)} per day, at most {price(100)}"),
        additional_driver=FeeTerms(price(7), cap=price(70)),
        airport_percent="9",
        out_of_hours=price(40),
        tax_percent=TAXES[market],
        products=card_lines.read_products("PAY_LATER: 24 h 0%, 0 h 50%\nPREPAID -7%: 48 h 0%, 24 h 50%"),
        guards=GuardTerms(advance_hours=2, max_days=90, min_age=25 if letter in "PL" else 21),
    )


def versions_on(today: date) -> tuple[tuple[int, date, date | None], ...]:
    """The versions of every card on the day on which the demo is loaded: number, from when, until before when."""
    first, second = today - timedelta(days=400), today - timedelta(days=60)
    return ((1, first, second), (2, second, None))


def terms_of_version(market: str, letter: str, number: int, start: date) -> CardTerms:
    """The terms of a version of a card."""
    return card_terms(market, letter, start.year + number - 1, 0.94 if number == 1 else 1.0)


def card_name(market: str, letter: str) -> str:
    """`Compact Estonia`."""
    return f"{CATEGORIES[letter][0]} {MARKETS[market].name}"


async def _add(session: AsyncSession, market: str, letter: str, present: datetime) -> None:
    today = present.date()
    versions = versions_on(today)
    card = RateCard(
        id=seeded_id("rates", "rate_card", f"{market}/{letter}"),
        market=market,
        acriss=f"{letter}***",
        name=card_name(market, letter),
        currency=MARKETS[market].currency,
        state=CardState.ACTIVE,
        newest_number=2,
        active_number=2,
        active_from=versions[-1][1],
    )
    session.add(card)
    await record(session, "rate_card.created", card, actor=SYSTEM)
    await session.flush()
    for number, start, end in versions:
        terms = terms_of_version(market, letter, number, start)
        session.add(
            RateCardVersion(
                rate_card_id=card.id,
                number=number,
                state=VersionState.SUPERSEDED if end else VersionState.ACTIVE,
                valid_from=start,
                valid_until=end,
                terms=msgspec.to_builtins(terms),
                made_by_name=WRITER,
                made_at=present - timedelta(days=(today - start).days + 20),
                approved_by_name=DECIDER,
                approved_at=present - timedelta(days=(today - start).days + 18),
            )
        )


async def _card(session: AsyncSession, market: str, letter: str) -> RateCard:
    found = await services.find_card_for(session, market=market, acriss=f"{letter}***")
    assert found is not None
    return found


async def actor_named(database: Database, people: Sequence[Person], name: str) -> Actor:
    """Somebody of the demo as an actor."""
    person = next(person for person in people if person.name == name)
    facts = await load_staff_facts(database.primary, person.id)
    assert facts is not None
    return actor_of(facts, assemble().permissions)


def _price(market: str, euro: float) -> str:
    """Rounded as prices of the currency are: to whole units, and small ones to the smallest coin in use."""
    currency = MARKETS[market].currency
    rate, step = RATES[currency]
    minor = euro * rate * 10 ** exponent(currency)
    step = max(1, step // 100) if minor < step * 5 else step
    return Money(round(minor / step) * step, currency).amount
