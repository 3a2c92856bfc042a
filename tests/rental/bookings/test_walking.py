"""A customer that we have no car for is walked: to another class or branch of ours, to a supplier, or booked anew."""

from decimal import Decimal
from html import unescape
from re import findall

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.errors import InvalidFields
from app.kit.money import Money
from app.rental.bookings import queries, rules, services
from app.rental.bookings.models import Booking
from app.rental.bookings.pages.walks import borne_in_words
from app.rental.bookings.rules import BookingState, Source, StandIn
from app.rental.bookings.services import standing_in
from app.rental.locations import services as locations
from app.rental.occupancy import services as occupancy
from app.rental.supplier_terms.rules import Model, TermsLine, retail
from app.rental.suppliers.models import Supplier
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_vehicle
from tests.factories.suppliers import make_supplier, make_terms
from tests.rental.quotes.asks import asked
from tests.rental.suppliers.hires import next_hire

TALLINN, HARBOUR, TARTU = (("59.41", "24.83"), ("59.44", "24.76"), ("58.38", "26.72"))


def at(place):
    return {"latitude": place[0], "longitude": place[1], "opening_hours": HOURS}


@pytest.fixture
async def fleet(session):
    """One car of the class that is booked, one better, one smaller; the same class at the harbour and far away."""
    await make_location(session, "TLL", **at(TALLINN))
    await make_vehicle(session, acriss="IWMD", location="TLL", plate="AAA 1")
    for code, place in (("TLL-C", HARBOUR), ("TAY", TARTU)):
        await make_location(session, code, **at(place))
        await make_vehicle(session, acriss="IWMD", location=code, plate=f"{code[-1]} 1")
    await make_vehicle(session, acriss="PDMR", location="TLL", plate="PPP 1", day_price=Money(20_000, "EUR"))
    await make_vehicle(session, acriss="EDMR", location="TLL", plate="EEE 1", day_price=Money(3_000, "EUR"))


@pytest.mark.parametrize(
    ("code", "worth", "kind"),
    [
        ("IWMD", Money(1, "EUR"), StandIn.SAME),
        ("PDMR", Money(20_000, "EUR"), StandIn.BETTER),
        ("PDMR", Money(10_000, "EUR"), StandIn.BETTER),
        ("EDMR", Money(9_999, "EUR"), StandIn.SMALLER),
        ("PDMR", None, StandIn.SMALLER),
        ("PDMR", Money(20_000, "SEK"), StandIn.SMALLER),
    ],
)
def test_a_class_is_told_by_what_it_costs_today(code, worth, kind):
    assert rules.stand_in("IWMD", Money(10_000, "EUR"), code, worth) is kind


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Money(12_000, "EUR"), "we bear 20.00 EUR"),
        (Money(10_000, "EUR"), "nothing to bear"),
        (Money(9_000, "EUR"), "we keep 10.00 EUR"),
        (Money(9_000, "SEK"), "in another currency"),
    ],
)
def test_who_bears_the_difference_is_said(cost, words):
    assert borne_in_words(Money(10_000, "EUR"), cost) == words


