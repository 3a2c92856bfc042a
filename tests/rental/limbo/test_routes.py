"""The limbo desk as page and API: order, money, what was said, and what can be done from the row."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.core import clock
from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.jobs.models import Job
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import ReservationState
from app.rental.suppliers.services import reservations
from tests.factories.suppliers import make_reservation, make_supplier

S = ReservationState
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def supplier(session, settings):
    return await make_supplier(session, settings, "baltic", {})


@pytest.fixture
async def three(session, supplier):
    """A calm one, one that is pressing, and one that is no longer open."""
    now = clock.now()
    calm = await make_reservation(session, supplier, S.ON_REQUEST, pickup_at=now + 9 * DAY, minor=20_000)
    pressing = await make_reservation(session, supplier, S.UNKNOWN, pickup_at=now + 49 * HOUR, minor=10_001)
    done = await make_reservation(session, supplier, S.CONFIRMED, pickup_at=now + 3 * DAY)
    await session.commit()
    return calm, pressing, done


class TestDesk:
    async def test_what_is_dearer_soonest_comes_first(self, api_for, three):
        calm, pressing, _ = three
        page = (await (await api_for("fleet_clerk")).get("/limbo-reservations?total=true")).json()
        assert [item["reference"] for item in page["items"]] == [pressing.reference, calm.reference]
        assert page["exposed"] == [{"amount": "150.01", "currency": "EUR"}]
        assert page["total"] == 2
        first = page["items"][0]
        assert (first["fee_now"]["amount"], first["exposed"]["amount"]) == ("0.00", "50.01")
        assert (first["action"], first["why"]) == ("cancel", "fee_rises")
        assert datetime.fromisoformat(first["boundary_at"]) == pressing.pickup_at - 48 * HOUR
        assert first["boundary_local"] == f"{pressing.pickup_local - 48 * HOUR:%Y-%m-%dT%H:%M}"

    async def test_pages_by_keys_and_narrows(self, api_for, three):
        api = await api_for("fleet_clerk")
        page = (await api.get("/limbo-reservations?limit=1")).json()
        rest = (await api.get(f"/limbo-reservations?limit=1&cursor={page['next_cursor']}")).json()
        assert [item["reference"] for item in rest["items"]] == [three[0].reference]
        assert rest.get("next_cursor") is None
        narrowed = (await api.get("/limbo-reservations?state=on_request")).json()
        assert [item["reference"] for item in narrowed["items"]] == [three[0].reference]
        assert (await api.get("/limbo-reservations?state=confirmed")).status_code == 422

    async def test_shows_only_ones_own_markets(self, api_for, client_for, three):
        foreign = await api_for("fleet_clerk", markets=["LV"])
        page = (await foreign.get("/limbo-reservations")).json()
        assert (page["items"], page["exposed"]) == ([], [])
        polls = await foreign.get(f"/limbo-reservations/{three[0].id}/polls")
        assert polls.status_code == 404
        assert three[0].reference not in (await (await client_for("fleet_clerk", markets=["LV"])).get("/limbo")).text

    async def test_the_page_counts_down_in_branch_time_and_says_what_to_do(self, client_for, three, session):
        calm, pressing, done = three
        said = PartnerExchange(
            partner="supplier.baltic", operation="retrieve", outcome=Outcome.TIMEOUT, milliseconds=20_000,
            reason="no answer within 20 s", method="POST", url="/", market="EE",
            subject_kind="supplier_reservation", subject_id=pressing.id,
        )  # fmt: skip
        session.add(said)
        await session.commit()
        client = await client_for("admin")
        text = (await client.get("/limbo")).text
        assert text.index(pressing.reference) < text.index(calm.reference)
        assert done.reference not in text
        boundary = pressing.pickup_local - 48 * HOUR
        assert f"{boundary:%a %-d %b %H:%M}" in text
        assert "Cancel defensively" in text
        assert "Dearer within 2 h, and nobody knows" in text
        assert "Timeout: no answer within 20 s" in text
        assert f'href="/exchanges/{said.id}"' in text
        assert "150.01 EUR" in text
        part = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#limbo-figures"}
        figures = (await client.get("/limbo", headers=part)).text
        assert figures.lstrip().startswith('<section id="limbo-figures"')

    async def test_tells_every_poll(self, api_for, three, session):
        pressing = three[1]
        for number in range(3):
            session.add(
                PartnerExchange(
                    partner="supplier.baltic", operation="retrieve", outcome=Outcome.TIMEOUT, milliseconds=number,
                    method="POST", url="/", subject_kind="supplier_reservation", subject_id=pressing.id,
                )
            )  # fmt: skip
        await session.commit()
        api = await api_for("fleet_clerk")
        items = (await api.get(f"/limbo-reservations/{pressing.id}/polls?limit=2")).json()["items"]
        assert [(item["outcome"], item["milliseconds"]) for item in items] == [("timeout", 2), ("timeout", 1)]


class TestActing:
    async def test_asks_now_from_the_row(self, client_for, three, session):
        client = await client_for("fleet_clerk")
        answer = await client.post(f"/supplier-reservations/{three[0].id}/poll?to=/limbo")
        assert (answer.status_code, answer.headers["location"]) == (303, "/limbo")
        jobs = (await session.execute(select(Job).where(Job.kind == reservations.SETTLE))).scalars().all()
        assert [job.payload for job in jobs] == [{"reservation_id": str(three[0].id)}]
        entries = (
            await session.execute(select(AuditEntry.action).where(AuditEntry.subject_id == three[0].id))
        ).scalars()
        assert "supplier_reservation.asked" in set(entries)

    async def test_what_does_not_hang_is_not_asked(self, api_for, client_for, three):
        answer = await (await api_for("fleet_clerk")).post(f"/supplier-reservations/{three[2].id}/poll")
        assert (answer.status_code, answer.json()["state"]) == (409, "confirmed")
        foreign = await client_for("fleet_clerk", markets=["LV"])
        assert (await foreign.post(f"/supplier-reservations/{three[0].id}/poll")).status_code == 404
        auditor = await client_for("auditor")
        assert (await auditor.post(f"/supplier-reservations/{three[0].id}/poll")).status_code == 403

    async def test_leaves_the_desk_once_it_is_settled(self, api_for, three):
        api = await api_for("fleet_clerk")
        address = f"/supplier-reservations/{three[1].id}/outcome"
        refused = await api.post(address, json={"outcome": "confirmed", "reason": "By telephone"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/number")
        body = {"outcome": "confirmed", "reason": "By telephone", "number": "BA1"}
        settled = await api.post(address, json=body)
        assert (settled.status_code, settled.json()["state"]) == (200, "confirmed")
        page = (await api.get("/limbo-reservations")).json()
        assert [item["reference"] for item in page["items"]] == [three[0].reference]
        assert page["exposed"][0]["amount"] == "100.00"


class TestBoundaries:
    async def test_move_on_when_they_are_past(self, session, supplier, database):
        pickup = datetime(2027, 5, 3, 7, 0, tzinfo=UTC)
        with time_machine.travel(pickup - 50 * HOUR, tick=False):
            made = await make_reservation(session, supplier, S.UNKNOWN, pickup_at=pickup, minor=10_001)
            await session.commit()
            version = made.version
            assert (made.boundary_at, made.exposed_minor) == (pickup - 48 * HOUR, 5_001)
            assert await reservations.follow_boundaries(session, 10) == 0
        for moment, boundary, exposed in (
            (pickup - 47 * HOUR, pickup, 10_001),
            (pickup + HOUR, None, 10_001),
        ):
            with time_machine.travel(moment, tick=False):
                assert await reservations.follow_boundaries(session, 10) == 1
                assert await reservations.follow_boundaries(session, 10) == 0
                kept = await session.get(SupplierReservation, made.id, populate_existing=True)
                assert (kept.boundary_at, kept.exposed_minor, kept.version) == (boundary, exposed, version)

    async def test_one_without_windows_gets_the_usual_ones_with_its_next_state(self, session, supplier):
        made = await make_reservation(session, supplier, S.CONFIRMED, pickup_at=clock.now() + 9 * DAY)
        await session.execute(update(SupplierReservation).values(fee_windows=[]))
        await session.commit()
        made = await session.get(SupplierReservation, made.id, populate_existing=True)
        await reservations.request_cancellation(session, made.id, reason="Flight", actor=SYSTEM)
        await session.refresh(made)
        assert made.boundary_at == made.pickup_at - 48 * HOUR
        assert made.limbo_at == made.boundary_at
