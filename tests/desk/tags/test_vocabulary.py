"""Looking after the words: renamed, merged and deleted on every record that bears them."""

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.errors import IllegalState, InvalidFields
from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.core.jobs.models import Job, JobState
from app.core.reads import Query
from app.core.registry import record_kinds
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import ViewQuery
from app.desk.saved_views.services.views import create_view
from app.desk.tags import services, tasks
from app.desk.tags.models import Tag
from app.desk.tags.rules import TagState
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.queries import vehicles
from app.rental.vehicles.search import load_documents
from tests.api.committing import live_settings
from tests.factories.rental import make_vehicle

__all__ = ["live_settings"]

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


@pytest.fixture
def work(runtime, database):
    """Do the queued work on tags, as the worker does."""

    async def run():
        async with database.unit() as session:
            queued = select(Job).where(Job.kind == tasks.RETAG.key, Job.state == JobState.QUEUED)
            jobs = (await session.execute(queued)).scalars().all()
            for job in jobs:
                job.state = JobState.DONE
        for job in jobs:
            claim = Claim(job.id, job.lease_token, job.kind, job.payload, 1, 5, job.created_by)
            context = JobContext(database, None, runtime.settings, claim)
            context.fence = lambda: None
            context.progress = _untold
            await tasks.retag(context)

    return run


async def _untold(*_):
    """Nobody looks at this progress."""


async def tagged(session, *names):
    vehicle = await make_vehicle(session)
    for name in names:
        await services.add_tag(session, vehicle, name, actor=SYSTEM)
    return vehicle


async def word(session, name, kind="vehicle"):
    return (await session.execute(select(Tag).where(Tag.name == name, Tag.kind == kind))).scalar_one_or_none()


async def tags_of(session, vehicle):
    return (await session.get(Vehicle, vehicle.id, populate_existing=True)).tags


async def listed(database, runtime, name):
    page = await vehicles.page(database.reads, runtime.cursors, Query({"tag": [name]}, "-updated_at"), SYSTEM)
    return {item.id for item in page.items}


class TestRename:
    async def test_records_lists_search_and_views_follow(self, client_for, session, database, runtime, work):
        admin = await client_for("admin")
        first, second = await tagged(session, "hail", "vip"), await tagged(session, "vip", "hail")
        shown = record_kinds["vehicle"].record_list
        view = await create_view(
            session, shown, name="Hail", query=ViewQuery({"tag": ["hail", "vip"]}), is_shared=True, actor=admin.actor
        )
        await session.commit()
        tag = await word(session, "hail")
        answer = await admin.post(f"/tags/{tag.id}/renaming", data={"name": "Hail damage"})
        assert answer.status_code == 303
        assert "Being merged" in (await admin.get("/tags")).text
        await work()
        assert [await tags_of(session, one) for one in (first, second)] == [
            ["hail-damage", "vip"],
            ["vip", "hail-damage"],
        ]
        assert await listed(database, runtime, "hail-damage") == {str(first.id), str(second.id)}
        assert await listed(database, runtime, "hail") == set()
        assert [one["tags"] for one in await load_documents(database.reads, [str(first.id)])] == [
            ["hail-damage", "vip"]
        ]
        assert (await session.get(SavedView, view.id, populate_existing=True)).filters == {
            "tag": ["hail-damage", "vip"]
        }
        assert await word(session, "hail") is None
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "vehicle.retagged").limit(1))
        ).scalar_one()
        assert (entry.why, entry.actor_name) == ("The tag hail became hail-damage.", admin.staff.name)

    async def test_refuses_a_word_that_is_there(self, client_for, session):
        admin, _ = await client_for("admin"), await tagged(session, "hail", "vip")
        tag = await word(session, "hail")
        headers = PARTIAL | {"hx-target": "form#move-renaming"}
        answer = await admin.post(f"/tags/{tag.id}/renaming", data={"name": "VIP"}, headers=headers)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="move-renaming"')
        assert "merge this one into it" in answer.text

    async def test_a_word_that_is_leaving_takes_no_more_records(self, session):
        await tagged(session, "hail")
        tag = await word(session, "hail")
        into = await services.rename_tag(session, tag.id, "storm", actor=SYSTEM)
        assert tag.state is TagState.MERGING
        with pytest.raises(InvalidFields):
            await tagged(session, "hail")
        for change in (services.rename_tag(session, tag.id, "rain", actor=SYSTEM),
                       services.delete_tag(session, into.id, actor=SYSTEM)):  # fmt: skip
            with pytest.raises(IllegalState, match="being gone through"):
                await change


