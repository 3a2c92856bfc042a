"""Reserving with a supplier: the intent is kept first, the worker asks, and what came of it is kept after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import Changes, record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.core.jobs.queue import enqueue
from app.desk.tasks import services as tasks
from app.kit import fee_windows
from app.kit.fee_windows import FeeWindow
from app.kit.ids import new_id, new_reference
from app.kit.money import Money
from app.kit.price_drift import drift
from app.kit.problems import Problem
from app.rental.suppliers import queries, rules, writes
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import HireAsk, Mileage, PriceLine, ReservationFound, ReservationState, SupplierOffer
from app.rental.suppliers.services import following

PREFIX = "SR"
SETTLE = "suppliers.settle"
BY_HAND = "supplier_by_hand"
LONGEST_REASON = 500
DUE = "due_minor"
"""Beside the columns of a change that is asked for: what cancelling cost when it was."""
CANCELLABLE = frozenset({ReservationState.CONFIRMED, ReservationState.UNKNOWN, ReservationState.ON_REQUEST})
WORDS = {state: state.value.replace("_", " ") for state in ReservationState}


class PriceMoved(Conflict):
    code = "price_moved"
    title = "The supplier's price has changed"
    advice = "Nothing was booked. Go back, look at the new price and decide anew."


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be reserved, at the price that the supplier gave when it was asked again."""

    supplier_id: UUID
    market: str
    pickup_location: str
    return_location: str
    time_zone: str
    hire: HireAsk
    offer: SupplierOffer
    surname: str
    given_name: str = ""
    subject: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """Other wall times, and the locations of pick-up and return."""

    locations: tuple[str, str]
    pickup_local: datetime
    return_local: datetime


async def submit_reservation(
    session: AsyncSession, intent: Intent, *, expected: Money, actor: Actor, reservation_id: UUID | None = None
) -> SupplierReservation:
    """Keep the intent, and have the worker ask the supplier. Raises PriceMoved, InvalidFields."""
    if intent.offer.total != expected:
        total = intent.offer.total
        detail = f"It is {total.amount} {total.currency} now, not {expected.amount} {expected.currency}."
        raise PriceMoved(detail, extra={"total": {"amount": total.amount, "currency": total.currency}})
    if not intent.surname.strip():
        raise InvalidFields([Problem("surname", "required", "Enter the driver's surname")])
    reservation = SupplierReservation(
        id=reservation_id or new_id(),
        reference=await _new_reference(session),
        supplier_id=intent.supplier_id,
        market=intent.market,
        pickup_location=intent.pickup_location,
        return_location=intent.return_location,
        pickup_branch=intent.hire.pickup.branch,
        return_branch=intent.hire.back.branch,
        pickup_local=intent.hire.pickup.local,
        return_local=intent.hire.back.local,
        time_zone=intent.time_zone,
        surname=intent.surname.strip(),
        given_name=intent.given_name.strip(),
        driver_age=intent.hire.driver_age,
        acriss=intent.offer.acriss,
        rate_key=intent.offer.key,
        offered_minor=intent.offer.total.minor,
        currency=intent.offer.total.currency,
        offer=snapshot(intent.offer),
        next_poll_at=clock.now(),
        subject_kind=intent.subject[0] if intent.subject else None,
        subject_id=intent.subject[1] if intent.subject else None,
    )
    frame_fees(reservation, intent.offer.free_hours)
    session.add(reservation)
    await record(session, "supplier_reservation.submitted", reservation, actor=actor)
    await queue_settling(session, reservation.id)
    return reservation


async def queue_settling(session: AsyncSession, reservation_id: UUID) -> None:
    """Have the worker ask the supplier as soon as it can; what is queued already is enough."""
    key = f"{SETTLE}:{reservation_id}"
    await enqueue(session, SETTLE, {"reservation_id": str(reservation_id)}, unique_key=key)


