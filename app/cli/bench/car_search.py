"""A search over 1,000 candidates: judged, priced, explained, changes tried, compared, grouped and written as JSON."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from app.cli.bench import cores
from app.cli.bench.measuring import Result, Target, compare
from app.cli.bench.stage import Stage
from app.core.http import to_json
from app.kit import acriss
from app.kit.hire_pricing.card_terms import CardTerms, Snapshot
from app.kit.ids import new_id
from app.kit.money import Money
from app.rental.locations.models import Location
from app.rental.occupancy.rules import Hold, Parked, Stock
from app.rental.quotes.models import CarSearch, SearchAnswer
from app.rental.quotes.pages.words import with_words
from app.rental.quotes.rules import OWN, Filters
from app.rental.quotes.schemas.searches import Answered, CarLine, CarOffer, KeptOffer, value_of
from app.rental.quotes.services.asking import Question
from app.rental.quotes.services.fleet import Fleet
from app.rental.quotes.services.prices import PriceBook
from app.rental.quotes.services.reading import search_item
from app.rental.quotes.services.searching import own_answers
from app.rental.rates.services import CardOnDay, DatedCard

LIMIT_MS: Final = 250.0
BRANCHES, VEHICLES, SUPPLIERS, OFFERS = 10, 600, 8, 50
CLASSES: Final = tuple(
    f"{category}{body}{gear}{fuel}" for category in "MECIS" for body in "DWF" for gear in "MA" for fuel in "RD"
)
NOW: Final = datetime(2027, 4, 1, 9, tzinfo=UTC)
DAY: Final = date(2027, 5, 4)
HOURS: Final = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")}
METHOD: Final = (
    f"{VEHICLES} vehicles of {len(CLASSES)} classes at {BRANCHES} branches, three quarters of them booked, under "
    f"five rate cards, and {OFFERS} offers from each of {SUPPLIERS} suppliers: 1,000 candidates, in one process on one "
    "core. Measured is everything between the rows of the database and the bytes of the answer: availability with "
    "turnaround, hours, guards, prices line by line, the reason of every class that is missing and the changes that "
    "were tried for it, comparison of totals, order, JSON."
)


async def run(stage: Stage) -> Result:
    """Measure rounds of whole searches against the limit."""
    os.sched_setaffinity(0, cores()[0])
    random = Random(7)  # noqa: S311 - made-up cars
    places = [_place(number) for number in range(BRANCHES)]
    stock, book, question = _stock(random, places), _book(), _question(places)
    suppliers = [_answer(random, code, place) for code in range(SUPPLIERS) for place in places[:1]]
    times: list[float] = []
    found: dict[str, Any] = {}
    for number in range(stage.rounds + 1):
        began = time.process_time()
        fleet = Fleet(NOW, {place.code: place for place in places}, stock, PriceBook(book, {}))
        own = own_answers(fleet, question)
        found = _assembled(own, suppliers, places)
        if number:
            times.append((time.process_time() - began) * 1000)
    line = compare(
        "processor time of a search over 1,000 candidates, beside its limit",
        times,
        [LIMIT_MS] * len(times),
        "ms",
        Target(1, "less"),
    )
    notes = [f"{found['offers']} offers, {found['excluded']} reasons, {found['bytes']:,} bytes of JSON."]
    return Result(name="car-search", title="Searching cars", method=METHOD, lines=[line], notes=notes)


def _assembled(own: dict[str, Answered], suppliers: list[SearchAnswer], places: list[Location]) -> dict[str, Any]:
    search = CarSearch(
        market="EE", currency="EUR", locations=[place.code for place in places],
        question={"pickup": {"local": f"{DAY}T10:00"}, "return": {"local": f"{DAY + timedelta(days=3)}T10:00"}},
        deadline_at=NOW, expires_at=NOW,
    )  # fmt: skip
    kept = [
        SearchAnswer(search_id=search.id, source=OWN, source_name="Own", pickup_location=code,
                     content=msgspec.to_builtins(answered))
        for code, answered in own.items()
    ]  # fmt: skip
    item = with_words(search_item(search, [*kept, *suppliers], is_over=True, filters=Filters()))
    return {"offers": item.offers, "excluded": len(item.excluded), "bytes": len(to_json(item))}


def _place(number: int) -> Location:
    return Location(
        code=f"B{number:02}", name=f"Branch {number}", kind="airport" if number == 0 else "city", city="Tallinn",
        country="EE", market="EE", time_zone="Europe/Tallinn", opening_hours=HOURS, turnaround_minutes=60,
        allows_out_of_hours=False, is_active=True,
    )  # fmt: skip


def _stock(random: Random, places: list[Location]) -> Stock:
    vehicles: dict[tuple[str, str], list[Parked]] = {}
    for number in range(VEHICLES):
        place, code = places[number % BRANCHES].code, random.choice(CLASSES)
        start = datetime(2027, 5, 3, 8, tzinfo=UTC) + timedelta(hours=random.randrange(0, 72))
        holds = [Hold(start, start + timedelta(days=random.randrange(1, 6)), place, place)] if number % 4 else []
        vehicles.setdefault((place, code), []).append(Parked(code, "Škoda Octavia", place, holds))
    return Stock(NOW, NOW + timedelta(days=90), vehicles, {}, {})


def _book() -> dict[str, list[DatedCard]]:
    terms = msgspec.convert(CardTerms.EXAMPLE | {"guards": {"min_days": 2, "min_age": 21}}, CardTerms)
    cards = [
        Snapshot(str(new_id()), f"Card {letter}", 1, "EE", "EUR", f"{letter}***", date(2027, 1, 1), terms)
        for letter in "MECIS"
    ]
    return {"EE": [DatedCard(CardOnDay("", card.acriss, (), card), None) for card in cards]}


def _question(places: list[Location]) -> Question:
    pickup = datetime(2027, 5, 4, 10)  # noqa: DTZ001 - a wall time
    return Question(pickup, pickup + timedelta(days=3), places, None, (), 30, "EE", "", "EUR", Filters())


def _answer(random: Random, supplier: int, place: Location) -> SearchAnswer:
    offers: list[KeptOffer] = []
    for number in range(OFFERS):
        code, total = random.choice(CLASSES), Money(random.randrange(9_000, 60_000), "EUR")
        lines = [
            CarLine("TIME", 3, value_of(total), "3 days"),
            CarLine("TAX", 1, value_of(Money(0, "EUR")), "included"),
        ]
        offers.append(
            KeptOffer(
                CarOffer(
                    id=f"s{supplier}.{place.code}.{number}", source=f"s{supplier}", source_name=f"Supplier {supplier}",
                    pickup_location=place.code, return_location=place.code, class_code=code,
                    class_words=acriss.decode(code), bucket=acriss.bucket(code), transmission="manual",
                    model="Škoda Octavia or similar", total=value_of(total), lines=lines, is_tax_included=True,
                )
            )
        )  # fmt: skip
    content = msgspec.to_builtins(Answered(offers))
    return SearchAnswer(
        search_id=new_id(), source=f"s{supplier}", source_name=f"Supplier {supplier}", pickup_location=place.code,
        content=content,
    )  # fmt: skip
