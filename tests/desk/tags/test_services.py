"""Tagging: a change of the record, in the vocabulary of its kind."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.errors import Forbidden, InvalidFields
from app.core.events import OutboxEvent
from app.core.reads import Query
from app.desk.customers.queries import customers
from app.desk.tags.models import RecordTag, Tag
from app.desk.tags.rules import MOST_PER_RECORD, TagState
from app.desk.tags.services import add_tag, remove_tag
from app.rental.vehicles.queries import vehicles
from app.rental.vehicles.search import load_documents
from tests.factories.desk import make_customer
from tests.factories.rental import make_vehicle

CLERK = Actor(id=uuid4(), kind="staff", name="Mari", permissions=frozenset({"tags.edit"}))


async def count(session, model, *conditions):
    return (await session.execute(select(func.count()).select_from(model).where(*conditions))).scalar_one()


class TestAddTag:
    async def test_is_a_change_of_the_record(self, session):
        vehicle = await make_vehicle(session)
        before = vehicle.version
        held = await add_tag(session, vehicle, " Hail  Damage", actor=SYSTEM)
        assert (held.tags, held.version) == (["hail-damage"], before + 1)
        statement = select(AuditEntry).where(AuditEntry.subject_id == vehicle.id, AuditEntry.action == "vehicle.tagged")
        entry = (await session.execute(statement)).scalar_one()
        assert (entry.changes, entry.subject_version) == ({"tags": [[], ["hail-damage"]]}, before + 1)
        assert await count(session, OutboxEvent, OutboxEvent.type == "vehicle.tagged") == 1

    async def test_twice_changes_nothing(self, session):
        vehicle = await make_vehicle(session)
        once = await add_tag(session, vehicle, "vip", actor=SYSTEM)
        version = once.version
        twice = await add_tag(session, vehicle, "VIP", actor=SYSTEM)
        assert (twice.version, twice.tags) == (version, ["vip"])
        assert await count(session, RecordTag, RecordTag.subject_id == vehicle.id) == 1

    async def test_new_words_need_the_permission_and_known_ones_do_not(self, session):
        vehicle, other = await make_vehicle(session), await make_vehicle(session)
        with pytest.raises(Forbidden, match="no tag hail yet"):
            await add_tag(session, vehicle, "hail", actor=CLERK)
        await add_tag(session, other, "hail", actor=SYSTEM)
        assert (await add_tag(session, vehicle, "hail", actor=CLERK)).tags == ["hail"]

    async def test_each_kind_has_its_own_words(self, session):
        await add_tag(session, await make_vehicle(session), "blue", actor=SYSTEM)
        with pytest.raises(Forbidden):
            await add_tag(session, await make_customer(session), "blue", actor=CLERK)

    async def test_refuses_one_too_many_and_words_that_are_leaving(self, session):
        vehicle = await make_vehicle(session)
        for number in range(MOST_PER_RECORD):
            await add_tag(session, vehicle, f"t{number}", actor=SYSTEM)
        with pytest.raises(InvalidFields, match="at most"):
            await add_tag(session, vehicle, "more", actor=SYSTEM)
        session.add(Tag(kind="vehicle", name="old", state=TagState.DELETING))
        await session.flush()
        with pytest.raises(InvalidFields, match="deleted just now"):
            await add_tag(session, await make_vehicle(session), "old", actor=SYSTEM)

    @pytest.mark.parametrize("name", ["", "<script>alert(1)</script>", "a/b", "x" * 61])
    async def test_refuses_what_is_no_word(self, session, name):
        with pytest.raises(InvalidFields):
            await add_tag(session, await make_vehicle(session), name, actor=SYSTEM)


class TestRemoveTag:
    async def test_takes_it_off_and_keeps_the_word(self, session):
        vehicle = await make_vehicle(session)
        await add_tag(session, vehicle, "vip", actor=SYSTEM)
        await add_tag(session, vehicle, "hail", actor=SYSTEM)
        held = await remove_tag(session, vehicle, "Vip", actor=CLERK)
        assert held.tags == ["hail"]
        assert await count(session, RecordTag, RecordTag.subject_id == vehicle.id) == 1
        assert await count(session, Tag, Tag.name == "vip") == 1

    async def test_what_it_does_not_bear_changes_nothing(self, session):
        vehicle = await make_vehicle(session)
        version = vehicle.version
        assert (await remove_tag(session, vehicle, "vip", actor=SYSTEM)).version == version


class TestLists:
    async def test_are_filtered_by_any_of_the_tags(self, session, database, runtime):
        red, blue, _ = [await make_vehicle(session) for _ in range(3)]
        customer = await make_customer(session)
        for subject, name in ((red, "red"), (blue, "blue"), (blue, "red"), (customer, "red")):
            await add_tag(session, subject, name, actor=SYSTEM)

        async def found(reads, *names):
            page = await reads.page(database.reads, runtime.cursors, Query({"tag": names}, "-updated_at"), SYSTEM)
            assert await reads.count(database.reads, Query({"tag": names}, "-updated_at"), SYSTEM) == len(page.items)
            return {item.id for item in page.items}

        assert await found(vehicles, "blue") == {str(blue.id)}
        assert await found(vehicles, "red", "blue", "none") == {str(red.id), str(blue.id)}
        assert await found(vehicles, "Red") == set()
        assert await found(customers, "red") == {str(customer.id)}

    async def test_a_filter_begins_at_the_tag_and_reads_no_more_than_bears_it(self, session, database):
        from sqlalchemy import text

        from tests.core.test_reads import fill

        await fill(session, 3000)
        session.add(Tag(kind="vehicle", name="rare"))
        await session.flush()
        await session.execute(
            text(
                "INSERT INTO record_tag (tag_id, subject_id, added_at) SELECT (SELECT id FROM tag WHERE name = 'rare'),"
                " id, NOW(6) FROM vehicle WHERE year = 2003"
            )
        )
        sql, values = vehicles.compiled(Query({"tag": ["rare"]}, "-updated_at", 50), SYSTEM)
        names, rows = await database.reads.names("ANALYZE " + sql, values)
        plan = [dict(zip(names, row, strict=True)) for row in rows]
        assert all(row["type"] != "ALL" and row["key"] for row in plan if row["table"] != "<derived2>"), plan
        assert all(float(row["r_rows"] or 0) <= 150 for row in plan), plan

    async def test_search_documents_carry_them(self, session, database):
        vehicle = await make_vehicle(session)
        held = await add_tag(session, vehicle, "hail-damage", actor=SYSTEM)
        (document,) = await load_documents(database.reads, [str(vehicle.id)])
        assert document["tags"] == ["hail-damage"]
        assert "hail-damage" in document["keywords"]
        assert document["_version"] == held.version
