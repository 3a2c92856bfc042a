"""The availability page and its API."""

from datetime import timedelta

from app.core import clock
from tests.factories.rental import make_booking, make_fleet


def stay():
    day = clock.today() + timedelta(days=30)
    return f"{day}T10:00", f"{day + timedelta(days=3)}T10:00"


class TestPage:
    async def test_tells_what_is_left_why_the_others_are_not_free_and_leads_to_a_booking(self, client_for, session):
        car, _ = await make_fleet(session)
        await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_clerk")
        pickup, back = stay()
        page = (await clerk.get("/availability", params={"location": "TLL", "pickup": pickup, "back": back})).text
        assert "IWMD" in page
        assert "On another booking" in page
        assert f"/bookings/new?pickup_location=TLL&amp;pickup_local={pickup}" in page
        assert (await clerk.get("/availability")).status_code == 200

    async def test_says_how_many_vehicles_it_does_not_show(self, client_for, session, monkeypatch):
        monkeypatch.setattr("app.rental.occupancy.pages.MOST_SHOWN", 1)
        for car in await make_fleet(session, 3):
            await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_clerk")
        pickup, back = stay()
        page = (await clerk.get("/availability", params={"location": "TLL", "pickup": pickup, "back": back})).text
        assert page.count("On another booking") == 1
        assert "2 more are not shown" in page
        assert 'href="/vehicles?location=TLL"' in page

    async def test_says_when_the_branch_is_closed(self, client_for, session):
        await make_fleet(session)
        clerk = await client_for("fleet_clerk")
        pickup, back = stay()
        closed = pickup.replace("T10", "T05")
        answer = await clerk.get("/availability", params={"location": "TLL", "pickup": closed, "back": back})
        assert (answer.status_code, "is closed then" in answer.text) == (422, True)

    async def test_managers_set_the_limit(self, client_for, session):
        await make_fleet(session)
        manager, clerk = await client_for("fleet_manager"), await client_for("fleet_clerk")
        sent = {"class_code": "IWMD", "limit": "2"}
        assert (await clerk.post("/availability/limit?location=TLL", data=sent)).status_code == 403
        assert (await manager.post("/availability/limit?location=TLL", data=sent)).status_code == 303
        assert 'value="2"' in (await manager.get("/availability?location=TLL")).text
        assert (await manager.post("/availability/limit?location=RIX", data=sent)).status_code == 404


class TestApi:
    async def test_answers_what_is_left(self, api_for, session):
        await make_fleet(session)
        await make_booking(session)
        client = await api_for("fleet_clerk")
        pickup, back = stay()
        asked = {"location": "TLL", "pickup": pickup, "return": back}
        (found,) = (await client.get("/availability", params=asked)).json()["items"]
        assert (found["class_code"], found["free"], found["promised"], found["left"]) == ("IWMD", 2, 1, 1)
        wrong = await client.get("/availability", params=asked | {"return": "soon"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/return")
        other = await api_for("fleet_clerk", markets=["LV"])
        assert (await other.get("/availability", params=asked)).status_code == 422

    async def test_sets_a_limit(self, api_for, session):
        car, _ = await make_fleet(session)
        client = await api_for("fleet_manager")
        (location,) = (await client.get("/locations")).json()["items"]
        address = f"/locations/{location['id']}/overbooking-limits"
        answer = await client.post(address, json={"class_code": "iwmd", "limit": 3})
        assert (answer.status_code, answer.json()["class_code"], answer.json()["limit"]) == (200, "IWMD", 3)
        refused = await client.post(address, json={"class_code": car.acriss, "limit": -1})
        assert refused.status_code == 422
