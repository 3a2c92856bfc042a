"""Four eyes over what is sold and asked: switching a supplier off, or on again, in a market or everywhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.rental.suppliers.models import Supplier

PERMISSION = "suppliers.approve_stop"
DECIDERS = (Role.FLEET_MANAGER, Role.ADMIN)


async def _lock(session: AsyncSession, supplier_id: UUID) -> Supplier | None:
    return await session.get(Supplier, supplier_id, with_for_update=True, populate_existing=True)


def _sold(supplier: Supplier) -> Mapping[str, Any]:
    return {"code": supplier.code, "stops": dict(supplier.stops), "is_active": supplier.is_active}


STOP = ApprovalTerms(
    key="supplier.stop",
    title="Stop of a supplier",
    subject_kind=Supplier.record_kind,
    seen_with="suppliers.view",
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_sold,
    name=lambda supplier: supplier.name,
)


async def request_stop(
    session: AsyncSession,
    supplier: Supplier,
    *,
    market: str,
    before: str | None,
    stop: str | None,
    reason: str,
    actor: Actor,
) -> Approval:
    """Ask for a supplier to be switched off or on in a market."""
    return await approvals.request_approval(
        session,
        kind=STOP,
        subject=supplier,
        payload={"market": market, "stop": stop, "reason": reason},
        changes={f"stops in {market}": (before or "nothing", stop or "nothing")},
        why=reason,
        actor=actor,
    )
