"""Sheets of random data show what occupancy and the vehicles' periods hold, bar for bar."""

import re
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select, text

from app.core.actor import SYSTEM
from app.core.errors import AppError
from app.rental.occupancy.models import Occupancy
from app.rental.planner.rules import COLUMNS_A_DAY
from app.rental.planner.services import usage
from app.rental.planner.services.plans import Asked
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import VehiclePeriod
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_vehicle

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
"""Clocks change on 25 October."""
ZONE = ZoneInfo("Europe/Tallinn")
BAR = re.compile(
    r'<a class="bar from-(\d+) span-(\d+)"[^>]*?title="([^"]*)"(?: data-kind="(\w+)")?(?: data-tone="\w+")?'
    r'(?: id="bar-([\w-]+)")?[^>]*>[^<]*</a>(?:<i class="turnaround from-(\d+) span-(\d+)"></i>)?'
)
LANE = re.compile(r'<div class="lane" data-vehicle="([\w-]+)"[^>]*>(.*?)</div>', re.DOTALL)


@pytest.fixture(autouse=True)
def october():
    with time_machine.travel(NOW, tick=False):
        yield


async def fill(session, random):
    """Cars of two classes at two branches with hires, blocks and transfers, as far as they are not refused."""
    cars = await make_fleet(session, 4)
    await make_location(session, "TAY", opening_hours=HOURS)
    cars += [await make_vehicle(session, plate=f"BBB {n}", acriss="CDMV", location="TAY") for n in range(3)]
    customer, refused = await make_customer(session), 0
    for _ in range(45):
        car, kind = random.choice(cars), random.randrange(6)
        begins = datetime.combine(date(2026, 10, 20), time(10)) + timedelta(
            days=random.randrange(1, 20), minutes=15 * random.randrange(30)
        )
        ends = begins + timedelta(days=random.randrange(1, 9), minutes=15 * random.randrange(10))
        try:
            async with session.begin_nested():
                if kind < 4:
                    back = {"location": random.choice((car.location_code, "TLL", "TAY")), "local": ends}
                    pickup = {"location": car.location_code, "local": begins}
                    given = {"vehicle_id": car.id} if kind else {}
                    await make_booking(
                        session, customer=customer, pickup=pickup, back=back, class_code=car.acriss, **given
                    )
                else:
                    fields = {"reason": "By chance", "starts_at": begins.replace(tzinfo=ZONE).astimezone(UTC)}
                    if random.random() < 0.8:
                        fields["ends_at"] = ends.replace(tzinfo=ZONE).astimezone(UTC)
                    move = "block" if kind == 4 else "transfer"
                    fields |= {"to_location": "TAY" if car.location_code == "TLL" else "TLL"} if kind == 5 else {}
                    await vehicles.move_vehicle(session, car.id, move, fields=fields, actor=SYSTEM)
        except AppError:
            refused += 1
    assert refused < 40
    await session.flush()
    return cars


class Columns:
    """Columns of a sheet reckoned anew: the nearest line by the clocks of the branch."""

    def __init__(self, first, days):
        self.midnight, self.seconds = datetime.combine(first, time()), 86_400 / COLUMNS_A_DAY[days]
        self.count = days * COLUMNS_A_DAY[days]
        self.starts_at = self.midnight.replace(tzinfo=ZONE).astimezone(UTC)
        self.ends_at = (self.midnight + timedelta(days=days)).replace(tzinfo=ZONE).astimezone(UTC)

    def edge(self, moment):
        local = moment.astimezone(ZONE).replace(tzinfo=None)
        return round((local - self.midnight).total_seconds() / self.seconds)

    def cells(self, starts_at, ends_at):
        """The columns, counted from 0, that a stretch covers; a hire has one at least."""
        first = self.edge(starts_at)
        last = self.count if ends_at is None else max(self.edge(ends_at), first + 1)
        return range(max(first, 0), min(last, self.count))


def drawn(bar):
    """The columns, from 0, of a bar or of its turnaround."""
    first, span = int(bar[0]) - 1, int(bar[1])
    return range(first, first + span)


