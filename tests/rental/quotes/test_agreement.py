"""What is searched, quoted, booked and billed is one price, to the cent, for any hire of our own."""

import random
from datetime import timedelta

import pytest

from app.core.actor import SYSTEM
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.papers.services import issue_invoice
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_fleet, make_location, make_rate_card
from tests.rental.quotes.asks import next_weekday, offers_of
from tests.rental.quotes.test_own_fleet import put_in_force, terms

HIRES = 24
CARS = 30


def drawn(chance: random.Random) -> tuple[dict, dict]:
    """A search and what is taken with its offer: lengths with hours, seasons, one-way, ages, products, extras."""
    start = next_weekday(1) + timedelta(days=chance.randrange(0, 60))
    length = timedelta(days=chance.randrange(0, 16), hours=chance.randrange(0, 12), minutes=chance.choice((0, 15, 45)))
    pickup = f"{start}T{chance.randrange(8, 20):02d}:{chance.choice((0, 30)):02d}"
    back = start + timedelta(days=length.days + (1 if length.days == 0 else 0))
    asked = {
        "pickup": {"local": pickup, "locations": ["TLL"]},
        "return": {"local": f"{back}T{chance.randrange(8, 20):02d}:{chance.choice((0, 15, 45)):02d}"},
        "driver_age": chance.choice((22, 24, 25, 40)),
    }
    if chance.random() < 0.4:
        asked["return"]["location"] = "RIX"
    if chance.random() < 0.3:
        asked["promo"] = "PREPAID"
    choices = {
        "covers": ["CDW"] if chance.random() < 0.5 else [],
        "extras": [{"code": "GPS", "count": chance.randrange(1, 3)}] if chance.random() < 0.5 else [],
        "additional_drivers": chance.randrange(0, 3),
    }
    return asked, choices


def cents(money: dict) -> int:
    return round(float(money["amount"]) * 100)


@pytest.mark.parametrize("seed", [11, 12])
async def test_search_quote_booking_and_invoice_agree(session, api_for, seed):
    chance = random.Random(seed)  # noqa: S311 - made-up hires, the same for a seed
    season = {
        "starts_on": str(next_weekday(1) + timedelta(days=10)),
        "ends_on": str(next_weekday(1) + timedelta(days=25)),
        "blocks": [{"days": 1, "price": "119.00"}, {"days": 3, "price": "301.00"}],
    }
    rate = {
        "blocks": [{"days": 1, "price": "77.77"}, {"days": 7, "price": "433.10"}],
        "hour_price": "9.35",
        "seasons": [season],
    }
    await make_fleet(session, CARS, acriss="CWMD")
    await make_location(session, "RIX", city="Rīga", country="LV", market="LV", opening_hours=HOURS)
    await put_in_force(session, await make_rate_card(session, terms=terms(rate=rate, airport_percent="12")))
    customer = await make_customer(session)
    await session.commit()
    clerk = await api_for("fleet_clerk")
    for number in range(HIRES // 2):
        asked, choices = drawn(chance)
        told = f"seed {seed}, hire {number}: {asked} {choices}"
        found = (await clerk.post("/car-searches", json=asked)).json()
        (offer,) = offers_of(found)
        body = {"search_id": found["id"], "offer_id": offer["id"], "choices": choices}
        made = await clerk.post("/quotes", json=body)
        assert made.status_code == 201, f"{told}: {made.text}"
        quote = made.json()
        assert [stage["total"] for stage in quote["stages"]] == [offer["total"]] * 2, told
        assert sum(cents(line["amount"]) for line in quote["price_lines"]) == cents(quote["total"]), told
        driver = {"customer_id": str(customer.id), "driver": {"name": "Liis Tamm"}}
        booked = (await clerk.post(f"/quotes/{quote['id']}/booking", json=driver)).json()
        booking = (await clerk.get(f"/bookings/{booked['booking_id']}")).json()
        assert (booking["total"], booking["price_lines"]) == (quote["total"], quote["price_lines"]), told
        kept = await session.get(Booking, booking["id"], populate_existing=True)
        kept.state = BookingState.RETURNED
        invoice = await issue_invoice(session, kept.id, actor=SYSTEM)
        billed = sum(cents(line["amount"]) for line in invoice.lines)
        assert invoice.gross_minor == cents(quote["total"]), told
        assert billed in (invoice.gross_minor, invoice.net_minor), told
        kept.state = BookingState.CONFIRMED
        await session.commit()
