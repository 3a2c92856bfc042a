"""Branch pages: the hours of a branch, shown and edited."""

import time_machine

from app.rental.locations.services import way_to
from tests.factories.rental import make_location

HOURS = {"mon": [["08:00", "12:00"], ["13:00", "18:00"]], "dates": {"2026-12-24": [["09:00", "11:00"]]}}


class TestList:
    async def test_finds_by_name_city_or_code(self, client_for, session):
        tartu = await make_location(session, name="Tartu Station", city="Tartu")
        other = await make_location(session, "RIX", name="Riga Airport", city="Riga")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/locations?q=tart")).text
        assert f"/locations/{tartu.id}" in page
        assert f"/locations/{other.id}" not in page
        assert "1-1 of 1" in page


class TestShow:
    async def test_tells_hours_holidays_and_whether_it_is_open(self, client_for, session):
        location = await make_location(session, opening_hours=HOURS)
        clerk = await client_for("fleet_clerk")
        with time_machine.travel("2026-12-21T08:00:00Z", tick=False):
            page = (await clerk.get(f"/locations/{location.id}")).text
        assert "Open until 12:00" in page
        assert "08:00-12:00, 13:00-18:00" in page
        assert "Thu 24 Dec 2026" in page
        assert "Fri 25 Dec 2026" in page
        assert "Edit hours" not in page
        assert f'href="/locations/{location.id}"' in (await clerk.get("/locations")).text

    async def test_is_not_found_outside_the_scope(self, client_for, session):
        location = await make_location(session)
        clerk = await client_for("fleet_clerk", markets=["LV"])
        assert (await clerk.get(f"/locations/{location.id}")).status_code == 404


class TestEdit:
    async def test_where_vehicles_are_handed_over(self, client_for, session):
        location = await make_location(session, opening_hours=HOURS)
        manager = await client_for("fleet_manager")
        address = f"/locations/{location.id}"
        sent = {"version": "1", "delivery": "shuttle", "delivery_note": "Bus 7, stop C, every 10 minutes"}
        refused = await manager.post(f"{address}/edit", data=sent | {"delivery": "by_air"})
        assert refused.status_code == 422
        assert (await manager.post(f"{address}/edit", data=sent)).status_code == 303
        page = (await manager.get(address)).text
        assert "By shuttle bus to the desk" in page
        assert "Bus 7, stop C, every 10 minutes" in page
        await session.refresh(location)
        assert way_to(location) == "By shuttle bus to the desk. Bus 7, stop C, every 10 minutes"

    async def test_saves_spans_and_dates(self, client_for, session):
        location = await make_location(session, opening_hours=HOURS)
        manager = await client_for("fleet_manager")
        page = (await manager.get(f"/locations/{location.id}/edit")).text
        assert 'value="08:00-12:00, 13:00-18:00"' in page
        sent = {
            "version": "1",
            "mon": "08:00 - 17:00",
            "tue": "closed",
            "dates": "2026-12-25 closed\n2026-12-31 08:00-12:00",
        }
        answer = await manager.post(f"/locations/{location.id}/edit", data=sent)
        assert answer.status_code == 303
        await session.refresh(location)
        assert location.opening_hours == {
            "mon": [["08:00", "17:00"]],
            "tue": [],
            "dates": {"2026-12-25": [], "2026-12-31": [["08:00", "12:00"]]},
        }
        assert "Hours changed" in (await manager.get(f"/locations/{location.id}")).text

    async def test_says_which_line_is_wrong_and_keeps_it(self, client_for, session):
        location = await make_location(session, opening_hours=HOURS)
        manager = await client_for("fleet_manager")
        sent = {"version": "1", "mon": "18-8", "dates": "24.12. 08:00-12:00"}
        answer = await manager.post(f"/locations/{location.id}/edit", data=sent)
        assert answer.status_code == 422
        assert 'value="18-8"' in answer.text
        assert "Two times such as 08:00 and 18:00" in answer.text
        assert "24.12.: " in answer.text or "Not a date" in answer.text

    async def test_clerks_may_not(self, client_for, session):
        location = await make_location(session)
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get(f"/locations/{location.id}/edit")).status_code == 403

    async def test_two_who_change_the_same_day_are_told(self, client_for, session):
        location = await make_location(session, opening_hours=HOURS)
        manager = await client_for("fleet_manager")
        base = '{"mon": "08:00-12:00, 13:00-18:00", "version": "1"}'
        first = {"version": "1", "_base": base, "mon": "08:00-17:00"}
        assert (await manager.post(f"/locations/{location.id}/edit", data=first)).status_code == 303
        second = {"version": "1", "_base": base, "mon": "08:00-16:00"}
        answer = await manager.post(f"/locations/{location.id}/edit", data=second)
        assert answer.status_code == 409
        assert "08:00-17:00" in answer.text
