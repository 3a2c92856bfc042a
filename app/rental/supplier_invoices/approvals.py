"""Four eyes over money: a large difference is paid only once somebody else has agreed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.rental.supplier_invoices.models import SupplierInvoiceLine

PERMISSION = "supplier_invoices.approve"
DECIDERS = (Role.FLEET_MANAGER, Role.ADMIN)


async def _lock(session: AsyncSession, line_id: UUID) -> SupplierInvoiceLine | None:
    return await session.get(SupplierInvoiceLine, line_id, with_for_update=True, populate_existing=True)


def _billed(line: SupplierInvoiceLine) -> Mapping[str, Any]:
    return {
        "amount": line.amount, "expected": line.expected, "cause": line.cause, "state": line.state,
        "reservation_id": line.reservation_id,
    }  # fmt: skip


ACCEPTANCE = ApprovalTerms(
    key="supplier_invoice.acceptance",
    title="Difference on a supplier's invoice",
    subject_kind=SupplierInvoiceLine.record_kind,
    seen_with="supplier_invoices.view",
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_billed,
    name=lambda line: line.name,
)


async def request_acceptance(
    session: AsyncSession, line: SupplierInvoiceLine, *, reason: str, actor: Actor
) -> Approval:
    """Ask for a large difference to be accepted."""
    return await approvals.request_approval(
        session,
        kind=ACCEPTANCE,
        subject=line,
        payload={"reason": reason, "amount_minor": line.amount_minor},
        changes={
            "amount": (line.expected, line.amount),
            "difference": (None, Money(line.difference_minor, line.currency)),
        },
        why=reason or "The difference is above what one person may accept",
        actor=actor,
    )
