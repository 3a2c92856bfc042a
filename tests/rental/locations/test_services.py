"""Hours of branches: changed, and asked by those who hand vehicles over."""

from datetime import datetime

import pytest

from app.core.actor import SYSTEM
from app.core.errors import InvalidFields, StaleVersion
from app.rental.locations import services
from tests.factories.rental import make_location

MONDAY = "2026-06-29T"


def problems_of(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


class TestUpdateLocation:
    async def test_replaces_the_hours_and_tells_the_days_that_differ(self, session):
        location = await make_location(
            session, opening_hours={"mon": [["08:00", "18:00"]], "tue": [["08:00", "18:00"]]}
        )
        hours = {"mon": [["08:00", "18:00"]], "tue": [["09:00", "18:00"]], "dates": {"2026-12-24": []}}
        changed = await services.update_location(
            session, location.id, fields={"opening_hours": hours, "allows_out_of_hours": True}, actor=SYSTEM
        )
        assert (changed.opening_hours, changed.allows_out_of_hours, changed.version) == (hours, True, 2)

    async def test_refuses_what_is_malformed_and_what_is_stale(self, session):
        location = await make_location(session)
        with pytest.raises(InvalidFields) as refused:
            await services.update_location(
                session, location.id, fields={"opening_hours": {"mon": [["18:00", "08:00"]]}}, actor=SYSTEM
            )
        assert problems_of(refused) == [("opening_hours.mon.0", "out_of_range")]
        with pytest.raises(InvalidFields) as refused:
            await services.update_location(session, location.id, fields={"turnaround_minutes": -1}, actor=SYSTEM)
        assert problems_of(refused) == [("turnaround_minutes", "out_of_range")]
        with pytest.raises(StaleVersion):
            await services.update_location(session, location.id, fields={}, actor=SYSTEM, version=7)


class TestJudgeHandover:
    async def check(self, session, local, code="TLL"):
        location = (await services.by_codes(session, {code})).get(code)
        end = {"location": code, "local": datetime.fromisoformat(local)}
        return services.judge_handover(location, end, field="pickup")

    async def test_gives_the_moment_by_the_branchs_clocks(self, session):
        await make_location(session)
        found = await self.check(session, f"{MONDAY}10:00")
        assert (found.at.isoformat(), found.is_out_of_hours) == ("2026-06-29T07:00:00+00:00", False)

    async def test_refuses_a_closed_branch_and_tells_when_it_opens(self, session):
        await make_location(session)
        with pytest.raises(
            InvalidFields, match="TLL Airport is closed then; it opens on Mon 6 Jul at 08:00"
        ) as refused:
            await self.check(session, f"{MONDAY}18:00")
        assert problems_of(refused) == [("pickup.local", "closed")]

    async def test_allows_out_of_hours_where_the_branch_does(self, session):
        await make_location(session, allows_out_of_hours=True)
        assert (await self.check(session, f"{MONDAY}23:00")).is_out_of_hours
        with pytest.raises(InvalidFields):
            await self.check(session, "2026-06-30T10:00")

    async def test_refuses_a_skipped_time_and_an_unknown_branch(self, session):
        await make_location(session, opening_hours={"sun": [["00:00", "24:00"]]})
        with pytest.raises(InvalidFields) as refused:
            await self.check(session, "2026-03-29T03:30")
        assert problems_of(refused) == [("pickup.local", "no_such_time")]
        with pytest.raises(InvalidFields) as refused:
            await self.check(session, f"{MONDAY}10:00", "RIX")
        assert problems_of(refused) == [("pickup.location", "unknown_location")]
