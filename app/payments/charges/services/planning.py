"""Charges before anything is moved: planned, planned anew, and waived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import Changes, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, IllegalState, InvalidFields
from app.core.records import Record
from app.kit.ids import new_id, new_reference
from app.kit.money import Money
from app.kit.problems import Problem
from app.payments.charges import queries, rules
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import WAIVABLE, ChargeState, Purpose
from app.payments.charges.schemas import STATE_WORDS

PREFIX = "CH"


@dataclass(frozen=True, slots=True)
class ChargeSubject:
    """What is charged for: the record, its name, and the scope in which its charges are seen."""

    kind: str
    id: UUID
    name: str
    market: str
    branch: str | None


def subject_of(record_: Record, *, name: str, market: str, branch: str | None) -> ChargeSubject:
    """A record as the subject of charges."""
    return ChargeSubject(record_.record_kind, record_.id, name, market, branch)


async def plan_charge(
    session: AsyncSession,
    subject: ChargeSubject,
    *,
    purpose: Purpose,
    amount: Money,
    words: str = "",
    actor: Actor,
    charge_id: UUID | None = None,
) -> Charge:
    """Note that something is to be paid. Raises InvalidFields; Conflict for a taken id."""
    _refuse_amount(amount)
    if charge_id is not None and await session.get(Charge, charge_id):
        raise AlreadyThere("A charge with this id exists.")
    charge = Charge(
        id=charge_id or new_id(),
        reference=await _free_reference(session),
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_name=subject.name[:120],
        market=subject.market,
        branch=subject.branch,
        purpose=purpose,
        words=words[: rules.MAX_TEXT],
        amount_minor=amount.minor,
        currency=amount.currency,
    )
    session.add(charge)
    await record(session, "charge.planned", charge, actor=actor, changes={"amount_minor": (None, amount)})
    return charge


async def replan_charge(session: AsyncSession, charge_id: UUID, *, amount: Money, words: str, actor: Actor) -> Charge:
    """Another amount of what nobody was asked for yet. Raises IllegalState, InvalidFields."""
    _refuse_amount(amount)
    charge = await queries.lock_charge(session, charge_id, actor)
    await refuse_unless(session, charge, charge.state in rules.DUE)
    before = charge.amount
    if before == amount and charge.words == words:
        return charge
    charge.amount_minor, charge.currency, charge.words = amount.minor, amount.currency, words[: rules.MAX_TEXT]
    await record(session, "charge.replanned", charge, actor=actor, changes={"amount_minor": (before, amount)})
    return charge


async def waive_charge(session: AsyncSession, charge_id: UUID, *, reason: str, actor: Actor) -> Charge:
    """Let go of what was not taken yet. Raises IllegalState, InvalidFields."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why")])
    charge = await queries.lock_charge(session, charge_id, actor)
    await refuse_unless(session, charge, charge.state in WAIVABLE)
    before, charge.state, charge.reason = charge.state, ChargeState.WAIVED, reason.strip()[:500]
    changes: Changes = {"state": (before, charge.state)}
    await record(session, "charge.waived", charge, actor=actor, why=charge.reason, changes=changes)
    return charge


async def list_about(session: AsyncSession, kind: str, subject_id: UUID) -> Sequence[Charge]:
    """The charges of a record in the order in which they were made."""
    return await queries.list_about(session, kind, subject_id)


async def list_asked(session: AsyncSession, charge_ids: Sequence[UUID]) -> Mapping[UUID, ChargeOperation]:
    """About which of these the provider is being asked."""
    return await queries.list_open(session, charge_ids)


async def list_unsettled(session: AsyncSession, kind: str, subject_id: UUID) -> list[Charge]:
    """The charges of a record of which something is still to happen: taken, let go of, or found out."""
    about = await queries.list_about(session, kind, subject_id)
    asked = await queries.list_open(session, [each.id for each in about])
    return [each for each in about if each.state in rules.UNSETTLED or each.id in asked]


async def refuse_unless(session: AsyncSession, charge: Charge, is_possible: bool) -> None:
    """Raises IllegalState while the provider is being asked, or when the state does not allow it."""
    if await queries.find_open(session, charge.id) is not None:
        raise IllegalState("The provider is being asked about this charge.", state=charge.state)
    if not is_possible:
        raise IllegalState(f"The charge is {STATE_WORDS[charge.state].lower()}.", state=charge.state)


def _refuse_amount(amount: Money) -> None:
    if not 0 < amount.minor <= rules.LARGEST_MINOR:
        raise InvalidFields([Problem("amount", "out_of_range", "More than nothing, and not more than is sensible")])


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        continue
    return reference
