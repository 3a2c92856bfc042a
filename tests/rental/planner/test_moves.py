"""Moving bookings on the sheet: tried, refused with a reason, saved, swapped and taken back."""

from datetime import timedelta

import pytest

from app.core.actor import SYSTEM
from app.core.errors import InvalidFields
from app.rental.bookings.rules import BookingState
from app.rental.occupancy.services import VehicleTaken
from app.rental.planner.services import moves
from app.rental.planner.services.moves import NOWHERE, PriceChanged, Wish
from tests.factories.rental import make_booking, make_fleet, make_vehicle


def later(booking, *, pickup=0, back=0):
    return {
        "pickup_local": booking.pickup_local + timedelta(days=pickup),
        "return_local": booking.return_local + timedelta(days=back),
    }


async def refused(session, booking, wish):
    return (await moves.try_move(session, booking.id, wish, actor=SYSTEM)).refusal


class TestTryMove:
    async def test_tells_the_price_of_a_longer_hire_and_changes_nothing(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        wish = Wish(**later(booking, back=2), reason="Longer")
        outcome = await moves.try_move(session, booking.id, wish, actor=SYSTEM)
        assert (outcome.before.amount, outcome.after.amount, outcome.difference.amount) == (
            "234.00",
            "390.00",
            "156.00",
        )
        await session.refresh(booking)
        assert (booking.terms_number, booking.total.amount, booking.state) == (1, "234.00", "confirmed")

    async def test_says_what_has_the_vehicle_from_when_until_when(self, session):
        car, other = await make_fleet(session)
        taken = await make_booking(session, vehicle_id=other.id)
        booking = await make_booking(session)
        refusal = await refused(session, booking, Wish(str(other.id)))
        assert isinstance(refusal, VehicleTaken)
        assert refusal.extra["by"] == "booking"
        assert refusal.extra["from"] == taken.pickup_at
        assert refusal.extra["until"] >= taken.return_at
        assert await refused(session, booking, Wish(str(car.id))) is None

    async def test_the_pickup_of_a_hire_that_runs_stays(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        booking.state = BookingState.ON_HIRE
        await session.flush()
        assert isinstance(await refused(session, booking, Wish(**later(booking, pickup=1, back=1))), InvalidFields)
        assert (
            await refused(session, booking, Wish(return_local=later(booking, back=1)["return_local"], reason="x"))
            is None
        )


class TestMoveBooking:
    async def test_to_another_vehicle_and_another_time_at_once(self, session):
        car, other = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        await make_booking(session, vehicle_id=car.id, starts_on=(booking.return_local + timedelta(days=1)).date())
        wish = Wish(str(other.id), **later(booking, pickup=2, back=2), reason="Later flight")
        moved = await moves.move_booking(session, booking.id, wish, actor=SYSTEM)
        assert (moved.vehicle_id, moved.terms_number) == (other.id, 2)
        assert moved.pickup_local == wish.pickup_local

    async def test_refuses_another_price_than_was_shown(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        wish = Wish(**later(booking, back=1), reason="Longer")
        with pytest.raises(PriceChanged, match=r"It is 312\.00 EUR now"):
            await moves.move_booking(session, booking.id, wish, expected="300.00", actor=SYSTEM)

    async def test_gives_the_vehicle_back(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        assert (await moves.move_booking(session, booking.id, Wish(NOWHERE), actor=SYSTEM)).vehicle_id is None

    async def test_swaps_two_bookings(self, session):
        car, other = await make_fleet(session)
        one, two = [await make_booking(session, vehicle_id=each.id) for each in (car, other)]
        outcome = await moves.try_move(session, one.id, Wish(str(other.id), reason="Roof rack"), actor=SYSTEM)
        assert isinstance(outcome.refusal, VehicleTaken)
        assert outcome.swap_with is two
        await session.refresh(two)
        wish = Wish(str(other.id), swap_with=two.id, reason="Roof rack")
        await moves.move_booking(session, one.id, wish, actor=SYSTEM)
        await session.refresh(one)
        await session.refresh(two)
        assert (one.vehicle_id, two.vehicle_id) == (other.id, car.id)


class TestPages:
    async def test_shows_saves_and_takes_back(self, client_for, session):
        car, other = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_clerk")
        address = f"/bookings/{booking.id}/move"
        assert "Try it" in (await clerk.get(address)).text
        page = (await clerk.get(f"{address}?vehicle={other.id}&back=/planner?branch=TLL")).text
        for words in ("AAA 0", "AAA 1", "The price stays.", "Save the move"):
            assert words in page
        form = {"vehicle": str(other.id), "expected": "234.00", "back": "/planner?branch=TLL"}
        answer = await clerk.post(address, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/planner?branch=TLL")
        await session.refresh(booking)
        assert booking.vehicle_id == other.id
        shown = (await clerk.get("/planner?branch=TLL")).text
        token = shown.split('name="token" value="')[1].split('"')[0]
        assert (await clerk.post("/undo", data={"token": token})).status_code in (204, 303)
        await session.refresh(booking)
        assert booking.vehicle_id == car.id

    async def test_says_why_not(self, client_for, session):
        _, other = await make_fleet(session)
        await make_booking(session, vehicle_id=other.id)
        booking = await make_booking(session)
        dear = await make_vehicle(session, plate="BBB 1", acriss="PDAC", location="TLL")
        clerk = await client_for("fleet_clerk")
        address = f"/bookings/{booking.id}/move"
        page = (await clerk.get(f"{address}?vehicle={other.id}")).text
        assert "The vehicle is taken at that time" in page
        assert "by a booking from" in page
        assert "Save the move" not in page
        refused = await clerk.post(address, data={"vehicle": str(other.id)})
        assert (refused.status_code, "by a booking from" in refused.text) == (422, True)
        assert "Save the move" in (await clerk.get(f"{address}?vehicle={dear.id}")).text
        assert (await clerk.get(f"{address}?vehicle=nothing")).status_code == 422
        assert (await (await client_for("auditor")).get(address)).status_code == 403
