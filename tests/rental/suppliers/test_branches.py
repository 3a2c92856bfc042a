"""Branches as suppliers tell of them, and what people say about them."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.errors import InvalidFields
from app.core.jobs.context import JobContext
from app.core.jobs.leases import Claim
from app.desk.tasks.models import Task
from app.rental.suppliers import queries, tasks
from app.rental.suppliers.rules import BranchFound
from app.rental.suppliers.services import branches
from tests.factories.rental import make_location
from tests.factories.suppliers import make_supplier

TOLD = BranchFound("A1", "Tallinn Airport", "Tallinn", "EE", "TLL", Decimal("59.4133"), Decimal("24.8328"))


@pytest.fixture
def read(database, settings_here, partners):
    """The job that reads one supplier's branches."""

    async def run(supplier) -> dict[str, int]:
        claim = Claim(uuid4(), 1, tasks.READ_ONE, {"supplier_id": str(supplier.id)}, 1, 5, None)
        return await tasks.read_branches(JobContext(database, None, settings_here, claim, partners=partners))

    return run


async def test_are_read_from_the_supplier_and_stay_mapped(session, settings_here, companies, read):
    supplier = await make_supplier(session, settings_here, "baltic", {"TLLA01": "TLL"})
    await session.commit()
    assert await read(supplier) == {"branches": 4, "new": 3, "changed": 1, "gone": 0}
    assert await read(supplier) == {"branches": 4, "new": 0, "changed": 0, "gone": 0}
    session.expunge_all()
    listed = {branch.code: branch for branch in await queries.list_branches(session, supplier.id)}
    assert listed["TLLA01"].location_code == "TLL"
    assert listed["RIXA01"].location_code is None
    assert listed["TLLA01"].latitude == Decimal("59.413300")


async def test_one_that_is_gone_is_no_longer_sold(session, settings_here):
    supplier = await make_supplier(session, settings_here)
    await branches.take_branches(session, supplier.id, [TOLD])
    (branch,) = await queries.list_branches(session, supplier.id)
    await make_location(session, "TLL")
    await branches.map_branch(session, supplier.id, branch.id, location="TLL", actor=SYSTEM)
    assert len(await queries.list_mapped(session, {"TLL"})) == 1
    told = await branches.take_branches(session, supplier.id, [])
    assert (told.new, told.gone) == (0, 1)
    assert await queries.list_mapped(session, {"TLL"}) == []
    await branches.take_branches(session, supplier.id, [TOLD])
    assert len(await queries.list_mapped(session, {"TLL"})) == 1


async def open_tasks(session, supplier) -> list[str]:
    statement = select(Task).where(Task.subject_id == supplier.id).execution_options(populate_existing=True)
    return [task.details for task in (await session.execute(statement)).scalars() if task.is_unfinished]


async def sold(session, settings, number: int):
    """A supplier whose branches are all at one location of ours, and what it tells of them."""
    supplier = await make_supplier(session, settings)
    told = [replace(TOLD, code=f"A{place}") for place in range(number)]
    await branches.take_branches(session, supplier.id, told)
    for branch in await queries.list_branches(session, supplier.id):
        branch.location_code = "TLL"
    await session.flush()
    return supplier, told


async def test_one_that_is_gone_is_a_task_until_it_is_back_or_taken_off_sale(session, settings_here):
    supplier, told = await sold(session, settings_here, 2)
    await branches.take_branches(session, supplier.id, told[:1])
    (details,) = await open_tasks(session, supplier)
    assert details.startswith("A1 (TLL). They are no longer sold.")
    await branches.take_branches(session, supplier.id, told[:1])
    assert len(await open_tasks(session, supplier)) == 1
    await branches.take_branches(session, supplier.id, told)
    assert await open_tasks(session, supplier) == []
    await branches.take_branches(session, supplier.id, told[:1])
    (gone,) = [branch for branch in await queries.list_branches(session, supplier.id) if branch.is_gone]
    await branches.map_branch(session, supplier.id, gone.id, location=None, actor=SYSTEM)
    assert await open_tasks(session, supplier) == []


async def test_half_an_answer_takes_nothing_off_sale(session, settings_here):
    """A reading that suddenly lacks most branches is doubted: selling goes on, and people are asked."""
    supplier, told = await sold(session, settings_here, 8)
    answer = await branches.take_branches(session, supplier.id, told[:3])
    assert (answer.gone, answer.is_doubted) == (5, True)
    assert len(await queries.list_mapped(session, {"TLL"})) == 8
    (details,) = await open_tasks(session, supplier)
    assert "they are still sold" in details
    assert not (await branches.take_branches(session, supplier.id, told[:5])).is_doubted
    assert len(await queries.list_mapped(session, {"TLL"})) == 5


async def test_a_location_of_another_country_or_scope_is_refused(session, settings_here, client_for):
    supplier = await make_supplier(session, settings_here)
    await branches.take_branches(session, supplier.id, [TOLD])
    (branch,) = await queries.list_branches(session, supplier.id)
    await make_location(session, "TLL")
    await make_location(session, "RIX", country="LV", market="LV")
    foreign = (await client_for("fleet_manager", markets=["LV"])).actor
    for location, actor in (("RIX", SYSTEM), ("XXX", SYSTEM), ("TLL", foreign)):
        with pytest.raises(InvalidFields):
            await branches.map_branch(session, supplier.id, branch.id, location=location, actor=actor)
    mapped = await branches.map_branch(session, supplier.id, branch.id, location="TLL", actor=SYSTEM)
    assert mapped.location_code == "TLL"
    assert (
        await branches.map_branch(session, supplier.id, branch.id, location=None, actor=SYSTEM)
    ).location_code is None


async def test_odd_texts_are_kept_or_left_out_but_break_nothing(session, settings_here):
    supplier = await make_supplier(session, settings_here)
    odd = replace(TOLD, code="ä/1", name="x" * 500, country="ÄÖ", iata="ÖÖÖ")
    await branches.take_branches(session, supplier.id, [odd])
    (branch,) = await queries.list_branches(session, supplier.id)
    assert (branch.code, len(branch.name), branch.country, branch.iata) == ("ä/1", 200, "", "")
