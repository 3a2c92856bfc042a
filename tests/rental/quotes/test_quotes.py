"""Quotes of our own fleet: a frozen price, how it moved, when it ends, and what becomes of it exactly once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.actor import SYSTEM
from app.kit.money import Money
from app.rental.locations.rules import Delivery
from app.rental.quotes import search
from app.rental.quotes.models import Quote
from app.rental.quotes.rules import QuoteState
from app.rental.quotes.services import counting, preparing, quoting
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_rate_card, make_vehicle
from tests.rental.quotes.asks import asked, next_weekday
from tests.rental.quotes.test_own_fleet import put_in_force, terms


@pytest.fixture
async def clerk(api_for):
    return await api_for("fleet_clerk", markets=["EE"])


@pytest.fixture
def quote(clerk):
    """Search and quote the class; more fields of the body may be given."""

    async def run(class_code="IWMD", *, wait=None, status=201, search=None, **more):
        found = (await clerk.post("/car-searches", json=search or asked())).json()
        if wait is not None:
            await wait()
        body = {"search_id": found["id"], "offer_id": f"own.TLL.{class_code}", **more}
        answer = await clerk.post("/quotes", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return run


async def age(session, quote_id, **since):
    """Let the quote have been made earlier."""
    kept = await session.get(Quote, quote_id, populate_existing=True)
    kept.expires_at -= timedelta(**since)
    await session.commit()


def driver(customer, **more):
    return {"customer_id": str(customer.id), "driver": {"name": "Liis Tamm", **more}}


class TestCreate:
    async def test_freezes_the_price_for_a_quarter_of_an_hour(self, session, clerk, quote):
        await make_fleet(session, 1)
        made = await quote()
        assert (made["state"], made["total"]) == ("open", {"amount": "234.00", "currency": "EUR"})
        assert made["price_lines"][0]["explanation"] == "3 days at 78.00"
        assert [stage["stage"] for stage in made["stages"]] == ["search", "recheck"]
        kept = await session.get(Quote, made["id"])
        assert timedelta(minutes=14) < kept.expires_at - clock.now() <= timedelta(minutes=15)
        read = await clerk.get(f"/quotes/{made['id']}")
        assert read.json() == made
        listed = (await clerk.get("/quotes", params={"state": "open"})).json()["items"]
        assert [each["id"] for each in listed] == [made["id"]]

    async def test_takes_what_is_chosen_and_leaves_it_out_of_the_drift(self, session, quote):
        await make_fleet(session, 1, acriss="CWMD")
        await put_in_force(session, await make_rate_card(session, terms=terms()))
        alone = await quote("CWMD")
        taken = await quote("CWMD", choices={"covers": ["CDW"], "additional_drivers": 1})
        assert {"CDW", "ADDITIONAL_DRIVER"} <= {line["code"] for line in taken["price_lines"]}
        assert taken["stages"][-1]["total"] == alone["total"]
        assert float(taken["total"]["amount"]) > float(alone["total"]["amount"])
        refused = await quote("CWMD", choices={"covers": ["NONE"]}, status=422)
        assert refused["errors"][0]["pointer"] == "/choices/covers"

    async def test_a_price_that_moved_makes_a_repriced_quote_and_an_open_one(self, session, clerk, quote):
        (car,) = await make_fleet(session, 1)

        async def dearer():
            car.day_price_minor = 8_000
            await session.commit()

        made = await quote(wait=dearer)
        assert (made["state"], made["total"]["amount"]) == ("open", "240.00")
        before = (await clerk.get(f"/quotes/{made['replaces_id']}")).json()
        assert (before["state"], before["total"]["amount"]) == ("repriced", "234.00")
        assert before["replaced_by_id"] == made["id"]

    async def test_a_move_within_the_tolerance_makes_none(self, session, quote):
        (car,) = await make_fleet(session, 1)

        async def hardly_dearer():
            car.day_price_minor = 7_830
            await session.commit()

        made = await quote(wait=hardly_dearer)
        assert made["total"]["amount"] == "234.90"
        assert "replaces_id" not in made

    async def test_what_was_sold_meanwhile_is_refused(self, session, quote):
        (car,) = await make_fleet(session, 1)

        async def taken():
            await make_booking(session, vehicle_id=car.id, starts_on=next_weekday(1))
            await session.commit()

        refused = await quote(wait=taken, status=409)
        assert refused["code"] == "class_sold_out"

    async def test_of_another_market_is_not_found(self, session, quote, api_for):
        await make_fleet(session, 1)
        made = await quote()
        other = await api_for("fleet_clerk", markets=["LV"])
        assert (await other.get(f"/quotes/{made['id']}")).status_code == 404
        assert (await other.post(f"/quotes/{made['id']}/recheck")).status_code == 404


class TestTime:
    async def test_is_over_by_looking_and_by_the_schedule(self, session, database, clerk, quote):
        await make_fleet(session, 1)
        made = await quote()
        await age(session, made["id"], minutes=16)
        assert (await clerk.get(f"/quotes/{made['id']}")).json()["state"] == "expired"
        customer = await make_customer(session)
        refused = await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer))
        assert (refused.status_code, refused.json()["code"]) == (409, "quote_expired")
        assert await quoting.expire_quotes(database) == 1
        assert await quoting.expire_quotes(database) == 0
        kept = await session.get(Quote, made["id"], populate_existing=True)
        assert kept.state is QuoteState.EXPIRED

    async def test_an_open_one_stays_and_an_expired_one_is_quoted_anew(self, session, clerk, quote):
        (car,) = await make_fleet(session, 1)
        made = await quote()
        again = (await clerk.post(f"/quotes/{made['id']}/recheck")).json()
        assert (again["id"], len(again["stages"])) == (made["id"], 3)
        await age(session, made["id"], minutes=16)
        anew = (await clerk.post(f"/quotes/{made['id']}/recheck")).json()
        assert (anew["state"], anew["replaces_id"]) == ("open", made["id"])
        assert (await clerk.get(f"/quotes/{made['id']}")).json()["state"] == "expired"
        car.day_price_minor = 9_000
        await session.commit()
        dearer = (await clerk.post(f"/quotes/{anew['id']}/recheck")).json()
        assert (dearer["total"]["amount"], dearer["replaces_id"]) == ("270.00", anew["id"])
        assert (await clerk.get(f"/quotes/{anew['id']}")).json()["state"] == "repriced"
        gone = await clerk.post(f"/quotes/{anew['id']}/recheck")
        assert (gone.status_code, gone.json()["state"]) == (409, "repriced")


class TestBooking:
    async def test_books_at_the_frozen_price_once(self, session, clerk, quote):
        (car,) = await make_fleet(session, 1)
        made = await quote()
        car.day_price_minor = 9_900
        await session.commit()
        customer = await make_customer(session)
        booked = await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer))
        assert (booked.status_code, booked.json()["state"]) == (201, "consumed")
        booking = (await clerk.get(f"/bookings/{booked.json()['booking_id']}")).json()
        assert (booking["total"]["amount"], booking["class_code"]) == ("234.00", "IWMD")
        again = await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer))
        assert (again.status_code, again.json()["state"]) == (409, "consumed")

    async def test_a_driver_of_an_age_with_another_price_is_refused(self, session, clerk, quote):
        await make_fleet(session, 1, acriss="CWMD")
        await put_in_force(session, await make_rate_card(session, terms=terms()))
        made = await quote("CWMD")
        customer = await make_customer(session)
        young = f"{clock.today().year - 22}-01-01"
        refused = await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer, born_on=young))
        assert refused.json()["errors"][0]["pointer"] == "/driver/born_on"
        older = f"{clock.today().year - 40}-01-01"
        assert (
            await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer, born_on=older))
        ).status_code == 201


class TestFinder:
    """Quotes by text; here the search engine is away, and below what it is given."""

    async def found(self, client, text):
        items = (await client.get("/search", params={"q": text, "kind": "quote"})).json()["items"]
        return {item["id"]: item for item in items if item["kind"] == "quote"}

    async def test_finds_by_reference_class_and_driver_and_tells_the_state(self, session, database, clerk, quote):
        await make_fleet(session, 2)
        first, second = await quote(), await quote()
        await clerk.post(f"/quotes/{first['id']}/booking", json=driver(await make_customer(session)))
        await age(session, second["id"], minutes=20)
        by_reference = await self.found(clerk, first["reference"].lower())
        assert by_reference.keys() == {first["id"]}
        assert by_reference[first["id"]]["subtitle"] == "Booked, Own fleet"
        by_class = await self.found(clerk, "iwmd")
        assert by_class.keys() == {first["id"], second["id"]}
        assert by_class[second["id"]]["subtitle"] == "Expired, Own fleet"
        assert (await self.found(clerk, "Liis Ta")).keys() == {first["id"]}
        assert not await self.found(clerk, "IWM")

    async def test_is_not_found_outside_the_scope(self, session, api_for, quote):
        await make_fleet(session, 1)
        made = await quote()
        other = await api_for("fleet_clerk", markets=["LV"])
        assert not await self.found(other, made["reference"])

    async def test_documents_say_who_booked_and_what_became_of_it(self, session, database, clerk, quote):
        await make_fleet(session, 1)
        made = await quote()
        customer = await make_customer(session)
        await clerk.post(f"/quotes/{made['id']}/booking", json=driver(customer))
        (document,) = await search.load_documents(database.reads, [made["id"]])
        assert document["reference"] == made["reference"]
        assert document["idents"][1].startswith("BK-")
        assert document["subtitle"].startswith("Booked, ")
        assert {"Liis Tamm", customer.name} <= set(document["keywords"])
        assert (document["state"], document["branch"]) == ("consumed", ["TLL"])


async def test_what_is_asked_for_is_counted_by_day_and_branch(session, database, clerk, quote):
    await make_fleet(session, 1)
    made = await quote()
    await clerk.post("/car-searches", json=asked(starts="05:00", ends="10:00"))
    await clerk.post(f"/quotes/{made['id']}/booking", json=driver(await make_customer(session)))
    (row,) = await counting.look_to_book(database.reads, SYSTEM, clock.today(), clock.today())
    assert (row.location, row.market) == ("TLL", "EE")
    assert (row.searches, row.without_offer, row.quotes, row.bookings) == (2, 1, 1, 1)
    assert counting.searches_per_booking([row]) == 2
    other = await database.reads.fetch("SELECT COUNT(*) FROM search_day", ())
    assert other[0][0] == 1


def test_money_is_kept_as_text():
    assert preparing.money_of({"amount": "12.50", "currency": "EUR"}) == Money(1_250, "EUR")


class TestPages:
    async def test_from_the_search_to_the_booking_by_plain_forms(self, session, client_for):
        await make_fleet(session, 1, acriss="CWMD")
        await put_in_force(session, await make_rate_card(session, terms=terms()))
        clerk = await client_for("fleet_clerk", markets=["EE"])
        assert "TLL Airport" in (await clerk.get("/car-searches")).text
        day = next_weekday(1)
        given = {"place": "TLL", "pickup_local": f"{day}T10:00", "return_local": f"{day + timedelta(days=3)}T10:00"}
        refused = await clerk.post("/car-searches", data=given | {"driver_age": "7"})
        assert (refused.status_code, "From 16 to 99" in refused.text) == (422, True)
        found = await clerk.post("/car-searches", data=given | {"driver_age": "30"})
        assert found.status_code == 303
        page = (await clerk.get(found.headers["location"])).text
        for words in ("Own fleet", "CWMD", "Everybody has answered", "At the branch"):
            assert words in page
        none = (await clerk.get(f"{found.headers['location']}?transmission=automatic")).text
        assert "No offer fits the filters" in none
        offer = f"{found.headers['location']}/offers/own.TLL.CWMD"
        assert "CDW" in (await clerk.get(offer)).text
        compared = await clerk.get(f"{found.headers['location']}/comparison?offer=own.TLL.CWMD&offer=own.TLL.CWMD")
        assert compared.text.count("Choose") == 2
        body = {"search_id": found.headers["location"].rpartition("/")[2], "offer_id": "own.TLL.CWMD", "covers": "CDW"}
        quoted = await clerk.post("/quotes", data=body)
        assert quoted.status_code == 303
        shown = (await clerk.get(quoted.headers["location"])).text
        for words in ("data-seconds", "How the price moved", "CDW", "Cancelling costs"):
            assert words in shown
        assert "QT-" in (await clerk.get("/quotes")).text
        customer = await make_customer(session)
        refused = await clerk.post(f"{quoted.headers['location']}/booking", data={"driver_name": "Liis Tamm"})
        assert (refused.status_code, "There is a problem" in refused.text) == (422, True)
        booked = await clerk.post(
            f"{quoted.headers['location']}/booking",
            data={"driver_name": "Liis Tamm", "customer_id": str(customer.id)},
        )
        assert booked.headers["location"].startswith("/bookings/")
        assert "Booked as" in (await clerk.get(quoted.headers["location"])).text

    async def test_offers_are_narrowed_by_where_one_gets_the_vehicle(self, session, client_for):
        await make_fleet(session, 1)
        await make_location(session, "TLL-C", opening_hours=HOURS, delivery=Delivery.MEET_AND_GREET)
        await make_vehicle(session, plate="CCC 1", acriss="ECMR", location="TLL-C")
        day = next_weekday(1)
        given = {"place": "city:Tallinn", "pickup_local": f"{day}T10:00", "return_local": f"{day}T18:00"}
        clerk = await client_for("fleet_clerk", markets=["EE"])
        made = await clerk.post("/car-searches", data=given)
        page = (await clerk.get(made.headers["location"])).text
        assert "Met with the vehicle" in page
        assert "own-TLL-IWMD" in page
        narrowed = (await clerk.get(f"{made.headers['location']}?delivery=meet_and_greet")).text
        assert "own-TLL-C-ECMR" in narrowed
        assert "own-TLL-IWMD" not in narrowed

    async def test_why_no_cars_links_to_the_search_that_helps(self, session, client_for):
        await make_fleet(session, 1)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        day = next_weekday(1)
        given = {"place": "TLL", "pickup_local": f"{day}T06:00", "return_local": f"{day + timedelta(days=3)}T10:00"}
        found = await clerk.post("/car-searches", data=given)
        page = (await clerk.get(found.headers["location"])).text
        assert "Closed at the pick-up" in page
        assert f"pickup_local={day}T08%3A00" in page

    async def test_who_may_only_look_cannot_quote(self, session, client_for):
        await make_fleet(session, 1)
        auditor = await client_for("auditor")
        page = await auditor.get("/car-searches")
        assert page.status_code == 200
        assert (await auditor.post("/quotes", data={})).status_code == 403


async def test_a_race_for_one_quote_has_one_winner(market, agent):
    """Eight at once, over connections of their own."""
    async with market.database.unit() as session:
        customer = await make_customer(session)
    found = (
        await agent.post("/car-searches", json=asked(filters={"sources": ["own"]}, day=next_weekday(2, 90)))
    ).json()
    made = (await agent.post("/quotes", json={"search_id": found["id"], "offer_id": "own.TLL.IWMD"})).json()
    answers = await asyncio.gather(
        *(agent.post(f"/quotes/{made['id']}/booking", json=driver(customer)) for _ in range(8))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 7
    async with market.database.session() as session:
        count = await session.execute(text("SELECT COUNT(*) FROM booking WHERE quote_id = :id"), {"id": made["id"]})
        assert count.scalar_one() == 1
