"""Approvals that end by themselves."""

from datetime import datetime, timedelta
from uuid import UUID

from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.desk.approvals import queries
from app.desk.approvals.services import asking, deciding

BATCH = 200


async def expire_approvals(context: JobContext) -> dict[str, int]:
    """Close the requests whose time is over, each in a transaction of its own."""
    async with context.database.session() as session:
        due = await queries.list_expired(session, BATCH)
    for number, approval_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=approval_id: deciding.expire(session, key))
        await context.progress(number, len(due))
    return {"approvals": len(due)}


async def tell_of_many(context: JobContext) -> dict[str, int]:
    """Tell those who may decide what one person's work on many records asked for within a minute."""
    asked = context.payload
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    people = await run_in_unit(
        context.database, lambda session: asking.tell_of_many(session, UUID(asked["maker_id"]), since, until)
    )
    return {"people": people}


TELL = JobKind(asking.TELL, "Tell who may decide of many requests at once", tell_of_many, tells_maker=False)
EXPIRE = JobKind("approvals.expire", "Close approvals whose time is over", expire_approvals, every=timedelta(minutes=1))