async def ask_now(session: AsyncSession, reservation_id: UUID, *, actor: Actor) -> SupplierReservation:
    """Have the worker ask the supplier at once, whenever it would have. Raises IllegalState, NotFound."""
    reservation = await queries.lock_reservation(session, reservation_id)
    if reservation.state not in rules.OPEN:
        raise IllegalState(f"The reservation is {WORDS[reservation.state]}.", state=reservation.state)
    await record(session, "supplier_reservation.asked", reservation, actor=actor)
    await queue_settling(session, reservation.id)
    return reservation


async def request_cancellation(
    session: AsyncSession, reservation_id: UUID, *, reason: str, actor: Actor
) -> SupplierReservation:
    """Have the worker cancel it with the supplier; what is on request stays so until the supplier says what it is.

    Raises IllegalState, NotFound.
    """
    reservation = await queries.lock_reservation(session, reservation_id)
    if reservation.state not in CANCELLABLE or reservation.cancel_asked_at is not None:
        raise IllegalState(f"The reservation is {WORDS[reservation.state]}.", state=reservation.state)
    if not reservation.fee_windows:
        frame_fees(reservation)
    fee = fee_windows.fee_at(reservation.total, reservation.windows, clock.now())
    reservation.fee_minor = 0 if reservation.state is ReservationState.ON_REQUEST else fee.minor
    if reservation.state is ReservationState.ON_REQUEST:
        reservation.cancel_asked_at = clock.now()
        await record(session, "supplier_reservation.cancel_asked", reservation, actor=actor, why=reason)
    else:
        await become(session, reservation, ReservationState.CANCEL_PENDING, reason, actor=actor)
    await writes.plan_poll(session, reservation.id, polls=0, after=rules.next_poll(0))
    await queue_settling(session, reservation.id)
    return reservation


async def request_amendment(
    session: AsyncSession, reservation_id: UUID, amendment: Amendment, *, reason: str, actor: Actor
) -> SupplierReservation:
    """Have the worker ask the supplier for other times or branches. Raises IllegalState, InvalidFields, NotFound."""
    reservation = await queries.lock_reservation(session, reservation_id)
    if reservation.state is not ReservationState.CONFIRMED:
        raise IllegalState(f"The reservation is {WORDS[reservation.state]}.", state=reservation.state)
    branches = {code: await _branch_at(session, reservation, code) for code in amendment.locations}
    if problems := [
        Problem(f"{name}.location", "not_mapped", "The supplier has no branch there")
        for name, code in zip(("pickup", "return"), amendment.locations, strict=True)
        if branches[code] is None
    ]:
        raise InvalidFields(problems)
    first, last = amendment.locations
    fee = fee_windows.fee_at(reservation.total, reservation.windows, clock.now())
    reservation.amendment = {
        DUE: fee.minor,
        "pickup_location": first,
        "return_location": last,
        "pickup_branch": branches[first],
        "return_branch": branches[last],
        "pickup_local": amendment.pickup_local.isoformat(),
        "return_local": amendment.return_local.isoformat(),
    }
    await become(session, reservation, ReservationState.AMEND_PENDING, reason, actor=actor)
    await writes.plan_poll(session, reservation.id, polls=0, after=rules.next_poll(0))
    await queue_settling(session, reservation.id)
    return reservation


async def find_reservation_of(session: AsyncSession, kind: str, record_id: UUID) -> SupplierReservation | None:
    """The latest reservation that was made for a record."""
    return await queries.find_of_subject(session, kind, record_id)


async def take_found(session: AsyncSession, reservation: SupplierReservation, found: ReservationFound) -> None:
    """Bring a reservation to where the supplier has it; a state never goes back."""
    number, before = found.number[:64], reservation.supplier_number
    if number and reservation.state in rules.OPEN and number != before:
        reservation.supplier_number = number
        changes = {"supplier_number": (before, number)}
        await record(session, "supplier_reservation.numbered", reservation, actor=SYSTEM, changes=changes)
    target = _target(reservation, found.state)
    if target is None or (target is not reservation.state and not rules.can_move(reservation.state, target)):
        return
    if target is ReservationState.CONFIRMED:
        _take_price(reservation, found)
    if target is not reservation.state:
        await become(session, reservation, target, f"The supplier says {WORDS[found.state]}.", actor=SYSTEM)
    if target is ReservationState.CONFIRMED and reservation.cancel_asked_at is not None:
        await become(session, reservation, ReservationState.CANCEL_PENDING, "It is not wanted any more.", actor=SYSTEM)


