"""Bookings in the JSON API."""

from datetime import timedelta
from uuid import uuid4

from app.core import clock
from app.kit.ids import new_id
from tests.factories.desk import make_customer
from tests.factories.rental import make_booking, make_card_in_force, make_fleet


def body(customer, **changes):
    day = clock.today() + timedelta(days=30)
    return {
        "customer_id": str(customer.id),
        "driver": {"name": "Liis Tamm", "phone": "+37255512345"},
        "pickup": {"location": "TLL", "local": f"{day}T10:00"},
        "return": {"location": "TLL", "local": f"{day + timedelta(days=3)}T10:00"},
        "class_code": "IWMD",
    } | changes


class TestCreateBooking:
    async def test_answers_what_it_reads_and_once_for_a_key(self, api_for, session):
        car, _ = await make_fleet(session)
        customer = await make_customer(session)
        client, chosen = await api_for("fleet_clerk"), str(new_id())
        sent = body(customer, vehicle_id=str(car.id), id=chosen)
        answer = await client.post("/bookings", json=sent, headers={"Idempotency-Key": "one"})
        made = answer.json()
        assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/bookings/{chosen}")
        assert made["total"] == {"amount": "234.00", "currency": "EUR"}
        assert made["pickup"]["local"] == sent["pickup"]["local"]
        assert (made["pickup"]["time_zone"], made["return"]["location"]) == ("Europe/Tallinn", "TLL")
        assert made["vehicle"]["plate"] == "AAA 0"
        assert [window["percent"] for window in made["fee_windows"]] == [0, 50, 100]
        read = await client.get(f"/bookings/{chosen}")
        assert (read.json(), read.headers["etag"]) == (made, answer.headers["etag"])
        again = await client.post("/bookings", json=sent, headers={"Idempotency-Key": "one"})
        assert (again.json(), again.headers["idempotency-replayed"]) == (made, "true")
        assert [item["id"] for item in (await client.get("/bookings")).json()["items"]] == [chosen]

    async def test_names_the_end_that_is_wrong(self, api_for, session):
        await make_fleet(session)
        customer = await make_customer(session)
        client = await api_for("fleet_clerk")
        day = clock.today() + timedelta(days=30)
        wrong = body(customer, **{"return": {"location": "TLL", "local": f"{day}T23:00"}})
        answer = await client.post("/bookings", json=wrong)
        assert answer.status_code == 422
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/return/local", "closed")]

    async def test_refuses_what_is_no_wall_time(self, api_for, session):
        customer = await make_customer(session)
        client = await api_for("fleet_clerk")
        for local in ("2026-06-29T10:00Z", "9999-12-31T23:59", "soon"):
            answer = await client.post("/bookings", json=body(customer, pickup={"location": "TLL", "local": local}))
            assert [error["pointer"] for error in answer.json()["errors"]] == ["/pickup/local"]

    async def test_is_409_when_nothing_is_left(self, api_for, session):
        car, _ = await make_fleet(session)
        customer = await make_customer(session)
        client = await api_for("fleet_clerk")
        assert (await client.post("/bookings", json=body(customer, vehicle_id=str(car.id)))).status_code == 201
        taken = await client.post("/bookings", json=body(customer, vehicle_id=str(car.id)))
        assert (taken.status_code, taken.json()["code"]) == (409, "vehicle_taken")
        assert (await client.post("/bookings", json=body(customer))).status_code == 201
        sold_out = await client.post("/bookings", json=body(customer))
        assert (sold_out.status_code, sold_out.json()["code"]) == (409, "class_sold_out")


