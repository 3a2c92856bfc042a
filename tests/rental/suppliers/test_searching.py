"""Asking all suppliers: what comes in time is shown, and everybody else has a reason."""

import asyncio
from dataclasses import replace

import pytest

from app.core.actor import SYSTEM
from app.core.errors import InvalidFields
from app.rental.suppliers.rules import Absence, ErrorKind
from app.rental.suppliers.services.searching import DEADLINE_SECONDS, plan_search, search
from tests.factories.rental import make_location
from tests.factories.suppliers import make_supplier


@pytest.fixture
async def four(session, settings_here, companies):
    """Every company of the sandbox, all at Tallinn airport."""
    await make_location(session, "TLL")
    mapped = {"baltic": "TLLA01", "aurora": "TLL", "nordrive": "ee-tll-apt", "sunway": "TLL-1"}
    found = {}
    for code, branch in mapped.items():
        found[code] = await make_supplier(session, settings_here, code, {branch: "TLL"}, search_milliseconds=2_000)
    await session.commit()
    return found


async def find(session, settings, partners, wanted, **more):
    plan = await plan_search(session, settings, wanted, SYSTEM)
    await session.commit()
    return await search(partners, plan, **more)


def reasons(result) -> dict[str, object]:
    return {each.code: each.reason for each in result.absent}


async def test_offers_of_all_come_cheapest_first(session, settings_here, partners, wanted, four):
    result = await find(session, settings_here, partners, wanted)
    assert {found.code for found in result.offers} == set(four)
    totals = [found.offer.total.minor for found in result.offers]
    assert totals == sorted(totals)
    assert len(totals) > 15
    assert result.absent == []


async def test_each_absentee_has_its_reason_and_the_others_answer(
    session, settings_here, partners, wanted, four, companies
):
    four["nordrive"].stops = {"EE": "sale"}
    await session.commit()
    companies["baltic"].switch_on("timeout_before", "search", seconds=3)
    companies["aurora"].switch_on("xml_entities", "search")
    result = await find(session, settings_here, partners, wanted)
    assert {found.code for found in result.offers} == {"sunway"}
    assert reasons(result) == {
        "baltic": ErrorKind.TIMEOUT, "aurora": ErrorKind.SYSTEM, "nordrive": Absence.STOPPED,
    }  # fmt: skip
    assert result.milliseconds < DEADLINE_SECONDS * 1000


async def test_what_is_late_for_all_is_left_out(session, settings_here, partners, wanted, four, companies):
    four["baltic"].search_milliseconds = 4_000
    companies["baltic"].switch_on("latency", "search", seconds=3)
    result = await find(session, settings_here, partners, wanted, deadline=1.5)
    assert {found.code for found in result.offers} == {"aurora", "nordrive", "sunway"}
    assert reasons(result) == {"baltic": Absence.LATE}


async def test_a_branch_that_nobody_mapped_is_invisible(session, settings_here, partners, wanted, companies):
    await make_location(session, "TLL")
    await make_supplier(session, settings_here, "baltic", {"TLLA01": ""})
    result = await find(session, settings_here, partners, wanted)
    assert result.offers == []
    assert reasons(result) == {"baltic": Absence.NOT_MAPPED}


async def test_after_some_failures_nobody_waits(session, settings_here, partners, wanted, four, companies):
    companies["sunway"].switch_on("error", "search")
    for _ in range(3):
        await find(session, settings_here, partners, wanted)
    before = companies["sunway"].calls("search")
    result = await find(session, settings_here, partners, wanted)
    assert reasons(result) == {"sunway": Absence.HELD_OFF}
    assert companies["sunway"].calls("search") == before


async def test_a_kill_switch_reaches_the_next_search(session, settings_here, partners, wanted, four, companies):
    before = companies["baltic"].calls("search")
    four["baltic"].stops = {"*": "all"}
    await session.commit()
    result = await find(session, settings_here, partners, wanted)
    assert reasons(result) == {"baltic": Absence.STOPPED}
    assert companies["baltic"].calls("search") == before


async def test_more_searches_than_a_supplier_takes_are_told(session, settings_here, partners, wanted, four, companies):
    companies["baltic"].switch_on("latency", "search", seconds=0.6)
    plan = await plan_search(session, settings_here, wanted, SYSTEM)
    await session.commit()
    results = await asyncio.gather(*(search(partners, plan) for _ in range(60)))
    told = {each.reason for result in results for each in result.absent if each.code == "baltic"}
    assert told <= {Absence.BUSY, Absence.HELD_OFF, ErrorKind.TIMEOUT, Absence.LATE}
    assert Absence.BUSY in told
    assert all({found.code for found in result.offers} >= {"aurora"} for result in results[:1])


class TestInput:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"pickup": "XXX"}, "pickup.location"),
            ({"back": "XXX"}, "return.location"),
            ({"return_local": None}, "return.local"),
        ],
    )
    async def test_names_what_is_wrong(self, session, settings_here, wanted, changes, field):
        await make_location(session, "TLL")
        given = {name: value or wanted.pickup_local for name, value in changes.items()}
        with pytest.raises(InvalidFields) as caught:
            await plan_search(session, settings_here, replace(wanted, **given), SYSTEM)
        assert [problem.field for problem in caught.value.problems] == [field]
