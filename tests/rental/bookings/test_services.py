"""Booking, amending, assigning and cancelling, each with what it holds."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import event

from app.core import registry
from app.core.actor import SYSTEM
from app.core.errors import Forbidden, IllegalState, InvalidFields, NotFound
from app.kit.money import Money
from app.payments.charges import services as charges
from app.rental.bookings import queries, rules, services
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services.moves import NotOurFleet, TooEarly
from app.rental.bookings.services.pricing import NoPrice
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.services import ClassSoldOut, VehicleTaken
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_card_in_force, make_fleet, make_location, make_vehicle
from tests.factories.staff import actor_of, make_staff

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def end(day, hour=10, location="TLL"):
    return {"location": location, "local": datetime.fromisoformat(f"2026-06-{day:02}T{hour:02}:00")}


def fields_of(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


async def clerk_of(session, market):
    staff = await make_staff(session, roles=["fleet_clerk"], markets=[market])
    return actor_of(staff, registry.permissions())


async def hold_of(session, booking):
    return await occupancy.find_hold(session, booking.id)


class TestCreate:
    async def test_is_confirmed_priced_and_holds_its_class(self, session):
        await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13))
        assert (booking.state, booking.source, booking.market) == ("confirmed", "own", "EE")
        assert booking.reference.startswith("BK-")
        assert booking.total == Money(23400, "EUR")
        assert [line["explanation"] for line in booking.price_lines] == ["3 days at 78.00"]
        assert booking.pickup_at == datetime(2026, 6, 10, 7, tzinfo=UTC)
        hold = await hold_of(session, booking)
        assert (hold.vehicle_id, hold.class_code, hold.starts_at) == (None, "IWMD", booking.pickup_at)

    async def test_takes_a_vehicle_at_once_when_one_is_named(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        assert booking.vehicle_id == car.id
        with pytest.raises(VehicleTaken):
            await make_booking(session, vehicle_id=car.id)

    async def test_the_turnaround_of_the_return_branch_is_held(self, session):
        await make_fleet(session)
        await make_location(session, "TAY", opening_hours=HOURS, turnaround_minutes=45)
        booking = await make_booking(session, pickup=end(10), back=end(13, location="TAY"))
        hold = await hold_of(session, booking)
        assert hold.free_at - hold.ends_at == timedelta(minutes=45)

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"pickup": end(10, 7)}, [("pickup.local", "closed")]),
            ({"back": end(13, 20)}, [("return.local", "closed")]),
            ({"pickup": end(10, 7), "back": end(13, 23)}, [("pickup.local", "closed"), ("return.local", "closed")]),
            ({"back": end(10, 10)}, [("return.local", "out_of_range")]),
            ({"back": end(9)}, [("return.local", "out_of_range")]),
            ({"pickup": end(10, location="RIX")}, [("pickup.location", "unknown_location")]),
            (
                {"pickup": {"location": "TLL", "local": datetime.fromisoformat("2026-05-30T10:00")}},
                [("pickup.local", "out_of_range")],
            ),
            ({"customer_id": uuid4()}, [("customer_id", "unknown_customer")]),
        ],
    )
    async def test_names_what_is_refused(self, session, change, expected):
        await make_fleet(session)
        with pytest.raises(InvalidFields) as refused:
            await make_booking(session, **({"pickup": end(10), "back": end(13)} | change))
        assert fields_of(refused) == expected

    async def test_refuses_a_class_that_is_sold_out_or_has_no_price(self, session):
        await make_fleet(session, 1)
        await make_booking(session)
        with pytest.raises(ClassSoldOut):
            await make_booking(session)
        with pytest.raises(NoPrice):
            await make_booking(session, class_code="CDMR")

    async def test_refuses_a_branch_outside_the_scope(self, session):
        await make_fleet(session)
        clerk = await clerk_of(session, "LV")
        with pytest.raises(Forbidden):
            await make_booking(session, actor=clerk)


class TestCancel:
    @pytest.mark.parametrize(("hours", "fee"), [(49, 0), (48, 0), (47, 11700), (0, 11700), (-1, 23400)])
    async def test_freezes_the_fee_of_the_moment_and_gives_back_what_it_held(self, session, june, hours, fee):
        await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13))
        june.move_to(booking.pickup_at - timedelta(hours=hours))
        await services.cancel_booking(session, booking.id, reason="Other plans", actor=SYSTEM)
        assert (booking.state, booking.fee) == (BookingState.CANCELLED, Money(fee, "EUR"))
        assert await hold_of(session, booking) is None
        planned = await charges.list_about(session, "booking", booking.id)
        assert [(each.purpose, each.amount_minor) for each in planned] == [("cancellation_fee", fee)] * (fee > 0)

    async def test_needs_a_reason_and_the_right_state(self, session):
        await make_fleet(session)
        booking = await make_booking(session)
        with pytest.raises(InvalidFields):
            await services.cancel_booking(session, booking.id, reason=" ", actor=SYSTEM)
        await services.cancel_booking(session, booking.id, reason="Other plans", actor=SYSTEM)
        with pytest.raises(IllegalState) as refused:
            await services.cancel_booking(session, booking.id, reason="Again", actor=SYSTEM)
        assert refused.value.extra == {"state": "cancelled"}

    async def test_a_suppliers_car_is_not_given_a_vehicle_of_ours(self, session):
        await make_fleet(session)
        booking = await make_booking(session)
        booking.source = Source.SUPPLIER
        with pytest.raises(NotOurFleet):
            await services.assign_vehicle(session, booking.id, vehicle_id=uuid4(), actor=SYSTEM)


class TestNoShow:
    async def test_waits_for_the_hold_window(self, session, june):
        await make_fleet(session)
        booking = await make_booking(session)
        june.move_to(booking.pickup_at + rules.HOLD_WINDOW - timedelta(seconds=1))
        with pytest.raises(TooEarly):
            await services.mark_no_show(session, booking.id, reason="Not here", actor=SYSTEM)
        june.shift(1)
        await services.mark_no_show(session, booking.id, reason="Not here", actor=SYSTEM)
        assert (booking.state, booking.fee) == (BookingState.NO_SHOW, booking.total)
        assert await hold_of(session, booking) is None
        with pytest.raises(services.ChargesOpen, match="no-show fee") as refused:
            await services.close_booking(session, booking.id, reason="Charged", actor=SYSTEM)
        (fee,) = await charges.list_about(session, "booking", booking.id)
        assert refused.value.extra["charges"][0]["href"] == f"/api/v1/charges/{fee.id}"
        await charges.waive_charge(session, fee.id, reason="A good customer", actor=SYSTEM)
        await services.close_booking(session, booking.id, reason="Charged", actor=SYSTEM)
        await services.dispute_booking(session, booking.id, reason="Was there", actor=SYSTEM)
        await services.close_booking(session, booking.id, reason="Agreed", actor=SYSTEM)
        assert booking.state is BookingState.CLOSED


class TestVehicle:
    async def test_is_assigned_changed_and_taken_away(self, session):
        first, second = await make_fleet(session)
        booking = await make_booking(session)
        await services.assign_vehicle(session, booking.id, vehicle_id=first.id, actor=SYSTEM)
        await services.assign_vehicle(session, booking.id, vehicle_id=second.id, actor=SYSTEM)
        assert (await hold_of(session, booking)).vehicle_id == booking.vehicle_id == second.id
        await services.remove_vehicle(session, booking.id, actor=SYSTEM)
        hold = await hold_of(session, booking)
        assert (booking.vehicle_id, hold.vehicle_id, hold.class_code) == (None, None, "IWMD")

    async def test_another_class_and_a_swap_need_a_reason(self, session):
        car, _ = await make_fleet(session)
        better = await make_vehicle(session, acriss="PWAD", location="TLL", plate="PPP 1")
        booking = await make_booking(session)
        with pytest.raises(InvalidFields) as refused:
            await services.assign_vehicle(session, booking.id, vehicle_id=better.id, actor=SYSTEM)
        assert fields_of(refused) == [("reason", "required")]
        await services.assign_vehicle(session, booking.id, vehicle_id=better.id, reason="Upgrade", actor=SYSTEM)
        booking.state = BookingState.ON_HIRE
        with pytest.raises(InvalidFields):
            await services.assign_vehicle(session, booking.id, vehicle_id=car.id, actor=SYSTEM)
        await services.assign_vehicle(session, booking.id, vehicle_id=car.id, reason="Broke down", actor=SYSTEM)
        assert booking.vehicle_id == car.id

    async def test_a_taken_one_is_refused_and_nothing_changes(self, session):
        first, second = await make_fleet(session)
        await make_booking(session, vehicle_id=first.id)
        booking = await make_booking(session, vehicle_id=second.id)
        with pytest.raises(VehicleTaken):
            await services.assign_vehicle(session, booking.id, vehicle_id=first.id, actor=SYSTEM)
        assert (await hold_of(session, booking)).vehicle_id == second.id

    async def test_a_vehicle_outside_the_scope_is_not_found(self, session):
        await make_fleet(session)
        other = await make_vehicle(session, market="LV", acriss="IWMD", plate="LV 1")
        booking = await make_booking(session)
        clerk = await clerk_of(session, "EE")
        with pytest.raises(NotFound):
            await services.assign_vehicle(session, booking.id, vehicle_id=other.id, actor=clerk)


class TestAmend:
    async def test_prices_anew_keeps_the_old_terms_and_its_vehicle(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13), vehicle_id=car.id)
        change = {"back": end(15), "reason": "Longer"}
        await services.amend_booking(session, booking.id, fields=change, actor=SYSTEM)
        assert (booking.state, booking.total, booking.terms_number) == ("confirmed", Money(39000, "EUR"), 2)
        (earlier,) = await queries.list_terms(session, booking.id)
        assert (earlier.number, earlier.total) == (1, Money(23400, "EUR"))
        assert earlier.terms["return_local"] == "2026-06-13T10:00:00"
        hold = await hold_of(session, booking)
        assert (hold.vehicle_id, hold.ends_at) == (car.id, booking.return_at)

    async def test_another_class_gives_the_vehicle_back(self, session):
        car, _ = await make_fleet(session)
        await make_vehicle(session, acriss="CDMR", location="TLL", plate="CCC 1", day_price=Money(5000, "EUR"))
        booking = await make_booking(session, vehicle_id=car.id)
        await services.amend_booking(
            session, booking.id, fields={"class_code": "CDMR", "reason": "Smaller"}, actor=SYSTEM
        )
        hold = await hold_of(session, booking)
        assert (booking.vehicle_id, hold.vehicle_id, hold.class_code) == (None, None, "CDMR")
        assert booking.total == Money(15000, "EUR")

    async def test_is_refused_by_the_next_booking(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13), vehicle_id=car.id)
        await make_booking(session, pickup=end(14), back=end(16), vehicle_id=car.id)
        change = {"back": end(15), "reason": "Longer"}
        with pytest.raises(VehicleTaken):
            await services.amend_booking(session, booking.id, fields=change, actor=SYSTEM)

    async def test_a_running_hire_is_extended_only(self, session, june):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13), vehicle_id=car.id)
        with pytest.raises(IllegalState):
            await services.extend_booking(session, booking.id, fields={"back": end(14), "reason": "x"}, actor=SYSTEM)
        booking.state = BookingState.ON_HIRE
        june.move_to(datetime(2026, 6, 12, tzinfo=UTC))
        await services.extend_booking(session, booking.id, fields={"back": end(14), "reason": "Likes it"}, actor=SYSTEM)
        assert (booking.state, booking.total) == (BookingState.ON_HIRE, Money(31200, "EUR"))
        with pytest.raises(IllegalState):
            await services.amend_booking(session, booking.id, fields={"back": end(16), "reason": "x"}, actor=SYSTEM)

    async def test_a_pick_up_that_is_moved_away_leaves_due_what_was_due(self, session, june):
        await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13))
        june.move_to(booking.pickup_at - timedelta(hours=20))
        change = {"pickup": end(24), "back": end(25), "reason": "Later and shorter"}
        seen = await services.preview_change(session, booking.id, move="amendment", fields=change, actor=SYSTEM)
        assert (seen.fee_before, seen.fee) == (Money(11700, "EUR"), Money(11700, "EUR"))
        await services.amend_booking(session, booking.id, fields=change, actor=SYSTEM)
        assert (booking.total, booking.windows) == (Money(7800, "EUR"), seen.windows)
        june.shift(timedelta(days=3))
        await services.amend_booking(session, booking.id, fields={"back": end(28), "reason": "Longer"}, actor=SYSTEM)
        assert (booking.total, booking.terms_number) == (Money(31200, "EUR"), 3)
        await services.cancel_booking(session, booking.id, reason="Not at all", actor=SYSTEM)
        assert booking.fee == Money(11700, "EUR")

    async def test_the_same_terms_change_nothing(self, session, june):
        await make_fleet(session)
        booking = await make_booking(session, pickup=end(10), back=end(13))
        june.move_to(booking.pickup_at - timedelta(hours=20))
        await services.amend_booking(session, booking.id, fields={"back": end(13), "reason": "x"}, actor=SYSTEM)
        assert (booking.terms_number, await queries.list_terms(session, booking.id)) == (1, [])


class TestUpgrade:
    async def test_promises_another_class_for_the_price_that_was_agreed(self, session):
        car, _ = await make_fleet(session)
        await make_vehicle(session, acriss="PDMR", location="TLL", plate="PPP 1", day_price=Money(20000, "EUR"))
        booking = await make_booking(session, vehicle_id=car.id)
        with pytest.raises(InvalidFields) as refused:
            await services.upgrade_booking(session, booking.id, class_code="iwmd", reason="Sold out", actor=SYSTEM)
        assert fields_of(refused) == [("class_code", "same")]
        await services.upgrade_booking(session, booking.id, class_code="pdmr", reason="Sold out", actor=SYSTEM)
        assert (booking.class_code, booking.total, booking.vehicle_id) == ("PDMR", Money(23400, "EUR"), None)
        hold = await hold_of(session, booking)
        assert (hold.class_code, hold.vehicle_id) == ("PDMR", None)
        (earlier,) = await queries.list_terms(session, booking.id)
        assert (earlier.terms["class_code"], earlier.reason) == ("IWMD", "Sold out")
        with pytest.raises(ClassSoldOut):
            await make_booking(session, class_code="PDMR")


class TestCost:
    async def test_a_booking_takes_few_statements(self, session):
        """B4: with the token's, the one that claims an Idempotency-Key and the one that keeps its answer, fourteen."""
        await make_fleet(session, 5)
        await make_card_in_force(session)
        customer = await make_customer(session)
        session.expunge_all()
        seen: list[str] = []
        connection = (await session.connection()).sync_connection

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        try:
            await make_booking(session, customer=customer)
            await session.flush()
        finally:
            event.remove(connection, "before_cursor_execute", note)
        assert len([statement for statement in seen if "SAVEPOINT" not in statement]) <= 11, "\n".join(seen)
