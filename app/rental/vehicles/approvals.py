"""What may happen to a vehicle only after somebody else has agreed: large changes of price, and retirement."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import SYSTEM, Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.rental.vehicles import rules
from app.rental.vehicles.models import Vehicle

PRICE_PERMISSION, RETIREMENT_PERMISSION = "vehicles.approve_price", "vehicles.approve_retirement"
DECIDERS = (Role.FLEET_MANAGER, Role.ADMIN)
MANAGERS_MOST_MINOR = {
    "EUR": 25_000, "GBP": 22_000, "CHF": 25_000, "DKK": 190_000, "NOK": 290_000, "SEK": 280_000, "PLN": 110_000,
    "CZK": 630_000, "HUF": 10_000_000, "RON": 125_000, "MXN": 500_000,
}  # fmt: skip
"""The day price up to which a fleet manager agrees, set for each currency by itself; nothing is converted."""


async def _lock(session: AsyncSession, vehicle_id: UUID) -> Vehicle | None:
    return await session.get(Vehicle, vehicle_id, with_for_update=True, populate_existing=True)


def _name(vehicle: Vehicle) -> str:
    return " ".join(part for part in (vehicle.title, vehicle.plate or vehicle.fleet_number) if part)


def _priced(vehicle: Vehicle) -> Mapping[str, Any]:
    """What a price rests on: which car it is, of which class, in which market, and what it costs now."""
    named = ("make", "model", "year", "acriss", "market", "plate", "vin")
    is_retired = vehicle.base_state is rules.VehicleState.RETIRED
    return {name: getattr(vehicle, name) for name in named} | {"day_price": vehicle.day_price, "is_retired": is_retired}


def _in_fleet(vehicle: Vehicle) -> Mapping[str, Any]:
    """What a retirement rests on: which car it is, where it stands, and what is done with it."""
    named = ("make", "model", "market", "location_code", "plate", "vin", "state", "base_state")
    return {name: getattr(vehicle, name) for name in named}


PRICE_CHANGE = ApprovalTerms(
    key="vehicle.price_change",
    title="Price change",
    subject_kind=Vehicle.record_kind,
    seen_with="vehicles.view",
    decided_with=PRICE_PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_priced,
    name=_name,
    limits={
        Role.FLEET_MANAGER: MANAGERS_MOST_MINOR,
        Role.ADMIN: dict.fromkeys(MANAGERS_MOST_MINOR),
    },
)
RETIREMENT = ApprovalTerms(
    key="vehicle.retirement",
    title="Retirement",
    subject_kind=Vehicle.record_kind,
    seen_with="vehicles.view",
    decided_with=RETIREMENT_PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_in_fleet,
    name=_name,
    expires_after=timedelta(days=14),
)
ALL = (PRICE_CHANGE, RETIREMENT)


def is_exempt(actor: Actor) -> bool:
    """Whether nobody has to agree: the system carries out plans that people have made."""
    return actor == SYSTEM


def needs_consent(vehicle: Vehicle, fields: Mapping[str, Any], actor: Actor) -> bool:
    """Whether the day price among these fields is one that somebody else has to agree to."""
    return (
        not is_exempt(actor)
        and "day_price" in fields
        and rules.is_large_price_change(vehicle.day_price, fields["day_price"])
    )


async def request_price(session: AsyncSession, vehicle: Vehicle, price: Money | None, *, actor: Actor) -> Approval:
    """Ask for another day price; the amount that limits are about is the larger of the two."""
    before = vehicle.day_price
    known = [money for money in (price, before) if money is not None]
    amount = max(known, key=lambda money: money.minor) if len({money.currency for money in known}) == 1 else known[0]
    return await approvals.request_approval(
        session,
        kind=PRICE_CHANGE,
        subject=vehicle,
        payload={"day_price": price},
        changes={"day_price": (before, price)},
        amount=amount,
        actor=actor,
    )


async def request_retirement(session: AsyncSession, vehicle: Vehicle, *, reason: str, actor: Actor) -> Approval:
    """Ask for a vehicle to be taken out of the fleet for good."""
    return await approvals.request_approval(
        session,
        kind=RETIREMENT,
        subject=vehicle,
        payload={"reason": reason},
        changes={"state": (vehicle.state, rules.VehicleState.RETIRED)},
        why=reason,
        actor=actor,
    )


async def void_changed(session: AsyncSession, vehicle: Vehicle, *, actor: Actor) -> None:
    """Close what was asked about the vehicle as it was before this change."""
    await approvals.void_changed(session, vehicle, ALL, actor=actor)
