"""What moves money: the intent is kept first, and the worker asks the provider."""

from collections.abc import Sequence
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.core.jobs.queue import enqueue
from app.kit.money import Money
from app.kit.problems import Problem
from app.payments.charges import queries, rules
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import OperationKind, Refusal
from app.payments.charges.schemas import STATE_WORDS

SETTLE = "charges.settle"
TOKEN_MARKS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
LONGEST_TOKEN = 64


class AmountRefused(Conflict):
    """More, or less, than the charge allows; `most` tells how much it is."""

    code = "amount_refused"
    title = "The amount does not fit the charge"
    advice = "Nothing was changed. Go back and enter another amount."


async def hold(
    session: AsyncSession, charge_id: UUID, *, payment_token: str, amount: Money | None = None, actor: Actor
) -> Charge:
    """Have an amount held on a card. Raises IllegalState, AmountRefused, InvalidFields."""
    return await _on_card(session, charge_id, OperationKind.HOLD, payment_token, amount, actor)


async def charge_card(
    session: AsyncSession, charge_id: UUID, *, payment_token: str, amount: Money | None = None, actor: Actor
) -> Charge:
    """Have an amount taken from a card at once. Raises as `hold`."""
    return await _on_card(session, charge_id, OperationKind.SALE, payment_token, amount, actor)


async def increase(session: AsyncSession, charge_id: UUID, *, amount: Money, actor: Actor) -> Charge:
    """Have a hold raised to an amount. Raises IllegalState, AmountRefused."""
    charge = await queries.lock_charge(session, charge_id, actor)
    return await _submit(session, charge, OperationKind.INCREASE, amount, actor=actor)


async def capture(
    session: AsyncSession,
    charge_id: UUID,
    *,
    amount: Money | None = None,
    covers: Sequence[UUID] = (),
    reason: str = "",
    actor: Actor,
) -> Charge:
    """Have what is held taken, or a part of it: the provider lets go of the rest. Raises IllegalState, AmountRefused.

    `covers`: other charges that are paid by it; they are captured when it is.
    """
    charge = await queries.lock_charge(session, charge_id, actor)
    given = amount or charge.money(charge.held_minor)
    covered = [str(each) for each in covers]
    return await _submit(session, charge, OperationKind.CAPTURE, given, covers=covered, reason=reason, actor=actor)


async def release(session: AsyncSession, charge_id: UUID, *, reason: str = "", actor: Actor) -> Charge:
    """Have a hold let go of. Raises IllegalState."""
    charge = await queries.lock_charge(session, charge_id, actor)
    held = charge.money(charge.held_minor)
    return await _submit(session, charge, OperationKind.RELEASE, held, reason=reason, actor=actor)


async def refund(session: AsyncSession, charge_id: UUID, *, amount: Money, reason: str, actor: Actor) -> Charge:
    """Have something given back. Raises IllegalState, AmountRefused, InvalidFields, Conflict.

    What a deposit paid for is given back there.
    """
    charge = await queries.lock_charge(session, charge_id, actor)
    await refuse_refund(session, charge, amount, reason)
    return await _submit(session, charge, OperationKind.REFUND, amount, reason=reason.strip(), actor=actor)


async def refuse_refund(session: AsyncSession, charge: Charge, amount: Money, reason: str) -> None:
    """Raises what `refund` raises."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why")])
    if charge.covered_by_id is not None:
        raise Conflict("The deposit paid for this: give it back there.", extra={"charge_id": charge.covered_by_id})
    await _refuse(session, charge, OperationKind.REFUND, amount)


async def queue_settling(session: AsyncSession, operation_id: UUID) -> None:
    """Have the worker ask the provider as soon as it can; what is queued already is enough."""
    key = f"{SETTLE}:{operation_id}"
    await enqueue(session, SETTLE, {"operation_id": str(operation_id)}, unique_key=key)


async def _on_card(
    session: AsyncSession, charge_id: UUID, kind: OperationKind, token: str, amount: Money | None, actor: Actor
) -> Charge:
    token = token.strip()
    if not token or len(token) > LONGEST_TOKEN or not set(token) <= TOKEN_MARKS:
        words = "The terminal's token for the card, such as tok_4q8h2m" if token else "Read the card at the terminal"
        raise InvalidFields([Problem("payment_token", "malformed" if token else "required", words)])
    charge = await queries.lock_charge(session, charge_id, actor)
    charge.payment_token = token
    return await _submit(session, charge, kind, amount or charge.amount, actor=actor)


async def _submit(
    session: AsyncSession,
    charge: Charge,
    kind: OperationKind,
    amount: Money,
    *,
    covers: list[str] | None = None,
    reason: str = "",
    actor: Actor,
) -> Charge:
    await _refuse(session, charge, kind, amount)
    operation = ChargeOperation(
        charge_id=charge.id,
        kind=kind,
        minor=amount.minor,
        covers=covers or [],
        asked_by=actor.name,
        asked_by_id=actor.id,
        next_poll_at=await read_database_time(session) + rules.next_poll(0),
    )
    session.add(operation)
    facts = {"operation": kind, "amount": amount}
    await record(session, f"charge.{kind.value}_asked", charge, actor=actor, why=reason or None, facts=facts)
    await queue_settling(session, operation.id)
    return charge


async def _refuse(session: AsyncSession, charge: Charge, kind: OperationKind, amount: Money) -> None:
    if amount.currency != charge.currency:
        raise InvalidFields([Problem("amount.currency", "invalid", f"The charge is in {charge.currency}")])
    is_open = await queries.find_open(session, charge.id) is not None
    refused = rules.check(kind, charge.state, charge.amounts, amount.minor, has_open=is_open)
    match refused:
        case None:
            pass
        case Refusal.IN_PROGRESS:
            raise IllegalState("The provider is being asked about this charge.", state=charge.state)
        case Refusal.ILLEGAL_STATE:
            raise IllegalState(f"The charge is {STATE_WORDS[charge.state].lower()}.", state=charge.state)
        case _:
            raise AmountRefused(_words(kind, charge), extra={"refusal": refused.value})


def _words(kind: OperationKind, charge: Charge) -> str:
    held, left = charge.money(charge.held_minor), charge.money(charge.captured_minor - charge.refunded_minor)
    most = {
        OperationKind.CAPTURE: f"At most {held.amount} {held.currency} are held.",
        OperationKind.REFUND: f"At most {left.amount} {left.currency} can be given back.",
        OperationKind.INCREASE: f"{held.amount} {held.currency} are held already.",
    }
    return most.get(kind, f"At most {charge.amount.amount} {charge.currency} are planned.")
