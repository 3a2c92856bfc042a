"""The feed of changes: the stock, then every commit in order, as far as one may see it."""

import pytest
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.core.leases import take_lease
from app.core.outbox.relay import RELAY, number_events
from app.rental.vehicles.services import update_vehicle
from tests.factories.rental import make_location, make_vehicle


@pytest.fixture
async def relay(session):
    """Number the committed events, as the worker does."""
    token = await take_lease(session, RELAY, "tests")
    assert token is not None

    async def number() -> None:
        await session.flush()
        await number_events(session, token)
        await session.commit()

    return number


async def follow(client, cursor=None, **parameters):
    """Everything until there is no more, and where to go on."""
    items = []
    while True:
        asked = {"kind": "vehicle"} | parameters | ({"since": cursor} if cursor else {})
        answer = await client.get("/changes", params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return items, cursor


class TestStock:
    async def test_begins_with_every_record_as_its_resource_shows_it(self, api_for, session, relay):
        vehicles = [await make_vehicle(session, year=2015 + number) for number in range(5)]
        await session.commit()
        client = await api_for("fleet_clerk")
        items, _ = await follow(client, limit=2)
        assert [item["id"] for item in items] == [str(vehicle.id) for vehicle in vehicles]
        assert {item["change"] for item in items} == {"upsert"}
        shown = (await client.get(f"/vehicles/{vehicles[0].id}")).json()
        assert items[0] == {"kind": "vehicle", "id": shown["id"], "version": 1, "change": "upsert", "record": shown}

    async def test_tells_what_changes_while_it_is_read(self, api_for, session, relay):
        vehicles = [await make_vehicle(session) for _ in range(3)]
        await relay()
        client = await api_for("fleet_clerk")
        first = (await client.get("/changes", params={"kind": "vehicle", "limit": 2})).json()
        await update_vehicle(session, vehicles[0].id, fields={"colour": "red"}, actor=SYSTEM)
        await relay()
        items, _ = await follow(client, first["next_cursor"], limit=2)
        told = [(item["id"], item["record"].get("colour")) for item in items]
        assert told == [(str(vehicles[2].id), None), (str(vehicles[0].id), "red")]

    async def test_passes_over_what_is_outside_the_scope(self, api_for, session, relay):
        for market in ["LV"] * 7 + ["EE"]:
            await make_vehicle(session, market=market)
        await session.commit()
        client = await api_for("fleet_clerk", markets=["EE"])
        page = (await client.get("/changes", params={"kind": "vehicle", "limit": 2})).json()
        assert [item["record"]["market"] for item in page["items"]] == ["EE"]


class TestEvents:
    async def test_come_in_the_order_of_commits_once_for_each_record(self, api_for, session, relay):
        one, other = await make_vehicle(session), await make_vehicle(session)
        await relay()
        client = await api_for("fleet_clerk")
        _, cursor = await follow(client)
        assert (await follow(client, cursor))[0] == []
        for vehicle, colour in ((one, "red"), (other, "blue"), (one, "green")):
            await update_vehicle(session, vehicle.id, fields={"colour": colour}, actor=SYSTEM)
        await relay()
        items, cursor = await follow(client, cursor)
        assert [(item["id"], item["record"]["colour"], item["version"]) for item in items] == [
            (str(other.id), "blue", 2),
            (str(one.id), "green", 3),
        ]
        assert (await follow(client, cursor))[0] == []

    async def test_are_told_only_after_they_have_a_number(self, api_for, session, relay):
        client = await api_for("fleet_clerk")
        _, cursor = await follow(client)
        vehicle = await make_vehicle(session)
        await session.commit()
        assert (await follow(client, cursor))[0] == []
        await relay()
        assert [item["id"] for item in (await follow(client, cursor))[0]] == [str(vehicle.id)]

    async def test_what_left_the_scope_is_a_delete(self, api_for, session, relay):
        for code in ("TLL", "TAY"):
            await make_location(session, code)
        vehicle = await make_vehicle(session, location="TLL")
        await relay()
        client = await api_for("fleet_clerk", markets=["EE"], branches=["TLL"])
        items, cursor = await follow(client)
        assert [item["change"] for item in items] == ["upsert"]
        await update_vehicle(session, vehicle.id, fields={"location": "TAY"}, actor=SYSTEM)
        await relay()
        items, cursor = await follow(client, cursor)
        assert items == [{"kind": "vehicle", "id": str(vehicle.id), "version": 2, "change": "delete"}]
        await update_vehicle(session, vehicle.id, fields={"location": "TLL"}, actor=SYSTEM)
        await relay()
        assert [item["change"] for item in (await follow(client, cursor))[0]] == ["upsert"]

    async def test_pages_do_not_skip(self, api_for, session, relay):
        client = await api_for("fleet_clerk")
        _, cursor = await follow(client)
        vehicles = [await make_vehicle(session) for _ in range(7)]
        await relay()
        items, _ = await follow(client, cursor, limit=3)
        assert {item["id"] for item in items} == {str(vehicle.id) for vehicle in vehicles}
        assert len(items) == 7


class TestCursor:
    async def test_older_than_what_is_kept_asks_to_begin_anew(self, api_for, session, relay):
        client = await api_for("fleet_clerk")
        _, cursor = await follow(client)
        for _ in range(3):
            await make_vehicle(session)
        await relay()
        await session.execute(text("DELETE FROM outbox_event ORDER BY position LIMIT 2"))
        await session.commit()
        answer = await client.get("/changes", params={"kind": "vehicle", "since": cursor})
        assert (answer.status_code, answer.json()["code"]) == (410, "resync")
        await session.execute(text("DELETE FROM outbox_event"))
        await session.commit()
        assert (await client.get("/changes", params={"kind": "vehicle", "since": cursor})).status_code == 410
        items, cursor = await follow(client)
        assert len(items) == 3
        assert (await follow(client, cursor))[0] == []

    async def test_of_another_scope_asks_to_begin_anew(self, api_for, session, relay):
        _, cursor = await follow(await api_for("fleet_clerk", markets=["EE"]))
        wider = await api_for("fleet_clerk")
        answer = await wider.get("/changes", params={"kind": "vehicle", "since": cursor})
        assert (answer.status_code, answer.json()["code"]) == (410, "resync")

    async def test_belongs_to_the_kinds_it_was_asked_for(self, api_for, session):
        client = await api_for("fleet_clerk")
        _, cursor = await follow(client)
        wrong = [("vehicle", cursor[:-2] + "xx"), ("vehicle", "nonsense"), ("vehicle", "%%"), ("customer", cursor)]
        for kind, since in wrong:
            answer = await client.get("/changes", params={"kind": kind, "since": since})
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


class TestKinds:
    async def test_only_those_one_may_see(self, api_for, session, relay):
        await make_vehicle(session)
        officer = await api_for("credit_officer")
        application = {
            "market": "EE",
            "product": "personal_loan",
            "amount": {"amount": "5000.00", "currency": "EUR"},
            "term_months": 48,
        }
        created = await officer.post("/applications", json=application)
        assert created.status_code == 201, created.text
        await relay()
        items = (await officer.get("/changes")).json()["items"]
        assert [item["kind"] for item in items] == ["application"]
        shown = (await officer.get(f"/applications/{created.json()['id']}")).json()
        assert items[0]["record"] == shown
        clerk = await api_for("fleet_clerk")
        stock, cursor = await follow(clerk, kind="application")
        assert stock == []
        headers = {"If-Match": created.headers["etag"]}
        changed = await officer.patch(
            f"/applications/{created.json()['id']}", json={"term_months": 60}, headers=headers
        )
        assert changed.status_code == 200, changed.text
        await relay()
        assert (await follow(clerk, cursor, kind="application"))[0] == []

    async def test_unknown_ones_and_bad_limits_are_named(self, api_for):
        client = await api_for("fleet_clerk")
        for parameters, pointer in (
            ({"kind": "spaceship"}, "/kind"),
            ({"limit": "0"}, "/limit"),
            ({"limit": "x"}, "/limit"),
        ):
            answer = await client.get("/changes", params=parameters)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
