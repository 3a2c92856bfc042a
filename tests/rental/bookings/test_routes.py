"""Booking pages: booked, found, assigned, amended and cancelled by hand."""

import re
from datetime import timedelta

from app.core import clock
from app.rental.occupancy import services as occupancy
from tests.factories.desk import make_customer
from tests.factories.rental import make_booking, make_card_in_force, make_fleet, make_location, make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


def typed(customer=None, **changes):
    day = clock.today() + timedelta(days=30)
    given = {
        "driver_name": "Liis Tamm",
        "driver_phone": "+372 5551 2345",
        "pickup_location": "TLL",
        "pickup_local": f"{day}T10:00",
        "return_local": f"{day + timedelta(days=3)}T10:00",
        "class_code": "IWMD",
    }
    return given | ({"customer_id": str(customer.id)} if customer else {}) | changes


class TestList:
    async def test_shows_rows_inside_the_scope_only_and_finds_by_prefix(self, client_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        for text in ("", booking.reference, "AAA 0", "+3725551", "Liis"):
            page = (await clerk.get("/bookings", params={"q": text})).text
            assert booking.reference in page, text
        other = await client_for("fleet_clerk", markets=["LV"])
        assert booking.reference not in (await other.get("/bookings")).text

    async def test_every_column_can_be_shown_and_every_order_asked(self, client_for, session):
        await make_fleet(session)
        booking = await make_booking(session)
        clerk = await client_for("fleet_clerk")
        columns = "driver,class,vehicle,branch,pickup,return,total,state,return_branch,customer,phone,fee,source,market"
        page = await clerk.get(f"/bookings?columns={columns},supplier,supplier_reference,created,updated")
        assert booking.reference in page.text
        for order in ("pickup_at", "-return_at", "total", "-created_at"):
            assert booking.reference in (await clerk.get(f"/bookings?sort={order}&assigned=no&state=confirmed")).text


class TestCreate:
    async def test_books_and_shows_the_booking(self, client_for, session):
        await make_fleet(session)
        customer = await make_customer(session)
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/bookings/new?customer_id={customer.id}")).text
        assert 'value="Liis Tamm"' in page
        answer = await clerk.post("/bookings", data=typed(customer))
        assert answer.status_code == 303
        page = (await clerk.get(answer.headers["location"])).text
        for words in ("Confirmed", "3 days at 78.00", "234.00 EUR", "not assigned", "Cancelling costs"):
            assert words in page
        assert "/bookings/" in (await clerk.get(f"/customers/{customer.id}")).text

    async def test_without_script_the_typed_customer_is_taken_when_there_is_one(self, client_for, session):
        await make_fleet(session)
        await make_customer(session)
        clerk = await client_for("fleet_clerk")
        assert (await clerk.post("/bookings", data=typed() | {"customer": "Liis"})).status_code == 303
        refused = await clerk.post("/bookings", data=typed() | {"customer": "Nobody"})
        assert refused.status_code == 422
        assert "Nobody is found by this" in refused.text

    async def test_says_what_is_wrong_beside_the_field(self, client_for, session):
        await make_fleet(session, 1)
        customer = await make_customer(session)
        clerk = await client_for("fleet_clerk")
        day = clock.today() + timedelta(days=30)
        refused = await clerk.post("/bookings", data=typed(customer, pickup_local=f"{day}T06:00"))
        assert refused.status_code == 422
        assert re.search(r'id="field-pickup_local-error".*is closed then', refused.text, re.DOTALL)
        assert (await clerk.post("/bookings", data=typed(customer))).status_code == 303
        sold_out = await clerk.post("/bookings", data=typed(customer))
        assert "The class is sold out at that time" in sold_out.text
        blank = await clerk.post("/bookings", data={})
        assert blank.status_code == 422
        assert "Driver is missing" in blank.text
        assert "Customer is missing" in blank.text

    async def test_customers_are_found_while_one_types(self, client_for, session):
        customer = await make_customer(session)
        clerk = await client_for("fleet_clerk")
        headers = PARTIAL | {"hx-target": "div#customer-matches"}
        found = await clerk.get("/bookings/customers?customer=lii", headers=headers)
        assert str(customer.id) in found.text
        assert found.text.lstrip().startswith('<div id="customer-matches"')


class TestMoves:
    async def test_assigns_one_of_the_free_vehicles(self, client_for, session):
        free, taken = await make_fleet(session)
        await make_booking(session, vehicle_id=taken.id)
        booking = await make_booking(session)
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/bookings/{booking.id}/vehicle-assignment/new")).text
        assert f'value="{free.id}"' in page
        assert f'value="{taken.id}"' not in page
        assert "on another booking" in page
        address = f"/bookings/{booking.id}/vehicle-assignment"
        assert (await clerk.post(address, data={})).status_code == 422
        refused = await clerk.post(address, data={"vehicle_id": str(taken.id)})
        assert (refused.status_code, "The vehicle is taken at that time" in refused.text) == (422, True)
        assert (await clerk.post(address, data={"vehicle_id": str(free.id)})).status_code == 303
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert "AAA 0" in page
        assert "Vehicle assigned" in page
        assert booking.reference in (await clerk.get(f"/vehicles/{free.id}")).text
        assert (await clerk.post(f"{address}/removal")).status_code == 303

    async def test_amends_with_a_new_price(self, client_for, session):
        await make_fleet(session)
        booking = await make_booking(session)
        clerk = await client_for("fleet_clerk")
        address = f"/bookings/{booking.id}/amendment"
        day = clock.today() + timedelta(days=30)
        change = {
            "pickup_location": "TLL", "pickup_local": f"{day}T10:00", "return_location": "TLL",
            "return_local": f"{day + timedelta(days=5)}T10:00", "class_code": "IWMD",
        }  # fmt: skip
        assert (await clerk.post(address, data=change)).status_code == 422
        assert (await clerk.post(address, data=change | {"reason": "Stays longer"})).status_code == 303
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert "5 days at 78.00" in page
        assert "Stays longer" in page
        assert "Earlier terms" in page

    async def test_what_somebody_else_changed_meanwhile_is_told_and_not_lost(self, client_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session)
        first, second = await client_for("fleet_clerk"), await client_for("fleet_manager")
        day = booking.pickup_local.date()
        change = {
            "pickup_location": "TLL", "pickup_local": f"{day}T10:00", "class_code": "IWMD", "reason": "Stays longer",
            "version": str(booking.version),
        }  # fmt: skip
        address, seen = f"/bookings/{booking.id}/amendment", f'name="version" value="{booking.version}"'
        assert seen in (await second.get(f"{address}/new")).text
        assigning = f"/bookings/{booking.id}/vehicle-assignment"
        assert seen in (await second.get(f"{assigning}/new")).text
        longer = change | {"return_local": f"{day + timedelta(days=5)}T10:00"}
        assert (await first.post(address, data=longer)).status_code == 303

        shorter = change | {"return_local": f"{day + timedelta(days=2)}T10:00"}
        stale = await second.post(address, data=shorter)
        assert (stale.status_code, shorter["return_local"] in stale.text) == (409, True)
        assert stale.headers["hx-reswap"] == "outerHTML"
        assert f"{day + timedelta(days=5):%a %-d %b %Y} 10:00, IWMD" in stale.text
        chosen = {"vehicle_id": str(car.id), "version": str(booking.version)}
        assert (await second.post(assigning, data=chosen)).status_code == 409
        await session.refresh(booking)
        assert (booking.return_local.date(), booking.vehicle_id) == (day + timedelta(days=5), None)
        await session.rollback()

        present = re.search(r'name="version" value="(\d+)"', stale.text).group(1)
        assert (await second.post(address, data=shorter | {"version": present})).status_code == 303

    async def test_a_refused_change_leaves_what_was_held(self, client_for, session):
        car, _ = await make_fleet(session)
        await make_vehicle(session, acriss="CDMR", location="TLL", plate="CCC 1")
        await make_booking(session, class_code="CDMR")
        booking = await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_clerk")
        change = {
            "pickup_location": "TLL", "pickup_local": f"{booking.pickup_local:%Y-%m-%dT%H:%M}",
            "return_local": f"{booking.return_local:%Y-%m-%dT%H:%M}", "class_code": "CDMR", "reason": "Smaller",
        }  # fmt: skip
        refused = await clerk.post(f"/bookings/{booking.id}/amendment", data=change)
        assert (refused.status_code, "The class is sold out" in refused.text) == (422, True)
        hold = await occupancy.find_hold(session, booking.id)
        assert (hold.vehicle_id, hold.class_code) == (car.id, "IWMD")

    async def test_cancels_with_the_fee_that_the_form_told(self, client_for, session):
        await make_fleet(session)
        booking = await make_booking(session)
        clerk = await client_for("fleet_clerk")
        assert "Cancelling now is free." in (await clerk.get(f"/bookings/{booking.id}")).text
        address = f"/bookings/{booking.id}/cancellation"
        refused = await clerk.post(address, data={})
        assert (refused.status_code, "Cancelling now is free." in refused.text) == (422, True)
        assert (await clerk.post(address, data={"reason": "Other plans"})).status_code == 303
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert "nothing more can happen" in page
        again = await clerk.post(address, data={"reason": "Again"}, headers=PARTIAL)
        assert again.status_code == 409
        assert "Not possible in the present state. The booking is cancelled." in again.headers["hx-trigger"]

    async def test_upgrades_at_the_same_price(self, client_for, session):
        await make_fleet(session)
        await make_vehicle(session, acriss="PDMR", location="TLL", plate="PPP 1")
        booking = await make_booking(session)
        clerk, address = await client_for("fleet_clerk"), f"/bookings/{booking.id}/upgrade"
        refused = await clerk.post(address, data={"reason": "Sold out"})
        assert (refused.status_code, "Another class for the price" in refused.text) == (422, True)
        assert (await clerk.post(address, data={"class_code": "PDMR", "reason": "Sold out"})).status_code == 303
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert "PDMR" in page
        assert "234.00 EUR" in page

    async def test_roles_that_may_not_are_not_offered(self, client_for, session):
        await make_fleet(session)
        booking = await make_booking(session)
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/bookings/{booking.id}")).text
        assert "Another role may" in page
        assert (await officer.post(f"/bookings/{booking.id}/cancellation", data={"reason": "x"})).status_code == 403

    async def test_the_branch_decides_who_sees_it(self, client_for, session):
        await make_fleet(session)
        await make_location(session, "TAY")
        booking = await make_booking(session)
        clerk = await client_for("fleet_clerk", markets=["EE"], branches=["TAY"])
        assert (await clerk.get(f"/bookings/{booking.id}")).status_code == 404


class TestPrices:
    async def test_the_form_shows_what_can_be_taken_and_what_it_costs(self, client_for, session):
        await make_fleet(session)
        await make_card_in_force(session, terms={"tax_percent": "0", "airport_percent": None})
        customer, clerk = await make_customer(session), await client_for("fleet_clerk")
        assert "Say from when until when" in (await clerk.get("/bookings/new")).text
        headers = PARTIAL | {"hx-target": "div#hire-price"}
        shown = await clerk.post("/bookings/previews", data=typed(), headers=headers)
        assert shown.text.lstrip().startswith('<div id="hire-price"')
        assert "234.00 EUR" in shown.text
        taken = {"covers": "CDW", "extra.GPS": "2", "product": "PREPAID", "additional_drivers": "1"}
        shown = await clerk.post("/bookings/previews", data=typed(**taken), headers=headers)
        assert "314.28 EUR" in shown.text
        refused = await clerk.post("/bookings/previews", data=typed(class_code="CDMR"), headers=headers)
        assert "There is no price for this class" in refused.text
        wrong = await clerk.post("/bookings", data=typed(customer, **{"extra.GPS": "many"}))
        assert (wrong.status_code, "Enter a whole number" in wrong.text) == (422, True)
        booked = await clerk.post("/bookings", data=typed(customer, **taken))
        page = (await clerk.get(booked.headers["location"])).text
        for words in ("314.28 EUR", "PREPAID, CDW, 2 x GPS, 1 additional driver", "Intermediate Estonia, version 1"):
            assert words in page

    async def test_an_amendment_shows_the_difference_before_it_is_saved(self, client_for, session):
        await make_fleet(session)
        await make_card_in_force(session, terms={"tax_percent": "0", "airport_percent": None})
        booking = await make_booking(session, choices={"covers": ["CDW"]})
        clerk, address = await client_for("fleet_clerk"), f"/bookings/{booking.id}/amendment"
        page = (await clerk.get(f"{address}/new")).text
        assert re.search(r'value="CDW"[^>]* checked', page)
        change = typed(covers="CDW", **{"extra.GPS": "1"})
        shown = (await clerk.post(f"{address}-previews", data=change)).text
        assert "21.00 EUR more" in shown
        assert booking.total_minor == 27_000
        assert (await clerk.post(address, data=change | {"reason": "Asks for it"})).status_code == 303
        assert "CDW, GPS" in (await clerk.get(f"/bookings/{booking.id}")).text
