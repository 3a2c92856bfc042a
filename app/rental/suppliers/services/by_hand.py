"""What people learned from a supplier by telephone: who said what and when ends what no machine brings to an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import IllegalState, InvalidFields
from app.core.values import timestamp
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.wall_times import wall_time
from app.rental.suppliers import queries, rules
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import ReservationState
from app.rental.suppliers.services.reservations import WORDS, become, end_amendment

MOST_AHEAD = timedelta(minutes=5)
"""Clocks of people go before ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who of the supplier's people said it, and when."""

    spoke_with: str
    said_at: datetime


async def settle_by_hand(
    session: AsyncSession,
    reservation_id: UUID,
    *,
    outcome: ReservationState,
    number: str = "",
    amended_total: Money | None = None,
    told: Told | None = None,
    reason: str,
    actor: Actor,
) -> SupplierReservation:
    """What somebody learned from the supplier by other ways; `amended_total` is its price after a change it agreed to.

    Raises IllegalState, InvalidFields, NotFound.
    """
    reservation = await queries.lock_reservation(session, reservation_id)
    if not rules.can_move(reservation.state, outcome) or outcome in rules.OPEN:
        raise IllegalState(f"The reservation is {WORDS[reservation.state]}.", state=reservation.state)
    problems: list[Problem] = []
    if not reason.strip():
        problems.append(Problem("reason", "required", "Say how you know"))
    if outcome is ReservationState.CONFIRMED and not (number.strip() or reservation.supplier_number):
        problems.append(Problem("number", "required", "Enter the supplier's number"))
    if told and told.said_at > clock.now() + MOST_AHEAD:
        problems.append(Problem("said_at", "out_of_range", "Not before it is said"))
    if outcome is ReservationState.FAILED and reservation.polls < rules.POLLS_BEFORE_TASK and reservation.next_poll_at:
        problems.append(Problem("outcome", "invalid", "The supplier is still being asked"))
    if problems:
        raise InvalidFields(problems)
    if number.strip():
        reservation.supplier_number = number.strip()[:64]
    if outcome is ReservationState.CONFIRMED and reservation.amendment is not None:
        end_amendment(reservation, amended_total)
    said = reason.strip()
    if told:
        local = wall_time(told.said_at, reservation.time_zone)
        said = f"{told.spoke_with} said on {local:%-d %b at %H:%M} ({reservation.time_zone}): {said}"
        facts = {"spoke_with": told.spoke_with, "said_at": timestamp(told.said_at), "outcome": outcome.value}
        await record(session, "supplier_reservation.told", reservation, actor=actor, why=reason.strip(), facts=facts)
    await become(session, reservation, outcome, said, actor=actor)
    return reservation
