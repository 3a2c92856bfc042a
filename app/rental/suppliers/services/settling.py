"""Bringing a reservation to an end: ask once to book, and from then on only ask what became of it.

`core.partners.steps` has the three steps. Whoever dies between them leaves a mark, by which the next one retrieves
instead of booking.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database
from app.core.partners.client import Partners
from app.core.partners.outcomes import NOTHING_SENT, PartnerError
from app.core.partners.steps import Settled, ask_in_steps
from app.rental.suppliers import queries, rules, writes
from app.rental.suppliers.adapters.interface import Driver, SupplierRefused
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import ErrorKind, HireAsk, Operation, Place, ReservationFound, ReservationState
from app.rental.suppliers.services.gateway import Line, ask, line_to
from app.rental.suppliers.services.reservations import WORDS, become, end_amendment, raise_task, take_found
from app.settings import Settings

MOST_UNSENT = 5
"""How often a supplier is tried that cannot be reached; nothing was asked of it then."""


class Doing(StrEnum):
    BOOK = "book"
    RETRIEVE = "retrieve"
    AMEND = "amend"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked next, with everything that it needs."""

    doing: Doing
    line: Line
    reservation_id: UUID
    reference: str
    market: str
    number: str
    surname: str
    given_name: str
    rate_key: str
    hire: HireAsk


async def settle(database: Database, partners: Partners, settings: Settings, reservation_id: UUID) -> ReservationState:
    """Take one reservation one step further; answers where it is now."""
    begin = partial(_begin, settings=settings, reservation_id=reservation_id)
    return await ask_in_steps(database, begin, partial(_carry_out, partners), _end)


async def _begin(session: AsyncSession, settings: Settings, reservation_id: UUID) -> Step | Settled[ReservationState]:
    reservation = await queries.lock_reservation(session, reservation_id)
    line = line_to(await queries.get_supplier(session, reservation.supplier_id), settings)
    if line.is_silent(reservation.market):
        await _plan(session, reservation)
        return Settled(reservation.state)
    match reservation.state:
        case ReservationState.SUBMITTING if not await writes.mark_sent(session, reservation.id):
            why = "Whoever asked the supplier to book did not live to tell what came of it."
            await become(session, reservation, ReservationState.UNKNOWN, why, actor=SYSTEM)
            doing, operation = Doing.RETRIEVE, _retrieving(reservation)
        case ReservationState.SUBMITTING:
            if not line.may_sell(reservation.market):
                why = "Sale is stopped; the supplier was not asked."
                await become(session, reservation, ReservationState.REJECTED, why, actor=SYSTEM)
                return Settled(reservation.state)
            doing, operation = Doing.BOOK, Operation.BOOK
        case _ if (next_step := _next(reservation)) is not None:
            doing, operation = next_step
        case _:
            return Settled(reservation.state)
    if not line.can(operation):
        await raise_task(session, reservation, f"{line.name} cannot {operation.value.replace('_', ' ')} by machine.")
        await writes.plan_poll(session, reservation.id, polls=reservation.polls, after=None)
        return Settled(reservation.state)
    return _step(doing, line, reservation)


async def _carry_out(partners: Partners, step: Step) -> ReservationFound:
    adapter = step.line.adapter
    match step.doing:
        case Doing.BOOK:
            driver = Driver(step.surname, step.given_name)
            exchange = adapter.book(step.rate_key, step.hire, driver, step.reference)
        case Doing.RETRIEVE:
            exchange = adapter.retrieve(step.number, step.reference, step.surname)
        case Doing.AMEND:
            exchange = adapter.amend(step.number, step.surname, step.hire)
        case Doing.CANCEL:
            exchange = adapter.cancel(step.number, step.surname)
    subject = (SupplierReservation.record_kind, step.reservation_id)
    return await ask(partners, step.line, exchange, market=step.market, subject=subject)


async def _end(session: AsyncSession, step: Step, found: ReservationFound | PartnerError) -> ReservationState:
    reservation = await queries.lock_reservation(session, step.reservation_id)
    if isinstance(found, ReservationFound):
        await take_found(session, reservation, found)
        if reservation.state in rules.OPEN and rules.is_pressing(reservation.boundary_at, clock.now()):
            why = f"The supplier says {WORDS[found.state]}, and cancelling becomes dearer soon or costs everything."
            await raise_task(session, reservation, why)
        await _plan(session, reservation)
        return reservation.state
    refused = found.kind if isinstance(found, SupplierRefused) else None
    if step.doing is Doing.BOOK:
        await _not_booked(session, reservation, found)
    elif refused is ErrorKind.ALREADY_CANCELLED and reservation.state is ReservationState.CANCEL_PENDING:
        await become(session, reservation, ReservationState.CANCELLED, found.detail, actor=SYSTEM)
    elif step.doing is Doing.AMEND:
        await _not_amended(session, reservation, found)
    elif step.doing is Doing.CANCEL and refused is not None:
        await _not_cancelled(session, reservation, found)
    else:
        await _not_known(session, reservation, found)
    return reservation.state


