"""Holding vehicles and promising classes, over the real constraint."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
import time_machine

from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.rental.locations.services import by_codes
from app.rental.occupancy import services, writes
from app.rental.occupancy.rules import Obstacle, Stay
from app.rental.occupancy.services import ClassSoldOut, VehicleTaken
from app.rental.vehicles import services as vehicles
from tests.factories.rental import make_location, make_vehicle

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
CLASS = "IWMD"


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False):
        yield


def at(hours):
    return NOW + timedelta(hours=hours)


def stay(start, end, *, turnaround=0, pickup="TLL", back="TLL"):
    return Stay(pickup, back, at(start), at(end), at(end + turnaround))


async def fleet(session, count=1):
    await make_location(session, "TLL")
    await make_location(session, "RIX", market="LV", country="LV")
    return [await make_vehicle(session, plate=f"AAA {number}", acriss=CLASS, location="TLL") for number in range(count)]


async def occupy(session, vehicle, wanted, holder=None):
    holder = holder or uuid4()
    await services.occupy(session, holder, vehicle.id, CLASS, wanted, actor=SYSTEM)
    return holder


class TestOccupy:
    async def test_a_return_frees_the_same_minute_without_turnaround(self, session):
        (car,) = await fleet(session)
        await occupy(session, car, stay(10, 20))
        await occupy(session, car, stay(20, 30))
        await occupy(session, car, stay(0, 10))

    async def test_turnaround_keeps_it_from_the_next(self, session):
        (car,) = await fleet(session)
        await occupy(session, car, stay(10, 20, turnaround=0.5))
        with pytest.raises(VehicleTaken, match="There is a booking from 2026-06-01 16:00 until 2026-06-02 02:30 UTC"):
            await occupy(session, car, stay(20, 30))
        await occupy(session, car, stay(20.5, 30))

    async def test_the_constraint_decides_even_where_nobody_looked(self, session):
        (car,) = await fleet(session)
        await occupy(session, car, stay(10, 20))
        for wanted in (stay(10, 20), stay(5, 11), stay(19, 40), stay(12, 13), stay(0, 40)):
            row = services._held(uuid4(), CLASS, wanted, car.id)
            assert not await writes.add(session, row)
        assert await writes.add(session, services._held(uuid4(), CLASS, stay(20, 21), car.id))

    async def test_a_year_is_one_row(self, session):
        (car,) = await fleet(session)
        holder = await occupy(session, car, stay(0, 365 * 24))
        with pytest.raises(VehicleTaken):
            await occupy(session, car, stay(200 * 24, 201 * 24))
        assert (await services.find_hold(session, holder)).stay == stay(0, 365 * 24)

    async def test_days_on_which_clocks_change(self, session):
        (car,) = await fleet(session)
        spring = Stay(
            "TLL", "TLL", *(datetime(2027, 3, day, hour, tzinfo=UTC) for day, hour in ((27, 8), (28, 7), (28, 7)))
        )
        await occupy(session, car, spring)  # 10:00 to 10:00 in Tallinn, 23 hours
        following = Stay(
            "TLL", "TLL", spring.free_at, spring.free_at + timedelta(hours=5), spring.free_at + timedelta(hours=5)
        )
        await occupy(session, car, following)

    async def test_blocks_and_maintenance_stand_in_the_way(self, session):
        (car,) = await fleet(session)
        fields = {"reason": "Tyres", "starts_at": at(12), "ends_at": at(14)}
        await vehicles.move_vehicle(session, car.id, "maintenance", fields=fields, actor=SYSTEM)
        with pytest.raises(VehicleTaken) as refused:
            await occupy(session, car, stay(10, 13))
        assert refused.value.extra["by"] == "maintenance"
        await occupy(session, car, stay(14, 20))

    async def test_a_retired_vehicle_is_not_given(self, session):
        (car,) = await fleet(session)
        await vehicles.move_vehicle(session, car.id, "retirement", fields={"reason": "Sold"}, actor=SYSTEM)
        with pytest.raises(IllegalState, match="retired"):
            await occupy(session, car, stay(10, 20))

    async def test_another_vehicle_frees_the_first(self, session):
        first, second = await fleet(session, 2)
        holder = await occupy(session, first, stay(10, 20))
        await occupy(session, second, stay(10, 20), holder)
        await occupy(session, first, stay(12, 15))


class TestMove:
    async def test_never_meets_itself(self, session):
        (car,) = await fleet(session)
        holder = await occupy(session, car, stay(10, 20))
        for wanted in (stay(12, 22), stay(11, 13), stay(5, 40), stay(10, 20)):
            await services.move(session, holder, wanted)
            assert (await services.find_hold(session, holder)).stay == wanted

    async def test_is_refused_by_the_next_and_changes_nothing(self, session):
        (car,) = await fleet(session)
        holder = await occupy(session, car, stay(10, 20))
        await occupy(session, car, stay(24, 30))
        with pytest.raises(VehicleTaken):
            await services.move(session, holder, stay(10, 25))
        assert (await services.find_hold(session, holder)).stay == stay(10, 20)
        await services.move(session, holder, stay(10, 24))

    async def test_a_released_time_is_free(self, session):
        (car,) = await fleet(session)
        holder = await occupy(session, car, stay(10, 20))
        await services.release(session, holder)
        assert await services.find_hold(session, holder) is None
        await occupy(session, car, stay(10, 20))


class TestFreeVehicles:
    async def test_are_at_the_branch_then_and_free(self, session):
        here, busy, away, coming, blocked = await fleet(session, 5)
        await occupy(session, busy, stay(8, 12))
        await occupy(session, away, stay(1, 5, back="RIX"))
        coming.location_code = "RIX"
        await occupy(session, coming, stay(1, 5, pickup="RIX"))
        await vehicles.move_vehicle(session, blocked.id, "block", fields={"reason": "Keys"}, actor=SYSTEM)
        found = await services.judge_vehicles(session, stay(10, 20))
        assert {judged.vehicle.plate: judged.obstacle for judged in found} == {
            "AAA 0": None,
            "AAA 1": Obstacle.OCCUPIED,
            "AAA 2": Obstacle.ELSEWHERE,
            "AAA 3": None,
            "AAA 4": Obstacle.PAUSED,
        }
        free = await services.free_vehicles(session, stay(10, 20), class_code=CLASS)
        assert [each.id for each in free] == [here.id, coming.id]
        assert await services.free_vehicles(session, stay(10, 20), class_code="CDMR") == []


class TestPromise:
    async def test_is_refused_when_the_class_is_sold_out(self, session):
        await fleet(session, 2)
        for _ in range(2):
            await services.promise(session, uuid4(), CLASS, stay(10, 20))
        with pytest.raises(ClassSoldOut) as refused:
            await services.promise(session, uuid4(), CLASS, stay(15, 25))
        assert refused.value.extra == {"free": 2, "promised": 2, "limit": 0}
        await services.promise(session, uuid4(), CLASS, stay(20, 25))

    async def test_the_limit_allows_more_than_there_is(self, session):
        await fleet(session)
        location = (await by_codes(session, {"TLL"}))["TLL"]
        await services.set_overbooking_limit(session, location, class_code="iwmd", limit=1, actor=SYSTEM)
        for _ in range(2):
            await services.promise(session, uuid4(), CLASS, stay(10, 20))
        with pytest.raises(ClassSoldOut):
            await services.promise(session, uuid4(), CLASS, stay(10, 20))
        (left,) = await services.availability(session, stay(10, 20))
        assert (left.vehicles, left.free, left.promised, left.overbooking_limit, left.left) == (1, 1, 2, 1, 0)

    async def test_a_vehicle_makes_it_no_promise_and_back(self, session):
        car, _ = await fleet(session, 2)
        holder = uuid4()
        await services.promise(session, holder, CLASS, stay(10, 20))
        await occupy(session, car, stay(10, 20), holder)
        (left,) = await services.availability(session, stay(10, 20))
        assert (left.free, left.promised, left.left) == (1, 0, 1)
        await services.vacate(session, holder)
        (left,) = await services.availability(session, stay(10, 20))
        assert (left.free, left.promised, left.left) == (2, 1, 1)

    async def test_a_moved_promise_does_not_meet_itself(self, session):
        await fleet(session)
        holder = uuid4()
        await services.promise(session, holder, CLASS, stay(10, 20))
        await services.move(session, holder, stay(12, 22))
        assert (await services.find_hold(session, holder)).stay == stay(12, 22)

    async def test_limits_are_checked(self, session):
        await fleet(session)
        location = (await by_codes(session, {"TLL"}))["TLL"]
        with pytest.raises(InvalidFields):
            await services.set_overbooking_limit(session, location, class_code="XX", limit=900, actor=SYSTEM)


class TestAgainstBruteForce:
    @pytest.mark.parametrize("seed", range(4))
    async def test_every_answer_is_that_of_a_calendar_of_hours(self, session, seed):
        """Random holds, moves, swaps and releases; the model is a set of hours per vehicle."""
        random = Random(seed)  # noqa: S311 - made-up plans
        cars = await fleet(session, 2)
        taken: dict[object, tuple[int, set[int]]] = {}
        refused = 0
        for _ in range(90):
            start = random.randrange(60)
            end, car = start + random.randrange(1, 12), random.randrange(2)
            hours = set(range(start, end))
            holder = random.choice([*taken, uuid4()]) if taken else uuid4()
            if holder in taken and random.random() < 0.3:
                await services.release(session, holder)
                del taken[holder]
                continue
            expected = not any(held & hours and car == where for key, (where, held) in taken.items() if key != holder)
            try:
                await occupy(session, cars[car], stay(start, end), holder)
            except VehicleTaken:
                assert not expected
                refused += 1
            else:
                assert expected
                taken[holder] = (car, hours)
        assert refused


class TestStock:
    async def test_tells_of_every_stay_what_availability_tells(self, session):
        random = Random(5)  # noqa: S311 - made-up stays
        await fleet(session, 6)
        for number in range(14):
            start = random.randrange(1, 140)
            wanted = stay(start, start + random.randrange(2, 30), turnaround=random.choice((0, 2)),
                          back=random.choice(("TLL", "TLL", "RIX")))  # fmt: skip
            free = await services.free_vehicles(session, wanted)
            if free and number % 3:
                await services.occupy(session, uuid4(), free[0].id, CLASS, wanted, actor=SYSTEM)
            elif free and (await services.availability(session, wanted))[0].left > 0:
                await services.promise(session, uuid4(), CLASS, wanted)
        stock = await services.stock_of(session, {"TLL", "RIX"}, at(400))
        for start in range(1, 160, 7):
            for place in ("TLL", "RIX"):
                asked = stay(start, start + 10, pickup=place)
                for each in await services.availability(session, asked):
                    counted = stock.count(asked, each.class_code)
                    assert (counted.free, counted.promised, counted.left) == (each.free, each.promised, each.left)
        assert stock.classes_at("TLL") == [CLASS]
