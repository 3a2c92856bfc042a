"""F16, F17, F18: what suppliers tell comes five times, in another order, days late, or never; the state is theirs."""

import base64
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.jobs.models import Job
from app.rental.suppliers.models import SupplierNotification
from app.rental.suppliers.rules import ReservationState
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.gateway import seal_webhook
from tests.rental.suppliers.test_settling import Desk, desk

KEY, EARLIER = "the present key of tests", "the key before that one"
S = ReservationState
__all__ = ["desk"]


@pytest.fixture
async def told(desk: Desk, visitor, beside_sandbox, settings_here):
    """`await told("m1", number)`: the supplier sends a message; answers status and whether it is new."""
    await desk.reserve()
    desk.supplier.webhook_sealed = seal_webhook(settings_here, desk.supplier.id, KEY)
    desk.supplier.webhook_before_sealed = seal_webhook(settings_here, desk.supplier.id, EARLIER)
    await desk.session.commit()

    async def send(
        message_id: str, number: str = "", *, key: str = KEY, ago: timedelta = timedelta(), code: str = "nordrive"
    ):
        body = json.dumps({"reservation": number, "partner_reference": desk.reference, "status": "CANCELLED"}).encode()
        stamp = str(int((clock.now() - ago).timestamp()))
        signed = hmac.digest(key.encode(), f"{message_id}.{stamp}.".encode() + body, "sha256")
        headers = {
            "webhook-id": message_id, "webhook-timestamp": stamp, "content-type": "application/json",
            "webhook-signature": f"v1,{base64.b64encode(b'x' * 32).decode()} v1,{base64.b64encode(signed).decode()}",
        }  # fmt: skip
        answer = await visitor.post(f"/webhooks/suppliers/{code}", content=body, headers=headers)
        return answer.status_code, answer.json()["is_new"] if answer.status_code == 202 else None

    return send


async def queued(desk: Desk) -> int:
    statement = select(Job).where(Job.kind == reservations.SETTLE, Job.state == "queued")
    return len((await desk.session.execute(statement)).scalars().all())


async def test_five_times_is_once(desk, told):
    assert await desk.settle() is S.CONFIRMED
    assert [await told("m1") for _ in range(5)] == [(202, True), *[(202, False)] * 4]
    kept = (await desk.session.execute(select(SupplierNotification))).scalars().all()
    assert [(each.message_id, each.reservation_id) for each in kept] == [("m1", desk.id)]
    assert await queued(desk) == 1


async def test_what_is_told_is_asked_and_not_believed(desk, told):
    assert await desk.settle() is S.CONFIRMED
    await told("says-cancelled", desk.real[0]["number"])
    assert await desk.settle() is S.CONFIRMED
    desk.companies["nordrive"].decide(desk.real[0]["number"], "cancelled")
    await told("again-cancelled", desk.real[0]["number"])
    assert await desk.settle() is S.CANCELLED_BY_SUPPLIER
    desk.companies["nordrive"].decide(desk.real[0]["number"], "confirmed")
    await told("an-old-one")
    assert await desk.settle() is S.CANCELLED_BY_SUPPLIER


async def test_days_late_it_is_refused_and_nobody_needs_it(desk, told):
    desk.switch_on("lost", "book", times=1)
    assert await desk.settle() is S.UNKNOWN
    assert (await told("late", ago=timedelta(days=3)))[0] == 401
    assert await desk.settle() is S.CONFIRMED


@pytest.mark.parametrize("case", [{"key": "somebody else's key"}, {"code": "nobody"}, {"ago": timedelta(minutes=-6)}])
async def test_who_cannot_sign_learns_nothing(desk, told, case):
    status, is_new = await told("m1", **case)
    assert (status, is_new) == (401, None)


async def test_the_key_before_is_believed_while_keys_change(told):
    assert await told("m1", key=EARLIER) == (202, True)
