"""Several people and the clock at once, each on a connection of their own: one of them comes first, once."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.db import run_in_unit
from app.desk.approvals.services import deciding
from app.kit.money import Money
from app.rental.vehicles import services as vehicles
from tests.desk.approvals.conftest import Office, Person
from tests.factories.rental import make_vehicle
from tests.faults.wholeness import assert_whole

CROWD = 16
RACES = 6
BEFORE, AFTER = 7_800, 11_000
DECISIONS = ("approval.approved", "approval.rejected")
ENDS = ("approval.executed", "approval.rejected", "approval.withdrawn", "approval.expired", "approval.voided")


@pytest.fixture
async def crowd(office: Office) -> list[Person]:
    return [await office.hire() for _ in range(CROWD)]


async def assert_one_end(office: Office, vehicle_id: UUID, approval_id: UUID) -> str:
    """It ended once, its effect is there exactly when it was executed, and everything else holds."""
    approval = await office.present(approval_id)
    is_done = approval.state == "executed"
    assert await office.count_entries(approval_id, *ENDS) == 1
    assert await office.count_entries(approval_id, *DECISIONS) == (approval.state in ("executed", "rejected"))
    assert await office.price_minor(vehicle_id) == (AFTER if is_done else BEFORE)
    priced = await office.database.primary.fetch(
        "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = 'vehicle.updated' "
        "AND JSON_CONTAINS_PATH(changes, 'one', '$.day_price_minor')",
        (str(vehicle_id),),
    )
    assert priced == [(int(is_done),)]
    return approval.state


async def both(*work: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


class TestSixteenAtOnce:
    async def test_agree_and_it_is_done_once(self, office: Office, crowd: list[Person]):
        vehicle_id, approval_id = await office.ask(await office.hire("fleet_clerk"))
        answers = await asyncio.gather(*(person.decide(approval_id, "approval") for person in crowd))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
        first = next(place for place, answer in enumerate(answers) if answer.status_code == 201)
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {(one["code"], one["state"]) for one in refused} == {("illegal_state", "executed")}
        assert await assert_one_end(office, vehicle_id, approval_id) == "executed"
        assert (await office.present(approval_id)).approver_id == crowd[first].actor.id
        await assert_whole(office.database)

    async def test_disagree_and_one_of_them_decides(self, office: Office, crowd: list[Person]):
        vehicle_id, approval_id = await office.ask(await office.hire("fleet_clerk"))
        answers = await asyncio.gather(
            *(person.decide(approval_id, "approval") for person in crowd[::2]),
            *(person.decide(approval_id, "rejection", reason="Too much") for person in crowd[1::2]),
        )
        won = [answer.json()["state"] for answer in answers if answer.status_code == 201]
        assert won == [await assert_one_end(office, vehicle_id, approval_id)]
        await assert_whole(office.database)

    async def test_ask_for_the_same_and_it_is_one_request(self, office: Office, crowd: list[Person]):
        async with office.database.unit() as session:
            vehicle = await make_vehicle(session)
        price = {"day_price": {"amount": "110.00", "currency": "EUR"}}
        answers = await asyncio.gather(
            *(
                person.send("PATCH", f"/vehicles/{vehicle.id}", json=price, headers={"if-match": vehicle.etag})
                for person in crowd
            )
        )
        assert {answer.status_code for answer in answers} == {202}, answers[0].text
        assert len({answer.json()["id"] for answer in answers}) == 1
        await assert_whole(office.database)


class TestDecisionAgainst:
    async def test_withdrawal(self, office: Office):
        maker, boss = await office.hire("fleet_clerk"), await office.hire()
        for _ in range(RACES):
            vehicle_id, approval_id = await office.ask(maker)
            answers = await asyncio.gather(
                boss.decide(approval_id, "approval"), maker.decide(approval_id, "withdrawal", comment="Never mind")
            )
            assert sorted(answer.status_code for answer in answers) == [201, 409]
            state = await assert_one_end(office, vehicle_id, approval_id)
            assert state == ("executed" if answers[0].status_code == 201 else "withdrawn")
        await assert_whole(office.database)

    async def test_its_end_by_the_clock(self, office: Office):
        maker, boss = await office.hire("fleet_clerk"), await office.hire()
        ended = set[str]()
        for number in range(RACES):
            vehicle_id, approval_id = await office.ask(maker)
            async with office.database.unit() as session:
                await session.execute(
                    text("UPDATE approval SET expires_at = UTC_TIMESTAMP(6) + INTERVAL :us MICROSECOND WHERE id = :id"),
                    {"id": str(approval_id), "us": 10_000 * number - 5_000},
                )
            answer, _ = await asyncio.gather(
                boss.decide(approval_id, "approval"), expire_until_over(office, approval_id)
            )
            state = await assert_one_end(office, vehicle_id, approval_id)
            approval = await office.present(approval_id)
            assert approval.closed_at is not None
            assert state == ("executed" if answer.status_code == 201 else "expired")
            assert state == "executed" or approval.closed_at >= approval.expires_at
            ended.add(state)
        assert "expired" in ended
        await assert_whole(office.database)

    async def test_a_change_of_the_subject(self, office: Office):
        maker, boss = await office.hire("fleet_clerk"), await office.hire()
        for number in range(RACES):
            vehicle_id, approval_id = await office.ask(maker)
            plate = {"plate": f"{number} {str(vehicle_id)[-6:].upper()}"}
            answer, _ = await both(
                boss.decide(approval_id, "approval"),
                run_in_unit(
                    office.database,
                    lambda session, key=vehicle_id, plate=plate: vehicles.update_vehicle(
                        session, key, fields=plate, actor=maker.actor
                    ),
                ),
            )
            state = await assert_one_end(office, vehicle_id, approval_id)
            assert state == ("executed" if answer.status_code == 201 else "voided")
            rows = await office.database.primary.fetch("SELECT plate FROM vehicle WHERE id = %s", (str(vehicle_id),))
            assert rows == [(plate["plate"],)]
        await assert_whole(office.database)

    async def test_another_request_that_takes_its_place(self, office: Office):
        maker, boss = await office.hire("fleet_clerk"), await office.hire()
        for _ in range(RACES):
            vehicle_id, approval_id = await office.ask(maker)
            answer, second = await both(
                boss.decide(approval_id, "approval"),
                run_in_unit(
                    office.database,
                    lambda session, key=vehicle_id: vehicles.change_vehicle(
                        session, key, fields={"day_price": Money(20_000, "EUR")}, actor=maker.actor
                    ),
                ),
            )
            assert await assert_one_end(office, vehicle_id, approval_id) == (
                "executed" if answer.status_code == 201 else "voided"
            )
            assert (await office.present(second.waits.id)).state == "pending"
        await assert_whole(office.database)


async def expire_until_over(office: Office, approval_id: UUID) -> None:
    """What the worker does every minute, without its pause."""
    async with asyncio.timeout(20):
        while True:
            found = await run_in_unit(
                office.database, lambda session: deciding.expire(session, office.kinds, approval_id)
            )
            if found.state != "pending":
                return


class TestBetween:
    """What changes after somebody asked and before somebody decides, in transactions of their own."""

    @pytest.mark.parametrize("column", ["payload", "changes", "digest"])
    async def test_a_request_that_is_rewritten_in_the_database_is_not_carried_out(self, office: Office, column: str):
        vehicle_id, approval_id = await office.ask(await office.hire("fleet_clerk"))
        to = "REPEAT('0', 64)" if column == "digest" else f"REPLACE({column}, '110.00', '11.00')"
        async with office.database.unit() as session:
            await session.execute(text(f"UPDATE approval SET {column} = {to} WHERE id = :id"), {"id": str(approval_id)})
        answer = await (await office.hire()).decide(approval_id, "approval")
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "approval_lapsed", "voided")
        assert await assert_one_end(office, vehicle_id, approval_id) == "voided"
        await assert_whole(office.database)

    async def test_a_decider_who_lost_the_permission_decides_nothing(self, office: Office):
        vehicle_id, approval_id = await office.ask(await office.hire("fleet_clerk"))
        boss = await office.hire()
        async with office.database.unit() as session:
            await session.execute(
                text("UPDATE staff SET roles = '[\"fleet_clerk\"]' WHERE id = :id"), {"id": str(boss.actor.id)}
            )
        for move, body in (("approval", {}), ("rejection", {"reason": "No"})):
            answer = await boss.decide(approval_id, move, **body)
            assert (answer.status_code, answer.json()["reason"]) == (403, "no_permission")
        assert (await office.present(approval_id)).state == "pending"
        assert await office.price_minor(vehicle_id) == BEFORE

    async def test_a_decider_who_is_disabled_is_nobody(self, office: Office):
        vehicle_id, approval_id = await office.ask(await office.hire("fleet_clerk"))
        boss = await office.hire()
        async with office.database.unit() as session:
            await session.execute(
                text("UPDATE staff SET is_disabled = TRUE WHERE id = :id"), {"id": str(boss.actor.id)}
            )
        assert (await boss.decide(approval_id, "approval")).status_code == 401
        assert await office.price_minor(vehicle_id) == BEFORE
