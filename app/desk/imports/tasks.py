"""Background work of imports."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.area import JobKind
from app.core.jobs.context import JobContext, LeaseLost
from app.core.reasons import reason_of
from app.desk.imports.services import runs


async def run_import(context: JobContext) -> dict[str, Any]:
    """Check a file, or import what was checked; what the last attempt cannot do is told to its owner."""
    run_id, actor_id = UUID(context.payload["run_id"]), UUID(context.payload["actor_id"])
    importers = {kind.importer.key: kind.importer for kind in context.records if kind.importer is not None}
    try:
        return dict(
            await runs.work_on(
                context.database, context.settings.data_dir, run_id, actor_id, importers, context.progress
            )
        )
    except LeaseLost:
        raise
    except Exception as error:
        if context.claim.attempt >= context.claim.max_attempts:
            await runs.fail_import(context.database, run_id, reason_of(error))
        raise


async def forget_old_imports(context: JobContext) -> dict[str, Any]:
    return {"imports": await runs.forget_old_imports(context.database, context.settings.data_dir)}


RUN = JobKind(runs.JOB, "Import a file", run_import, max_attempts=3, tells_maker=False)
FORGET = JobKind("imports.forget", "Delete old uploads and staged rows", forget_old_imports, every=timedelta(days=1))
