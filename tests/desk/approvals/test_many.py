"""Many requests decided or taken along together: each by itself, and none that is not one's own to decide."""

import re
from html import unescape

from sqlalchemy import select

from app.desk.approvals.models import Approval
from app.desk.bulk.models import BulkRow
from app.rental.vehicles.models import Vehicle
from tests.api.committing import live_settings
from tests.desk.approvals.test_routes import ask
from tests.desk.bulk.conftest import work
from tests.desk.bulk.steps import choose, prepared, run_of, started
from tests.factories.rental import make_location

__all__ = ["live_settings", "work"]


async def states(session, *approvals) -> list[str]:
    return [(await session.get(Approval, one.id, populate_existing=True)).state.value for one in approvals]


class TestApprove:
    async def test_each_that_is_mine_to_decide(self, client_for, session, work):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        vehicle, first = await ask(session, maker)
        _, second = await ask(session, maker)
        _, dear = await ask(session, maker, minor=25_001)
        _, own = await ask(session, boss)
        query = "queue=waiting&sort=expires_at"
        address, count = await prepared(
            boss, "approval", {"comment": "Summer prices"}, query=query, all_rows=True, kind="approval"
        )
        assert count == 3
        page = unescape((await boss.get(address)).text)
        assert "The amount is above what your roles may approve." in page
        assert re.search(r"78\.00 EUR.*110\.00 EUR", page, re.DOTALL)
        await boss.post(f"{address}/start", data={"count": count})
        await work()
        run = await run_of(session, address)
        assert (run.done_count, run.refused_count) == (2, 1)
        assert await states(session, first, second, dear, own) == ["executed", "executed", "pending", "pending"]
        assert (await session.get(Vehicle, vehicle.id, populate_existing=True)).day_price_minor == 11_000
        assert (await session.get(Approval, first.id)).note == "Summer prices"

    async def test_ones_own_is_refused_though_it_was_ticked(self, client_for, session, work):
        boss = await client_for("admin")
        _, own = await ask(session, boss)
        address = await started(boss, "approval", {"comment": ""}, ids=[own.id], kind="approval")
        await work()
        row = (
            await session.execute(select(BulkRow).where(BulkRow.run_id == (await run_of(session, address)).id))
        ).scalar_one()
        assert (row.result, row.words) == ("refused", "You asked for it yourself; somebody else decides.")
        assert await states(session, own) == ["pending"]

    async def test_what_nobody_may_see_is_not_among_all_that_match(self, client_for, session):
        await make_location(session, "RIX", market="LV", country="LV")
        maker, latvian = await client_for("fleet_clerk"), await client_for("fleet_manager", markets=["LV"])
        await ask(session, maker, location="RIX", market="LV")
        _, estonian = await ask(session, maker)
        _, count = await prepared(
            latvian, "approval", {"comment": ""}, query="state=pending", all_rows=True, kind="approval"
        )
        assert count == 1
        answer = await latvian.post("/bulk", data={"kind": "approval", "action": "approval", "id": [str(estonian.id)]})
        assert answer.status_code == 422


class TestReject:
    async def test_takes_a_reason_and_any_amount(self, client_for, session, work):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        _, dear = await ask(session, maker, minor=25_001)
        address = await choose(boss, "rejection", ids=[dear.id], kind="approval")
        assert (await boss.post(f"{address}/fields", data={"reason": " "})).status_code == 422
        await started(boss, "rejection", {"reason": "Too dear"}, ids=[dear.id], kind="approval")
        await work()
        assert await states(session, dear) == ["rejected"]


class TestWho:
    async def test_those_who_decide_nothing_are_not_offered_it(self, client_for, session):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        _, approval = await ask(session, maker)
        assert 'value="rejection"' in (await boss.get("/approvals")).text
        assert 'value="rejection"' not in (await maker.get("/approvals")).text
        given = {"kind": "approval", "action": "approval", "id": str(approval.id)}
        assert (await maker.post("/bulk", data=given)).status_code == 403


class TestTakeAlong:
    async def test_the_list_as_a_file(self, client_for, session):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        _, approval = await ask(session, maker, plate="123 ABC")
        answer = await boss.post("/exports", data={"kind": "approval", "query": "", "all": "true", "file": "csv all"})
        assert answer.status_code == 200, answer.text
        line = next(line for line in answer.text.splitlines() if approval.reference in line)
        assert "Price change" in line
        assert "78.00 EUR to 110.00 EUR" in line

    async def test_a_request_at_a_glance(self, client_for, session):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        _, approval = await ask(session, maker)
        drawer = unescape((await boss.get(f"/approvals?peek={approval.id}")).text)
        assert "78.00 EUR to 110.00 EUR +41 %" in drawer
        assert "Look and decide" in drawer
