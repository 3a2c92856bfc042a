"""One effect per Idempotency-Key, with real commits and requests at the same moment."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.core import clock
from tests.factories.desk import make_customer
from tests.factories.rental import make_fleet, make_location, make_vehicle

BODY = {"make": "Kia", "market": "EE"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def count_vehicles(live, plate) -> int:
    async with live.database.session() as session:
        rows = await session.execute(text("SELECT COUNT(*) FROM vehicle WHERE plate = :plate"), {"plate": plate})
        return rows.scalar_one()


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """What a form of a page holds."""
    form = page.partition(f'<form class="inline-form" method="post" action="{action}">')[2].partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}


class TestReplay:
    async def test_gives_the_first_answer_again(self, live):
        async with await live.client("fleet_clerk") as client:
            headers, body = key(), BODY | {"plate": "REP 001"}
            first = await client.post("/vehicles", json=body, headers=headers)
            again = await client.post("/vehicles", json=body, headers=headers)
        assert first.status_code == again.status_code == 201
        assert first.content == again.content
        for name in ("etag", "location", "content-type", "cache-control"):
            assert first.headers[name] == again.headers[name]
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert await count_vehicles(live, "REP 001") == 1

    async def test_of_a_customer_is_json_too(self, live):
        body = {"market": "EE", "kind": "company", "company_name": "Kask OÜ", "email": "info@kask.example"}
        async with await live.client("credit_officer") as client:
            headers = key()
            first = await client.post("/customers", json=body, headers=headers)
            again = await client.post("/customers", json=body, headers=headers)
        assert first.status_code == 201, first.text
        assert again.json() == first.json()

    async def test_of_a_move_does_not_move_again(self, live):
        async with await live.client("fleet_clerk") as client:
            vehicle = (await client.post("/vehicles", json=BODY)).json()
            headers, path = key(), f"/vehicles/{vehicle['id']}/block"
            first = await client.post(path, json={"reason": "Scratch"}, headers=headers)
            freed = await client.delete(path)
            again = await client.post(path, json={"reason": "Scratch"}, headers=headers)
            now = (await client.get(f"/vehicles/{vehicle['id']}")).json()
        assert (first.status_code, freed.status_code, again.status_code) == (201, 200, 201)
        assert again.json() == first.json()
        assert now["state"] == "in_service"

    async def test_keeps_refusals_of_the_handler(self, live):
        async with await live.client("fleet_clerk") as client:
            headers, body = key(), BODY | {"plate": "REF 001"}
            async with live.database.unit() as session:
                await make_vehicle(session, plate="REF 001")
            first = await client.post("/vehicles", json=body, headers=headers)
            async with live.database.unit() as session:
                await session.execute(text("UPDATE vehicle SET plate_key = NULL, plate = NULL WHERE plate = 'REF 001'"))
            again = await client.post("/vehicles", json=body, headers=headers)
            fresh = await client.post("/vehicles", json=body, headers=key())
        assert first.status_code == again.status_code == 422
        assert again.headers["content-type"] == "application/problem+json"
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json() == first.json()
        assert fresh.status_code == 201

    async def test_is_refused_for_another_body(self, live):
        async with await live.client("fleet_clerk") as client:
            headers = key()
            await client.post("/vehicles", json=BODY, headers=headers)
            other = await client.post("/vehicles", json=BODY | {"colour": "red"}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    async def test_belongs_to_one_person_and_one_address(self, live):
        headers, body = key(), BODY | {"colour": "red"}
        async with await live.client("fleet_clerk") as one, await live.client("fleet_clerk") as other:
            first = await one.post("/vehicles", json=body, headers=headers)
            second = await other.post("/vehicles", json=body, headers=headers)
            blocked = await one.post(f"/vehicles/{first.json()['id']}/block", json={"reason": "x"}, headers=headers)
        assert first.json()["id"] != second.json()["id"]
        assert blocked.status_code == 201

    async def test_a_key_that_is_too_long_is_refused(self, live):
        async with await live.client("fleet_clerk") as client:
            answer = await client.post("/vehicles", json=BODY, headers={"Idempotency-Key": "x" * 201})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


class TestRefusals:
    async def test_of_work_that_had_written_leaves_nothing_but_the_answer(self, live):
        """The vehicle is free and is given to the booking, and then its class turns out to be promised already."""
        async with live.database.unit() as session:
            vehicle = (await make_fleet(session, 1))[0]
            customer = await make_customer(session)
        day = clock.today() + timedelta(days=30)
        hire = {
            "customer_id": str(customer.id),
            "driver": {"name": "Liis Tamm"},
            "pickup": {"location": "TLL", "local": f"{day}T10:00"},
            "return": {"location": "TLL", "local": f"{day + timedelta(days=3)}T10:00"},
            "class_code": "IWMD",
        }
        with_vehicle, headers = hire | {"vehicle_id": str(vehicle.id)}, key()
        async with await live.client("fleet_clerk") as client:
            promised = await client.post("/bookings", json=hire, headers=key())
            refused = await client.post("/bookings", json=with_vehicle, headers=headers)
            again = await client.post("/bookings", json=with_vehicle, headers=headers)
            async with live.database.session() as session:
                held = (await session.execute(text("SELECT LOWER(holder_id) FROM occupancy"))).scalars().all()
            await client.post(f"/bookings/{promised.json()['id']}/cancellation", json={"reason": "Other plans"})
            made = await client.post("/bookings", json=with_vehicle, headers=key())
            late = await client.post("/bookings", json=with_vehicle, headers=key())
        assert (refused.status_code, refused.json()["code"]) == (409, "class_sold_out")
        assert (again.json(), again.headers["idempotency-replayed"]) == (refused.json(), "true")
        assert [UUID(each) for each in held] == [UUID(promised.json()["id"])]
        assert made.status_code == 201, made.text
        assert (late.status_code, late.json()["code"]) == (409, "vehicle_taken")


class TestAtTheSameMoment:
    async def test_a_request_in_flight_answers_409_at_once(self, live):
        headers, body = key(), BODY | {"plate": "FLY 001"}
        async with await live.client("fleet_clerk") as client, live.database.session() as other:
            first = await client.post("/vehicles", json=body, headers=headers)
            row = (await other.execute(text("SELECT key_hash FROM idempotent_answer FOR UPDATE"))).first()
            assert row is not None
            started = asyncio.get_running_loop().time()
            again = await client.post("/vehicles", json=body, headers=headers)
            waited = asyncio.get_running_loop().time() - started
            await other.rollback()
            after = await client.post("/vehicles", json=body, headers=headers)
        assert first.status_code == 201
        assert (again.status_code, again.json()["code"]) == (409, "in_flight")
        assert again.headers["retry-after"] == "1"
        assert waited < 2
        assert after.headers["idempotency-replayed"] == "true"

    async def test_a_page_says_so_and_offers_to_send_the_same_again(self, live):
        async with live.database.unit() as session:
            vehicle = await make_vehicle(session)
        path, form = f"/vehicles/{vehicle.id}/block", {"reason": "A <deep> scratch", "_key": uuid4().hex}
        async with await live.page("fleet_clerk") as clerk, live.database.session() as other:
            first = await clerk.post(path, data=form)
            await other.execute(text("SELECT key_hash FROM idempotent_answer FOR UPDATE"))
            again = await clerk.post(path, data=form)
            toast = await clerk.post(path, data=form, headers={"hx-request": "true", "hx-request-type": "partial"})
            file = await clerk.post(path, data=form, files={"scan": ("a.txt", b"a")})
            await other.rollback()
            after = await clerk.post(path, data=hidden_fields(again.text, path))
        assert (first.status_code, again.status_code, again.headers["retry-after"]) == (303, 409, "1")
        assert "<h1>The same request is being worked on</h1>" in again.text
        assert "no longer in the state" not in again.text
        assert hidden_fields(again.text, path) == form
        assert after.headers["idempotency-replayed"] == "true"
        assert "The same request is being worked on. Wait for its answer" in toast.headers["hx-trigger"]
        assert file.status_code == 409
        assert f'action="{path}"' not in file.text
        assert "go back and send it again" in file.text

    async def test_of_many_one_has_the_effect(self, live):
        headers, body = key(), BODY | {"plate": "MNY 001"}
        async with await live.client("fleet_clerk") as client:
            answers = await asyncio.gather(*(client.post("/vehicles", json=body, headers=headers) for _ in range(8)))
        statuses = sorted(answer.status_code for answer in answers)
        assert set(statuses) <= {201, 409}, [answer.text for answer in answers]
        assert statuses[0] == 201
        assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_flight"}
        assert await count_vehicles(live, "MNY 001") == 1


class TestRollback:
    async def test_work_that_fails_takes_its_key_along(self, live):
        """A fault in the commit leaves neither a record nor a kept answer: the next try with the key has the effect."""
        headers, body = key(), BODY | {"plate": "BAD 001", "id": str(uuid4())}
        async with live.database.unit() as session:
            await session.execute(
                text(
                    "CREATE TRIGGER fail_audit BEFORE INSERT ON audit_entry FOR EACH ROW "
                    "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no entries today'"
                )
            )
        try:
            async with await live.client("fleet_clerk") as client:
                failed = await client.post("/vehicles", json=body, headers=headers)
                async with live.database.session() as session:
                    kept = await session.execute(text("SELECT COUNT(*) FROM idempotent_answer WHERE status = 500"))
                    assert kept.scalar_one() == 0
                    assert await count_vehicles(live, "BAD 001") == 0
                    await session.execute(text("DROP TRIGGER fail_audit"))
                again = await client.post("/vehicles", json=body, headers=headers)
        finally:
            async with live.database.session() as session:
                await session.execute(text("DROP TRIGGER IF EXISTS fail_audit"))
        assert failed.status_code == 500
        assert "no entries" not in failed.text
        assert again.status_code == 201
        assert "idempotency-replayed" not in again.headers


class TestDeadlock:
    @pytest.mark.fault("F5", "a request that moves a vehicle is the victim of a deadlock")
    async def test_the_whole_request_is_repeated(self, live):
        """Another transaction holds the branch that a transfer needs, and wants the vehicle that the transfer holds.

        The database ends the transaction that wrote less, so the other one writes more before.
        """
        async with live.database.unit() as session:
            await make_location(session, "DLK")
        async with await live.client("fleet_clerk") as client, live.database.session() as other:
            vehicle = (await client.post("/vehicles", json=BODY)).json()
            before = await deadlocks(other)
            await other.execute(
                text(
                    "INSERT INTO idempotent_answer (key_hash, body_hash, status, headers, body, created_at) "
                    "SELECT SHA2(seq, 256), '', 0, '{}', '', UTC_TIMESTAMP(6) FROM seq_1_to_500"
                )
            )
            await other.execute(text("SELECT id FROM location WHERE code = 'DLK' FOR UPDATE"))
            body = {"reason": "Needed there", "to_location": "DLK"}
            moving = asyncio.create_task(client.post(f"/vehicles/{vehicle['id']}/transfer", json=body, headers=key()))
            await until_somebody_waits(other)
            await other.execute(text("SELECT id FROM vehicle WHERE id = :id FOR UPDATE"), {"id": vehicle["id"]})
            assert await deadlocks(other) == before + 1
            await other.rollback()
            moved = await moving
            assert (moved.status_code, moved.json()["state"]) == (201, "in_transit"), moved.text
            periods = await other.execute(
                text("SELECT COUNT(*) FROM vehicle_period WHERE vehicle_id = :id"), {"id": vehicle["id"]}
            )
            assert periods.scalar_one() == 1


async def deadlocks(session) -> int:
    return await status(session, "Innodb_deadlocks")


async def status(session, name) -> int:
    return int((await session.execute(text("SHOW GLOBAL STATUS LIKE :name"), {"name": name})).one()[1])


async def until_somebody_waits(session) -> None:
    for _ in range(100):
        if await status(session, "Innodb_row_lock_current_waits"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the request does not wait for the lock")
