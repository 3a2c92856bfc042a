"""What is done with searches and quotes by itself: those whose time is over end."""

from datetime import timedelta

from app.core.area import JobKind
from app.core.jobs.context import JobContext
from app.rental.quotes.services import quoting, searching


async def purge_searches(context: JobContext) -> dict[str, int]:
    """Forget searches that nobody may look at any more."""
    return {"searches": await searching.purge_searches(context.database)}


async def expire_quotes(context: JobContext) -> dict[str, int]:
    """End the quotes whose quarter of an hour is over."""
    return {"quotes": await quoting.expire_quotes(context.database)}


KINDS = (
    JobKind("quotes.purge_searches", "Forget old car searches", purge_searches, every=timedelta(minutes=10)),
    JobKind("quotes.expire", "End quotes whose time is over", expire_quotes, every=timedelta(seconds=30)),
)
