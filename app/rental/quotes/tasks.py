"""What is done with searches by itself: those that are over are forgotten."""

from datetime import timedelta

from app.core.area import JobKind
from app.core.jobs.context import JobContext
from app.rental.quotes.services import searching


async def purge_searches(context: JobContext) -> dict[str, int]:
    """Forget searches that nobody may look at any more."""
    return {"searches": await searching.purge_searches(context.database)}


KINDS = (JobKind("quotes.purge_searches", "Forget old car searches", purge_searches, every=timedelta(minutes=10)),)
