"""Background work of exports."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.area import JobKind
from app.core.indexing import indexes_for
from app.core.jobs.context import JobContext, LeaseLost
from app.core.registry import permissions
from app.desk.exports import services


async def write_export(context: JobContext) -> dict[str, Any]:
    """Write a long file; when the last attempt fails too, its maker is told."""
    export_id = UUID(context.payload["export_id"])
    work = services.Work(
        context.database,
        indexes_for(context.search, context.settings) if context.search else None,
        {kind.key: kind for kind in context.records},
        permissions(),
        context.settings.data_dir,
    )
    try:
        return await services.write_export(work, export_id, context.progress)
    except LeaseLost:
        raise
    except Exception:
        if context.claim.attempt >= context.claim.max_attempts:
            await services.fail_export(context.database, export_id, "It failed too often. Export the list again.")
        raise


async def forget_expired(context: JobContext) -> dict[str, Any]:
    return {"files": await services.forget_expired(context.database, context.settings.data_dir)}


RUN = JobKind(services.JOB, "Write a long export", write_export, max_attempts=3)
FORGET = JobKind("exports.forget", "Delete old exports", forget_expired, every=timedelta(hours=1))
