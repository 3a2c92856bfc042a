"""Background work of attachments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.area import JobKind
from app.core.jobs.context import JobContext
from app.desk.attachments import services
from app.desk.attachments.adapters.store import Store


async def remove_file(context: JobContext) -> dict[str, Any]:
    store, file_id = Store(context.settings.data_dir), UUID(context.payload["attachment_id"])
    return {"removed": await services.remove_file(context.database, store, file_id)}


async def sweep_orphans(context: JobContext) -> dict[str, Any]:
    return {"files": await services.sweep_orphans(context.database, Store(context.settings.data_dir))}


REMOVE = JobKind(services.REMOVE_FILE, "Delete the file of an attachment", remove_file, tells_maker=False)
SWEEP = JobKind(
    "attachments.sweep", "Delete files that belong to no attachment", sweep_orphans, every=timedelta(days=1)
)
