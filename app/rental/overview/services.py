"""Collects the numbers of a person's fleet."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.rental.overview import queries
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.rules import DUE_SOON_DAYS, VehicleState

LONG_TRANSIT = timedelta(days=3)
COMPARED = timedelta(days=7)
MOST_LINES = 10
KEPT = [state.value for state in VehicleState if state is not VehicleState.RETIRED]


def lists(today: date) -> dict[str, Mapping[str, Sequence[str]]]:
    """The filters behind each number. A document is over on the day after its last."""
    return {
        "fleet": {"state": [state for state in KEPT if state != VehicleState.ORDERED]},
        "in_service": {"state": ["in_service"]},
        "over": {"due_before": [today.isoformat()], "state": KEPT},
        "due": {"due_before": [(today + timedelta(days=DUE_SOON_DAYS + 1)).isoformat()], "state": KEPT},
        "in_maintenance": {"state": ["in_maintenance"]},
        "in_transit": {"state": ["in_transit"]},
    }


async def count_lists(reads: ReadPool, actor: Actor, today: date) -> dict[str, int]:
    """How long each of the lists is."""
    return {name: await vehicles.count_listed(reads, filters, actor) for name, filters in lists(today).items()}


async def count_compared(reads: ReadPool, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many were in maintenance a week ago, and how many have been in transit for long."""
    before = await queries.count_in_maintenance(reads, actor, now - COMPARED)
    return before, await queries.count_long_transits(reads, actor, now - LONG_TRANSIT)


async def list_documents_over(reads: ReadPool, actor: Actor, today: date) -> list[tuple[Any, ...]]:
    """The vehicles whose documents ended longest ago."""
    return await queries.list_documents_over(reads, actor, today, MOST_LINES)


async def list_long_transits(reads: ReadPool, actor: Actor, now: datetime) -> list[tuple[Any, ...]]:
    """The vehicles that have been in transit for longest."""
    return await queries.list_long_transits(reads, actor, now - LONG_TRANSIT, MOST_LINES)
