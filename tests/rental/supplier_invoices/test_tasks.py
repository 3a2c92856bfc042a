"""All open lines of an invoice looked at once more, by the worker and with its progress."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.jobs.context import JobContext, JobRefused
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.desk.notifications.models import Notification
from app.rental.supplier_invoices import queries, services, tasks
from app.rental.supplier_invoices.rules import LineState
from app.rental.suppliers.models import Supplier
from tests.factories.suppliers import make_reservation, make_supplier

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#invoice-matching"}
LINES = 7


@pytest.fixture
async def invoice_id(session, settings, api_for, monkeypatch) -> UUID:
    """Seven lines of nobody, three of a batch."""
    monkeypatch.setattr(tasks, "BATCH", 3)
    await make_supplier(session, settings, "baltic")
    await session.commit()
    lines = [{"supplier_number": f"BN{n}", "amount": {"amount": "120.00", "currency": "EUR"}} for n in range(LINES)]
    body = {"supplier": "baltic", "number": "2026-7", "market": "EE", "lines": lines}
    made = await (await api_for("fleet_clerk")).post("/supplier-invoices", json=body)
    return UUID(made.raise_for_status().json()["id"])


@pytest.fixture
def work(database, runtime):
    """Do the queued job as the worker does; tells how far it said that it was."""

    async def run():
        job = (await all_jobs(database))[0]
        told = []
        claim = Claim(job.id, 0, job.kind, job.payload, 1, 3, job.created_by)
        context = JobContext(database, None, runtime.settings, claim)

        async def progress(done, total=None, note=""):
            told.append((done, total))
            async with database.unit() as session:
                kept = await session.get(Job, job.id)
                kept.state, kept.progress_done, kept.progress_total = JobState.RUNNING, done, total

        context.progress = progress
        result = await tasks.match_again(context)
        async with database.unit() as session:
            kept = await session.get(Job, job.id)
            kept.state, kept.result = JobState.DONE, result
        return told

    return run


async def all_jobs(database):
    async with database.session() as session:
        return (await session.execute(select(Job).where(Job.kind == services.MATCHING))).scalars().all()


class TestMatchAgain:
    async def test_finds_what_came_later_batch_by_batch_and_says_so(
        self, session, client_for, invoice_id, work, database
    ):
        clerk = await client_for("fleet_clerk")
        page = f"/supplier-invoices/{invoice_id}"
        assert (await clerk.post(f"{page}/matching")).status_code == 303
        assert (await clerk.post(f"{page}/matching")).status_code == 303
        (job,) = await all_jobs(database)
        shown = (await clerk.get(page)).text
        assert "waits for its turn" in shown
        assert "Match again" not in shown
        supplier = (await session.execute(select(Supplier))).scalar_one()
        for number in (1, 5):
            starts = clock.now() + timedelta(days=9)
            await make_reservation(session, supplier, pickup_at=starts, supplier_number=f"BN{number}")
        decided = (await queries.list_open_ids(session, invoice_id, limit=1))[0]
        await services.dispute_line(session, decided, reason="Not ours", actor=clerk.actor)
        await session.commit()
        address = f"{page}/matching/{job.id}"
        assert "waits for its turn" in (await clerk.get(address, headers=PARTIAL)).text
        assert await work() == [(3, 6), (6, 6)]
        over = await clerk.get(address, headers=PARTIAL)
        assert (over.status_code, over.headers["hx-redirect"]) == (204, page)
        assert (await clerk.get(address)).status_code == 303
        lines = await queries.list_lines(session, invoice_id)
        assert [line.state for line in lines].count(LineState.AGREED) == 2
        assert lines[0].state is LineState.DISPUTED
        assert "Match again" in (await clerk.get(page)).text
        (told,) = (
            await session.execute(select(Notification).where(Notification.recipient_id == clerk.staff.id))
        ).scalars()
        assert "6 lines looked at, 2 came out otherwise" in told.body

    async def test_stops_for_an_account_that_is_gone(self, session, client_for, invoice_id, work):
        clerk = await client_for("fleet_clerk")
        await clerk.post(f"/supplier-invoices/{invoice_id}/matching")
        await session.execute(text("UPDATE staff SET is_disabled = 1 WHERE id = :id"), {"id": str(clerk.staff.id)})
        await session.commit()
        with pytest.raises(JobRefused):
            await work()

    async def test_clients_ask_for_it_and_look_how_far_it_is(self, api_for, invoice_id, work):
        api = await api_for("fleet_clerk")
        asked = await api.post(f"/supplier-invoices/{invoice_id}/matching")
        assert (asked.status_code, asked.json()["state"], asked.json()["done"]) == (202, "queued", 0)
        assert (await api.post(f"/supplier-invoices/{invoice_id}/matching")).json() == asked.json()
        await work()
        address = asked.headers["location"].removeprefix("/api/v1")
        found = (await api.get(address)).json()
        assert found == {"id": asked.json()["id"], "state": "done", "done": LINES, "total": LINES, "changed": 0}
        assert (await (await api_for("auditor")).post(f"/supplier-invoices/{invoice_id}/matching")).status_code == 403

    async def test_is_of_its_invoice_alone(self, client_for, invoice_id, database):
        clerk = await client_for("fleet_clerk")
        await clerk.post(f"/supplier-invoices/{invoice_id}/matching")
        (job,) = await all_jobs(database)
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(f"/supplier-invoices/{invoice_id}/matching/{job.id}")).status_code == 404
        assert (await clerk.get(f"/supplier-invoices/{invoice_id}/matching/{invoice_id}")).status_code == 404