def _take_price(reservation: SupplierReservation, found: ReservationFound) -> None:
    offer = found.offer
    if reservation.amendment is not None:
        total = offer.total if offer else reservation.total
        free_hours = offer.free_hours if offer else None
        end_amendment(reservation, total if _is_amended(reservation, found) else None, free_hours)
    elif offer is not None:
        _keep_drift(reservation, offer)
    if offer is not None:
        reservation.confirmed_minor = offer.total.minor
        reservation.offer = snapshot(offer)


def end_amendment(reservation: SupplierReservation, total: Money | None, free_hours: int | None = None) -> None:
    """The supplier agreed to the change at a price, or did not; it keeps its free hours where it tells no others."""
    wanted, reservation.amendment = dict(reservation.amendment or {}), None
    if total is None:
        return
    before, due = reservation.total, Money(wanted.pop(DUE, 0), reservation.currency)
    kept, pickup_at = reservation.windows, reservation.pickup_at
    for name, value in wanted.items():
        setattr(reservation, name, datetime.fromisoformat(value) if name.endswith("_local") else value)
    reservation.confirmed_minor = total.minor
    offered = fee_windows.moved(kept, reservation.pickup_at - pickup_at)
    if free_hours is not None or not offered:
        offered = _windows_of(reservation, free_hours)
    windows = fee_windows.after_change(due, before, offered, total, clock.now())
    reservation.fee_windows = fee_windows.plain_windows(windows)
    _watch(reservation)


def _is_amended(reservation: SupplierReservation, found: ReservationFound) -> bool:
    """Whether the supplier has the times that were asked for; one that tells no times, another price than before."""
    wanted = reservation.amendment or {}
    if found.times is None:
        return found.offer is not None and found.offer.total != reservation.total
    return tuple(each.isoformat() for each in found.times) == (wanted["pickup_local"], wanted["return_local"])


def _keep_drift(reservation: SupplierReservation, offer: SupplierOffer) -> None:
    if reservation.confirmed_minor is not None:
        return
    offered = [(line["code"], line["words"], _money(line["amount"])) for line in reservation.offer.get("lines", ())]
    confirmed = [(line.code, line.words, line.amount) for line in offer.lines]
    reservation.drift = [
        {"code": each.code, "words": each.words, "offered": _plain(each.before), "confirmed": _plain(each.after)}
        for each in drift(offered, confirmed)
    ]


async def _branch_at(session: AsyncSession, reservation: SupplierReservation, location: str) -> str | None:
    """The supplier's code of a location of ours; where it hands over already, its own."""
    for name in ("pickup", "return"):
        if getattr(reservation, f"{name}_location") == location:
            return str(getattr(reservation, f"{name}_branch"))
    mapped = await queries.list_mapped(session, {location})
    return next((branch.code for branch in mapped if branch.supplier_id == reservation.supplier_id), None)


async def become(
    session: AsyncSession, reservation: SupplierReservation, state: ReservationState, reason: str, *, actor: Actor
) -> None:
    """Another state, and the tasks that waited for it are done."""
    before, reservation.state, reservation.reason = reservation.state, state, reason[:LONGEST_REASON]
    _watch(reservation)
    changes: Changes = {"state": (before, state)}
    action = f"supplier_reservation.{state.value}"
    await record(session, action, reservation, actor=actor, why=reservation.reason or None, changes=changes)
    if state not in rules.OPEN:
        await writes.plan_poll(session, reservation.id, polls=reservation.polls, after=None)
        about = (reservation.record_kind, reservation.id)
        await tasks.settle_tasks(session, about, BY_HAND, why=f"It is {WORDS[state]}.", actor=actor)
    await following.tell(session, reservation, reason=reservation.reason, actor=actor)


