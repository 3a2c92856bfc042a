"""A vehicle that takes over during a hire: both are read, and the hire is charged for all of it."""

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.payments.charges.rules import Purpose
from app.rental.bookings import services as bookings
from app.rental.damages.models import DamageCase
from app.rental.handovers import services
from app.rental.handovers.rules import Direction
from app.rental.handovers.services import SwapWish
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.services import Reading, SwapReadings

MILEAGE = {
    "included_km_per_day": 100,
    "tiers": [{"from_km": 0, "to_km": 100, "price_per_km": "0.50"}, {"from_km": 101, "price_per_km": "1.00"}],
}


@pytest.fixture
async def swapped(counter):
    """A hire of three days that runs; `other` is the free vehicle of the branch."""
    await counter.book()
    await counter.hand_over()
    vehicles = select(Vehicle).where(Vehicle.id != counter.vehicle_id)
    counter.other = (await counter.session.execute(vehicles)).scalars().one()
    return counter


def priced_by_card(booking):
    terms = {"rate": {"blocks": [{"days": 1, "price": "78.00"}]}, "mileage": MILEAGE}
    card = {
        "card_id": str(booking.id), "card_name": "Summer", "version_number": 1, "market": "EE", "currency": "EUR",
        "acriss": "I***", "valid_from": "2026-01-01", "terms": terms,
    }  # fmt: skip
    booking.rate_snapshot = {"currency": "EUR", "card": card}


async def swap(counter, *, taken=None, given=None, marks=(), **values):
    readings = SwapReadings(taken, given, values.pop("location", None))
    wish = SwapWish(counter.other.id, values.pop("reason", "Broke down"), readings, marks)
    made = await services.swap_vehicle(counter.session, counter.booking.id, wish, actor=SYSTEM)
    counter.first_id, counter.vehicle_id = counter.vehicle_id, counter.other.id
    return made


async def come_back(counter, **read):
    counter.clock.move_to(counter.booking.return_at)
    await counter.begin(Direction.IN)
    await counter.fill(**read)
    return await counter.complete()


class TestSwapVehicle:
    async def test_the_one_is_back_in_service_and_the_other_on_hire_with_what_was_read(self, swapped):
        made = await swap(swapped, taken=Reading(42_310, 75), given=Reading(42_005, 88))
        taken, given = await swapped.session.get(Vehicle, made.taken_id), await swapped.car()
        assert (taken.state, taken.odometer_km, taken.fuel_level_percent) == (VehicleState.IN_SERVICE, 42_310, 75)
        assert (given.state, given.odometer_km, given.fuel_level_percent) == (VehicleState.ON_HIRE, 42_005, 88)
        assert (await swapped.hire()).vehicle_id == given.id

    async def test_kilometres_of_all_vehicles_are_one_hire_and_fuel_is_each_ones_own(self, swapped):
        priced_by_card(await swapped.hire())
        await swap(swapped, taken=Reading(42_310, 75), given=Reading(42_005, 100))
        done = await come_back(swapped, km=42_205, fuel=50)
        found = [each for each in await swapped.charges() if each.purpose not in (Purpose.HIRE, Purpose.DEPOSIT)]
        # 300 + 200 km driven, 300 included: 100 at 0.50 and 100 at 1.00; each vehicle alone had driven too little.
        assert [(each.purpose, each.amount_minor) for each in found] == [
            (Purpose.EXCESS_MILEAGE, 15_000), (Purpose.FUEL, 3_200), (Purpose.FUEL, 6_400),
        ]  # fmt: skip
        assert [leg["driven_km"] for leg in done.agreed["legs"]] == [300, 200]
        assert done.agreed["driven_km"] == 500

    async def test_what_nobody_read_costs_nothing_and_is_said(self, swapped):
        priced_by_card(await swapped.hire())
        await swap(swapped, given=Reading(42_000, 100))
        done = await come_back(swapped, km=42_900, fuel=100)
        assert [leg["driven_km"] for leg in done.agreed["legs"]] == [None, 900]
        assert [each["purpose"] for each in done.agreed["charges"]] == ["excess_mileage"]

    async def test_a_swap_without_a_counter_reads_nothing_and_charges_nothing(self, swapped):
        await bookings.assign_vehicle(
            swapped.session, swapped.booking.id, vehicle_id=swapped.other.id, reason="Broke down", actor=SYSTEM
        )
        swapped.vehicle_id = swapped.other.id
        done = await come_back(swapped, km=43_900, fuel=50)
        assert (done.vehicle_id, done.agreed["driven_km"], done.agreed["charges"]) == (swapped.other.id, 0, [])

    async def test_new_damage_becomes_a_case_of_the_one_that_is_taken_in(self, swapped):
        made = await swap(swapped, marks=[{"zone": "roof", "kind": "dent", "words": ""}])
        (case,) = (await swapped.session.execute(select(DamageCase))).scalars().all()
        assert (case.vehicle_id, case.words) == (made.taken_id, "Roof: dent")

    async def test_a_check_in_that_was_begun_forgets_what_was_read_in_the_other_one(self, swapped):
        made = await swapped.begin(Direction.IN)
        await swapped.fill(km=42_400)
        await swap(swapped, taken=Reading(42_400, 100), given=Reading(42_000, 100))
        kept = await swapped.kept()
        assert (kept.id, kept.vehicle_id, kept.odometer_km, kept.agreed_at) == (made.id, swapped.other.id, None, None)

    async def test_refuses_what_cannot_be(self, swapped):
        for readings in ({"taken": Reading(41_000)}, {"given": Reading(5)}, {"reason": " "}, {"location": "XXX"}):
            with pytest.raises(InvalidFields):
                async with swapped.session.begin_nested():
                    await swap(swapped, **readings)
        swapped.other = await swapped.car()
        with pytest.raises(Conflict, match="on the hire already"):
            await swap(swapped)

    async def test_refuses_before_the_hire_runs(self, counter):
        await counter.book()
        counter.other = await counter.car()
        with pytest.raises(IllegalState):
            await swap(counter)


