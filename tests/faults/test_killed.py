"""F1: the application is killed before and after every statement and commit, and the client repeats with its key."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.sessions import csrf_token, start_session
from app.core.guard import session_cookie_name
from app.core.idempotency import InFlight
from app.core.invariants import Acknowledged
from app.desk.customers.models import Customer
from tests.api.committing import BASE_URL, Live
from tests.factories.credit import make_complete
from tests.factories.desk import make_customer
from tests.factories.rental import make_vehicle
from tests.factories.staff import make_staff
from tests.faults.forker import Ended, Forker
from tests.faults.steps import chosen_steps
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

REPEATS = 20
TOLD_TO_WAIT = "Wait for its answer"


@dataclass(frozen=True)
class UseCase:
    """One request on a record of its own, and what tells that it had its effect once."""

    table: str
    record_id: str
    action: str
    method: str
    path: str
    headers: dict[str, str]
    content: str

    async def send_to_a_child(self, forker: Forker, kill_at: int | None = None) -> Ended:
        return await forker.request(self.method, self.path, headers=self.headers, content=self.content, kill_at=kill_at)

    async def send(self, live: Live) -> httpx.Response:
        """The same request to another process, which goes on living."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=live.app), base_url=BASE_URL) as client:
            return await client.request(self.method, self.path, headers=self.headers, content=self.content)

    async def effects(self, live: Live) -> int:
        rows = await live.database.primary.fetch(
            "SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action = %s", (self.record_id, self.action)
        )
        return int(rows[0][0])

    async def acknowledged(self, live: Live) -> Acknowledged:
        rows = await live.database.primary.fetch(f"SELECT version FROM `{self.table}` WHERE id = %s", (self.record_id,))
        return Acknowledged(self.table, self.record_id, int(rows[0][0]))


@pytest.fixture(scope="session")
async def clerk(live: Live) -> dict[str, str]:
    """The headers of somebody's browser session."""
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["fleet_clerk"])
        token, held = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
    return {
        "cookie": f"{session_cookie_name(live.runtime)}={token}",
        "x-csrf-token": csrf_token(live.runtime.csrf_keys[0], str(held.id)),
        "content-type": "application/x-www-form-urlencoded",
    }


@pytest.fixture(scope="session")
async def bearer(live: Live) -> dict[str, str]:
    """The headers of an API client that may do everything used here."""
    token = await live.token("admin", "fleet_manager", "credit_manager", "credit_officer")
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


async def edited_vehicle(live: Live, headers: dict[str, str]) -> UseCase:
    async with live.database.unit() as session:
        vehicle = await make_vehicle(session)
    body = json.dumps({"colour": "midnight blue", "odometer_km": 41_200})
    sent = headers | {"if-match": vehicle.etag, "idempotency-key": str(uuid4())}
    path = f"/api/v1/vehicles/{vehicle.id}"
    return UseCase("vehicle", str(vehicle.id), "vehicle.updated", "PATCH", path, sent, body)


async def blocked_vehicle(live: Live, headers: dict[str, str]) -> UseCase:
    async with live.database.unit() as session:
        vehicle = await make_vehicle(session)
    path, sent = f"/vehicles/{vehicle.id}/block", headers
    content = f"reason=Scratch&_key={uuid4()}"
    return UseCase("vehicle", str(vehicle.id), "vehicle.blocked", "POST", path, sent, content)


async def submitted_application(live: Live, headers: dict[str, str]) -> UseCase:
    async with live.database.unit() as session:
        application = await make_complete(session, customer_id=await _customer_id(session))
    path = f"/api/v1/applications/{application.id}/submission"
    sent = headers | {"idempotency-key": str(uuid4())}
    return UseCase("application", str(application.id), "application.submitted", "POST", path, sent, "{}")


async def _customer_id(session: AsyncSession) -> UUID:
    """The one customer of all these applications."""
    held = await session.scalar(select(Customer.id).limit(1))
    if held is None:
        customer = await make_customer(
            session, born_on=date(1990, 4, 1), identity_number="38001085718", email="liis@example.test"
        )
        held = customer.id
    return held


async def created_vehicle(live: Live, headers: dict[str, str]) -> UseCase:
    vehicle_id = str(uuid4())
    body = json.dumps({"id": vehicle_id, "make": "Kia", "market": "EE"})
    sent = headers | {"idempotency-key": str(uuid4())}
    return UseCase("vehicle", vehicle_id, "vehicle.created", "POST", "/api/v1/vehicles", sent, body)


Prepare = Callable[[Live, dict[str, str]], Awaitable[UseCase]]


async def kill_at_every_step(
    live: Live, forker: Forker, tally: Tally, prepare: Callable[[], Awaitable[UseCase]], *, is_full: bool
) -> None:
    """Kill one request per step on a new record each, repeat it until it is answered, and look at everything."""
    healthy = await (await prepare()).send_to_a_child(forker)
    assert 200 <= healthy.status < 400, healthy.text
    promised: list[Acknowledged] = []
    for step in chosen_steps(healthy.steps, is_full=is_full):
        case = await prepare()
        with tally:
            killed = await case.send_to_a_child(forker, kill_at=step)
            assert killed.is_killed, f"it took only {len(killed.steps)} steps, not {step}"
            answer = await repeated(case, live)
            assert answer.status_code == healthy.status, f"after {killed.steps[-1]}: {answer.text}"
            assert await case.effects(live) == 1, f"after {killed.steps[-1]}"
            again = await case.send(live)
            assert (again.status_code, again.text) == (answer.status_code, answer.text), "the replay differs"
            assert await case.effects(live) == 1
            promised.append(await case.acknowledged(live))
    await assert_whole(live.database, promised)


async def repeated(case: UseCase, live: Live) -> httpx.Response:
    """What a client does: the same request with the same key while it is told to wait, as JSON or in a page."""
    for _ in range(REPEATS):
        answer = await case.send(live)
        if answer.status_code != InFlight.status or TOLD_TO_WAIT not in answer.text:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"no answer after {REPEATS} repeats: {answer.text}")


class TestKilledRequest:
    @pytest.mark.fault("F1", "kill -9 at each step of editing a vehicle (API)")
    async def test_edit_vehicle(self, live: Live, forker: Forker, bearer, tally: Tally, is_full: bool):
        await kill_at_every_step(live, forker, tally, lambda: edited_vehicle(live, bearer), is_full=is_full)

    @pytest.mark.fault("F1", "kill -9 at each step of blocking a vehicle (page)")
    async def test_block_vehicle(self, live: Live, forker: Forker, clerk, tally: Tally, is_full: bool):
        await kill_at_every_step(live, forker, tally, lambda: blocked_vehicle(live, clerk), is_full=is_full)

    @pytest.mark.fault("F1", "kill -9 at each step of submitting an application")
    async def test_submit_application(self, live: Live, forker: Forker, bearer, tally: Tally, is_full: bool):
        await kill_at_every_step(live, forker, tally, lambda: submitted_application(live, bearer), is_full=is_full)

    @pytest.mark.fault("F1", "kill -9 at each step of adding a vehicle")
    async def test_create_vehicle(self, live: Live, forker: Forker, bearer, tally: Tally, is_full: bool):
        await kill_at_every_step(live, forker, tally, lambda: created_vehicle(live, bearer), is_full=is_full)