class TestMoves:
    async def test_assign_amend_and_cancel(self, api_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session)
        client = await api_for("fleet_clerk")
        address = f"/bookings/{booking.id}"
        assigned = await client.post(f"{address}/vehicle-assignment", json={"vehicle_id": str(car.id)})
        assert (assigned.status_code, assigned.json()["vehicle"]["id"]) == (201, str(car.id))
        stale = await client.delete(f"{address}/vehicle-assignment", headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        taken = await client.delete(f"{address}/vehicle-assignment", headers={"If-Match": assigned.headers["etag"]})
        assert "vehicle" not in taken.json()
        day = clock.today() + timedelta(days=30)
        longer = {"return": {"location": "TLL", "local": f"{day + timedelta(days=4)}T10:00"}, "reason": "Longer"}
        amended = await client.post(f"{address}/amendment", json=longer)
        assert (amended.json()["total"]["amount"], amended.json()["terms_number"]) == ("312.00", 2)
        earlier = (await client.get(f"{address}/earlier-terms")).json()["items"]
        assert [(terms["number"], terms["total"]["amount"]) for terms in earlier] == [(1, "234.00")]
        early = await client.post(f"{address}/no-show", json={"reason": "Not here"})
        assert (early.status_code, early.json()["code"]) == (409, "too_early")
        extended = await client.post(f"{address}/extension", json=longer)
        assert (extended.status_code, extended.json()["state"]) == (409, "confirmed")
        cancelled = await client.post(f"{address}/cancellation", json={"reason": "Other plans"})
        assert cancelled.json()["state"] == "cancelled"
        assert cancelled.json()["cancellation_fee"] == {"amount": "0.00", "currency": "EUR"}
        again = await client.post(f"{address}/cancellation", json={"reason": "Again"})
        assert (again.status_code, again.json()["state"]) == (409, "cancelled")

    async def test_closing_is_for_managers(self, api_for, session):
        await make_fleet(session)
        booking = await make_booking(session)
        clerk, manager = await api_for("fleet_clerk"), await api_for("fleet_manager")
        address = f"/bookings/{booking.id}/closing"
        assert (await clerk.post(address, json={"reason": "Done"})).status_code == 403
        assert (await manager.post(address, json={"reason": "Done"})).status_code == 409
        assert (await manager.post(f"/bookings/{uuid4()}/closing", json={"reason": "Done"})).status_code == 404


class TestPrice:
    async def test_choices_are_priced_kept_and_previewed_before_they_change(self, api_for, session):
        await make_fleet(session)
        await make_card_in_force(session, terms={"tax_percent": "0", "airport_percent": None})
        customer = await make_customer(session)
        client = await api_for("fleet_clerk")
        choices = {"covers": ["CDW"], "extras": [{"code": "GPS", "count": 1}], "additional_drivers": 1}
        made = (await client.post("/bookings", json=body(customer, choices=choices))).json()
        assert made["choices"] == choices
        assert [line["code"] for line in made["price_lines"]] == ["TIME", "CDW", "GPS", "ADDITIONAL_DRIVER"]
        address = f"/bookings/{made['id']}"
        asked = {"choices": {"product": "PREPAID"}}
        preview = (await client.post(f"{address}/amendment-previews", json=asked)).json()
        assert (preview["before"]["amount"], preview["total"]["amount"]) == ("312.00", "215.28")
        assert preview["difference"]["amount"] == "-96.72"
        assert (await client.get(address)).json() == made
        amended = await client.post(f"{address}/amendment", json=asked | {"reason": "Pays now"})
        assert (amended.json()["total"], amended.json()["choices"]["product"]) == (preview["total"], "PREPAID")
        refused = await client.post(f"{address}/extension-previews", json={"return": made["return"]})
        assert refused.status_code == 422
        end = {name: made["return"][name] for name in ("location", "local")}
        assert (await client.post(f"{address}/extension-previews", json={"return": end})).status_code == 409

    async def test_a_refused_choice_is_pointed_at(self, api_for, session):
        await make_fleet(session)
        await make_card_in_force(session, terms={"guards": {"min_age": 25}})
        customer, client = await make_customer(session), await api_for("fleet_clerk")
        young = {"name": "Liis Tamm", "born_on": str(clock.today() - timedelta(days=20 * 366))}
        for change, pointer in (
            ({"driver": young}, "/driver/born_on"),
            ({"choices": {"covers": ["X"]}}, "/choices/covers"),
        ):
            answer = await client.post("/bookings", json=body(customer, **change))
            assert answer.status_code == 422
            assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
