"""Asking, deciding and what follows, on a real database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.changes import because
from app.core.errors import IllegalState, InvalidFields, NotFound, StaleVersion
from app.core.jobs.models import Job
from app.desk.approvals import queries
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import ApprovalState
from app.desk.approvals.services import asking, deciding
from app.desk.approvals.services.asking import NobodyMayApprove
from app.desk.approvals.services.closing import snapshot_of
from app.desk.approvals.services.deciding import MayNotDecide, NotYourRequest
from app.desk.notifications.models import Notification
from app.kit.money import Money
from app.main import assemble
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle
from tests.factories.rental import make_location, make_vehicle
from tests.factories.staff import actor_of, make_staff

ASSEMBLY = assemble()
KINDS = ASSEMBLY.approval_kinds


async def somebody(session, role="fleet_manager", name="Mari Kask", **scope) -> Actor:
    return actor_of(await make_staff(session, roles=[role], name=name, **scope), ASSEMBLY.permissions)


async def asked(session, maker, minor=11_000, currency="EUR", **fields) -> tuple[Vehicle, Approval]:
    """A vehicle of 78 euro a day, and the request for another price."""
    vehicle = await make_vehicle(session, **fields)
    changed = await vehicles.change_vehicle(
        session, vehicle.id, fields={"day_price": Money(minor, currency)}, actor=maker
    )
    assert changed.waits is not None
    return vehicle, changed.waits


async def assert_told(session, approval, people, *, is_read) -> None:
    """Exactly these people were told that it waits, and have read it or not."""
    found = await session.execute(
        select(Notification.recipient_id, Notification.read_at).where(
            Notification.subject_id == approval.id, Notification.kind == "approval.waits"
        )
    )
    assert {(person, read_at is not None) for person, read_at in found} == {(person, is_read) for person in people}


async def actions(session, record) -> list[str]:
    found = await session.execute(
        select(AuditEntry.action).where(AuditEntry.subject_id == record.id).order_by(AuditEntry.id)
    )
    return list(found.scalars())


class TestRequest:
    async def test_changes_nothing_yet_and_tells_what_it_would(self, session):
        maker = await somebody(session, "fleet_clerk", "Clerk")
        vehicle, approval = await asked(session, maker)
        assert vehicle.day_price == Money(7800, "EUR")
        assert (approval.state, approval.reference[:4], approval.maker_name) == ("pending", "APV-", "Clerk")
        assert approval.changes == {
            "day_price": [{"amount": "78.00", "currency": "EUR"}, {"amount": "110.00", "currency": "EUR"}]
        }
        assert approval.amount == Money(11_000, "EUR")
        assert await actions(session, approval) == ["approval.requested"]

    async def test_the_same_again_is_the_same_request(self, session):
        maker, other = await somebody(session), await somebody(session)
        vehicle, first = await asked(session, maker)
        again = await vehicles.change_vehicle(
            session, vehicle.id, fields={"day_price": Money(11_000, "EUR")}, actor=other
        )
        assert again.waits is not None
        assert (again.waits.id, again.waits.maker_id) == (first.id, maker.id)

    async def test_another_price_takes_its_place(self, session):
        maker = await somebody(session)
        vehicle, first = await asked(session, maker)
        second = await vehicles.change_vehicle(
            session, vehicle.id, fields={"day_price": Money(12_000, "EUR")}, actor=maker
        )
        assert second.waits is not None
        assert (first.state, second.waits.state) == (ApprovalState.VOIDED, ApprovalState.PENDING)
        assert first.note == f"{maker.name} asked for something else."

    async def test_a_currency_without_limits_is_refused_at_once(self, session):
        vehicle = await make_vehicle(session)
        with pytest.raises(NobodyMayApprove):
            await vehicles.change_vehicle(
                session, vehicle.id, fields={"day_price": Money(11_000, "USD")}, actor=await somebody(session)
            )


class TestApprove:
    async def test_does_it_in_the_same_moment_and_names_both_people(self, session):
        maker = await somebody(session, "fleet_clerk", "Clerk")
        vehicle, approval = await asked(session, maker)
        boss = await somebody(session, name="Boss")
        done = await deciding.approve(session, KINDS, approval.id, comment="Fine", actor=boss)
        assert (done.state, done.approver_name, vehicle.day_price) == ("executed", "Boss", Money(11_000, "EUR"))
        assert await actions(session, approval) == ["approval.requested", "approval.approved", "approval.executed"]
        entry = (
            await session.execute(
                select(AuditEntry).where(AuditEntry.subject_id == vehicle.id, AuditEntry.action == "vehicle.updated")
            )
        ).scalar_one()
        assert entry.actor_name == "Boss"
        assert entry.facts == {"approval": approval.reference, "maker": "Clerk", "approver": "Boss"}

    async def test_ends_it_in_the_bells_of_all_who_might_have_decided(self, session):
        maker = await somebody(session, "fleet_clerk")
        boss, other = await somebody(session), await somebody(session, "admin")
        _, approval = await asked(session, maker)
        _, waits = await asked(session, maker)
        await assert_told(session, approval, {boss.id, other.id}, is_read=False)
        await deciding.approve(session, KINDS, approval.id, actor=boss)
        await assert_told(session, approval, {boss.id, other.id}, is_read=True)
        await assert_told(session, waits, {boss.id, other.id}, is_read=False)

    async def test_nobody_approves_what_they_asked_for(self, session):
        maker = await somebody(session)
        _, approval = await asked(session, maker)
        with pytest.raises(MayNotDecide) as refused:
            await deciding.approve(session, KINDS, approval.id, actor=maker)
        assert refused.value.extra == {"reason": "own_request"}

    async def test_a_clerk_approves_nothing(self, session):
        _, approval = await asked(session, await somebody(session))
        with pytest.raises(MayNotDecide) as refused:
            await deciding.approve(session, KINDS, approval.id, actor=await somebody(session, "fleet_clerk"))
        assert refused.value.extra == {"reason": "no_permission"}

    async def test_above_the_limit_it_takes_somebody_with_more(self, session):
        maker = await somebody(session)
        vehicle, approval = await asked(session, maker, minor=25_001)
        with pytest.raises(MayNotDecide) as refused:
            await deciding.approve(session, KINDS, approval.id, actor=await somebody(session))
        assert refused.value.extra == {"reason": "over_limit"}
        await deciding.approve(session, KINDS, approval.id, actor=await somebody(session, "admin"))
        assert vehicle.day_price == Money(25_001, "EUR")

    async def test_the_larger_of_both_prices_counts(self, session):
        maker = await somebody(session)
        _, approval = await asked(session, maker, minor=1_000, day_price=Money(30_000, "EUR"))
        with pytest.raises(MayNotDecide):
            await deciding.approve(session, KINDS, approval.id, actor=await somebody(session))

    async def test_is_not_found_outside_the_scope(self, session):
        _, approval = await asked(session, await somebody(session))
        with pytest.raises(NotFound):
            await deciding.approve(session, KINDS, approval.id, actor=await somebody(session, markets=["LV"]))

    async def test_a_stale_version_is_refused(self, session):
        _, approval = await asked(session, await somebody(session))
        with pytest.raises(StaleVersion):
            await deciding.approve(session, KINDS, approval.id, version=7, actor=await somebody(session))

    async def test_what_the_feature_refuses_leaves_a_failed_approval_and_nothing_else(self, session):
        maker, boss = await somebody(session), await somebody(session)
        vehicle, approval = await asked(session, maker)
        impossible = {"day_price": {"amount": "-1.00", "currency": "EUR"}}
        approval.payload = impossible
        approval.digest = approval.digest_with(snapshot_of(KINDS[approval.kind].terms, vehicle))
        await session.flush()
        failed = await deciding.approve(session, KINDS, approval.id, actor=boss)
        assert failed.state is ApprovalState.FAILED
        assert "day_price" in failed.note
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(7800, "EUR")
        assert (await actions(session, approval))[-2:] == ["approval.approved", "approval.failed"]

    @pytest.mark.parametrize("state", [state for state in ApprovalState if state is not ApprovalState.PENDING])
    async def test_what_no_longer_waits_is_refused_with_its_state(self, session, state):
        maker, boss = await somebody(session), await somebody(session)
        _, approval = await asked(session, maker)
        approval.state = state
        if state in ("approved", "executed", "failed", "rejected"):
            approval.approver_id, approval.approver_name = boss.id, boss.name
        if state == "executed":
            approval.executed_at = clock.now()
        await session.flush()
        for decide in (
            deciding.approve(session, KINDS, approval.id, actor=boss),
            deciding.reject(session, KINDS, approval.id, reason="No", actor=boss),
            deciding.withdraw(session, KINDS, approval.id, actor=maker),
        ):
            with pytest.raises(IllegalState) as refused:
                await decide
            assert refused.value.extra == {"state": state}


class TestReject:
    async def test_needs_a_reason_and_somebody_else(self, session):
        maker, boss = await somebody(session), await somebody(session, name="Boss")
        vehicle, approval = await asked(session, maker)
        with pytest.raises(InvalidFields):
            await deciding.reject(session, KINDS, approval.id, reason=" ", actor=boss)
        with pytest.raises(MayNotDecide):
            await deciding.reject(session, KINDS, approval.id, reason="No", actor=maker)
        rejected = await deciding.reject(session, KINDS, approval.id, reason="Too much", actor=boss)
        assert (rejected.state, rejected.note, rejected.approver_name) == ("rejected", "Too much", "Boss")
        assert vehicle.day_price == Money(7800, "EUR")

    async def test_does_not_ask_for_the_amount(self, session):
        _, approval = await asked(session, await somebody(session), minor=90_000)
        rejected = await deciding.reject(session, KINDS, approval.id, reason="No", actor=await somebody(session))
        assert rejected.state is ApprovalState.REJECTED


class TestWithdraw:
    async def test_is_for_who_asked(self, session):
        maker = await somebody(session)
        _, approval = await asked(session, maker)
        with pytest.raises(NotYourRequest):
            await deciding.withdraw(session, KINDS, approval.id, actor=await somebody(session, "admin"))
        withdrawn = await deciding.withdraw(session, KINDS, approval.id, actor=maker)
        assert (withdrawn.state, withdrawn.approver_id) == (ApprovalState.WITHDRAWN, None)


class TestVoid:
    async def test_an_edit_of_what_the_decision_rests_on_voids_it_and_says_who(self, session):
        maker, other = await somebody(session), await somebody(session, name="Other")
        vehicle, approval = await asked(session, maker, plate="123 ABC")
        await vehicles.update_vehicle(session, vehicle.id, fields={"plate": "777 XYZ"}, actor=other)
        assert approval.state is ApprovalState.VOIDED
        assert approval.note == "Škoda Octavia Combi 123 ABC was changed by Other."
        with pytest.raises(IllegalState):
            await deciding.approve(session, KINDS, approval.id, actor=other)

    async def test_an_edit_of_anything_else_does_not(self, session):
        vehicle, approval = await asked(session, await somebody(session))
        await vehicles.update_vehicle(session, vehicle.id, fields={"odometer_km": 12}, actor=SYSTEM)
        assert approval.state is ApprovalState.PENDING

    async def test_a_small_change_of_the_price_voids_the_large_one(self, session):
        maker = await somebody(session)
        vehicle, approval = await asked(session, maker)
        await vehicles.update_vehicle(session, vehicle.id, fields={"day_price": Money(8000, "EUR")}, actor=maker)
        assert (vehicle.day_price, approval.state) == (Money(8000, "EUR"), ApprovalState.VOIDED)

    async def test_a_change_past_every_service_is_seen_at_the_decision(self, session):
        vehicle, approval = await asked(session, await somebody(session))
        await session.execute(text("UPDATE vehicle SET make = 'Lada' WHERE id = :id"), {"id": str(vehicle.id)})
        found = await deciding.approve(session, KINDS, approval.id, actor=await somebody(session))
        assert found.state is ApprovalState.VOIDED
        refusal = deciding.lapsed(found)
        assert refusal is not None
        assert (refusal.status, refusal.extra["state"]) == (409, "voided")

    @pytest.mark.parametrize("column", ["payload", "changes"])
    async def test_a_request_that_was_tampered_with_is_void(self, session, column):
        vehicle, approval = await asked(session, await somebody(session))
        await session.execute(
            text(f"UPDATE approval SET {column} = REPLACE({column}, '110.00', '910.00') WHERE id = :id"),
            {"id": str(approval.id)},
        )
        found = await deciding.approve(session, KINDS, approval.id, actor=await somebody(session))
        assert (found.state, vehicle.day_price) == (ApprovalState.VOIDED, Money(7800, "EUR"))


class TestExpire:
    async def test_goes_by_the_clock_of_the_database(self, session, time_machine_at):
        boss = await somebody(session)
        _, approval = await asked(session, await somebody(session))
        with time_machine_at(clock.now() + timedelta(days=30)):
            assert await queries.list_expired(session, 10) == []
            assert (await deciding.expire(session, KINDS, approval.id)).state is ApprovalState.PENDING
        approval.expires_at = clock.now() - timedelta(seconds=5)
        await session.flush()
        with time_machine_at(clock.now() - timedelta(hours=1)):
            assert await queries.list_expired(session, 10) == [approval.id]
            found = await deciding.approve(session, KINDS, approval.id, actor=boss)
        assert (found.state, found.note) == (ApprovalState.EXPIRED, "Nobody decided in time.")

    async def test_leaves_alone_what_was_decided_meanwhile(self, session):
        _, approval = await asked(session, await somebody(session))
        approval.expires_at = clock.now() + timedelta(hours=1)
        await deciding.approve(session, KINDS, approval.id, actor=await somebody(session))
        approval.expires_at = clock.now() - timedelta(hours=1)
        await session.flush()
        assert (await deciding.expire(session, KINDS, approval.id)).state is ApprovalState.EXECUTED


class TestDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            "state = 'executed', executed_at = UTC_TIMESTAMP(6), approver_id = maker_id",
            "state = 'executed', executed_at = UTC_TIMESTAMP(6), approver_id = subject_id",
            "state = 'executed', executed_at = UTC_TIMESTAMP(6)",
            "state = 'executed', approver_id = UUID()",
            "state = 'rejected'",
            "approver_id = UUID()",
            "executed_at = UTC_TIMESTAMP(6)",
        ],
    )
    async def test_refuses_what_four_eyes_do_not_allow(self, session, change):
        _, approval = await asked(session, await somebody(session))
        with pytest.raises(DBAPIError, match="CONSTRAINT"):
            await session.execute(text(f"UPDATE approval SET {change} WHERE id = :id"), {"id": str(approval.id)})

    async def test_holds_one_request_of_a_kind_about_a_record(self, session):
        _, approval = await asked(session, await somebody(session))
        columns = [column.name for column in Approval.__table__.columns if column.computed is None]
        values = [{"id": "UUID()", "reference": "'APV-222222'"}.get(name, name) for name in columns]
        statement = (
            f"INSERT INTO approval ({', '.join(columns)}) SELECT {', '.join(values)} FROM approval WHERE id = :id"
        )
        with pytest.raises(DBAPIError, match="uq_approval_live_key"):
            await session.execute(text(statement), {"id": str(approval.id)})


class TestWorkOnMany:
    async def test_is_told_of_once_to_each_with_what_they_may_decide(self, session):
        await make_location(session, "RIX", market="LV", country="LV")
        maker = await somebody(session, name="Maker")
        everywhere, there = await somebody(session), await somebody(session, markets=["LV"])
        with because("Imported from prices.csv"):
            requests = [(await asked(session, maker))[1] for _ in range(2)]
            requests += [(await asked(session, maker, location="RIX", market="LV"))[1]]
        assert {one.why for one in requests} == {"Imported from prices.csv"}
        jobs = (await session.execute(select(Job).where(Job.kind == asking.TELL))).scalars().all()
        assert sum([await tell(session, maker, job) for job in jobs]) >= 2
        assert counted(await heard(session, everywhere)) == 3
        assert await heard(session, there) == ["Maker asks for consent to 1 change"]
        assert await heard(session, maker) == []

    async def test_what_was_decided_meanwhile_is_not_told(self, session):
        maker, boss = await somebody(session), await somebody(session)
        with because("Imported from prices.csv"):
            _, approval = await asked(session, maker)
        await deciding.withdraw(session, KINDS, approval.id, actor=maker)
        (job,) = (await session.execute(select(Job).where(Job.kind == asking.TELL))).scalars().all()
        assert await tell(session, maker, job) == 0
        assert await heard(session, boss) == []


async def tell(session, maker, job) -> int:
    since, until = (datetime.fromisoformat(job.payload[name]) for name in ("since", "until"))
    return await asking.tell_of_many(session, maker.id, since, until)


async def heard(session, person) -> list[str]:
    found = select(Notification.title).where(
        Notification.recipient_id == person.id, Notification.kind == "approval.waits"
    )
    return list((await session.execute(found)).scalars())


def counted(titles: list[str]) -> int:
    """The sum of what they tell; a minute may end between two requests."""
    return sum(int(title.split()[5]) for title in titles)
