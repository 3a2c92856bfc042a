"""Which branch a sheet and a manifest open with."""

import re

from sqlalchemy import text

from app.core import clock
from tests.factories.rental import HOURS, make_fleet, make_location, make_vehicle


async def make_branches(session):
    """TLL has a vehicle, RIX and ABC have none."""
    await make_fleet(session, 1)
    await make_location(session, "RIX", market="LV", country="LV", opening_hours=HOURS)
    await make_location(session, "ABC", opening_hours=HOURS)


async def opened(client, path="/planner"):
    """The code of the branch that a page opens with."""
    page = (await client.get(path)).text
    found = re.search(r'data-address="/planner\?branch=([A-Z]+)"|<option value="([A-Z]+)" selected', page)
    return found and (found[1] or found[2])


class TestOpening:
    async def test_one_s_own_branch(self, session, client_for):
        await make_branches(session)
        clerk = await client_for("fleet_clerk", branches=["TLL"])
        assert [await opened(clerk, path) for path in ("/planner", "/manifest")] == ["TLL", "TLL"]

    async def test_the_one_that_was_looked_at_last(self, session, client_for):
        await make_branches(session)
        clerk = await client_for("fleet_clerk")
        await clerk.get("/planner?branch=RIX&branch=TLL")
        assert [await opened(clerk, path) for path in ("/planner", "/manifest")] == ["RIX", "RIX"]
        await clerk.get("/manifest?branch=TLL")
        assert await opened(clerk) == "TLL"
        assert (await clerk.get("/planner?branch=NOWHERE")).status_code == 404
        assert await opened(clerk) == "TLL"
        assert await opened(await client_for("fleet_manager")) == "ABC"

    async def test_not_one_that_is_out_of_scope_by_now(self, session, client_for):
        await make_branches(session)
        clerk = await client_for("fleet_clerk")
        await clerk.get("/planner?branch=RIX")
        await session.execute(text('UPDATE staff SET branches = \'["ABC", "TLL"]\''))
        assert await opened(clerk) == "ABC"

    async def test_else_the_largest_fleet(self, session, client_for):
        await make_branches(session)
        await make_vehicle(session, plate="BBB 1", acriss="CDMV", location="RIX")
        values = ", ".join(
            f"('branch', '{clock.today()}', '{code}', '', 'EE', {count}, 0)" for code, count in (("TLL", 2), ("RIX", 5))
        )
        await session.execute(
            text(
                "INSERT INTO day_fleet (level, day, location_code, class_code, market, vehicles, available_minutes) "
                f"VALUES {values}"
            )
        )
        clerk = await client_for("fleet_clerk")
        assert [await opened(clerk, path) for path in ("/planner", "/manifest")] == ["RIX", "RIX"]

    async def test_nobody_s_branch_is_an_empty_sheet(self, session, client_for):
        await make_branches(session)
        clerk = await client_for("fleet_clerk", branches=[])
        assert "No vehicle is here" in (await clerk.get("/planner")).text
