"""Four eyes over money that is given back, or let go of in larger amounts."""

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
from app.payments.charges.models import Charge

PERMISSION = "charges.approve"
DECIDERS = (Role.FLEET_MANAGER, Role.ADMIN)


async def _lock(session: AsyncSession, charge_id: UUID) -> Charge | None:
    return await session.get(Charge, charge_id, with_for_update=True, populate_existing=True)


def _owed(charge: Charge) -> Mapping[str, Any]:
    return {
        "state": charge.state, "amount": charge.amount, "captured": charge.money(charge.captured_minor),
        "refunded": charge.money(charge.refunded_minor),
    }  # fmt: skip


def _terms(key: str, title: str) -> ApprovalTerms:
    return ApprovalTerms(
        key=key,
        title=title,
        subject_kind=Charge.record_kind,
        seen_with="charges.view",
        decided_with=PERMISSION,
        roles=DECIDERS,
        lock=_lock,
        snapshot=_owed,
        name=lambda charge: f"{charge.reference}, {charge.subject_name}",
    )


REFUND = _terms("charge.refund", "Refund")
WAIVER = _terms("charge.waiver", "Waiver of a charge")


async def request_refund(
    session: AsyncSession, charge: Charge, *, amount: Money, reason: str, actor: Actor
) -> Approval:
    """Ask for something to be given back."""
    refunded = charge.money(charge.refunded_minor)
    return await approvals.request_approval(
        session,
        kind=REFUND,
        subject=charge,
        payload={"amount_minor": amount.minor, "reason": reason},
        changes={"refunded_minor": (refunded, refunded + amount)},
        amount=amount,
        why=reason,
        actor=actor,
    )


async def request_waiver(session: AsyncSession, charge: Charge, *, reason: str, actor: Actor) -> Approval:
    """Ask for a charge to be let go of."""
    return await approvals.request_approval(
        session,
        kind=WAIVER,
        subject=charge,
        payload={"reason": reason},
        changes={"amount_minor": (charge.amount, None)},
        amount=charge.amount,
        why=reason,
        actor=actor,
    )