class TestRandomSheets:
    @pytest.mark.parametrize("seed", range(4))
    async def test_the_sheet_is_what_is_held(self, session, database, client_for, seed):
        random = Random(seed)  # noqa: S311 - made-up records, not secrets
        cars = await fill(session, random)
        holds = list((await session.execute(select(Occupancy))).scalars())
        periods = list((await session.execute(select(VehiclePeriod))).scalars())
        reader = await client_for("fleet_clerk")
        for days in random.sample(sorted(COLUMNS_A_DAY), 3):
            first = date(2026, 10, 18) + timedelta(days=random.randrange(15))
            columns = Columns(first, days)
            query = f"branch=TLL&branch=TAY&days={days}&first={first}"
            page = (await reader.get(f"/planner?{query}")).text
            lanes = {vehicle_id: BAR.findall(lane) for vehicle_id, lane in LANE.findall(page)}
            assert set(lanes) == {str(car.id) for car in cars}
            for car in cars:
                self._check_lane(columns, lanes[str(car.id)], car, holds, periods)
            self._check_drafts(columns, page, holds)
            sheet = await usage.read_sheet(database.reads, SYSTEM, Asked(["TLL", "TAY"], days=days, first_day=first))
            self._check_usage(columns, sheet, cars, holds, periods)
            await self._check_api(reader, query, columns, holds, periods)

    def _check_lane(self, columns, bars, car, holds, periods):
        hires = {bar[4]: bar for bar in bars if bar[4]}
        own = [hold for hold in holds if hold.vehicle_id == car.id and columns.cells(hold.starts_at, hold.ends_at)]
        seen = [hold for hold in own if hold.free_at > columns.starts_at and hold.starts_at < columns.ends_at]
        assert set(hires) == {str(hold.holder_id) for hold in seen}
        for hold in seen:
            bar = hires[str(hold.holder_id)]
            assert drawn(bar) == columns.cells(hold.starts_at, hold.ends_at)
            turned = range(columns.edge(hold.ends_at), min(columns.edge(hold.free_at), columns.count))
            assert (drawn(bar[5:7]) if bar[5] else range(0)) == (turned if turned.start >= 0 else range(0))
        blocks = [one for one in periods if one.vehicle_id == car.id and self._is_within(columns, one)]
        assert sorted(drawn(bar).start for bar in bars if not bar[4]) == sorted(
            min(max(columns.edge(one.starts_at), 0), columns.count - 1) for one in blocks
        )

    def _check_drafts(self, columns, page, holds):
        waiting = [hold for hold in holds if not hold.vehicle_id and columns.cells(hold.starts_at, hold.ends_at)]
        waiting = [hold for hold in waiting if self._is_within(columns, hold)]
        drafts = {bar[4]: drawn(bar) for bar in BAR.findall(page) if bar[3] == "draft"}
        assert drafts == {str(hold.holder_id): columns.cells(hold.starts_at, hold.ends_at) for hold in waiting}

    def _check_usage(self, columns, sheet, cars, holds, periods):
        for (location, code), found in sheet.usage.items():
            ids = {car.id for car in cars if (car.location_code, car.acriss) == (location, code)}
            for column in range(columns.count):
                at = [
                    hold.vehicle_id in ids and columns.edge(hold.starts_at) <= column < columns.edge(hold.ends_at)
                    for hold in holds
                ]
                paused = [
                    one.vehicle_id in ids
                    and columns.edge(one.starts_at) <= column
                    and (one.ends_at is None or column < columns.edge(one.ends_at))
                    for one in periods
                ]
                assert (found.rented[column], found.paused[column]) == (sum(at), sum(paused)), (code, column)

    async def _check_api(self, reader, query, columns, holds, periods):
        found = (await reader.get(f"/api/v1/planner?{query}")).json()
        entries = [entry for vehicle in found["vehicles"] for entry in vehicle["entries"]]
        within = [hold for hold in holds if hold.free_at > columns.starts_at and hold.starts_at < columns.ends_at]
        by_id = {str(hold.holder_id): hold for hold in within}
        told = {entry["booking_id"]: entry for entry in [*entries, *found["unassigned"]] if "booking_id" in entry}
        assert set(told) == set(by_id)
        for key, entry in told.items():
            moments = [datetime.fromisoformat(entry[name]) for name in ("starts_at", "ends_at", "free_at")]
            assert moments == [by_id[key].starts_at, by_id[key].ends_at, by_id[key].free_at]
        kinds = sorted(entry["kind"] for entry in entries if "booking_id" not in entry)
        assert kinds == sorted(one.kind.value for one in periods if self._is_within(columns, one))

    def _is_within(self, columns, one):
        return one.starts_at < columns.ends_at and (one.ends_at is None or one.ends_at > columns.starts_at)


class TestPages:
    async def test_every_page_of_a_sheet_is_drawn_once(self, session, client_for):
        await make_fleet(session, 101)
        reader = await client_for("fleet_clerk")
        seen = [
            key
            for number in (1, 2, 3)
            for key, _ in LANE.findall((await reader.get(f"/planner?branch=TLL&rows=50&page={number}")).text)
        ]
        known = [str(key) for (key,) in await session.execute(text("SELECT id FROM vehicle ORDER BY plate_key"))]
        assert seen == known
