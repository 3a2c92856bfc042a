"""Marking damage, and settling what new damage costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields, NotFound
from app.kit.ids import new_reference
from app.kit.money import Money
from app.kit.problems import Problem
from app.payments.charges import services as charges
from app.payments.charges.rules import Purpose
from app.rental.bookings.models import Booking
from app.rental.bookings.services.charging import charged
from app.rental.damages import queries, rules
from app.rental.damages.models import DamageCase, DamageMark
from app.rental.damages.rules import ZONES, CaseState, DamageKind, Party
from app.rental.damages.schemas import STATE_WORDS, MarkItem, NewMark, mark_item
from app.rental.vehicles.models import Vehicle

PREFIX = "DC"
FIELD_LABELS = {"state": "State", "party": "Answers for it", "estimate_minor": "Estimate", "words": "Words"}


class TooManyMarks(Conflict):
    code = "too_many_marks"
    title = "No more damage can be marked on this vehicle"
    advice = "Nothing was added."


@dataclass(frozen=True, slots=True)
class SeenAt:
    """Where and at which hire new damage was seen."""

    booking: Booking
    vehicle: Vehicle
    branch: str
    found_by: UUID


async def add_mark(
    session: AsyncSession, vehicle_id: UUID, *, fields: Mapping[str, Any], found_by: UUID | None = None
) -> DamageMark:
    """Mark a damage. `fields`: zone, kind, words, x, y. Raises InvalidFields, TooManyMarks."""
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    if problems := rules.check_mark(given):
        raise InvalidFields(problems)
    if len(await queries.list_marks(session, vehicle_id)) >= rules.MOST_MARKS:
        raise TooManyMarks
    x, y = rules.place_of(given["zone"], given.get("x"), given.get("y"))
    mark = DamageMark(
        vehicle_id=vehicle_id,
        zone=given["zone"],
        x=x,
        y=y,
        kind=DamageKind(given["kind"]),
        words=str(given.get("words", "")).strip(),
        found_by=found_by,
    )
    session.add(mark)
    await session.flush()
    return mark


async def remove_mark(session: AsyncSession, mark_id: UUID, *, found_by: UUID) -> DamageMark:
    """Take back a mark that was made at this handover. Raises NotFound for any other one."""
    mark = await queries.find_mark(session, mark_id)
    if mark is None or mark.found_by != found_by or mark.case_id is not None:
        raise NotFound
    await session.delete(mark)
    return mark


async def list_marks(session: AsyncSession, vehicle_id: UUID) -> Sequence[DamageMark]:
    """The damage that a vehicle has, in the order in which it was seen."""
    return await queries.list_marks(session, vehicle_id)


async def open_case(session: AsyncSession, seen: SeenAt, marks: Sequence[DamageMark], *, actor: Actor) -> DamageCase:
    """New damage of a hire becomes a case."""
    booking, vehicle = seen.booking, seen.vehicle
    case = DamageCase(
        reference=await _free_reference(session),
        market=booking.market,
        branch=seen.branch,
        booking_id=booking.id,
        vehicle_id=vehicle.id,
        booking_reference=booking.reference,
        vehicle_name=" ".join(part for part in (vehicle.plate, vehicle.title) if part)[:120],
        words="; ".join(in_words(mark) for mark in marks)[:500],
        currency=booking.total_currency,
    )
    session.add(case)
    await record(session, "damage_case.opened", case, actor=actor, changes={"words": (None, case.words)})
    for mark in marks:
        mark.case_id = case.id
    return case


async def estimate_case(
    session: AsyncSession, case_id: UUID, *, amount: Money, party: Party, words: str = "", actor: Actor
) -> DamageCase:
    """What it costs and who answers for it. Raises IllegalState, InvalidFields."""
    case = await queries.lock_case(session, case_id, actor)
    if amount.currency != case.currency or amount.minor <= 0:
        raise InvalidFields([Problem("amount", "invalid", f"An amount in {case.currency}")])
    changes: dict[str, tuple[Any, Any]] = {
        "estimate_minor": (case.estimate, amount),
        "party": (case.party, party),
        **_enter(case, CaseState.ESTIMATED),
    }
    case.estimate_minor, case.party = amount.minor, party
    case.words = words.strip()[:500] or case.words
    await record(session, "damage_case.estimated", case, actor=actor, changes=changes)
    return case


async def charge_case(session: AsyncSession, case_id: UUID, booking: Booking, *, actor: Actor) -> DamageCase:
    """The customer is to pay for it. Raises IllegalState, InvalidFields when somebody else answers for it."""
    case = await queries.lock_case(session, case_id, actor)
    changes = _enter(case, CaseState.CHARGED)
    if case.estimate is None or case.party is not Party.CUSTOMER:
        raise InvalidFields([Problem("party", "invalid", "The customer does not answer for it")])
    await charges.plan_charge(
        session, charged(booking), purpose=Purpose.DAMAGE, amount=case.estimate, words=case.reference, actor=actor
    )
    await record(session, "damage_case.charged", case, actor=actor, changes=changes)
    return case


async def close_case(session: AsyncSession, case_id: UUID, *, reason: str, drop: bool, actor: Actor) -> DamageCase:
    """Settled, or dropped because nobody is to pay. Raises IllegalState, InvalidFields."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why")])
    case = await queries.lock_case(session, case_id, actor)
    changes = _enter(case, CaseState.DROPPED if drop else CaseState.CLOSED)
    await record(session, f"damage_case.{case.state.value}", case, actor=actor, why=reason.strip(), changes=changes)
    return case


def in_words(mark: DamageMark) -> str:
    """`Front bumper: scratch, 10 cm`."""
    return f"{ZONES[mark.zone].name}: {mark.kind.value}" + (f", {mark.words}" if mark.words else "")


def _enter(case: DamageCase, state: CaseState) -> dict[str, tuple[Any, Any]]:
    if not rules.can_follow(case.state, state):
        raise IllegalState(f"The case is {STATE_WORDS[case.state].lower()}.", state=case.state)
    before, case.state = case.state, state
    return {"state": (before, state)} if before is not state else {}


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        continue
    return reference


__all__ = [
    "FIELD_LABELS",
    "MarkItem",
    "NewMark",
    "SeenAt",
    "TooManyMarks",
    "add_mark",
    "charge_case",
    "close_case",
    "estimate_case",
    "in_words",
    "list_marks",
    "mark_item",
    "open_case",
    "remove_mark",
]