class TestWithinTheFleet:
    async def test_candidates_are_here_and_near_the_same_class_first(self, session, fleet):
        booking = await make_booking(session)
        found = await standing_in.find_own_candidates(session, booking, SYSTEM)
        seen = [(each.location.code, each.class_code, each.kind) for each in found]
        assert seen == [
            ("TLL-C", "IWMD", StandIn.SAME),
            ("TLL", "PDMR", StandIn.BETTER),
            ("TLL", "EDMR", StandIn.SMALLER),
        ]
        assert found[1].worth == Money(60_000, "EUR")
        await make_booking(session, class_code="PDMR")
        left = await standing_in.find_own_candidates(session, booking, SYSTEM)
        assert [each.class_code for each in left] == ["IWMD", "EDMR"]

    async def test_another_branch_takes_over_at_the_agreed_price(self, session, fleet, client_for):
        booking = await make_booking(session)
        total, lines = booking.total, booking.price_lines
        walk = {"location": "TLL-C", "class_code": "iwmd", "reason": "Overbooked", "actor": SYSTEM}
        await services.walk_within_fleet(session, booking.id, **walk)
        assert (booking.state, booking.total, booking.price_lines) == (BookingState.CONFIRMED, total, lines)
        assert (booking.pickup_location, booking.return_location) == ("TLL-C", "TLL")
        hold = await occupancy.find_hold(session, booking.id)
        assert (hold.pickup_location, hold.class_code, hold.vehicle_id) == ("TLL-C", "IWMD", None)
        (earlier,) = await queries.list_terms(session, booking.id)
        assert (earlier.terms["pickup_location"], earlier.reason) == ("TLL", "Overbooked")
        with pytest.raises(InvalidFields):
            await services.walk_within_fleet(session, booking.id, **walk)
        await session.commit()
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert "Walked" in page
        assert "TLL-C Airport" in (await clerk.get(f"/bookings/{booking.id}/papers/voucher")).text

    async def test_the_desk_sees_what_is_overbooked_and_chooses(self, session, fleet, client_for):
        await make_booking(session)
        place = (await locations.by_codes(session, {"TLL"}))["TLL"]
        await occupancy.set_overbooking_limit(session, place, class_code="IWMD", limit=1, actor=SYSTEM)
        booking = await make_booking(session)
        await session.commit()
        clerk = await client_for("fleet_clerk")
        address = f"/bookings/{booking.id}"
        assert "Overbooked: of IWMD 1 free for these days, 1 other promised." in (await clerk.get(address)).text
        page = unescape((await clerk.get(f"{address}/walk/new")).text)
        assert "worth 366.00 EUR more, given" in page
        assert f'hx-get="{address}/walk/new?suppliers=yes"' in page
        missing = await clerk.post(f"{address}/walk", data={"reason": "Overbooked"})
        assert (missing.status_code, "Choose what takes its place" in missing.text) == (422, True)
        sent = {"target": "own|TLL|PDMR", "reason": ""}
        assert (await clerk.post(f"{address}/walk", data=sent)).status_code == 422
        done = await clerk.post(f"{address}/walk", data=sent | {"reason": "Overbooked"})
        assert (done.status_code, done.headers["location"].endswith(address)) == (303, True)
        assert "Overbooked: of" not in (await clerk.get(address)).text


@pytest.fixture
async def overbooked(session, fleet, beside_sandbox):
    """A booking of ours in a week in which a supplier has cars."""
    await make_supplier(session, beside_sandbox.settings, "nordrive", {"ee-tll-apt": "TLL"})
    pickup, back = next_hire()
    ends = {"pickup": {"location": "TLL", "local": pickup}, "back": {"location": "TLL", "local": back}}
    booking = await make_booking(session, **ends)
    await session.commit()
    return booking


