"""Moving vehicles through their states, now or at a planned time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.approvals import Asked
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.vehicles import approvals, queries, rules
from app.rental.vehicles.models import Vehicle, VehiclePeriod
from app.rental.vehicles.rules import MOVES, Move, PeriodKind, VehicleState
from app.rental.vehicles.services import stays
from app.rental.vehicles.services.changes import Changed, refuse

RETIRES = "retirement"
ACTIONS = {
    "commissioning": "vehicle.commissioned",
    "block": "vehicle.blocked",
    "block_removal": "vehicle.unblocked",
    "maintenance": "vehicle.sent_to_maintenance",
    "maintenance_removal": "vehicle.back_from_maintenance",
    "transfer": "vehicle.sent_on_transfer",
    "arrival": "vehicle.arrived",
    "sale_listing": "vehicle.listed_for_sale",
    "sale_listing_removal": "vehicle.taken_off_sale",
    "retirement": "vehicle.retired",
}


class PeriodOverlaps(Conflict):
    code = "period_overlaps"
    title = "The time is already taken"
    advice = "Nothing was changed. Choose another time."


async def move_vehicle(
    session: AsyncSession, vehicle_id: UUID, move: str, *, fields: Mapping[str, Any], actor: Actor
) -> Vehicle:
    """As `begin_move`, for callers that need not know what waits."""
    return (await begin_move(session, vehicle_id, move, fields=fields, actor=actor)).vehicle


async def begin_move(
    session: AsyncSession, vehicle_id: UUID, move: str, *, fields: Mapping[str, Any], actor: Actor
) -> Changed:
    """Make one of the moves of the state machine, now or, for moves that last, at a later time.

    A retirement waits for somebody else. `fields`: reason, starts_at, ends_at (aware UTC), to_location.
    Raises IllegalState, InvalidFields, PeriodOverlaps.
    """
    vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
    if move != RETIRES or approvals.is_exempt(actor):
        return Changed(await _move(session, vehicle, move, fields=fields, actor=actor))
    refuse(rules.check_period(fields, now=clock.now()))
    if rules.can_move(move, vehicle.state):
        raise IllegalState(f"The vehicle is {vehicle.state.replace('_', ' ')}.", state=vehicle.state)
    asked = await approvals.request_retirement(session, vehicle, reason=str(fields["reason"]), actor=actor)
    return Changed(vehicle, asked)


async def carry_out_retirement(session: AsyncSession, asked: Asked, actor: Actor) -> Vehicle:
    """Retire the vehicle as agreed."""
    vehicle = await queries.lock_vehicle(session, asked.subject_id, actor)
    return await _move(session, vehicle, RETIRES, fields={"reason": asked.payload["reason"]}, actor=actor)


async def _move(
    session: AsyncSession, vehicle: Vehicle, move: str, *, fields: Mapping[str, Any], actor: Actor
) -> Vehicle:
    wanted, now = MOVES[move], clock.now()
    starts_at: datetime = fields.get("starts_at") or now
    if wanted.opens or move == RETIRES:
        refuse(rules.check_period(fields, now=now))
    is_planned = bool(wanted.opens) and starts_at > now
    periods = await queries.list_periods(session, vehicle.id)
    if not is_planned and rules.can_move(move, vehicle.state):
        raise IllegalState(f"The vehicle is {vehicle.state.replace('_', ' ')}.", state=vehicle.state)
    if is_planned and vehicle.base_state is VehicleState.RETIRED:
        raise IllegalState("The vehicle is retired.", state=vehicle.state)
    destination = await _destination(session, wanted, fields, vehicle)
    before = vehicle.state
    if not is_planned:
        _close(periods, wanted, now)
        vehicle.base_state = _base_after(wanted, vehicle.base_state)
    if wanted.opens:
        period = open_period(session, vehicle, wanted.opens, periods, fields, starts_at, destination, actor)
        periods.append(period)
    if move == "arrival":
        vehicle.location_code = _arrived_at(periods, now) or vehicle.location_code
    settle(vehicle, periods, now)
    await record(
        session,
        ACTIONS[move],
        vehicle,
        actor=actor,
        why=fields.get("reason") or None,
        changes={"state": (before, vehicle.state)} if before != vehicle.state else None,
        facts={
            name: value
            for name, value in (
                ("from", fields.get("starts_at")),
                ("until", fields.get("ends_at")),
                ("to_location", destination),
            )
            if value
        },
    )
    await stays.follow(session, vehicle)
    await approvals.void_changed(session, vehicle, actor=actor)
    return vehicle


async def apply_periods(session: AsyncSession, vehicle_id: UUID) -> Vehicle:
    """Let the state follow the period that covers now, when one has begun or ended by itself."""
    vehicle = await queries.lock_vehicle(session, vehicle_id, SYSTEM)
    periods, now, before = await queries.list_periods(session, vehicle_id), clock.now(), vehicle.state
    settle(vehicle, periods, now)
    if before is VehicleState.IN_TRANSIT and vehicle.state is not before:
        vehicle.location_code = _arrived_at(periods, now) or vehicle.location_code
    if before != vehicle.state:
        await record(
            session,
            "vehicle.state_followed",
            vehicle,
            actor=SYSTEM,
            why="A planned period began or ended.",
            changes={"state": (before, vehicle.state)},
        )
        await stays.follow(session, vehicle)
        await approvals.void_changed(session, vehicle, actor=SYSTEM)
    return vehicle


async def _destination(session: AsyncSession, move: Move, fields: Mapping[str, Any], vehicle: Vehicle) -> str | None:
    if move.opens is not PeriodKind.TRANSFER:
        return None
    code = str(fields.get("to_location") or "").upper()
    if code not in await locations.by_codes(session, {code}):
        raise InvalidFields(
            [Problem("to_location", "unknown_location", f"There is no location {code}" if code else "Say where to")]
        )
    if code == vehicle.location_code:
        raise InvalidFields([Problem("to_location", "same_location", "The vehicle is already there")])
    return code


def _base_after(move: Move, base_state: VehicleState) -> VehicleState:
    return move.to_state if move.to_state in rules.BASE_STATES else base_state


def _close(periods: list[VehiclePeriod], move: Move, now: datetime) -> None:
    for period in periods:
        if period.kind in move.closes and rules.covers(period, now):
            period.ends_at = now


def open_period(
    session: AsyncSession,
    vehicle: Vehicle,
    kind: PeriodKind,
    periods: list[VehiclePeriod],
    fields: Mapping[str, Any],
    starts_at: datetime,
    destination: str | None,
    actor: Actor,
) -> VehiclePeriod:
    ends_at = fields.get("ends_at")
    taken = rules.overlaps(periods, starts_at, ends_at)
    if taken is not None:
        until = f" until {taken.ends_at:%Y-%m-%d %H:%M} UTC" if taken.ends_at else ", without an end"
        raise PeriodOverlaps(
            f"There is a {taken.kind.replace('_', ' ')} from {taken.starts_at:%Y-%m-%d %H:%M}{until}.",
            extra={"period": {"kind": taken.kind.value, "starts_at": taken.starts_at, "ends_at": taken.ends_at}},
        )
    period = VehiclePeriod(
        vehicle_id=vehicle.id,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=str(fields.get("reason") or ""),
        to_location_code=destination,
        created_by=actor.id,
    )
    session.add(period)
    return period


def _arrived_at(periods: list[VehiclePeriod], now: datetime) -> str | None:
    ended = [
        period for period in periods if period.kind is PeriodKind.TRANSFER and period.ends_at and period.ends_at <= now
    ]
    return max(ended, key=lambda period: period.starts_at).to_location_code if ended else None


def settle(vehicle: Vehicle, periods: list[VehiclePeriod], now: datetime) -> None:
    vehicle.state = rules.state_at(periods, now, vehicle.base_state)
    vehicle.next_change_at = rules.next_change(periods, now)
    vehicle.updated_at = now
