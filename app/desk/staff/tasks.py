"""Background work on accounts."""

from app.core.auth.housekeeping import BATCH, KINDS, forget
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext


async def forget_old_access(context: JobContext) -> dict[str, int]:
    """Delete attempts, sessions, tokens, links and used codes that decide nothing any more, in short transactions."""
    forgotten: dict[str, int] = {}
    for done, kind in enumerate(KINDS):
        await context.progress(done, len(KINDS), kind)
        count = BATCH
        while count == BATCH:
            count = await run_in_unit(context.database, lambda session, kind=kind: forget(session, kind))
            forgotten[kind] = forgotten.get(kind, 0) + count
    return forgotten
