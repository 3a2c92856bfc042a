"""Money that is given back, and larger charges that are let go of: asked for by one person, decided by another."""

from dataclasses import dataclass
from uuid import UUID

from app.core.actor import Actor
from app.core.approvals import Asked
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.kit.problems import Problem
from app.payments.charges import approvals, queries, rules
from app.payments.charges.models import Charge
from app.payments.charges.services.operations import refund, refuse_refund
from app.payments.charges.services.planning import refuse_unless, waive_charge


@dataclass(frozen=True, slots=True)
class Consent:
    """The charge, and the request that waits for somebody else; none where one person is enough."""

    charge: Charge
    waits: Approval | None = None


async def ask_refund(session: AsyncSession, charge_id: UUID, *, amount: Money, reason: str, actor: Actor) -> Consent:
    """Ask for something to be given back; another person decides. Raises as `refund`."""
    charge = await queries.lock_charge(session, charge_id, actor)
    await refuse_refund(session, charge, amount, reason)
    waits = await approvals.request_refund(session, charge, amount=amount, reason=reason.strip(), actor=actor)
    return Consent(charge, waits)


async def ask_waiver(session: AsyncSession, charge_id: UUID, *, reason: str, actor: Actor) -> Consent:
    """Let go of a small charge; of a larger one when another person agrees. Raises as `waive_charge`."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why")])
    charge = await queries.lock_charge(session, charge_id, actor)
    await refuse_unless(session, charge, charge.state in rules.WAIVABLE)
    if rules.may_waive_alone(charge.amount_minor, charge.currency):
        return Consent(await waive_charge(session, charge.id, reason=reason, actor=actor))
    waits = await approvals.request_waiver(session, charge, reason=reason.strip(), actor=actor)
    return Consent(charge, waits)


async def carry_out_refund(session: AsyncSession, asked: Asked, actor: Actor) -> Charge:
    """Have given back what was agreed to."""
    charge = await queries.lock_charge(session, asked.subject_id, actor)
    amount = charge.money(int(asked.payload["amount_minor"]))
    return await refund(session, charge.id, amount=amount, reason=str(asked.payload["reason"]), actor=actor)


async def carry_out_waiver(session: AsyncSession, asked: Asked, actor: Actor) -> Charge:
    """Let go of it as agreed."""
    return await waive_charge(session, asked.subject_id, reason=str(asked.payload["reason"]), actor=actor)