async def follow_boundaries(session: AsyncSession, limit: int) -> int:
    """Work out anew what became dearer meanwhile; it is no change of the reservations. Returns how many."""
    passed = await queries.lock_past_boundary(session, clock.now(), limit)
    for reservation in passed:
        boundary_at, exposed = _exposure(reservation)
        await writes.keep_boundary(session, reservation.id, boundary_at=boundary_at, exposed_minor=exposed.minor)
    return len(passed)


async def raise_task(session: AsyncSession, reservation: SupplierReservation, why: str) -> None:
    """Ask people to settle it, once at a time."""
    await tasks.create_task(
        session,
        kind=BY_HAND,
        title=f"{reservation.reference}: settle with the supplier",
        subject=(reservation.record_kind, reservation.id),
        details=why,
        unique_key=f"{BY_HAND}:{reservation.id}",
        actor=SYSTEM,
    )


def frame_fees(reservation: SupplierReservation, free_hours: int | None = None) -> None:
    """Give a reservation the windows of its fee: the supplier's own, or the usual ones."""
    reservation.fee_windows = fee_windows.plain_windows(_windows_of(reservation, free_hours))
    _watch(reservation)


def _windows_of(reservation: SupplierReservation, free_hours: int | None) -> list[FeeWindow]:
    free = fee_windows.FREE_BEFORE if free_hours is None else timedelta(hours=free_hours)
    return fee_windows.usual_windows(reservation.pickup_at, free)


def _watch(reservation: SupplierReservation) -> None:
    if not reservation.fee_windows:
        frame_fees(reservation)
        return
    reservation.boundary_at, exposed = _exposure(reservation)
    reservation.exposed_minor = exposed.minor


def _exposure(reservation: SupplierReservation) -> tuple[datetime | None, Money]:
    """When cancelling becomes dearer next, and what it costs from then on."""
    windows, now = reservation.windows, clock.now()
    boundary_at = fee_windows.next_boundary(windows, now)
    return boundary_at, fee_windows.fee_to_come(reservation.total, windows, now)


def snapshot(offer: SupplierOffer) -> dict[str, Any]:
    """An offer as it is kept: what was said, not what it would say now."""
    return {
        "acriss": offer.acriss,
        "model": offer.model,
        "total": _plain(offer.total),
        "lines": [asdict(line) | {"amount": _plain(line.amount)} for line in offer.lines],
        "included_km": offer.mileage.included_km,
        "mileage_is_doubtful": offer.mileage.is_doubtful,
        "covers": [
            {"code": cover.code, "excess": _plain(cover.excess) if cover.excess else None} for cover in offer.covers
        ],
    }


def offer_of(reservation: SupplierReservation) -> SupplierOffer:
    """The offer that was kept, at what it costs now; without its lines where they were of another price."""
    kept, total = reservation.offer, reservation.total
    is_fresh = kept.get("total") == _plain(total)
    lines = [PriceLine(**(line | {"amount": _money(line["amount"])})) for line in kept.get("lines", ()) if is_fresh]
    return SupplierOffer(
        reservation.rate_key, reservation.acriss, str(kept.get("model", "")), total, tuple(lines),
        Mileage(kept.get("included_km")), (), is_on_request=False,
    )  # fmt: skip


def _money(kept: Mapping[str, str]) -> Money:
    return Money.parse(kept["amount"], kept["currency"])


def _plain(money: Money) -> dict[str, str]:
    return {"amount": money.amount, "currency": money.currency}


def _target(reservation: SupplierReservation, theirs: ReservationState) -> ReservationState | None:
    """What a state at the supplier means for one of ours; None for nothing."""
    ours = reservation.state
    if theirs is ReservationState.CANCELLED and reservation.cancel_asked_at is not None:
        return ReservationState.CANCELLED
    if theirs is ReservationState.CANCELLED and ours is not ReservationState.CANCEL_PENDING:
        is_ours = ours is ReservationState.CONFIRMED
        return ReservationState.CANCELLED_BY_SUPPLIER if is_ours else ReservationState.REJECTED
    if ours is ReservationState.CANCEL_PENDING and theirs is not ReservationState.CANCELLED:
        return None
    return theirs


async def _new_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        pass
    return reference
