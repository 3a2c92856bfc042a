"""Suppliers' cars by their terms: customers see one price at every step, and only some see what is left of it."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from app.kit.money import Money
from app.rental.supplier_terms.rules import Base, Model, TermsLine
from app.rental.suppliers.queries import find_by_code
from tests.factories.desk import make_customer
from tests.factories.suppliers import make_terms
from tests.rental.quotes.asks import asked, offers_of

NET = TermsLine("****", Model.NET, markup_percent=Decimal(10), markup_per_hire_minor=500, step="1.00")
SHARE = TermsLine("****", Model.COMMISSION, commission_percent=Decimal(15), base=Base.TOTAL)


@pytest.fixture
async def sold(market):
    """Put terms in force with a supplier for a test."""
    made = []

    async def agree(code, *lines):
        async with market.database.unit() as session:
            supplier = await find_by_code(session, code)
            made.append((await make_terms(session, supplier, *lines)).id)
            return supplier

    yield agree
    async with market.database.unit() as session:
        for key in made:
            await session.execute(text("DELETE FROM supplier_terms WHERE id = :id"), {"id": key})
        await session.execute(text("UPDATE supplier SET has_net_prices = 0"))


@pytest.fixture
async def manager(market):
    async with await market.client("fleet_manager", markets=["EE"]) as client:
        yield client


@pytest.fixture
def search(market, agent, companies):
    async def run(*codes, **more):
        made = await agent.post("/car-searches", json=asked(*codes, **more))
        assert made.status_code == 201, made.text
        await market.runtime.background.settle()
        return (await agent.get(f"/car-searches/{made.json()['id']}")).json()

    return run


def minor(value):
    return Money.parse(value["amount"], value["currency"]).minor


def net_and_retail(before):
    """What 10 % and 5.00, up to a whole unit, make of a price."""
    marked = before + round(before / 10) + 500
    return -(-marked // 100) * 100


async def quote(client, last, offer):
    made = await client.post("/quotes", json={"search_id": last["id"], "offer_id": offer["id"]})
    assert made.status_code == 201, made.text
    return made.json()


async def book(market, client, quoted):
    async with market.database.unit() as session:
        customer = await make_customer(session)
    body = {"customer_id": str(customer.id), "driver": {"name": "Mari Kask"}}
    booked = await client.post(f"/quotes/{quoted['id']}/booking", json=body)
    assert booked.status_code == 201, booked.text
    return (await client.get(f"/bookings/{booked.json()['booking_id']}")).json()


class TestNet:
    async def test_one_price_from_search_to_booking_and_the_supplier_gets_its_own(
        self, market, agent, manager, search, sold, companies
    ):
        plain = {o["class_code"]: minor(o["total"]) for o in offers_of(await search(filters={"sources": ["nordrive"]}))}
        await sold("nordrive", NET)
        last = await search(filters={"sources": ["nordrive"]})
        for offer in offers_of(last):
            assert minor(offer["total"]) == net_and_retail(plain[offer["class_code"]])
            assert sum(minor(line["amount"]) for line in offer["lines"] if not line["is_included"]) == minor(
                offer["total"]
            )
        offer = offers_of(last)[0]
        net = plain[offer["class_code"]]
        quoted = await quote(agent, last, offer)
        assert (quoted["total"], quoted.get("replaces_id")) == (offer["total"], None)
        made = await book(market, agent, quoted)
        assert made["total"] == offer["total"]
        everything = f"{last} {quoted} {made}"
        assert Money(net, "EUR").amount not in everything
        margin = (await manager.get(f"/bookings/{made['id']}/margin")).json()
        assert [minor(margin[name]) for name in ("price", "retail", "cost", "margin")] == [
            net, net_and_retail(net), net, net_and_retail(net) - net,
        ]  # fmt: skip
        assert (await manager.get(f"/quotes/{quoted['id']}/margin")).json() == margin
        assert (await agent.get(f"/bookings/{made['id']}/margin")).status_code == 403
        (reservation,) = [
            each
            for each in (await manager.get("/supplier-reservations", params={"supplier": "nordrive"})).json()["items"]
            if each["created_at"] >= made["created_at"]
        ]
        assert minor(reservation["offered"]) == net

    async def test_a_price_that_moved_is_compared_in_retail_and_its_drift_in_net(
        self, market, agent, search, sold, companies
    ):
        await sold("nordrive", NET)
        last = await search(filters={"sources": ["nordrive"]})
        async with market.database.unit() as session:
            before = (await session.execute(text("SELECT COALESCE(SUM(moved), 0) FROM supplier_drift"))).scalar_one()
        await quote(agent, last, offers_of(last)[0])
        async with market.database.unit() as session:
            still = (await session.execute(text("SELECT COALESCE(SUM(moved), 0) FROM supplier_drift"))).scalar_one()
        assert still == before
        companies["nordrive"].switch_on("drift", "recheck")
        drifted = await quote(agent, last, offers_of(last)[0])
        assert drifted["replaces_id"]
        assert minor(drifted["total"]) % 100 == 0
        async with market.database.unit() as session:
            moved = (await session.execute(text("SELECT SUM(moved) FROM supplier_drift"))).scalar_one()
        assert moved == before + 1

    async def test_what_is_agreed_later_does_not_touch_an_open_quote(self, market, agent, search, sold):
        await sold("nordrive", NET)
        last = await search(filters={"sources": ["nordrive"]})
        quoted = await quote(agent, last, offers_of(last)[0])
        await sold("nordrive", SHARE)
        assert (await book(market, agent, quoted))["total"] == quoted["total"]
        again = await quote(agent, last, offers_of(last)[0])
        assert minor(again["total"]) < minor(quoted["total"])
        assert again["replaces_id"]

    async def test_pages_tell_a_clerk_one_price_and_a_manager_what_is_left(self, market, agent, search, sold):
        await sold("nordrive", NET)
        async with market.database.unit() as session:
            (await find_by_code(session, "nordrive")).has_net_prices = True
        last = await search(filters={"sources": ["nordrive"]})
        quoted = await quote(agent, last, offers_of(last)[0])
        made = await book(market, agent, quoted)
        async with market.database.unit() as session:
            kept = (
                await session.execute(text("SELECT offered_minor FROM supplier_reservation ORDER BY id DESC"))
            ).first()
        net = Money(kept[0], "EUR").amount
        ends = "&".join(f"{name}_local={last[name]['local']}" for name in ("pickup", "return"))
        pages = [f"/quotes/{quoted['id']}", f"/bookings/{made['id']}", "/supplier-reservations"]
        async with (
            await market.page("fleet_clerk", markets=["EE"]) as clerk,
            await market.page("fleet_manager") as boss,
        ):
            for address in pages:
                shown = (await clerk.get(address)).text
                assert net not in shown, address
                assert "Mark-up" not in shown
                assert net in (await boss.get(address)).text, address
            search_page = f"/suppliers/search?pickup=TLL&driver_age=30&{ends}"
            assert "net, not shown" in (await clerk.get(search_page)).text
            assert "net, not shown" not in (await boss.get(search_page)).text
            for address in pages[:2]:
                assert "Net, mark-up, commission, margin" in (await boss.get(address)).text

    async def test_a_clerk_who_asks_the_supplier_itself_learns_no_net_price(self, market, agent, manager, sold):
        await sold("nordrive", NET)
        async with market.database.unit() as session:
            (await find_by_code(session, "nordrive")).has_net_prices = True
        day = asked()
        hire = {
            "pickup": {"location": "TLL", "local": day["pickup"]["local"]},
            "return": {"location": "TLL", "local": day["return"]["local"]},
        }
        mine, theirs = [
            [each for each in (await client.post("/supplier-searches", json=hire)).json()["items"]
             if each["supplier"] == "nordrive"]
            for client in (agent, manager)
        ]  # fmt: skip
        assert mine
        assert all("total" not in each and not each["lines"] for each in mine)
        body = hire | {"supplier": "nordrive", "key": theirs[0]["key"], "surname": "Kask"}
        guess = await agent.post(
            "/supplier-reservations", json=body | {"expected": {"amount": "1.00", "currency": "EUR"}}
        )
        assert (guess.status_code, theirs[0]["total"]["amount"] in guess.text) == (403, False)
        made = await manager.post("/supplier-reservations", json=body | {"expected": theirs[0]["total"]})
        assert made.status_code == 201, made.text
        assert "offered" in made.json()
        assert "offered" not in (await agent.get(f"/supplier-reservations/{made.json()['id']}")).json()


class TestCommission:
    async def test_the_customer_pays_the_suppliers_price_and_a_part_of_it_is_ours(
        self, market, agent, manager, search, sold
    ):
        plain = {o["class_code"]: o["total"] for o in offers_of(await search(filters={"sources": ["baltic"]}))}
        await sold("baltic", SHARE)
        last = await search(filters={"sources": ["baltic"]})
        assert {o["class_code"]: o["total"] for o in offers_of(last)} == plain
        quoted = await quote(agent, last, offers_of(last)[0])
        margin = (await manager.get(f"/quotes/{quoted['id']}/margin")).json()
        assert margin["price"] == margin["retail"] == quoted["total"]
        assert 0 < minor(margin["commission"]) <= round(minor(quoted["total"]) * 0.15)
        assert minor(margin["cost"]) == minor(quoted["total"]) - minor(margin["commission"])

    async def test_without_terms_nothing_is_earned_and_it_says_so(self, market, agent, manager, search):
        last = await search(filters={"sources": ["sunway"]})
        quoted = await quote(agent, last, offers_of(last)[0])
        margin = (await manager.get(f"/quotes/{quoted['id']}/margin")).json()
        assert (minor(margin["margin"]), "line" in margin) == (0, False)
        async with await market.page("fleet_manager") as boss:
            assert "No terms: sold at their price, earns nothing" in (await boss.get(f"/quotes/{quoted['id']}")).text
