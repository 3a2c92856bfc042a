"""What is done with suppliers by itself: their branches are read once a day."""

from datetime import timedelta
from uuid import UUID

from app.core import clock
from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.core.jobs.queue import enqueue
from app.rental.suppliers import queries
from app.rental.suppliers.rules import EVERYWHERE, Operation
from app.rental.suppliers.services import branches, gateway, reservations, settling

BATCH = 200
READ_ONE = "suppliers.read_branches_of"


async def queue_branches(context: JobContext) -> dict[str, int]:
    """Queue the reading of every supplier's branches: one that is away does not hold up the others."""
    async with context.database.session() as session:
        ids = [supplier.id for supplier in await queries.list_active(session)]
    for supplier_id in ids:
        payload, key = {"supplier_id": str(supplier_id)}, f"{READ_ONE}:{supplier_id}"
        await run_in_unit(
            context.database,
            lambda session, payload=payload, key=key: enqueue(session, READ_ONE, payload, unique_key=key),
        )
    return {"suppliers": len(ids)}


async def read_branches(context: JobContext) -> dict[str, int]:
    """Ask one supplier for its branches and keep what it tells."""
    supplier_id = UUID(context.payload["supplier_id"])
    async with context.database.session() as session:
        line = gateway.line_to(await queries.get_supplier(session, supplier_id), context.settings)
    if line.is_silent(EVERYWHERE) or not line.can(Operation.LOCATIONS):
        return {"branches": 0}
    found = await gateway.ask(context.partners, line, line.adapter.locations(), market=None)
    told = await run_in_unit(context.database, lambda session: branches.take_branches(session, supplier_id, found))
    return {"branches": len(found), "new": told.new, "changed": told.changed, "gone": told.gone}


async def follow_reservations(context: JobContext) -> dict[str, int]:
    """Queue the settling of reservations whose supplier is to be asked again, and see what became dearer meanwhile."""
    await run_in_unit(context.database, lambda session: reservations.follow_boundaries(session, BATCH))
    async with context.database.session() as session:
        due = await queries.list_due(session, clock.now(), BATCH)
    for reservation_id in due:
        await run_in_unit(
            context.database, lambda session, key=reservation_id: reservations.queue_settling(session, key)
        )
    return {"reservations": len(due)}


async def settle_reservation(context: JobContext) -> dict[str, str]:
    """Ask a supplier about one reservation."""
    reservation_id = UUID(context.payload["reservation_id"])
    state = await settling.settle(context.database, context.partners, context.settings, reservation_id)
    return {"state": state.value}


KINDS = (
    JobKind(
        "suppliers.follow", "Ask suppliers about open reservations", follow_reservations, every=timedelta(seconds=5)
    ),
    JobKind(reservations.SETTLE, "Settle a reservation with a supplier", settle_reservation, tells_maker=False),
    JobKind("suppliers.read_branches", "Read the branches of suppliers", queue_branches, every=timedelta(days=1)),
    JobKind(READ_ONE, "Read a supplier's branches", read_branches, max_attempts=5, tells_maker=False),
)
