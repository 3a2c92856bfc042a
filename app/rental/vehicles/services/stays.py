"""Keeping where a vehicle was in the fleet while it changes."""

from app.core import clock
from app.core.db import AsyncSession
from app.rental.vehicles import queries
from app.rental.vehicles.models import Vehicle, VehicleStay
from app.rental.vehicles.rules import VehicleState

PLACE = frozenset({"market", "location_code", "acriss"})
"""What of a vehicle says where in the fleet it is, while it is in service."""


async def follow(session: AsyncSession, vehicle: Vehicle) -> None:
    """End the stay that is over and begin the one that the vehicle has now; the vehicle is locked."""
    kept, now = await queries.find_stay(session, vehicle.id), clock.now()
    location, code = vehicle.location_code, vehicle.acriss
    is_in_service = vehicle.base_state is VehicleState.IN_SERVICE
    here = (vehicle.market, location, code) if is_in_service and location and code else None
    if kept and (kept.market, kept.location_code, kept.class_code) == here:
        return
    if kept and kept.starts_at == now:
        await session.delete(kept)
        await session.flush()
    elif kept:
        kept.ends_at = now
    if here:
        market, location, code = here
        session.add(
            VehicleStay(vehicle_id=vehicle.id, starts_at=now, market=market, location_code=location, class_code=code)
        )