class TestToASupplier:
    async def test_by_the_page(self, session, overbooked, client_for):
        clerk, address = await client_for("fleet_clerk"), f"/bookings/{overbooked.id}/walk"
        page = unescape((await clerk.get(f"{address}/new?suppliers=yes")).text)
        targets = findall(r'value="(supplier\|[^"]+)"', page)
        assert len(targets) > 2
        moved = targets[0].replace(targets[0].split("|")[2], "1.00")
        refused = await clerk.post(address, data={"target": moved, "reason": "Overbooked"})
        assert (refused.status_code, "The supplier's price has changed" in unescape(refused.text)) == (422, True)
        done = await clerk.post(address, data={"target": targets[0], "reason": "Overbooked"})
        assert done.status_code == 303, done.text
        made = await session.get(Booking, done.headers["location"].rpartition("/")[2])
        before = await session.get(Booking, overbooked.id, populate_existing=True)
        assert (made.source, made.state, made.total) == (Source.SUPPLIER, BookingState.SUBMITTING, before.total)
        assert (before.state, before.fee_minor, made.replaces_id) == (BookingState.CANCELLED, 0, before.id)
        shown = (await clerk.get(f"/bookings/{made.id}")).text
        assert "Instead of" in shown
        assert before.reference in shown

    async def test_over_the_api(self, session, overbooked, api_for):
        client, address = await api_for("fleet_clerk"), f"/bookings/{overbooked.id}"
        found = (await client.post(f"{address}/walk-searches")).json()
        assert found["agreed"] == {"amount": "234.00", "currency": "EUR"}
        assert [each["class_code"] for each in found["own"]] == ["IWMD", "PDMR", "EDMR"]
        offer = found["suppliers"][0]
        cost = offer["cost"]
        assert Money.parse(*offer["difference"].values()) == Money.parse(*cost.values()) - overbooked.total
        chosen = {"supplier": offer["supplier"], "key": offer["key"], "expected": cost}
        both = {"reason": "x", "own": {"location": "TLL", "class_code": "PDMR"}, "supplier": chosen}
        assert (await client.post(f"{address}/walk", json=both)).status_code == 422
        dearer = {"reason": "x", "supplier": chosen | {"expected": {"amount": "1.00", "currency": "EUR"}}}
        refused = await client.post(f"{address}/walk", json=dearer)
        assert (refused.status_code, refused.json()["code"]) == (409, "price_moved")
        answer = await client.post(f"{address}/walk", json={"reason": "Overbooked", "supplier": chosen})
        made = answer.json()
        assert (answer.status_code, made["replaces_id"], made["source"]) == (201, str(overbooked.id), "supplier")
        again = await client.post(f"{address}/walk", json={"reason": "Overbooked", "supplier": chosen})
        assert (again.status_code, again.json()["code"]) == (409, "illegal_state")

    async def test_what_a_supplier_charges_is_for_those_who_may_see_margins(
        self, session, overbooked, api_for, client_for
    ):
        line = TermsLine("****", Model.NET, markup_percent=Decimal(25))
        supplier = (await session.execute(select(Supplier))).scalars().first()
        await make_terms(session, supplier, line)
        await session.commit()
        clerk, manager = await api_for("fleet_clerk"), await api_for("fleet_manager")
        address = f"/bookings/{overbooked.id}"
        told, whole = [(await each.post(f"{address}/walk-searches")).json()["suppliers"] for each in (clerk, manager)]
        assert [each["price"] for each in told] == [each["price"] for each in whole]
        mine = [each for each in whole if each["supplier"] == supplier.code]
        assert mine
        for each in mine:
            net = Money.parse(*each["cost"].values())
            assert Money.parse(*each["price"].values()) == retail(net, line, "EUR")
        assert all("cost" not in each for each in told if each["supplier"] == supplier.code)
        page = (await (await client_for("fleet_clerk")).get(f"{address}/walk/new?suppliers=yes")).text
        assert not [each for each in mine if each["cost"]["amount"] in page]
        chosen = {"supplier": supplier.code, "key": mine[0]["key"], "expected": mine[0]["price"]}
        answer = await clerk.post(f"{address}/walk", json={"reason": "Overbooked", "supplier": chosen})
        assert answer.status_code == 201, answer.text
        assert answer.json()["total"] == {"amount": "234.00", "currency": "EUR"}


class TestBookedAnew:
    async def test_the_search_is_filled_and_what_is_booked_takes_its_place(self, session, api_for, client_for):
        await make_fleet(session, 3)
        lost = await make_booking(session)
        lost.source, lost.state, lost.fee_minor = Source.SUPPLIER, BookingState.CANCELLED_BY_SUPPLIER, 0
        await session.commit()
        clerk = await client_for("fleet_clerk")
        shown = unescape((await clerk.get(f"/bookings/{lost.id}")).text)
        (link,) = findall(r'href="(/car-searches\?[^"]+)"', shown)
        form = unescape((await clerk.get(link)).text)
        ends = [f"{local:%Y-%m-%dT%H:%M}" for local in (lost.pickup_local, lost.return_local)]
        for value in (*ends, "IWMD", str(lost.id)):
            assert f'value="{value}"' in form
        client = await api_for("fleet_clerk")
        search = asked() | {"replaces_booking_id": str(lost.id)}
        found = (await client.post("/car-searches", json=search)).json()
        body = {"search_id": found["id"], "offer_id": "own.TLL.IWMD"}
        quote = (await client.post("/quotes", json=body)).json()
        prefilled = unescape((await clerk.get(f"/quotes/{quote['id']}")).text)
        assert f'value="{lost.driver_name}"' in prefilled
        driver = {"customer_id": str(lost.customer_id), "driver": {"name": lost.driver_name}}
        booked = (await client.post(f"/quotes/{quote['id']}/booking", json=driver)).json()
        made = (await client.get(f"/bookings/{booked['booking_id']}")).json()
        assert made["replaces_id"] == str(lost.id)
        assert "Book another car" not in (await clerk.get(f"/bookings/{lost.id}")).text
