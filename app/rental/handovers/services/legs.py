"""The parts of a hire, one for each vehicle that it had, with what was read in them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.db import AsyncSession
from app.rental.bookings.models import VehicleSwap
from app.rental.bookings.services import hires
from app.rental.handovers import queries, rules
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Change, Direction, Gauges, Leg
from app.rental.vehicles.models import Vehicle


async def legs_of(session: AsyncSession, booking_id: UUID) -> list[Leg]:
    """The parts of a hire so far; the last one has no end before the check-in."""
    out = await queries.find_of(session, booking_id, Direction.OUT)
    back = await queries.find_of(session, booking_id, Direction.IN)
    swaps = await hires.list_swaps(session, booking_id)
    first = Leg(out.vehicle_id, read_at(out), is_battery=out.is_battery) if out else Leg(_first(swaps, back), Gauges())
    last_id = back.vehicle_id if back else swaps[-1].given_id if swaps else first.vehicle_id
    is_battery = back.is_battery if back else False
    return rules.legs(first, [_change(swap) for swap in swaps], last_id, read_at(back), is_battery=is_battery)


async def vehicle_names(session: AsyncSession, legs: Sequence[Leg]) -> Mapping[UUID | None, str]:
    """`123 ABC Skoda Octavia` by vehicle."""
    found = [await session.get(Vehicle, key) for key in {leg.vehicle_id for leg in legs} if key]
    return {each.id: " ".join(part for part in (each.plate, each.title) if part) for each in found if each}


def read_at(handover: Handover | None) -> Gauges:
    """What was read at a check-out or a check-in."""
    return Gauges(handover.odometer_km, handover.fuel_percent) if handover else Gauges()


def _first(swaps: Sequence[VehicleSwap], back: Handover | None) -> UUID | None:
    return swaps[0].taken_id if swaps else back.vehicle_id if back else None


def _change(swap: VehicleSwap) -> Change:
    return Change(
        swap.taken_id,
        Gauges(swap.taken_km, swap.taken_fuel_percent),
        swap.given_id,
        Gauges(swap.given_km, swap.given_fuel_percent),
        is_battery=swap.is_battery,
    )
