"""The home page: numbers that lead to their rows, what needs me, and the time where I am."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.jobs.models import Job, JobState
from app.rental.vehicles import services
from tests.factories.rental import make_location, make_vehicle

PLAIN = {"reason": "Brakes", "starts_at": None, "ends_at": None}


def tiles(page: str) -> dict[str, tuple[str, str]]:
    """Label: figure and address."""
    found = re.findall(r'<a class="figure"\s+href="([^"]*)"\s+aria-label="([^:]+): ([^"]+)"', page)
    return {unescape(label): (figure, unescape(href)) for href, label, figure in found}


class TestFleet:
    async def test_numbers_are_the_lengths_of_their_lists(self, client_for, session):
        today = clock.today()
        await make_vehicle(session, plate="AAA 1", insurance_expires_on=today - timedelta(days=3))
        await make_vehicle(session, plate="AAA 2", insurance_expires_on=today)
        await make_vehicle(session, plate="AAA 3", inspection_expires_on=today + timedelta(days=30))
        await make_vehicle(session, plate="AAA 4", inspection_expires_on=today + timedelta(days=31))
        serviced = await make_vehicle(session, plate="AAA 5")
        await services.move_vehicle(session, serviced.id, "maintenance", fields={"reason": "Brakes"}, actor=SYSTEM)
        clerk = await client_for("fleet_clerk")
        found = tiles((await clerk.get("/")).text)
        assert {label: figure for label, (figure, _) in found.items()} == {
            "In service": "4",
            "Documents over": "1",
            "Documents due in 30 days": "3",
            "In maintenance": "1",
            "In transit": "0",
            "My tasks": "0",
            "Overdue in my queues": "0",
        }
        for figure, href in found.values():
            listed = (await clerk.get(href)).text
            assert len(re.findall(r'<tr id="(?:vehicle|task)-', listed)) == int(figure), href

    async def test_documents_that_are_over_need_somebody(self, client_for, session):
        day = clock.today() - timedelta(days=12)
        vehicle = await make_vehicle(session, plate="512 KXR", inspection_expires_on=day)
        page = (await (await client_for("fleet_clerk")).get("/")).text
        assert "12 days over" in page
        assert "Inspection is over: Škoda Octavia Combi" in page
        assert f'href="/vehicles/{vehicle.id}"' in page

    async def test_only_of_the_own_scope(self, client_for, session):
        await make_location(session, "RIX", market="LV", country="LV")
        day = clock.today() - timedelta(days=12)
        await make_vehicle(session, plate="AB-1", market="LV", location="RIX", inspection_expires_on=day)
        page = (await (await client_for("fleet_clerk", markets=["EE"])).get("/")).text
        assert tiles(page)["Documents over"][0] == "0"
        assert "AB-1" not in page

    async def test_those_who_cannot_act_see_none_of_it(self, client_for):
        assert "Documents over" not in tiles((await (await client_for("credit_officer")).get("/")).text)


class TestEngineer:
    async def test_failed_work_leads_to_its_page(self, client_for, session):
        job = Job(kind="search.reindex", run_at=clock.now(), state=JobState.DEAD, last_error="OSError: full\nTrace")
        session.add(job)
        await session.flush()
        page = (await (await client_for("engineer")).get("/")).text
        assert tiles(page)["Dead jobs"] == ("1", "/jobs?state=dead")
        assert "Build a search index: OSError: full" in page
        assert f'href="/jobs/{job.id}"' in page


class TestPlace:
    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            ({"branches": ["MEX"]}, "Good evening, Mari|Wednesday 24 June, Mexico City"),
            ({"markets": ["GB", "HR"]}, "Good morning, Mari|Thursday 25 June, London"),
            ({}, "Good morning, Mari|Thursday 25 June, Tallinn"),
        ],
    )
    async def test_day_and_greeting_are_those_of_the_branch(
        self, client_for, session, time_machine_at, scope, expected
    ):
        await make_location(
            session, "MEX", city="Mexico City", country="MX", market="MX", time_zone="America/Mexico_City"
        )
        with time_machine_at(datetime(2026, 6, 25, 4, 30, tzinfo=UTC)):
            page = (await (await client_for("fleet_clerk", **scope)).get("/")).text
        for words in expected.split("|"):
            assert words in page


class TestPatterns:
    async def test_are_shown_in_tests(self, client_for):
        answer = await (await client_for("engineer")).get("/_patterns")
        assert answer.status_code == 200
        assert "every macro in every state" in answer.text

    async def test_do_not_exist_elsewhere(self, client_for, runtime):
        engineer = await client_for("engineer")
        before = runtime.settings
        runtime.settings = before.model_copy(update={"environment": "qa"})
        try:
            assert (await engineer.get("/_patterns")).status_code == 404
        finally:
            runtime.settings = before
