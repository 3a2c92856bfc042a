"""Taking back what was just done: once, by whom did it, in time, and only while nothing else has changed."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app.core import undo
from app.core.audit import AuditEntry
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import update_vehicle
from tests.factories.rental import make_location, make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


@pytest.fixture
async def car(session):
    await make_location(session, "TLL")
    await make_location(session, "TAY")
    made = await make_vehicle(session, location="TLL")
    await session.commit()
    return made


async def present(session, car) -> Vehicle:
    return await session.get(Vehicle, car.id, populate_existing=True)


async def offered(client, car, path, data) -> str:
    """Make a move by its plain form; answers the token of the page's toast, or nothing."""
    answer = await client.post(f"/vehicles/{car.id}/{path}", data=data)
    assert answer.status_code == 303, unescape(answer.text)
    page = (await client.get(answer.headers["location"])).text
    found = re.search(r'class="toast-note".*?name="token" value="([^"]+)"', page, re.DOTALL)
    return found.group(1) if found else ""


async def blocked(client, car) -> str:
    token = await offered(client, car, "block", {"reason": "Glass"})
    assert token
    return token


class TestUndo:
    async def test_a_block_is_taken_back_once(self, client_for, session, car):
        clerk = await client_for("fleet_clerk")
        token = await blocked(clerk, car)
        answer = await clerk.post("/undo", data={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/vehicles/{car.id}")
        assert "Undone" in (await clerk.get(f"/vehicles/{car.id}")).text
        assert (await present(session, car)).state == "in_service"
        entry = select(AuditEntry).where(AuditEntry.subject_id == car.id, AuditEntry.action == "vehicle.unblocked")
        assert (await session.execute(entry)).scalar_one().why == "Undone at once"
        again = await clerk.post("/undo", data={"token": token})
        assert again.status_code == 412
        assert "changed since" in again.text

    async def test_the_end_of_a_block_brings_back_its_reason_and_its_end(self, client_for, session, car):
        clerk = await client_for("fleet_clerk")
        await offered(clerk, car, "block", {"reason": "Glass", "ends_at": "2031-05-01T12:00"})
        token = await offered(clerk, car, "block/removal", {})
        assert (await clerk.post("/undo", data={"token": token})).status_code == 303
        assert (await present(session, car)).state == "blocked"
        page = unescape((await clerk.get(f"/vehicles/{car.id}")).text)
        assert page.count("2031") > 0
        assert "Glass" in page

    @pytest.mark.parametrize(("role", "path"), [("fleet_clerk", "maintenance"), ("fleet_manager", "sale-listing")])
    async def test_other_ways_out_of_service(self, client_for, session, car, role, path):
        somebody = await client_for(role)
        token = await offered(somebody, car, path, {"reason": "Brakes"})
        assert (await somebody.post("/undo", data={"token": token})).status_code == 303
        assert (await present(session, car)).state == "in_service"

    async def test_what_leads_elsewhere_is_not_offered(self, client_for, car):
        clerk = await client_for("fleet_clerk")
        assert not await offered(clerk, car, "transfer", {"reason": "Fair", "to_location": "TAY"})

    @pytest.mark.parametrize(
        ("name", "given", "before"),
        [
            ("odometer_km", {"odometer_km": "50001"}, 48_210),
            ("day_price", {"day_price.amount": "85.00", "day_price.currency": "EUR"}, 7_800),
            ("location", {"location": "TAY"}, "TLL"),
        ],
    )
    async def test_a_field_gets_its_value_again(self, client_for, session, car, name, given, before):
        column = {"day_price": "day_price_minor", "location": "location_code"}.get(name, name)
        before = getattr(car, column)
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post(
            f"/vehicles/{car.id}/fields/{name}", data=given | {"version": car.version}, headers=PARTIAL
        )
        assert answer.status_code == 200, answer.text
        assert getattr(await present(session, car), column) != before
        toast = json.loads(answer.headers["hx-trigger"])["toast"]
        undone = await clerk.post("/undo", data={"token": toast["undo"]}, headers=PARTIAL)
        assert (undone.status_code, undone.headers["hx-redirect"]) == (204, f"/vehicles/{car.id}")
        assert getattr(await present(session, car), column) == before

    async def test_a_field_that_stays_as_it_is_offers_nothing(self, client_for, car):
        clerk = await client_for("fleet_clerk")
        same = {"location": "TLL", "version": car.version}
        answer = await clerk.post(f"/vehicles/{car.id}/fields/location", data=same, headers=PARTIAL)
        assert "undo" not in json.loads(answer.headers["hx-trigger"])["toast"]


class TestRefusals:
    async def test_too_late_by_the_clock_of_the_database(self, client_for, session, car, monkeypatch):
        clerk = await client_for("fleet_clerk")
        monkeypatch.setattr(undo, "KEPT", timedelta(seconds=-1))
        token = await blocked(clerk, car)
        answer = await clerk.post("/undo", data={"token": token})
        assert answer.status_code == 409
        assert "too late" in answer.text
        assert (await present(session, car)).state == "blocked"

    async def test_somebody_else(self, client_for, session, car):
        clerk, other = await client_for("fleet_clerk"), await client_for("fleet_manager")
        token = await blocked(clerk, car)
        assert (await other.post("/undo", data={"token": token})).status_code == 403
        assert (await present(session, car)).state == "blocked"

    async def test_changed_since(self, client_for, session, car):
        clerk = await client_for("fleet_clerk")
        token = await blocked(clerk, car)
        session.expunge_all()
        await update_vehicle(session, car.id, fields={"colour": "green"}, actor=clerk.actor)
        await session.commit()
        assert (await clerk.post("/undo", data={"token": token})).status_code == 412
        assert (await present(session, car)).state == "blocked"

    @pytest.mark.parametrize("change", ["end", "beginning", "nothing", "cut"])
    async def test_forged(self, client_for, session, car, change):
        clerk = await client_for("fleet_clerk")
        token = await blocked(clerk, car)
        forged = {
            "end": token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
            "beginning": ("A" if token[0] != "A" else "B") + token[1:],
            "nothing": "",
            "cut": token[:9],
        }[change]
        assert (await clerk.post("/undo", data={"token": forged})).status_code == 400
        assert (await present(session, car)).state == "blocked"

    async def test_a_permission_lost_meanwhile(self, client_for, session, car):
        clerk = await client_for("fleet_clerk")
        token = await blocked(clerk, car)
        clerk.staff.roles = ["auditor"]
        await session.commit()
        assert (await clerk.post("/undo", data={"token": token})).status_code == 403
        assert (await present(session, car)).state == "blocked"