class TestPageAndApi:
    async def test_guides_from_the_choice_to_the_readings(self, client_for, swapped):
        await swapped.session.commit()
        clerk, base = await client_for("fleet_clerk"), f"/bookings/{swapped.booking.id}"
        page = (await clerk.get(base)).text
        assert (f'href="{base}/vehicle-swaps/new"' in page, "Assign a vehicle" in page) == (True, False)
        address = f"{base}/vehicle-swaps"
        page = (await clerk.get(f"{address}/new")).text
        assert (swapped.other.plate in page, "Taken in" in page) == (True, False)
        assert "Taken in" in (await clerk.get(f"{address}/new?vehicle_id={swapped.other.id}")).text
        typed = {"vehicle_id": str(swapped.other.id), "taken_odometer_km": "42310", "taken_fuel": "6", "reason": ""}
        refused = await clerk.post(address, data=typed)
        assert (refused.status_code, "Say why the vehicle is swapped" in refused.text) == (422, True)
        assert 'value="42310"' in refused.text
        refused = await clerk.post(
            address, data=typed | {"reason": "x", "taken_odometer_km": "42310", "given_fuel": "8"}
        )
        assert "Read the odometer too" in refused.text
        assert (await clerk.post(address, data=typed | {"reason": "Broke down"})).status_code == 303
        page = (await clerk.get(base)).text
        assert "in (42,310 km)" in page
        assert "out (not read): Broke down" in page
        swapped.clock.move_to(swapped.booking.return_at)
        checked = (await clerk.post(f"{base}/check-in")).headers["location"]
        await clerk.post(f"{checked}/condition", data={"odometer_km": "42900", "fuel": "8", "location": "TLL"})
        page = (await clerk.get(checked)).text
        for words in ("300 km", "not charged: one end was not read", "2/8 of a tank missing", "Odometer, whole hire"):
            assert words in page

    async def test_a_counter_app_swaps(self, api_for, swapped):
        await swapped.session.commit()
        clerk, address = await api_for("fleet_clerk"), f"/bookings/{swapped.booking.id}/vehicle-swaps"
        body = {"vehicle_id": str(swapped.other.id), "reason": "Broke down", "taken": {"odometer_km": 42_310}}
        refused = await clerk.post(address, json=body | {"given": {"odometer_km": 1}})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/given/odometer_km")
        made = await clerk.post(address, json=body)
        assert (made.status_code, made.json()["taken"]["odometer_km"], "odometer_km" in made.json()["given"]) == (
            201, 42_310, False,
        )  # fmt: skip
        assert (await clerk.get(address)).json()["items"] == [made.json()]
        other = await api_for("fleet_clerk", markets=["LV"])
        assert (await other.get(address)).status_code == 404
