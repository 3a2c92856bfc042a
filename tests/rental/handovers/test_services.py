"""Handing a vehicle over and taking it back: every step kept, the last one whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import registry
from app.core.actor import SYSTEM
from app.core.crypto import decrypt
from app.core.errors import Forbidden, IllegalState, InvalidFields, StaleVersion
from app.payments.charges.rules import ChargeState, Purpose
from app.rental.bookings import services as bookings
from app.rental.bookings.rules import BookingState
from app.rental.damages import queries as damages
from app.rental.damages import services as damage_services
from app.rental.damages.models import DamageCase
from app.rental.damages.rules import CaseState, Party
from app.rental.handovers import services
from app.rental.handovers.rules import Direction, HandoverState
from app.rental.handovers.services import HandoverDone, Papers, StepsMissing
from app.rental.handovers.services.finishing import settlement_of
from app.rental.occupancy import services as occupancy
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.services import Reading, apply_periods
from tests.factories.staff import actor_of, make_staff
from tests.rental.handovers.conftest import KEYS, NOW


async def person(session, role):
    staff = await make_staff(session, roles=[role])
    return actor_of(staff, registry.permissions())


class TestCheckOut:
    async def test_the_vehicle_leaves_with_what_was_read_and_agreed(self, counter):
        await counter.book()
        done = await counter.hand_over()
        booking, car = await counter.hire(), await counter.car()
        assert (booking.state, booking.picked_up_at, done.state) == (BookingState.ON_HIRE, NOW, HandoverState.DONE)
        assert (car.state, car.odometer_km, car.fuel_level_percent) == (VehicleState.ON_HIRE, 42_010, 100)
        found = {each.purpose: each for each in await counter.charges()}
        assert (found[Purpose.HIRE].state, found[Purpose.HIRE].amount_minor) == (ChargeState.CAPTURED, 23_400)
        assert (found[Purpose.DEPOSIT].state, found[Purpose.DEPOSIT].held_minor) == (ChargeState.HELD, 30_000)
        assert done.agreed["deposit"] == {"amount": "300.00", "currency": "EUR"}

    async def test_every_device_gets_the_same_draft_and_charges_once(self, counter):
        await counter.book()
        first, second = await counter.begin(), await counter.begin()
        assert first.id == second.id
        assert len(await counter.charges()) == 2

    async def test_what_is_missing_is_named_and_nothing_happens(self, counter):
        await counter.book()
        await counter.begin()
        with pytest.raises(StepsMissing) as refused:
            await counter.complete()
        assert refused.value.extra["missing"] == ["driver", "condition", "deposit", "agreement"]
        assert (await counter.hire()).state is BookingState.CONFIRMED

    async def test_numbers_of_papers_are_sealed_and_need_not_be_typed_again(self, counter):
        await counter.book()
        made = await counter.begin()
        await counter.fill()
        kept = await counter.kept()
        assert b"EE1234567" not in kept.licence_number_sealed
        assert (kept.licence_number_masked[-4:], "EE1234" in kept.licence_number_masked) == ("4567", False)
        assert decrypt(KEYS, kept.licence_number_sealed, f"handover.licence_number/{made.id}") == "EE1234567"
        papers = Papers(None, "LV", kept.licence_expires_on)
        await services.save_driver(counter.session, made.id, papers=papers, keys=KEYS, version=None, actor=SYSTEM)
        assert (await counter.kept()).licence_country == "LV"
        shown = await services.reveal_licence(counter.session, made.id, keys=KEYS, actor=SYSTEM)
        assert shown == "EE1234567"

    async def test_who_saves_what_somebody_else_saved_meanwhile_is_told(self, counter):
        await counter.book()
        made = await counter.begin()
        seen = made.version
        for km, version in ((42_010, seen), (42_020, None)):
            await services.save_condition(
                counter.session, made.id, reading=Reading(km, 100), version=version, actor=SYSTEM
            )
        with pytest.raises(StaleVersion, match="Forecourt has saved a step meanwhile"):
            await services.save_condition(
                counter.session, made.id, reading=Reading(42_030, 100), version=seen, actor=SYSTEM
            )

    async def test_an_odometer_never_goes_back(self, counter):
        await counter.book()
        made = await counter.begin()
        with pytest.raises(InvalidFields, match="Not below the 42,000 km"):
            await services.save_condition(
                counter.session, made.id, reading=Reading(41_999, 100), version=None, actor=SYSTEM
            )

    async def test_marks_are_taken_back_only_where_they_were_made(self, counter):
        await counter.book()
        made = await counter.begin()
        fields = {"zone": "front_bumper", "kind": "scratch", "words": "10 cm", "x": 42, "y": 200}
        mark = await services.mark_damage(counter.session, made.id, fields=fields, actor=SYSTEM)
        old = await damage_services.add_mark(counter.session, counter.vehicle_id, fields=fields | {"zone": "roof"})
        assert [each.zone for each in await damages.list_marks(counter.session, counter.vehicle_id)] == [
            "front_bumper", "roof",
        ]  # fmt: skip
        await services.unmark_damage(counter.session, made.id, mark.id, actor=SYSTEM)
        with pytest.raises(Exception, match="There is nothing here"):
            await services.unmark_damage(counter.session, made.id, old.id, actor=SYSTEM)

    async def test_a_late_arrival_is_a_supervisors_decision(self, counter):
        await counter.book()
        counter.clock.move_to(NOW + timedelta(hours=3))
        await bookings.mark_no_show(counter.session, counter.booking.id, reason="Nobody came", actor=SYSTEM)
        await counter.begin()
        await counter.fill()
        clerk, manager = [await person(counter.session, role) for role in ("fleet_clerk", "fleet_manager")]
        with pytest.raises(Forbidden):
            async with counter.session.begin_nested():
                await services.complete(counter.session, counter.handover.id, version=None, actor=clerk)
        await services.complete(counter.session, counter.handover.id, version=None, actor=manager)
        assert (await counter.hire()).state is BookingState.ON_HIRE
        assert await occupancy.find_hold(counter.session, counter.booking.id) is not None
        found = {each.purpose: each.state for each in await counter.charges()}
        assert found[Purpose.NO_SHOW] is ChargeState.WAIVED

    async def test_a_vehicle_that_is_not_back_goes_on_being_on_hire(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at - timedelta(minutes=5))
        until = counter.booking.return_at + timedelta(minutes=40)
        assert await services.keep_overdue(counter.session, counter.vehicle_id, until)
        counter.clock.move_to(counter.booking.return_at + timedelta(minutes=1))
        await apply_periods(counter.session, counter.vehicle_id)
        assert (await counter.car()).state is VehicleState.ON_HIRE


class TestCheckIn:
    async def test_in_time_full_and_undamaged_costs_nothing_more(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at)
        await counter.begin(Direction.IN)
        await counter.fill(km=42_500)
        done = await counter.complete()
        booking, car = await counter.hire(), await counter.car()
        assert (booking.state, booking.total_minor) == (BookingState.RETURNED, 23_400)
        assert (car.state, car.odometer_km, car.location_code) == (VehicleState.IN_SERVICE, 42_500, "TLL")
        assert (done.agreed["driven_km"], done.agreed["charges"]) == (490, [])
        assert await occupancy.find_hold(counter.session, booking.id) is None
        with pytest.raises(HandoverDone):
            await counter.complete()

    async def test_a_day_late_with_half_a_tank_and_a_dent_is_charged_and_becomes_a_case(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at + timedelta(hours=20))
        made = await counter.begin(Direction.IN)
        fields = {"zone": "left_front_door", "kind": "dent"}
        mark = await services.mark_damage(counter.session, made.id, fields=fields, actor=SYSTEM)
        await counter.fill(km=43_000, fuel=50)
        await counter.complete()
        found = {each.purpose: each for each in await counter.charges()}
        assert (found[Purpose.LATE_RETURN].amount_minor, found[Purpose.FUEL].amount_minor) == (7_800, 6_400)
        assert (await counter.hire()).total_minor == 31_200
        (case,) = (await counter.session.execute(select(DamageCase))).scalars().all()
        assert (case.state, case.words) == (CaseState.OPEN, "Left front door: dent")
        assert [each.id for each in await damages.list_marks_of(counter.session, case.id)] == [mark.id]

    async def test_what_is_due_is_taken_from_the_deposit_and_the_rest_released(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at)
        await counter.begin(Direction.IN)
        await counter.fill(fuel=75)
        await counter.complete()
        await services.settle_from_deposit(counter.session, counter.handover.id, actor=SYSTEM)
        await counter.settle()
        found = {each.purpose: each for each in await counter.charges()}
        deposit, fuel = found[Purpose.DEPOSIT], found[Purpose.FUEL]
        assert (deposit.state, deposit.captured_minor) == (ChargeState.CAPTURED, 3_200)
        assert (fuel.state, fuel.covered_by_id) == (ChargeState.CAPTURED, deposit.id)
        await bookings.close_booking(counter.session, counter.booking.id, reason="Settled", actor=SYSTEM)

    async def test_a_day_early_is_given_back_by_those_who_may(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at - timedelta(hours=25))
        await counter.begin(Direction.IN)
        await counter.fill()
        found = await settlement_of(counter.session, await counter.kept(), SYSTEM)
        assert (found.give_back.minor, list(found.charges)) == (7_800, [])
        await counter.complete()
        assert (await counter.hire()).total_minor == 15_600

    async def test_a_hire_that_did_not_begin_cannot_end(self, counter):
        await counter.book()
        with pytest.raises(IllegalState):
            await counter.begin(Direction.IN)


class TestCase:
    async def test_is_estimated_charged_to_the_customer_and_closed(self, counter):
        await counter.book()
        await counter.hand_over()
        counter.clock.move_to(counter.booking.return_at)
        made = await counter.begin(Direction.IN)
        await services.mark_damage(counter.session, made.id, fields={"zone": "roof", "kind": "dent"}, actor=SYSTEM)
        await counter.fill()
        await counter.complete()
        (case,) = (await counter.session.execute(select(DamageCase))).scalars().all()
        price = counter.booking.total
        with pytest.raises(IllegalState):
            await damage_services.charge_case(counter.session, case.id, counter.booking, actor=SYSTEM)
        for party in (Party.THIRD_PARTY, Party.CUSTOMER):
            await damage_services.estimate_case(counter.session, case.id, amount=price, party=party, actor=SYSTEM)
        await damage_services.charge_case(counter.session, case.id, counter.booking, actor=SYSTEM)
        found = {each.purpose: each.amount_minor for each in await counter.charges()}
        assert found[Purpose.DAMAGE] == price.minor
        await damage_services.close_case(counter.session, case.id, reason="Mended", drop=False, actor=SYSTEM)
        assert case.state is CaseState.CLOSED
