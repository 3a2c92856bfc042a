"""Background work of runs over many records."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.area import JobKind
from app.core.indexing import indexes_for
from app.core.jobs.context import JobContext, LeaseLost
from app.core.registry import permissions
from app.desk.bulk import rules
from app.desk.bulk.services import drafts, runs


async def carry_out(context: JobContext) -> dict[str, Any]:
    """Do a run; when the last attempt fails too, its maker is told."""
    run_id = UUID(context.payload["run_id"])
    work = runs.Work(
        context.database,
        indexes_for(context.search, context.settings) if context.search else None,
        {kind.key: kind for kind in context.records},
        permissions(),
    )
    try:
        return await runs.work_on(work, run_id, context.progress)
    except LeaseLost:
        raise
    except Exception:
        if context.claim.attempt >= context.claim.max_attempts:
            await runs.fail_run(context.database, run_id, "It failed too often. What is done stays done.")
        raise


async def forget_old_runs(context: JobContext) -> dict[str, Any]:
    now = clock.now()
    return {"runs": await runs.forget_old_runs(context.database, now - rules.KEPT, now - rules.KEPT_DRAFT)}


RUN = JobKind(drafts.JOB, "Do something with many records", carry_out, max_attempts=5)
FORGET = JobKind("bulk.forget", "Delete old results of runs", forget_old_runs, every=timedelta(days=1))
