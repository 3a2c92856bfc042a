"""The queues: who sees what, in which order, and by which index."""

import pytest
from sqlalchemy import text

from app.core import clock, registry
from app.core.cursors import CursorSigner
from app.core.reads import Query
from app.desk.tasks.queries import reader_of, tasks
from app.desk.tasks.search import grants, load_documents
from tests.factories.credit import make_application
from tests.factories.rental import make_location, make_vehicle
from tests.factories.tasks import make_task

SIGNER = CursorSigner([b"k" * 32])
ACTIVE = {"active": ["yes"]}


async def listed(database, actor, filters=None):
    page = await tasks.page(database.reads, SIGNER, Query(filters or {}, "urgency"), reader_of(actor))
    return {item.title for item in page.items}


class TestScope:
    @pytest.mark.parametrize(
        ("role", "scope", "titles"),
        [
            ("admin", {}, {"in Tallinn", "without a branch", "Latvian", "an application", "of no record"}),
            ("fleet_clerk", {"markets": ["EE"]}, {"in Tallinn", "without a branch", "of no record"}),
            ("fleet_clerk", {"branches": ["TLL"]}, {"in Tallinn", "of no record"}),
            ("fleet_clerk", {"markets": ["EE"], "branches": ["TAY"]}, {"of no record"}),
            ("fleet_manager", {"markets": []}, {"of no record"}),
            ("credit_officer", {"markets": ["EE"], "branches": ["TAY"]}, {"an application"}),
            ("engineer", {}, {"in Tallinn", "without a branch", "Latvian"}),
        ],
    )
    async def test_follows_the_subject(self, database, session, person, role, scope, titles):
        for code in ("TLL", "TAY"):
            await make_location(session, code)
        for title, fields in (
            ("in Tallinn", {"location": "TLL"}),
            ("without a branch", {}),
            ("Latvian", {"market": "LV"}),
        ):
            vehicle = await make_vehicle(session, **fields)
            await make_task(session, title=title, subject=("vehicle", vehicle.id))
        about = ("application", (await make_application(session)).id)
        await make_task(session, kind="application_review", title="an application", subject=about)
        await make_task(session, title="of no record")
        actor = await person(role, **scope)
        assert await listed(database, actor) == titles

    async def test_personal_tasks_are_their_assignees_alone(self, database, session, person):
        mari, jaan = await person("fleet_clerk"), await person("admin")
        await make_task(session, kind="import_refusals", title="mine", assignee_id=mari.id)
        assert await listed(database, mari, ACTIVE) == {"mine"}
        assert await listed(database, jaan, ACTIVE) == set()

    async def test_search_documents_carry_the_audience_that_grants_name(self, database, session, person):
        vehicle = await make_vehicle(session)
        task = await make_task(session, subject=("vehicle", vehicle.id))
        await session.flush()
        (document,) = await load_documents(database.reads, [str(task.id)])
        clerk = await person("fleet_clerk", markets=["EE"])
        officer_grants = {grant.permission for grant in grants(await person("credit_officer"))}
        (grant,) = [grant for grant in grants(clerk) if grant.permission == document["permission"]]
        assert document["permission"] == "task:vehicles.view"
        assert "task:vehicles.view" in officer_grants
        assert document["market"] in grant.markets
        assert (document["active"], document["unassigned"], document["branch"]) == ("yes", "yes", [])

    async def test_every_audience_is_a_permission_that_exists(self):
        kinds = (*registry.task_kinds.values(), *registry.record_kinds.values())
        assert all(kind.permission in registry.permissions() for kind in kinds)


class TestFilters:
    async def test_snoozed_ones_come_back_by_the_query(self, database, session, person):
        clerk = await person("fleet_clerk")
        task = await make_task(session)
        for shift, active in (("+", set()), ("-", {task.title})):
            await session.flush()
            await session.execute(
                text(
                    "UPDATE task SET state = 'snoozed', snoozed_until = UTC_TIMESTAMP(6) "
                    f"{shift} INTERVAL 1 MINUTE WHERE id = '{task.id}'"
                )
            )
            assert await listed(database, clerk, ACTIVE) == active
            assert await listed(database, clerk, {"snoozed": ["yes"]}) == {task.title} - active


class TestPlans:
    @pytest.mark.parametrize(
        ("filters", "sort"),
        [
            ({}, "urgency"),
            (ACTIVE, "urgency"),
            ({**ACTIVE, "team": ["fleet"]}, "urgency"),
            ({**ACTIVE, "unassigned": ["yes"]}, "urgency"),
            ({**ACTIVE, "overdue": ["yes"]}, "urgency"),
            ({**ACTIVE, "assignee": ["MARI"]}, "urgency"),
            ({"state": ["done"]}, "-closed_at"),
            ({}, "due_at"),
            ({}, "-created_at"),
        ],
        ids=str,
    )
    async def test_tabs_neither_sort_nor_scan_the_table(self, database, session, person, filters, sort):
        clerk = await person("fleet_clerk", markets=["EE", "LV"])
        await fill(session, 3000, clerk.id)
        filters = {name: [str(clerk.id) if v == "MARI" else v for v in values] for name, values in filters.items()}
        sql, values = tasks.compiled(Query(filters, sort, 50), reader_of(clerk))
        names, rows = await database.reads.names("ANALYZE " + sql, values)
        plan = [dict(zip(names, row, strict=True)) for row in rows]
        inner = next(row for row in plan if row["select_type"] == "DERIVED")
        assert inner["key"], plan
        assert "filesort" not in inner["Extra"], plan
        assert "temporary" not in inner["Extra"], plan
        assert "Using index" in inner["Extra"] or float(inner["r_rows"]) <= 3 * 51, plan


async def fill(session, count, holder):
    """Tasks of four teams, a tenth of them closed; a third of the others held by one person."""
    now = f"'{clock.now():%Y-%m-%d %H:%M:%S}'"
    await session.execute(
        text(
            "INSERT INTO task (id, version, created_at, updated_at, reference, kind, title, details, market, branch, "
            "audience, team, assignee_id, state, priority, due_at, closed_at) SELECT UUID(), 1, "
            f"{now} - INTERVAL seq MINUTE, {now}, CONCAT('TK-', seq), 'vehicle_check', 'Look', '', "
            "IF(seq % 5, 'EE', 'LV'), '*', 'vehicles.view', ELT(1 + seq % 4, 'fleet', 'credit', 'engineering', "
            f"'administration'), IF(seq % 10 = 0 OR seq % 3 = 0, '{holder}', NULL), IF(seq % 10 = 0, 'done', "
            "IF(seq % 3 = 0, 'in_progress', 'open')), ELT(1 + seq % 4, 'urgent', 'high', 'normal', 'low'), "
            f"{now} + INTERVAL (CAST(seq AS SIGNED) - 300) MINUTE, IF(seq % 10 = 0, {now}, NULL) FROM seq_1_to_{count}"
        )
    )
