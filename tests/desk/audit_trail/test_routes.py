"""The auditor's page: filters, before and after, links, paging, and who may not read it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest

from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.rental.vehicles import services
from tests.factories.rental import make_vehicle
from tests.factories.staff import make_staff

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#audit-results"}


async def note(session, **values):
    """An entry as it is; the funnel of changes has tests of its own."""
    given = {
        "actor_name": "Mari Kask", "action": "vehicle.updated", "subject_kind": "vehicle", "subject_id": uuid4(),
        "subject_version": 1,
    }  # fmt: skip
    entry = AuditEntry(**(given | values))
    session.add(entry)
    await session.flush()
    return entry


def rows(page: str) -> list[str]:
    return [unescape(re.sub(r"<[^>]+>", " ", row)) for row in re.findall(r'<tr id="entry.*?</tr>', page, re.DOTALL)]


class TestIndex:
    @pytest.mark.parametrize("role", ["fleet_manager", "credit_manager", "engineer"])
    async def test_is_for_auditors_only(self, client_for, role):
        assert (await (await client_for(role)).get("/audit")).status_code == 403

    async def test_shows_who_changed_what_from_what_to_what(self, client_for, session):
        vehicle = await make_vehicle(session, plate="986 VVK", odometer_km=100)
        staff = await make_staff(session, roles=["fleet_clerk"], name="Jaan Rebane")
        clerk = Actor(
            staff.id, "staff", staff.name, permissions=frozenset({"vehicles.edit"}), markets=None, branches=None
        )
        await services.update_vehicle(
            session, vehicle.id, fields={"odometer_km": 250}, version=vehicle.version, actor=clerk
        )
        auditor = await client_for("auditor")
        page = (await auditor.get(f"/audit?kind=vehicle&actor={staff.id}")).text
        (row,) = rows(page)
        assert "Jaan Rebane" in row
        assert re.search(r"Odometer, km\s+before\s+100\s+to\s+250", row)
        assert f'href="/vehicles/{vehicle.id}"' in page
        assert "986 VVK" in row

    async def test_filters_by_action_record_request_and_days(self, client_for, session):
        old = await note(session, at=datetime(2026, 3, 1, 12, tzinfo=UTC), request_id="req-1", why="Hail damage")
        late = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
        await note(session, at=late, action="vehicle.blocked", request_id="req-2", subject_id=old.subject_id)
        await note(session, at=late + timedelta(minutes=2), request_id="req-3")
        auditor = await client_for("auditor")

        async def count(query: str) -> int:
            answer = await auditor.get(f"/audit?{query}")
            assert answer.status_code == 200
            return len(rows(answer.text))

        assert await count("request=req-1") == 1
        assert await count(f"record={old.subject_id}") == 2
        assert await count(f"record={old.subject_id}&action=vehicle.blocked") == 1
        assert await count("at_after=2026-03-02&at_before=2026-03-02&kind=vehicle") == 1
        assert await count("at_after=2026-03-01&at_before=2026-03-03") == 3
        assert "Hail damage" in (await auditor.get("/audit?request=req-1")).text

    async def test_pages_follow_each_other(self, client_for, session):
        record = uuid4()
        for minute in range(5):
            await note(session, subject_id=record, at=datetime(2026, 3, 1, 12, minute, tzinfo=UTC))
        auditor = await client_for("auditor")
        address, seen = f"/audit?record={record}&limit=2", list[str]()
        while address:
            page = (await auditor.get(address)).text
            seen += re.findall(r'<tr id="entry-([^"]+)"', page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = unescape(following.group(1)) if following else None
        assert len(seen) == len(set(seen)) == 5

    async def test_answers_the_results_alone_to_htmx(self, client_for):
        auditor = await client_for("auditor")
        answer = await auditor.get("/audit?kind=staff&actor=", headers=PARTIAL)
        assert answer.text.lstrip().startswith('<section id="audit-results"')
        assert answer.headers["hx-push-url"] == "/audit?kind=staff"

    async def test_date_inputs_are_there_once(self, client_for):
        auditor = await client_for("auditor")
        page = (await auditor.get("/audit?at_after=2026-03-01&record=" + str(uuid4()))).text
        assert page.count('name="at_after"') == page.count('name="record"') == 1

    async def test_does_not_link_what_the_reader_may_not_open(self, client_for, session):
        job = uuid4()
        await note(session, subject_kind="job", subject_id=job, action="job.retried", actor_name=SYSTEM.name)
        auditor = await client_for("auditor")
        page = (await auditor.get(f"/audit?record={job}")).text
        assert len(rows(page)) == 1
        assert f'href="/jobs/{job}"' not in page

    @pytest.mark.parametrize("query", ["record=abc", "actor=abc", "q=mari", "colour=red"])
    async def test_refuses_what_it_does_not_know(self, client_for, query):
        auditor = await client_for("auditor")
        assert (await auditor.get(f"/audit?{query}")).status_code == 400
