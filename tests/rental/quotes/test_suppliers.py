"""Searching our own fleet and suppliers together: partial at first, late ones told, every absentee with its reason."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.rental.suppliers.queries import find_by_code
from tests.factories.desk import make_customer
from tests.factories.exchange_rates import add_rates
from tests.rental.quotes.asks import asked, next_weekday, offers_of

ALL = {"baltic", "aurora", "nordrive", "sunway"}


@pytest.fixture
def search(market, agent, companies, monkeypatch):
    """Search, and wait until everybody has answered or is late; the first and the last answer come back."""

    async def run(*codes, **more):
        made = await agent.post("/car-searches", json=asked(*codes, **more))
        assert made.status_code == 201, made.text
        await market.runtime.background.settle()
        return made.json(), (await agent.get(f"/car-searches/{made.json()['id']}")).json()

    monkeypatch.setattr("app.rental.quotes.services.searching.DEADLINE_SECONDS", 1.0)
    return run


def reasons(found) -> dict[str, str]:
    return {each["source"]: each["reason"] for each in found["excluded"] if each["source"] != "own"}


async def test_is_partial_at_first_and_whole_in_the_end(search):
    first, last = await search()
    assert first["partial"] is True
    assert {offer["source"] for offer in offers_of(first)} == {"own"}
    assert {each["state"] for each in first["sources"] if each["source"] != "own"} == {"waiting"}
    assert last["partial"] is False
    assert {offer["source"] for offer in offers_of(last)} == {"own", *ALL}
    for group in last["groups"]:
        totals = [float(offer["compared"]["amount"]) for offer in group["offers"] if "compared" in offer]
        assert totals == sorted(totals)
        assert len({offer["bucket"] for offer in group["offers"]}) == 1


async def test_other_currencies_say_by_which_rate_they_were_compared(search):
    _, last = await search(currency="SEK")
    offer = next(each for each in offers_of(last) if each["source"] == "own")
    assert offer["total"] == {"amount": "234.00", "currency": "EUR"}
    assert offer["compared"] == {"amount": "2672.28", "currency": "SEK"}
    assert "charged in EUR" in offer["note"]
    (rate,) = last["conversion_rates"]
    assert (rate["base"], rate["currency"], rate["rate"], rate["is_stale"]) == ("EUR", "SEK", "11.42", False)


async def test_without_a_young_rate_offers_are_not_compared_come_last_and_say_why(market, agent, search):
    async with market.database.unit() as session:
        await add_rates(session, {("EUR", "CZK"): "24.6"}, clock.today() - timedelta(days=9))
    _, last = await search(currency="CZK")
    notes = {offer["note"] for offer in offers_of(last) if offer["total"]["currency"] == "EUR"}
    assert notes == {"The rate from EUR to CZK is 9 days old: not compared, shown last"}
    assert all("compared" not in offer for offer in offers_of(last))
    assert [rate["is_stale"] for rate in last["conversion_rates"] if rate["currency"] == "CZK"] == [True]
    _, last = await search(currency="HUF")
    assert {offer["note"].partition(":")[2] for offer in offers_of(last)} == {" not comparable, shown last"}


async def test_currencies_and_rates_are_locked_with_the_quote_and_drift_is_counted(market, agent, search, companies):
    _, last = await search(currency="SEK", filters={"sources": ["nordrive"]})
    offer = offers_of(last)[0]
    companies["nordrive"].switch_on("drift", "recheck")
    made = (await agent.post("/quotes", json={"search_id": last["id"], "offer_id": offer["id"]})).json()
    locked = made["currencies"]
    assert (locked["rate"], locked["sale"], locked["settlement"]) == (made["total"]["currency"],) * 3
    assert locked["compared"]["currency"] == "SEK"
    async with market.database.unit() as session:
        await add_rates(session, {("EUR", "SEK"): "11.42"})
        moved = await session.execute(text("SELECT SUM(moved), SUM(basis_points) FROM supplier_drift"))
    again = (await agent.post(f"/quotes/{made['id']}/recheck")).json()
    assert again["currencies"] == locked
    assert all(float(figure) > 0 for figure in moved.one())


async def test_who_is_late_or_fails_is_told_and_the_others_are_there(search, companies):
    companies["baltic"].switch_on("latency", "search", seconds=1.4)
    companies["aurora"].switch_on("xml_entities", "search")
    _, last = await search()
    assert {offer["source"] for offer in offers_of(last)} == {"own", "nordrive", "sunway"}
    assert reasons(last) == {"baltic": "late", "aurora": "system"}
    states = {each["source"]: each["state"] for each in last["sources"]}
    assert (states["baltic"], states["aurora"], states["sunway"]) == ("late", "absent", "answered")


async def test_a_branch_that_is_not_mapped_says_where_there_are_cars(search):
    _, last = await search("TLL", "TLL-C")
    (why,) = [each for each in last["excluded"] if each["source"] == "sunway"]
    assert (why["pickup_location"], why["reason"]) == ("TLL-C", "not_mapped")
    assert why["change"]["words"].startswith("pick up at TLL, class ")


async def test_offers_say_where_people_get_their_vehicle(market, search):
    async with market.database.unit() as session:
        await session.execute(text("UPDATE location SET delivery = 'shuttle' WHERE code = 'TLL'"))
        await session.execute(text("UPDATE supplier_branch SET delivery = 'in_terminal' WHERE code = 'TLLA01'"))
    _, last = await search()
    ways = {offer["source"]: offer.get("delivery") for offer in offers_of(last)}
    assert ways == {"own": "shuttle", "baltic": "in_terminal", **dict.fromkeys(ALL - {"baltic"})}


async def test_only_the_sources_that_are_wanted_are_asked(search, companies):
    before = companies["sunway"].calls("search")
    _, last = await search(filters={"sources": ["baltic"]})
    assert {each["source"] for each in last["sources"]} == {"baltic"}
    assert companies["sunway"].calls("search") == before


async def test_a_process_that_died_leaves_late_answers_and_no_waiting(market, agent, search, monkeypatch):
    monkeypatch.setattr("app.rental.quotes.services.searching.start", lambda *_: None)
    first, _ = await search()
    async with market.database.unit() as session:
        await session.execute(
            text("UPDATE car_search SET deadline_at = created_at WHERE id = :id"), {"id": first["id"]}
        )
    last = (await agent.get(f"/car-searches/{first['id']}")).json()
    assert last["partial"] is False
    assert set(reasons(last).values()) == {"late"}
    assert {offer["source"] for offer in offers_of(last)} == {"own"}


async def test_a_repeated_request_asks_nobody_again(market, agent, companies, search):
    headers = {"idempotency-key": "search-once"}
    body = asked()
    first = await agent.post("/car-searches", json=body, headers=headers)
    await market.runtime.background.settle()
    before = companies["sunway"].calls("search")
    again = await agent.post("/car-searches", json=body, headers=headers)
    await market.runtime.background.settle()
    assert again.json()["id"] == first.json()["id"]
    assert companies["sunway"].calls("search") == before


async def test_a_suppliers_price_is_asked_again_and_reserved_once(market, agent, search, companies):
    _, last = await search(filters={"sources": ["nordrive"]})
    offer = offers_of(last)[0]
    body = {"search_id": last["id"], "offer_id": offer["id"]}
    made = await agent.post("/quotes", json=body)
    assert made.status_code == 201, made.text
    assert (made.json()["state"], made.json()["total"]) == ("open", offer["total"])
    companies["nordrive"].switch_on("drift", "recheck")
    drifted = (await agent.post(f"/quotes/{made.json()['id']}/recheck")).json()
    assert drifted["replaces_id"] == made.json()["id"]
    assert drifted["total"] != offer["total"]
    async with market.database.unit() as session:
        customer = await make_customer(session)
    booking = {"customer_id": str(customer.id), "driver": {"name": "Mari Kask"}}
    booked = (await agent.post(f"/quotes/{drifted['id']}/booking", json=booking)).json()
    assert booked["state"] == "consumed"
    made = (await agent.get(f"/bookings/{booked['booking_id']}")).json()
    assert (made["source"], made["state"], made["total"]) == ("supplier", "submitting", drifted["total"])
    (reservation,) = (await agent.get("/supplier-reservations", params={"supplier": "nordrive"})).json()["items"]
    assert reservation["offered"] == drifted["total"]


async def test_what_a_supplier_refuses_makes_no_quote(agent, search, companies):
    _, last = await search(filters={"sources": ["sunway"]})
    companies["sunway"].switch_on("error", "recheck")
    body = {"search_id": last["id"], "offer_id": offers_of(last)[0]["id"]}
    refused = await agent.post("/quotes", json=body)
    assert refused.status_code in (409, 502, 503), refused.text
    assert refused.headers["content-type"].startswith("application/problem+json")


@pytest.fixture
async def limited(market):
    """Give a supplier limits for a test."""
    kept = []

    async def give(code, **limits):
        async with market.database.unit() as session:
            supplier = await find_by_code(session, code)
            kept.append((code, dict(supplier.limits)))
            supplier.limits = limits

    yield give
    async with market.database.unit() as session:
        for code, limits in kept:
            (await find_by_code(session, code)).limits = limits


def why_of(found, source):
    return next(each for each in found["excluded"] if each["source"] == source)


class TestLimits:
    """Nobody asks for what a supplier refuses anyway; what it would take is asked for, really."""

    @pytest.mark.parametrize(
        ("limits", "reason", "words"),
        [
            ({"min_days": 5}, "min_days", "return 2 days later, class "),
            ({"max_days": 2}, "max_days", "return 1 day earlier, class "),
            ({"min_age": 35}, "min_age", "a driver of 35"),
            ({"advance_hours": 24 * 40}, "advance_hours", "pick up "),
        ],
    )
    async def test_the_change_that_was_asked_for_is_told_with_its_price(
        self, search, companies, limited, limits, reason, words
    ):
        await limited("nordrive", **limits)
        before = companies["nordrive"].calls("search")
        first, last = await search(currency="SEK")
        assert (why_of(first, "nordrive")["reason"], first["partial"]) == (reason, True)
        why = why_of(last, "nordrive")
        assert (why["tried"], last["partial"]) == (1, False)
        assert words in why["change"]["words"]
        assert why["change"]["compared"]["currency"] == "SEK"
        assert companies["nordrive"].calls("search") == before + 1
        assert "nordrive" not in {offer["source"] for offer in offers_of(last)}

    async def test_a_young_driver_whom_it_refuses_is_tried_older(self, search, companies):
        before = companies["sunway"].calls("search")
        _, last = await search(driver_age=18, filters={"sources": ["sunway"]})
        why = why_of(last, "sunway")
        assert (why["reason"], why["change"]["driver_age"], why["tried"]) == ("known", 30, 1)
        assert companies["sunway"].calls("search") == before + 2

    async def test_closed_hours_are_tried_at_midday(self, search):
        _, last = await search(starts="10:00", ends="23:30", filters={"sources": ["baltic"]})
        why = why_of(last, "baltic")
        assert why["reason"] == "known"
        assert why["change"]["return_local"].endswith("T12:00")

    async def test_stopped_and_silent_suppliers_are_not_tried(self, search, companies, market):
        async with market.database.unit() as session:
            (await find_by_code(session, "baltic")).stops = {"EE": "sale"}
        companies["aurora"].switch_on("latency", "search", seconds=1.4)
        before = companies["baltic"].calls("search")
        _, last = await search(filters={"sources": ["baltic", "aurora"]})
        async with market.database.unit() as session:
            (await find_by_code(session, "baltic")).stops = {}
        assert {code: why_of(last, code).get("tried", 0) for code in ("baltic", "aurora")} == {"baltic": 0, "aurora": 0}
        assert companies["baltic"].calls("search") == before


class TestOtherClasses:
    """Who has cars, but none of the class, says so, with the nearest that it really offered: nobody is asked again."""

    async def test_the_nearest_class_that_it_has_is_told_with_its_price(self, search, companies):
        sources = {"sources": ["nordrive"]}
        _, whole = await search(filters=sources)
        has = {offer["class_code"]: offer["total"] for offer in offers_of(whole)}
        before = companies["nordrive"].calls("search")
        _, last = await search(currency="SEK", filters={**sources, "classes": ["CDAE"]})
        assert "CDAE" not in has
        why = why_of(last, "nordrive")
        change = why["change"]
        assert (why["reason"], why["words"], why["tried"]) == ("other_classes", "Has other classes only", len(has))
        assert set(why["detail"].removeprefix("Has ").split(", ")) <= has.keys()
        assert change["class_code"] in {code for code in has if code.startswith("CD")}
        assert change["words"] == f"class {change['class_code']}"
        assert (change["total"], change["compared"]["currency"]) == (has[change["class_code"]], "SEK")
        assert companies["nordrive"].calls("search") == before + 1
        assert (last["offers"], last["sources"][0]["state"]) == (0, "absent")

    async def test_a_change_that_gives_another_class_only_is_better_than_none(self, search, companies, limited):
        await limited("nordrive", min_days=5)
        _, last = await search(filters={"sources": ["nordrive"], "classes": ["CDAE"]})
        why = why_of(last, "nordrive")
        assert (why["reason"], why["tried"]) == ("min_days", 1)
        assert why["change"]["words"].startswith("return 2 days later, class CD")

    async def test_who_has_the_class_at_another_branch_of_the_search_is_told_so(self, search, companies):
        _, last = await search("TLL", "TLL-C", filters={"sources": ["nordrive"], "classes": ["CDAE"]})
        reasons = {each["pickup_location"]: each["reason"] for each in last["excluded"]}
        assert reasons == {"TLL": "other_classes", "TLL-C": "not_mapped"}

    async def test_the_page_links_to_the_class_that_helps(self, market, companies):
        day = next_weekday(1)
        given = {
            "place": "TLL",
            "pickup_local": f"{day}T10:00",
            "return_local": f"{day + timedelta(days=3)}T10:00",
            "class_code": "CDAE",
        }
        async with await market.page("fleet_clerk", markets=["EE"]) as clerk:
            found = await clerk.post("/car-searches", data=given)
            await market.runtime.background.settle()
            page = (await clerk.get(found.headers["location"])).text
        assert "Has other classes only" in page
        assert "class_code=CD" in page
        assert page.count("class_code=CDAE") == 0
