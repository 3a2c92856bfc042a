"""The planner as a page and in the API."""

import html
import re
from datetime import timedelta

from app.core import clock
from app.core.actor import SYSTEM
from app.rental.vehicles import services as vehicles
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#plan-results"}
AHEAD = 30


def first(days=2):
    return (clock.today() + timedelta(days=AHEAD - days)).isoformat()


class TestIndex:
    async def test_shows_vehicles_with_their_bookings_and_what_has_none(self, client_for, session):
        car, _ = await make_fleet(session)
        booked = await make_booking(session, vehicle_id=car.id)
        waiting = await make_booking(session)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        page = (await clerk.get(f"/planner?branch=TLL&first={first()}")).text
        assert "TLL Airport, 2 vehicles" in page
        assert "1 not assigned" in page
        bar = re.search(rf'<a class="bar (from-\d+ span-\d+)"[^>]*id="bar-{booked.id}"[^>]*>([^<]*)</a>', page)
        assert bar
        assert bar[1] == "from-30 span-36"
        assert booked.reference in bar[2]
        assert re.search(rf'data-kind="draft"[^>]*id="bar-{waiting.id}"', page)
        assert 'data-move="all"' in page

    async def test_answers_the_sheet_alone_and_says_where_it_is(self, client_for, session):
        await make_fleet(session)
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/planner?branch=TLL&days=7&rows=100&page=1&first=", headers=PARTIAL)
        assert answer.text.lstrip().startswith('<section id="plan-results"')
        assert answer.headers["hx-push-url"] == "/planner?branch=TLL&days=7"

    async def test_every_length_and_the_table(self, client_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        fields = {"reason": "Scratched", "starts_at": booking.return_at + timedelta(days=1)}
        await vehicles.move_vehicle(session, car.id, "block", fields=fields, actor=SYSTEM)
        clerk = await client_for("fleet_clerk")
        for days in (1, 3, 7, 14, 30, 90):
            page = (await clerk.get(f"/planner?branch=TLL&days={days}&first={first(0)}")).text
            assert booking.reference in page, days
        table = (await clerk.get(f"/planner?branch=TLL&first={first()}&show=table")).text
        row = re.search(rf"<tr>.*?{booking.reference}.*?</tr>", table, re.DOTALL)
        assert row
        assert "AAA 0" in row[0]
        assert f"/bookings/{booking.id}/move" in row[0]
        assert "Scratched" in table
        assert "Free" in table

    async def test_filters_by_class_and_pages(self, client_for, session):
        await make_fleet(session, 51)
        await make_vehicle(session, plate="BBB 1", acriss="CDMV", location="TLL")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/planner?branch=TLL&class=CDMV")).text
        assert "BBB 1" in page
        assert "AAA 1" not in page
        page = (await clerk.get("/planner?branch=TLL&rows=50")).text
        assert "1-50 of 52" in page
        assert 'href="/planner?branch=TLL&amp;rows=50&amp;page=2"' in page
        assert "51-52 of 52" in (await clerk.get("/planner?branch=TLL&rows=50&page=2")).text

    async def test_says_how_many_of_what_has_no_vehicle_it_does_not_draw_and_counts_them(
        self, client_for, session, monkeypatch
    ):
        monkeypatch.setattr("app.rental.planner.queries.MOST_UNASSIGNED", 2)
        await make_fleet(session, 5)
        waiting = [await make_booking(session) for _ in range(3)]
        clerk = await client_for("fleet_clerk", markets=["EE"])
        page = (await clerk.get(f"/planner?branch=TLL&first={first()}")).text
        assert page.count('data-kind="draft"') == 2
        assert "The next 2 of 3 bookings without a vehicle are shown" in page
        assert "3 not assigned" in page
        assert "0.0 hired out, 3.0 promised, of 5.0" in page
        href = html.unescape(re.search(r'href="(/bookings\?assigned=no[^"]+)"', page)[1])
        listed = (await clerk.get(href)).text
        assert all(booking.reference in listed for booking in waiting)
        sheet = (await clerk.get(f"/api/v1/planner?branch=TLL&first={first()}")).json()
        assert (len(sheet["unassigned"]), sheet["unassigned_total"]) == (2, 3)
        monkeypatch.setattr("app.rental.planner.queries.MOST_UNASSIGNED", 3)
        assert "without a vehicle are shown" not in (await clerk.get(f"/planner?branch=TLL&first={first()}")).text

    async def test_of_another_market_nothing_but_that_it_is_taken(self, client_for, session):
        car, _ = await make_fleet(session)
        await make_location(session, "RIX", market="LV", country="LV", opening_hours=HOURS)
        booking = await make_booking(session, vehicle_id=car.id)
        booking.market = "LV"
        await session.flush()
        clerk = await client_for("fleet_clerk", markets=["EE"])
        page = (await clerk.get(f"/planner?branch=TLL&first={first()}")).text
        assert booking.reference not in page
        assert booking.driver_name not in page
        assert "Hire of another branch" in page
        assert (await clerk.get("/planner?branch=RIX")).status_code == 404
        sheet = (await clerk.get(f"/api/v1/planner?branch=TLL&first={first()}")).json()
        assert [entry["kind"] for entry in sheet["vehicles"][0]["entries"]] == ["hidden"]
        assert booking.reference not in str(sheet)

    async def test_is_for_the_fleet_only(self, client_for, session):
        await make_fleet(session)
        assert (await (await client_for("credit_clerk")).get("/planner")).status_code == 403
        assert (await (await client_for("auditor")).get("/planner")).status_code == 200
        assert "data-move" not in (await (await client_for("auditor")).get("/planner")).text


class TestApi:
    async def test_tells_the_same(self, client_for, session):
        car, free = await make_fleet(session)
        booked = await make_booking(session, vehicle_id=car.id)
        waiting = await make_booking(session)
        clerk = await client_for("fleet_clerk")
        sheet = (await clerk.get(f"/api/v1/planner?branch=TLL&first={first()}&days=14")).json()
        assert (sheet["total"], sheet["time_zone"], sheet["branches"]) == (2, "Europe/Tallinn", ["TLL"])
        entries = {vehicle["id"]: vehicle["entries"] for vehicle in sheet["vehicles"]}
        assert entries[str(free.id)] == []
        assert [entry["reference"] for entry in entries[str(car.id)]] == [booked.reference]
        assert [entry["booking_id"] for entry in sheet["unassigned"]] == [str(waiting.id)]

    async def test_refuses_what_it_does_not_know(self, client_for, session):
        await make_fleet(session)
        clerk = await client_for("fleet_clerk")
        for query, name in (("days=5", "days"), ("first=soon", "first"), ("rows=7", "rows"), ("branch=XXX", "branch")):
            refused = await clerk.get(f"/api/v1/planner?{query}")
            assert refused.status_code == 422, query
            assert refused.json()["errors"][0]["pointer"].endswith(name)