class TestMerge:
    async def test_who_bears_both_bears_the_one(self, client_for, session, work):
        admin = await client_for("admin")
        both, one = await tagged(session, "scratch", "dent", "vip"), await tagged(session, "scratch")
        await session.commit()
        tag = await word(session, "scratch")
        assert 'value="dent"' in (await admin.get(f"/tags/{tag.id}/names?name=de")).text
        answer = await admin.post(f"/tags/{tag.id}/merging", data={"name": "dent"})
        assert answer.headers["location"] == f"/tags/{(await word(session, 'dent')).id}"
        await work()
        assert (await tags_of(session, both), await tags_of(session, one)) == (["dent", "vip"], ["dent"])
        page = (await admin.get(answer.headers["location"])).text
        assert ">2</a>" in page

    @pytest.mark.parametrize("name", ["scratch", "never-heard", ""])
    async def test_needs_another_word_of_the_same_records(self, session, name):
        await tagged(session, "scratch")
        tag = await word(session, "scratch")
        with pytest.raises(InvalidFields):
            await services.merge_tag(session, tag.id, name, actor=SYSTEM)


class TestDelete:
    async def test_is_taken_off_everywhere(self, client_for, session, work):
        admin, vehicle = await client_for("admin"), await tagged(session, "hail", "vip")
        await session.commit()
        tag = await word(session, "hail")
        assert (await admin.post(f"/tags/{tag.id}/deletion")).headers["location"] == "/tags"
        await work()
        assert await tags_of(session, vehicle) == ["vip"]
        assert await word(session, "hail") is None
        assert (await admin.get(f"/tags/{tag.id}")).status_code == 404

    async def test_again_after_it_is_gone_does_nothing(self, session, work, database):
        await tagged(session, "hail")
        await session.commit()
        tag = await word(session, "hail")
        await services.delete_tag(session, tag.id, actor=SYSTEM)
        await session.commit()
        await work()
        async with database.unit() as again:
            job = (await again.execute(select(Job).where(Job.kind == tasks.RETAG.key))).scalar_one()
            job.state = JobState.QUEUED
        await work()


class TestPages:
    @pytest.mark.parametrize("role", ["fleet_manager", "credit_manager", "engineer", "auditor"])
    async def test_are_for_administrators(self, client_for, session, role):
        await tagged(session, "hail")
        tag, person = await word(session, "hail"), await client_for(role)
        assert (await person.get("/tags")).status_code == 403
        assert (await person.get(f"/tags/{tag.id}")).status_code == 403
        for move in ("renaming", "merging", "deletion"):
            assert (await person.post(f"/tags/{tag.id}/{move}", data={"name": "x"})).status_code == 403

    async def test_list_finds_and_counts(self, client_for, session):
        admin = await client_for("admin")
        await tagged(session, "hail", "vip")
        await tagged(session, "hail")
        page = (await admin.get("/tags")).text
        assert page.index(">hail</a>") < page.index(">vip</a>")
        assert ">2</a>" in page
        found = (await admin.get("/tags?q=ai")).text
        assert ">hail</a>" in found
        assert ">vip</a>" not in found
        assert "No tag matches" in (await admin.get("/tags?kind=customer")).text
