"""What is done with charges by itself: the provider is asked, and asked again about what nobody knows."""

from datetime import timedelta
from uuid import UUID

from app.core import clock
from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.payments.charges import queries
from app.payments.charges.services import operations, settling

BATCH = 200


async def follow_operations(context: JobContext) -> dict[str, int]:
    """Queue the settling of operations about which the provider is to be asked again."""
    async with context.database.session() as session:
        due = await queries.list_due(session, clock.now(), BATCH)
    for operation_id in due:
        await run_in_unit(context.database, lambda session, key=operation_id: operations.queue_settling(session, key))
    return {"operations": len(due)}


async def settle_operation(context: JobContext) -> dict[str, str]:
    """Ask the provider about one operation."""
    operation_id = UUID(context.payload["operation_id"])
    state = await settling.settle(context.database, context.partners, context.settings, operation_id)
    return {"state": state.value}


KINDS = (
    JobKind("charges.follow", "Ask about open payments", follow_operations, every=timedelta(seconds=5)),
    JobKind(operations.SETTLE, "Ask the payment provider", settle_operation, tells_maker=False),
)