async def _not_booked(session: AsyncSession, reservation: SupplierReservation, error: PartnerError) -> None:
    if reservation.state is not ReservationState.SUBMITTING:
        return
    if error.came_of_it in NOTHING_SENT and reservation.polls < MOST_UNSENT:
        await writes.mark_not_sent(session, reservation.id)
        await _plan(session, reservation)
    elif error.may_have_effect:
        await become(session, reservation, ReservationState.UNKNOWN, error.detail, actor=SYSTEM)
        await writes.plan_poll(session, reservation.id, polls=0, after=rules.next_poll(0))
    else:
        await become(session, reservation, ReservationState.REJECTED, error.detail, actor=SYSTEM)


async def _not_amended(session: AsyncSession, reservation: SupplierReservation, error: PartnerError) -> None:
    """Declined it is as it was; of an answer that was lost nobody knows; one that was not reached is asked again."""
    if reservation.state is not ReservationState.AMEND_PENDING:
        return
    if error.came_of_it in NOTHING_SENT and reservation.polls < MOST_UNSENT:
        await _plan(session, reservation)
    elif error.may_have_effect:
        await become(session, reservation, ReservationState.UNKNOWN, error.detail, actor=SYSTEM)
        await writes.plan_poll(session, reservation.id, polls=0, after=rules.next_poll(0))
    else:
        end_amendment(reservation, None)
        await become(session, reservation, ReservationState.CONFIRMED, f"Declined: {error.detail}", actor=SYSTEM)


async def _not_cancelled(session: AsyncSession, reservation: SupplierReservation, error: PartnerError) -> None:
    """The supplier says no: people have to talk with them."""
    if reservation.state is ReservationState.CANCEL_PENDING:
        await become(session, reservation, ReservationState.CONFIRMED, error.detail, actor=SYSTEM)
    reservation.cancel_asked_at = None
    await raise_task(session, reservation, f"The supplier refuses to cancel: {error.detail}")
    await _plan(session, reservation)


async def _not_known(session: AsyncSession, reservation: SupplierReservation, error: PartnerError) -> None:
    """Nobody knows yet: ask again, less and less often, and tell people in time. It never fails by itself."""
    is_pressing = rules.is_pressing(reservation.boundary_at, clock.now())
    if reservation.state in rules.OPEN and (is_pressing or reservation.polls + 1 >= rules.POLLS_BEFORE_TASK):
        why = f"Asked {reservation.polls + 1} times what became of it. The last answer: {error.detail}"
        await raise_task(session, reservation, why)
    await _plan(session, reservation)


async def _plan(session: AsyncSession, reservation: SupplierReservation) -> None:
    polls = reservation.polls + 1
    after = rules.next_poll(polls) if reservation.state in rules.OPEN else None
    await writes.plan_poll(session, reservation.id, polls=polls, after=after)


def _next(reservation: SupplierReservation) -> tuple[Doing, Operation] | None:
    """What the supplier is asked about what it was asked to book; None for what is over."""
    match reservation.state:
        case ReservationState.AMEND_PENDING if reservation.amendment and reservation.supplier_number:
            return Doing.AMEND, Operation.AMEND
        case ReservationState.CANCEL_PENDING if reservation.supplier_number:
            return Doing.CANCEL, Operation.CANCEL
        case ReservationState.ON_REQUEST if reservation.supplier_number and reservation.cancel_asked_at:
            return Doing.CANCEL, Operation.CANCEL
        case ReservationState.CONFIRMED | ReservationState.UNKNOWN | ReservationState.ON_REQUEST:
            return Doing.RETRIEVE, _retrieving(reservation)
        case ReservationState.CANCEL_PENDING:
            return Doing.RETRIEVE, _retrieving(reservation)
        case _:
            return None


def awaited(reservation: SupplierReservation) -> Operation | None:
    """What the supplier has to be asked so that it comes to an end; None for what is over."""
    if reservation.state not in rules.OPEN:
        return None
    if reservation.state is ReservationState.SUBMITTING:
        return _retrieving(reservation) if reservation.sent_at else Operation.BOOK
    step = _next(reservation)
    return step[1] if step else None


def _retrieving(reservation: SupplierReservation) -> Operation:
    return Operation.RETRIEVE if reservation.supplier_number else Operation.RETRIEVE_BY_OURS


def _step(doing: Doing, line: Line, reservation: SupplierReservation) -> Step:
    hire = _hire(reservation, reservation.amendment if doing is Doing.AMEND else None)
    values: dict[str, Any] = {
        name: getattr(reservation, name) for name in ("reference", "market", "surname", "given_name", "rate_key")
    }
    number = reservation.supplier_number or ""
    return Step(doing=doing, line=line, reservation_id=reservation.id, number=number, hire=hire, **values)


def _hire(reservation: SupplierReservation, wanted: dict[str, Any] | None) -> HireAsk:
    """The hire as it is, or as it is wanted."""
    if wanted is None:
        pickup = Place(reservation.pickup_branch, reservation.pickup_local)
        return HireAsk(pickup, Place(reservation.return_branch, reservation.return_local), reservation.driver_age)
    pickup = Place(wanted["pickup_branch"], datetime.fromisoformat(wanted["pickup_local"]))
    back = Place(wanted["return_branch"], datetime.fromisoformat(wanted["return_local"]))
    return HireAsk(pickup, back, reservation.driver_age)
