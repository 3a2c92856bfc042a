"""The planner in the JSON API."""

import msgspec

from app.core.values import Day, Id, Maybe, Timestamp


class PlanEntry(msgspec.Struct):
    """What a vehicle is busy with: a `booking`, a `hidden` booking outside one's scope, or a pause by its kind.

    `free_at` is when the vehicle is ready again after a booking; a pause without `ends_at` goes on. `late_risk` is the
    probability that a late return hits the next hire of the vehicle, told from 0.05 on.
    """

    kind: str
    starts_at: Timestamp
    ends_at: Maybe[Timestamp]
    free_at: Maybe[Timestamp]
    booking_id: Maybe[Id]
    reference: Maybe[str]
    driver_name: Maybe[str]
    class_code: Maybe[str]
    state: Maybe[str]
    pickup_location: Maybe[str]
    return_location: Maybe[str]
    is_overdue: bool
    late_risk: Maybe[float]
    reason: Maybe[str]


class PlanVehicleItem(msgspec.Struct):
    """A vehicle in service and what it is busy with."""

    id: Id
    plate: str
    title: str
    class_code: Maybe[str]
    location: str
    state: str
    entries: list[PlanEntry]


class PlanSheet(msgspec.Struct):
    """Some days of a fleet by the clocks of `time_zone`: vehicles in order, and the next bookings without a vehicle.

    `unassigned` names 300 of them at most, `unassigned_total` counts them all; the rest is in the list of bookings.
    """

    first_day: Day
    days: int
    time_zone: str
    starts_at: Timestamp
    ends_at: Timestamp
    branches: list[str]
    total: int
    page: int
    next_page: Maybe[int]
    vehicles: list[PlanVehicleItem]
    unassigned: list[PlanEntry]
    unassigned_total: int
