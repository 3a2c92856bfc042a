"""Bringing an operation to an end: it is sent once under its key, and from then on only asked about.

What the provider never heard of is sent again under the same key, which it carries out once at most; see
`core.partners.steps` for the three steps.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.changes import record
from app.core.db import AsyncSession, Database
from app.core.partners.client import Partners
from app.core.partners.outcomes import NOTHING_SENT, PartnerError
from app.core.partners.steps import Settled, ask_in_steps
from app.desk.tasks import services as tasks
from app.payments.charges import queries, rules, writes
from app.payments.charges.adapters import provider
from app.payments.charges.adapters.provider import Asked, NeverHeardOf, Told
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import OPEN, Amounts, ChargeState, OperationState
from app.payments.charges.services.line import ask, line_of
from app.settings import Settings

BY_HAND = "charge_by_hand"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked next."""

    asked: Asked
    operation_id: UUID
    charge_id: UUID
    market: str
    is_retrieval: bool


async def settle(database: Database, partners: Partners, settings: Settings, operation_id: UUID) -> OperationState:
    """Take one operation one step further; answers where it is now."""
    line = line_of(settings)

    async def carry_out(step: Step) -> Told:
        secret = line.secret if line else ""
        call = (
            provider.retrieval_of(step.asked.key, secret)
            if step.is_retrieval
            else provider.call_for(step.asked, secret)
        )
        return await ask(partners, line, call, step.charge_id, step.market)

    return await ask_in_steps(database, partial(_begin, operation_id=operation_id), carry_out, _end)


async def _begin(session: AsyncSession, operation_id: UUID) -> Step | Settled[OperationState]:
    charge, operation = await _locked(session, operation_id)
    if operation.state not in OPEN:
        return Settled(operation.state)
    is_first = await writes.mark_sent(session, operation.id)
    asked = Asked(
        key=str(operation.id),
        kind=operation.kind,
        amount=charge.money(operation.minor),
        reference=charge.reference,
        number=charge.provider_number or "",
        payment_token=charge.payment_token or "",
    )
    return Step(asked, operation.id, charge.id, charge.market, is_retrieval=not is_first)


async def _end(session: AsyncSession, step: Step, found: Told | PartnerError) -> OperationState:
    charge, operation = await _locked(session, step.operation_id)
    if operation.state not in OPEN:
        return operation.state
    match found:
        case Told():
            await _done(session, charge, operation, found)
        case NeverHeardOf():
            await writes.mark_not_sent(session, operation.id)
            await _ask_again(session, charge, operation, found)
        case PartnerError() if found.came_of_it in NOTHING_SENT and not step.is_retrieval:
            await writes.mark_not_sent(session, operation.id)
            if operation.polls + 1 >= rules.MOST_UNSENT:
                await _refused(session, charge, operation, found)
            else:
                await _ask_again(session, charge, operation, found)
        case PartnerError() if not found.may_have_effect and found.came_of_it not in NOTHING_SENT:
            await _refused(session, charge, operation, found)
        case _:
            await _not_known(session, charge, operation, found)
    return operation.state


async def _locked(session: AsyncSession, operation_id: UUID) -> tuple[Charge, ChargeOperation]:
    """The charge first: whoever wants something of it comes one after the other."""
    operation = await queries.get_operation(session, operation_id)
    charge = await queries.lock_charge(session, operation.charge_id, SYSTEM)
    return charge, await queries.get_operation(session, operation_id)


async def _done(session: AsyncSession, charge: Charge, operation: ChargeOperation, told: Told) -> None:
    state, amounts = rules.after(operation.kind, charge.amounts, operation.minor)
    charge.provider_number = told.number
    charge.card_words = told.card or charge.card_words
    changes = _take(charge, state, amounts, reason="")
    _close(operation, OperationState.DONE, "")
    await record(session, f"charge.{state.value}", charge, actor=SYSTEM, changes=changes, facts=_facts(operation))
    await tasks.settle_tasks(session, (charge.record_kind, charge.id), BY_HAND, why="It is settled.", actor=SYSTEM)
    for covered in operation.covers:
        await _cover(session, UUID(covered), charge)


