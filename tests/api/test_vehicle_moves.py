"""The moves of vehicles through the JSON API: each allowed one, and every other."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.values import timestamp
from app.rental.vehicles.models import VehiclePeriod
from app.rental.vehicles.rules import MOVES, VehicleState
from tests.factories.rental import make_location, make_vehicle

WAYS = {
    "commissioning": ("POST", "commissioning"),
    "block": ("POST", "block"),
    "block_removal": ("DELETE", "block"),
    "maintenance": ("POST", "maintenance"),
    "maintenance_removal": ("DELETE", "maintenance"),
    "transfer": ("POST", "transfer"),
    "arrival": ("DELETE", "transfer"),
    "sale_listing": ("POST", "sale-listing"),
    "sale_listing_removal": ("DELETE", "sale-listing"),
    "retirement": ("POST", "retirement"),
}
REASON = {"reason": "Scratched bumper"}


async def move(client, vehicle, name, **body):
    method, noun = WAYS[name]
    sent = REASON | ({"to_location": "RIX"} if name == "transfer" else {}) | body
    return await client.request(method, f"/vehicles/{vehicle.id}/{noun}", json=sent)


async def brought_to(session, state):
    """A vehicle in a state, by the columns alone."""
    vehicle = await make_vehicle(session)
    vehicle.state = state
    vehicle.base_state = state if state in ("ordered", "retired") else VehicleState.IN_SERVICE
    await session.commit()
    return vehicle


class TestEveryPair:
    def test_every_move_has_an_address(self):
        assert set(WAYS) == set(MOVES)

    @pytest.mark.parametrize("name", list(WAYS))
    @pytest.mark.parametrize("state", list(VehicleState))
    async def test_is_made_or_refused_with_the_state(self, api_for, session, name, state):
        await make_location(session, "RIX", market="LV", country="LV")
        vehicle = await brought_to(session, state)
        client, before = await api_for("fleet_manager"), vehicle.etag
        answer = await move(client, vehicle, name)
        if name == "retirement" and state in MOVES[name].from_states:
            assert (answer.status_code, answer.json()["state"]) == (202, "pending")
            assert answer.headers["location"] == f"/api/v1/approvals/{answer.json()['id']}"
        elif state in MOVES[name].from_states:
            assert answer.status_code == (201 if WAYS[name][0] == "POST" else 200), answer.text
            assert answer.json()["state"] == MOVES[name].to_state
            assert answer.headers["etag"] == f'"{answer.json()["version"]}"' != before
        else:
            problem = answer.json()
            assert (answer.status_code, problem["code"], problem["state"]) == (409, "illegal_state", state)


class TestBlock:
    async def test_there_and_back_with_reasons_kept(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        blocked = await move(client, vehicle, "block")
        assert (blocked.status_code, blocked.json()["state"]) == (201, "blocked")
        freed = await client.delete(f"/vehicles/{vehicle.id}/block")
        assert (freed.status_code, freed.json()["state"]) == (200, "in_service")
        entries = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == vehicle.id))).scalars()
        told = {entry.action: entry.why for entry in entries}
        assert told["vehicle.blocked"] == "Scratched bumper"
        assert "vehicle.unblocked" in told
        period = (await session.execute(select(VehiclePeriod))).scalar_one()
        assert period.ends_at is not None

    async def test_may_be_planned_and_does_not_overlap(self, api_for, session):
        vehicle = await make_vehicle(session)
        client, now = await api_for("fleet_clerk"), clock.now()
        day = timedelta(days=1)
        planned = await move(client, vehicle, "block", starts_at=timestamp(now + day), ends_at=timestamp(now + 3 * day))
        assert (planned.status_code, planned.json()["state"]) == (201, "in_service")
        clash = await move(
            client, vehicle, "maintenance", starts_at=timestamp(now + 2 * day), ends_at=timestamp(now + 4 * day)
        )
        assert (clash.status_code, clash.json()["code"]) == (409, "period_overlaps")
        assert clash.json()["period"]["kind"] == "block"
        after = await move(
            client, vehicle, "maintenance", starts_at=timestamp(now + 3 * day), ends_at=timestamp(now + 4 * day)
        )
        assert after.status_code == 201, after.text

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/reason"),
            ({"reason": None}, "/reason"),
            ({"reason": "  "}, "/reason"),
            ({"reason": "x" * 501}, "/reason"),
            ({"reason": "x", "until": "2030-01-01T00:00:00Z"}, "/until"),
            ({"reason": "x", "starts_at": "2030-01-01T00:00:00"}, "/starts_at"),
            ({"reason": "x", "starts_at": "tomorrow"}, "/starts_at"),
            ({"reason": "x", "starts_at": 1900000000}, "/starts_at"),
            ({"reason": "x", "ends_at": "2020-01-01T00:00:00Z"}, "/ends_at"),
        ],
    )
    async def test_names_what_is_not_acceptable(self, api_for, session, body, pointer):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        answer = await client.post(f"/vehicles/{vehicle.id}/block", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text

    async def test_honours_if_match_when_it_is_sent(self, api_for, session):
        vehicle = await make_vehicle(session)
        client, path = await api_for("fleet_clerk"), f"/vehicles/{vehicle.id}/block"
        stale = await client.post(path, json=REASON, headers={"If-Match": '"7"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
        fresh = await client.post(path, json=REASON, headers={"If-Match": vehicle.etag})
        assert fresh.status_code == 201
        stale = await client.delete(path, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
        assert (await client.delete(path, headers={"If-Match": fresh.headers["etag"]})).status_code == 200

    async def test_moves_are_not_seen_outside_the_scope(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk", markets=["LV"])
        assert (await move(client, vehicle, "block")).status_code == 404


class TestTransfer:
    async def test_ends_at_its_destination(self, api_for, session):
        for code in ("TLL", "TAY"):
            await make_location(session, code)
        vehicle = await make_vehicle(session, location="TLL")
        client = await api_for("fleet_clerk")
        sent = await move(client, vehicle, "transfer", to_location="tay")
        assert (sent.json()["state"], sent.json()["location"]) == ("in_transit", "TLL")
        arrived = await client.delete(f"/vehicles/{vehicle.id}/transfer")
        assert (arrived.json()["state"], arrived.json()["location"]) == ("in_service", "TAY")

    async def test_goes_somewhere_that_exists(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for nowhere in ("MOON", "", "Ž", "x" * 300):
            answer = await move(client, vehicle, "transfer", to_location=nowhere)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to_location")


class TestDisposal:
    @pytest.mark.parametrize("name", ["commissioning", "sale_listing", "sale_listing_removal", "retirement"])
    async def test_is_for_managers(self, api_for, session, name):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        answer = await move(client, vehicle, name)
        assert (answer.status_code, answer.json()["permission"]) == (403, "vehicles.dispose")

    async def test_a_retired_vehicle_is_not_changed(self, api_for, session):
        vehicle = await make_vehicle(session)
        client, boss = await api_for("fleet_manager"), await api_for("admin")
        asked = (await move(client, vehicle, "retirement")).json()
        assert (await client.get(f"/vehicles/{vehicle.id}")).json()["state"] == "in_service"
        assert (await boss.post(f"/approvals/{asked['id']}/approval")).json()["state"] == "executed"
        assert (await client.get(f"/vehicles/{vehicle.id}")).json()["state"] == "retired"
        answer = await client.patch(f"/vehicles/{vehicle.id}", json={"colour": "red"}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["state"]) == (409, "retired")
