"""A counter: a booking of today with its vehicle, and the steps of handing it over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.core.actor import SYSTEM
from app.payments.charges import services as charges
from app.payments.charges.models import Charge
from app.rental.bookings.models import Booking
from app.rental.handovers import queries, services
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Direction
from app.rental.handovers.services import Papers
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import Reading
from tests.factories.rental import make_booking, make_fleet

NOW = datetime(2026, 6, 10, 7, tzinfo=UTC)
KEYS = (bytes(range(32)),)


@pytest.fixture(autouse=True)
def june():
    """The morning of the pick-up, 10:00 in Tallinn."""
    with time_machine.travel(NOW - timedelta(days=3), tick=False) as clock:
        yield clock


class Counter:
    """Somebody who hands vehicles over, with a provider that answers."""

    def __init__(self, desk, clock):
        self.desk, self.session, self.clock = desk, desk.session, clock

    async def book(self, **values: Any) -> Booking:
        fleet = await make_fleet(self.session, odometer_km=42_000)
        values.setdefault("vehicle_id", fleet[0].id)
        day = {"location": "TLL"}
        self.booking = await make_booking(
            self.session,
            pickup=day | {"local": datetime(2026, 6, 10, 10)},  # noqa: DTZ001 - wall times
            back=day | {"local": datetime(2026, 6, 13, 10)},  # noqa: DTZ001
            **values,
        )
        self.vehicle_id = fleet[0].id
        await self.session.commit()
        self.clock.move_to(NOW)
        return self.booking

    async def begin(self, direction: Direction = Direction.OUT) -> Handover:
        self.handover = await services.open_handover(self.session, self.booking.id, direction, actor=SYSTEM)
        return self.handover

    async def fill(self, *, km: int = 42_010, fuel: int = 100) -> Handover:
        """Every step but the last."""
        key, session = self.handover.id, self.session
        if self.handover.direction is Direction.OUT:
            papers = Papers("EE1234567", "EE", datetime(2030, 1, 1, tzinfo=UTC).date())
            await services.save_driver(session, key, papers=papers, keys=KEYS, version=None, actor=SYSTEM)
            await services.save_vehicle(
                session, key, vehicle_id=self.vehicle_id, reason=None, version=None, actor=SYSTEM
            )
        await services.save_condition(session, key, reading=Reading(km, fuel), version=None, actor=SYSTEM)
        if self.handover.direction is Direction.OUT:
            await services.secure_deposit(session, key, payment_token="tok_good", with_hire=True, actor=SYSTEM)
            await self.settle()
        await services.agree(
            session, key, signature="[[[1,1],[50,40]]]", signed_name="Liis Tamm", is_accepted=True, version=None,
            actor=SYSTEM,
        )  # fmt: skip
        return await self.kept()

    async def complete(self) -> Handover:
        return await services.complete(self.session, self.handover.id, version=None, actor=SYSTEM)

    async def hand_over(self, **values: Any) -> Handover:
        await self.begin()
        await self.fill(**values)
        return await self.complete()

    async def settle(self) -> None:
        """The worker asks the provider about everything that is open."""
        await self.session.commit()
        for charge in await self.charges():
            if await self.desk.operations(charge):
                await self.desk.settle(charge)
        self.session.expunge_all()

    async def charges(self) -> list[Charge]:
        return list(await charges.list_about(self.session, "booking", self.booking.id))

    async def kept(self) -> Handover:
        self.session.expunge_all()
        found = await queries.find_handover(self.session, self.handover.id, SYSTEM)
        assert found is not None
        return found

    async def car(self) -> Vehicle:
        found = await self.session.get(Vehicle, self.vehicle_id, populate_existing=True)
        assert found is not None
        return found

    async def hire(self) -> Booking:
        found = await self.session.get(Booking, self.booking.id, populate_existing=True)
        assert found is not None
        return found


@pytest.fixture
def counter(desk, june) -> Counter:
    return Counter(desk, june)