async def _cover(session: AsyncSession, charge_id: UUID, deposit: Charge) -> None:
    """A charge that the capture of a deposit has paid for."""
    charge = await queries.lock_charge(session, charge_id, SYSTEM)
    if charge.state not in rules.DUE:
        return
    charge.covered_by_id, charge.card_words = deposit.id, deposit.card_words
    paid = Amounts(charge.amount_minor, charge.amount_minor, charge.amount_minor)
    changes = _take(charge, ChargeState.CAPTURED, paid, reason="")
    why = f"Paid from the deposit {deposit.reference}."
    await record(session, "charge.captured", charge, actor=SYSTEM, why=why, changes=changes)


async def _refused(session: AsyncSession, charge: Charge, operation: ChargeOperation, error: PartnerError) -> None:
    changes = _take(charge, rules.at_rest(charge.amounts), charge.amounts, reason=error.detail)
    _close(operation, OperationState.REFUSED, error.detail)
    action = f"charge.{operation.kind.value}_refused"
    await record(session, action, charge, actor=SYSTEM, why=charge.reason, changes=changes, facts=_facts(operation))
    await tasks.settle_tasks(session, (charge.record_kind, charge.id), BY_HAND, why="It was refused.", actor=SYSTEM)


async def _not_known(session: AsyncSession, charge: Charge, operation: ChargeOperation, error: PartnerError) -> None:
    """The answer was lost: nothing is asked for again before it is known."""
    if operation.state is OperationState.PENDING:
        operation.state, operation.reason = OperationState.UNKNOWN, error.detail[:LONGEST_REASON]
        changes = _take(charge, ChargeState.UNKNOWN, charge.amounts, reason=error.detail)
        await record(session, "charge.not_known", charge, actor=SYSTEM, why=charge.reason, changes=changes)
    await _ask_again(session, charge, operation, error)


async def _ask_again(session: AsyncSession, charge: Charge, operation: ChargeOperation, error: PartnerError) -> None:
    """Less and less often, and people are told in time. It never fails by itself."""
    polls = operation.polls + 1
    if polls >= rules.POLLS_BEFORE_TASK:
        await tasks.create_task(
            session,
            kind=BY_HAND,
            title=f"{charge.reference}: ask the payment provider what came of it",
            subject=(charge.record_kind, charge.id),
            details=f"Asked {polls} times. The last answer: {error.detail}",
            unique_key=f"{BY_HAND}:{charge.id}",
            actor=SYSTEM,
        )
    await session.flush()
    await writes.plan_poll(session, operation.id, polls=polls, after=rules.next_poll(polls))


def _take(charge: Charge, state: ChargeState, amounts: Amounts, *, reason: str) -> dict[str, tuple[Any, Any]]:
    """Bring a charge to a state and amounts, and tell what changed."""
    if charge.state is not state and not rules.can_follow(charge.state, state):
        raise AssertionError(f"{charge.reference}: {charge.state} is not followed by {state}")
    changes: dict[str, tuple[Any, Any]] = {"state": (charge.state, state)} if charge.state is not state else {}
    for name in ("amount", "held", "captured", "refunded"):
        before, minor = getattr(charge, f"{name}_minor"), getattr(amounts, name)
        if before != minor:
            changes[f"{name}_minor"] = (charge.money(before), charge.money(minor))
            setattr(charge, f"{name}_minor", minor)
    charge.state, charge.reason, charge.updated_at = state, reason[:LONGEST_REASON], clock.now()
    return changes


def _close(operation: ChargeOperation, state: OperationState, reason: str) -> None:
    operation.state, operation.reason = state, reason[:LONGEST_REASON]
    operation.ended_at, operation.next_poll_at = clock.now(), None


def _facts(operation: ChargeOperation) -> dict[str, Any]:
    return {"operation": operation.kind, "key": operation.id}
