"""Exchanges are written whatever becomes of the work around them, and go when they are old."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from app.core import clock
from app.core.db import run_in_unit
from app.core.jobs.context import LeaseLost
from app.core.partners.client import Call, Partners
from app.core.partners.keeping import KEPT, forget_old
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.kit.ids import id_at
from tests.core.partners.conftest import OWN_MACHINE
from tests.core.partners.test_client import text as body


def exchange(**values) -> PartnerExchange:
    given = {
        "partner": "supplier.test", "operation": "search", "outcome": Outcome.ANSWERED, "milliseconds": 5,
        "method": "GET", "url": "http://x",
    }  # fmt: skip
    return PartnerExchange(**(given | values))


async def test_a_rollback_around_the_call_does_not_take_it_away(partner, committing):
    partners = Partners(lambda: committing, OWN_MACHINE)
    async with committing.session() as session:
        session.add(exchange(operation="other"))
        await session.flush()
        await partners.call(partner, Call("book", "POST", "/book", b"<a/>"), body)
        await session.rollback()
    await partners.close()
    assert await committing.reads.fetch("SELECT operation FROM partner_exchange") == [("book",)]


async def test_a_job_that_lost_its_lease_has_spoken_all_the_same(partner, kept, database):
    async def lost(_) -> None:
        raise LeaseLost

    partners = Partners(lambda: database.fenced(lost), OWN_MACHINE)
    await partners.call(partner, Call("book", "POST", "/book"), body)
    await partners.close()
    assert len(await kept()) == 1


async def test_many_at_once_are_all_written(partners, partner, kept):
    await asyncio.gather(*(partners.call(partner, Call("search", "GET", f"/{n}"), body) for n in range(20)))
    assert len(await kept()) == 20


async def test_old_ones_are_forgotten(database, session, kept):
    for at in (clock.now() - KEPT - timedelta(days=1), clock.now() - KEPT + timedelta(days=1)):
        session.add(exchange(id=id_at(at), at=at))
    await session.commit()
    assert await forget_old(database) == 1
    assert len(await kept()) == 1
    assert (
        await run_in_unit(database, lambda session: session.scalar(text("SELECT COUNT(*) FROM partner_exchange"))) == 1
    )
