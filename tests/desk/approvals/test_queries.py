"""What a queue means to the database and to the search engine."""

import pytest

from app.core.reads import Query
from app.desk.approvals import queries
from app.desk.approvals.rules import ApprovalState
from tests.factories.staff import actor_of, make_staff

DECIDED_WITH = {"vehicle.price_change": "vehicles.approve_price", "staff.rights_grant": "staff.approve_rights"}


@pytest.fixture
async def boss(session, runtime):
    return actor_of(await make_staff(session, roles=["fleet_manager"]), runtime.assembly.permissions)


class TestFoundByText:
    async def test_what_waits_is_pending_and_of_a_kind_that_one_decides(self, boss):
        found = queries.found_by_text(Query({"queue": ["waiting"]}, ""), boss, DECIDED_WITH)
        assert found.filters == {"state": ["pending"], "kind": ["vehicle.price_change"]}

    async def test_ones_own_are_found_by_their_maker(self, boss):
        found = queries.found_by_text(Query({"queue": ["mine"], "state": ["failed"]}, ""), boss, DECIDED_WITH)
        assert found.filters == {"maker": [str(boss.id)], "state": ["failed"]}

    async def test_what_is_decided_is_in_any_state_but_waiting_or_in_the_one_asked_for(self, boss):
        found = queries.found_by_text(Query({"queue": ["decided"]}, ""), boss, DECIDED_WITH)
        assert set(found.filters["state"]) == {*ApprovalState} - {ApprovalState.PENDING}
        narrower = queries.found_by_text(Query({"queue": ["decided"], "state": ["rejected"]}, ""), boss, DECIDED_WITH)
        assert narrower.filters == {"state": ["rejected"]}


class TestPlans:
    """Each queue is read by the index made for it, without sorting what it finds."""

    @pytest.mark.parametrize(
        ("queue", "sort", "index"),
        [
            ("waiting", "expires_at", "ix_approval_expires_at"),
            ("waiting", "-created_at", "ix_approval_state"),
            ("mine", "-created_at", "ix_approval_maker"),
            ("decided", "-created_at", "PRIMARY"),
        ],
    )
    async def test_uses_its_index(self, runtime, boss, queue, sort, index):
        heard = Heard(runtime.database.reads)
        asked = queries.narrowed(Query({"queue": [queue]}, sort), boss)
        await queries.approvals.page(heard, runtime.cursors, asked, boss)
        plan = await heard.reads.fetch(f"EXPLAIN {heard.sql}", heard.values)
        (keys,) = (row for row in plan if row[1] == "DERIVED")
        assert keys[5] == index
        assert "filesort" not in str(keys[-1])


class Heard:
    """A read pool that remembers what it was asked last."""

    def __init__(self, reads):
        self.reads, self.sql, self.values = reads, "", ()

    async def fetch(self, sql, values=()):
        self.sql, self.values = sql, values
        return await self.reads.fetch(sql, values)
