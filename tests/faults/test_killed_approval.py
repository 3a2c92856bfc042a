"""F1: the application is killed at each step of carrying out what was agreed to: it is done whole or still waits."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest

from app.core.actor import Actor
from app.core.auth.sessions import csrf_token, start_session
from app.core.guard import session_cookie_name
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.rental.vehicles import services as vehicles
from tests.api.committing import Live
from tests.factories.rental import make_vehicle
from tests.factories.staff import actor_of, make_staff
from tests.faults.forker import Forker
from tests.faults.test_killed import UseCase, kill_at_every_step
from tests.plugins.tally import Tally


@dataclass(frozen=True)
class Consent(UseCase):
    """One decision, and the change of the vehicle that comes with it."""

    vehicle_id: UUID
    effect: str
    """The action in the vehicle's audit trail."""
    done_when: str
    """SQL of the vehicle's row that is true once it is done."""

    async def send(self, live: Live) -> httpx.Response:
        """What the killed process left is looked at before the request is repeated."""
        await self.effects(live)
        return await super().send(live)

    async def effects(self, live: Live) -> int:
        """How often it was executed: the consent, the deed and its traces agree at every moment."""
        fetch = live.database.primary.fetch
        executed = await super().effects(live)
        ((state, is_closed),) = await fetch(
            "SELECT state, closed_at IS NOT NULL FROM approval WHERE id = %s", (self.record_id,)
        )
        assert (state, bool(is_closed)) == (("executed", True) if executed else ("pending", False))
        ((decided,),) = await fetch(
            "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = 'approval.approved'", (self.record_id,)
        )
        ((done,),) = await fetch(
            "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = %s",
            (str(self.vehicle_id), self.effect),
        )
        ((is_done,),) = await fetch(f"SELECT {self.done_when} FROM vehicle WHERE id = %s", (str(self.vehicle_id),))
        ((told,),) = await fetch(
            "SELECT COALESCE(SUM(occurrences), 0) FROM notification "
            "WHERE subject_id = %s AND kind = 'approval.decided'",
            (self.record_id,),
        )
        assert (decided, done, is_done, told) == (executed, executed, executed, executed)
        return executed


@pytest.fixture(scope="session")
async def maker(live: Live) -> Actor:
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["fleet_manager"], name="Maker")
    return actor_of(staff, live.runtime.assembly.permissions)


@pytest.fixture(scope="session")
async def approver(live: Live) -> dict[str, str]:
    token = await live.token("admin")
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


@pytest.fixture(scope="session")
async def approver_at_a_page(live: Live) -> dict[str, str]:
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["fleet_manager"], name="Approver")
        token, held = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
    return {
        "cookie": f"{session_cookie_name(live.runtime)}={token}",
        "x-csrf-token": csrf_token(live.runtime.csrf_keys[0], str(held.id)),
        "content-type": "application/x-www-form-urlencoded",
    }


async def asked_price(live: Live, maker: Actor, headers: dict[str, str]) -> Consent:
    async with live.database.unit() as session:
        vehicle = await make_vehicle(session)
    async with live.database.unit() as session:
        fields = {"day_price": Money(11_000, "EUR")}
        asked = (await vehicles.change_vehicle(session, vehicle.id, fields=fields, actor=maker)).waits
    assert asked is not None
    sent = headers | {"idempotency-key": str(uuid4())}
    body = json.dumps({"comment": "Fine"})
    return _consent(
        asked, f"/api/v1/approvals/{asked.id}/approval", sent, body, "vehicle.updated", "day_price_minor = 11000"
    )


async def asked_retirement(live: Live, maker: Actor, headers: dict[str, str]) -> Consent:
    async with live.database.unit() as session:
        vehicle = await make_vehicle(session)
    async with live.database.unit() as session:
        moved = await vehicles.begin_move(session, vehicle.id, "retirement", fields={"reason": "Hail"}, actor=maker)
        asked = moved.waits
    assert asked is not None
    content = urlencode({"version": asked.version, "confirmation": asked.reference, "_key": str(uuid4())})
    return _consent(asked, f"/approvals/{asked.id}/approval", headers, content, "vehicle.retired", "state = 'retired'")


def _consent(asked: Approval, path: str, headers: dict[str, str], content: str, effect: str, done_when: str) -> Consent:
    return Consent(
        "approval", str(asked.id), "approval.executed", "POST", path, headers, content,
        vehicle_id=asked.subject_id, effect=effect, done_when=done_when,
    )  # fmt: skip


@pytest.mark.fault("F1", "kill -9 at each step of an approved price change (API)")
async def test_price_change(live: Live, forker: Forker, maker, approver, tally: Tally, is_full: bool):
    await kill_at_every_step(live, forker, tally, lambda: asked_price(live, maker, approver), is_full=is_full)


@pytest.mark.fault("F1", "kill -9 at each step of an approved retirement (page)")
async def test_retirement(live: Live, forker: Forker, maker, approver_at_a_page, tally: Tally, is_full: bool):
    await kill_at_every_step(
        live, forker, tally, lambda: asked_retirement(live, maker, approver_at_a_page), is_full=is_full
    )
