"""A sheet of the planner: 500 vehicles and 90 days, with every booking on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from app.cli.bench.load import Asked, Load, Round, ask, fetch
from app.cli.bench.measuring import Line, Result, Target, compare
from app.cli.bench.serving import forecourt, measured
from app.cli.bench.stage import SEED, Stage
from app.cli.failures import CommandFailed

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

VEHICLES: Final = 500
DAYS: Final = 90
FIRST_NUMBER: Final = 15_000_000
"""Where the numbers of this bench's references begin, far from the demo's."""
MOST_MILLISECONDS: Final = 300.0
LOAD: Final = Load(answers=20, seconds=20, clients=1)
WARM_UP: Final = Load(answers=3, seconds=10, clients=1)
_NAMES: Final = ("Tamm", "Kask", "Saar", "Virtanen", "Ozols", "Nilsson", "Koch", "Dubois")
_PLAIN: Final = {
    "version": 1,
    "source": "own",
    "state": "confirmed",
    "total_minor": 39_000,
    "total_currency": "EUR",
    "price_lines": [],
    "rate_snapshot": {},
    "fee_windows": [],
    "choices": {},
    "terms_number": 1,
    "tags": [],
}
METHOD: Final = (
    "One branch with 500 vehicles, each hired out again and again through 90 days, with turnaround, and bookings "
    "that have no vehicle. One client asks for the whole sheet at once, as a page and as JSON; the page that people "
    "open shows a hundred vehicles. Times are from the request until the last byte."
)


async def run(stage: Stage) -> Result:
    """Fill one branch where it is empty, then ask for its sheet."""
    branch, bars = _fill(stage.settings.database_url)
    query = f"branch={branch}&days={DAYS}&rows={VEHICLES}"
    with forecourt(stage.fast_settings, log="planner") as fast, forecourt(stage.settings, log="planner-usual") as usual:
        cookie, bearer = await stage.cookie(), await stage.bearer()
        asked = {
            "page, asyncmy": (fast, Asked(f"{fast.url}/planner?{query}", cookie)),
            "page, aiomysql": (usual, Asked(f"{usual.url}/planner?{query}", cookie)),
            "JSON, asyncmy": (fast, Asked(f"{fast.url}/api/v1/planner?{query}", bearer)),
            "page of 100 vehicles and 14 days": (fast, Asked(f"{fast.url}/planner?branch={branch}", cookie)),
        }
        page = await fetch(asked["page, asyncmy"][1])
        found = page.count(b'id="bar-')
        if found < bars * 0.9:
            raise CommandFailed(f"The sheet has {found} bars, and there are {bars} bookings.")
        lines: list[Line] = []
        for name, (server, one) in asked.items():
            await ask([one], WARM_UP)
            rounds: list[Round] = [await measured(server, [one], LOAD) for _ in range(stage.rounds)]
            times = [median(one.milliseconds) for one in rounds]
            allowed = [MOST_MILLISECONDS] * len(times)
            lines.append(compare(f"{name}, beside 300 ms", times, allowed, "ms", Target(1.0, "less")))
    notes = [f"{found:,} bars, {len(page) / 1_000_000:.1f} MB of HTML before it is compressed."]
    return Result(name="planner", title="A sheet of the planner", method=METHOD, lines=lines, notes=notes)


def _fill(database_url: str) -> tuple[str, int]:
    """The branch with enough vehicles and how many bookings its sheet has; they are made when there are none."""
    from app.cli.seeds.bookings import BOOKING, OCCUPANCY
    from app.cli.seeds.loading import connection, load, transaction
    from app.kit.ids import reference_of
    from app.rental.bookings.writes import PREFIX

    with connection(database_url) as cursor:
        branch, zone = _branch(cursor)
        vehicles = _vehicles(cursor, branch)
        cursor.execute("SELECT COUNT(*) FROM booking WHERE reference = %s", (reference_of(PREFIX, FIRST_NUMBER),))
        if _number(cursor) == 0:
            maker = _Maker(branch, zone, _customer(cursor))
            for vehicle in vehicles:
                maker.hire_out(vehicle)
            with transaction(cursor):
                load(cursor, BOOKING, maker.bookings)
                load(cursor, OCCUPANCY, maker.holds)
            cursor.execute("ANALYZE TABLE booking, occupancy")
        now = datetime.now(UTC).replace(tzinfo=None)
        cursor.execute(
            "SELECT COUNT(*) FROM occupancy WHERE pickup_location = %s AND vehicle_id IS NOT NULL "
            "AND free_at > %s AND starts_at < %s",
            (branch, now - timedelta(days=6), now + timedelta(days=DAYS - 8)),
        )
        return branch, _number(cursor)


def _branch(cursor: Cursor) -> tuple[str, str]:
    cursor.execute(
        "SELECT v.location_code, l.time_zone FROM vehicle v JOIN location l ON l.code = v.location_code "
        "WHERE v.base_state = 'in_service' AND v.acriss IS NOT NULL AND l.is_active = 1 "
        "GROUP BY v.location_code, l.time_zone HAVING COUNT(*) >= %s ORDER BY COUNT(*), v.location_code LIMIT 1",
        (VEHICLES,),
    )
    if (row := cursor.fetchone()) is None:
        raise CommandFailed(f"No branch has {VEHICLES} vehicles: measure over more of them.")
    return str(row[0]), str(row[1])


def _vehicles(cursor: Cursor, branch: str) -> list[tuple[str, str, str]]:
    """The vehicles of the first sheet: id, class and market."""
    cursor.execute(
        "SELECT id, acriss, market FROM vehicle WHERE location_code = %s AND base_state = 'in_service' "
        "ORDER BY location_code, acriss, plate_key, id LIMIT %s",
        (branch, VEHICLES),
    )
    return [(str(row[0]), str(row[1] or "CDMV"), str(row[2])) for row in cursor.fetchall()]


def _customer(cursor: Cursor) -> str:
    cursor.execute("SELECT id FROM customer ORDER BY id LIMIT 1")
    return str((cursor.fetchone() or [""])[0])


def _number(cursor: Cursor) -> int:
    return int((cursor.fetchone() or [0])[0])


class _Maker:
    """Hires vehicles out one hire after another: about five days each with a day or two between."""

    def __init__(self, branch: str, zone: str, customer: str) -> None:
        self._branch, self._zone, self._customer = branch, zone, customer
        self._random = Random(SEED)  # noqa: S311 - made-up records, not secrets
        self._now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.bookings: list[dict[str, Any]] = []
        self.holds: list[dict[str, Any]] = []

    def hire_out(self, vehicle: tuple[str, str, str]) -> None:
        draw = self._random.random
        starts_at = self._now + timedelta(hours=int(draw() * 72))
        while starts_at < self._now + timedelta(days=DAYS):
            ends_at = starts_at + timedelta(days=1 + int(draw() * 8))
            self._book(vehicle, starts_at, ends_at, is_assigned=draw() > 0.02)
            starts_at = ends_at + timedelta(hours=6 + int(draw() * 60))

    def _book(
        self, vehicle: tuple[str, str, str], starts_at: datetime, ends_at: datetime, *, is_assigned: bool
    ) -> None:
        from app.cli.seeds.bookings import BOOKING
        from app.cli.seeds.ids import SeededIds
        from app.kit.ids import reference_of
        from app.kit.wall_times import wall_time
        from app.rental.bookings.writes import PREFIX

        number = len(self.bookings)
        vehicle_id = vehicle[0] if is_assigned else None
        row: dict[str, Any] = dict.fromkeys(BOOKING.columns)
        row |= _PLAIN | {
            "id": SeededIds("bench", "booking").text(number),
            "created_at": self._now,
            "updated_at": self._now,
            "reference": reference_of(PREFIX, FIRST_NUMBER + number),
            "market": vehicle[2],
            "customer_id": self._customer,
            "driver_name": f"{_NAMES[number % len(_NAMES)]} {number}",
            "class_code": vehicle[1],
            "vehicle_id": vehicle_id,
        }
        for name, moment in (("pickup", starts_at), ("return", ends_at)):
            local = wall_time(moment, self._zone)
            row |= {f"{name}_location": self._branch, f"{name}_zone": self._zone, f"{name}_at": moment}
            row[f"{name}_local"] = f"{local:%Y-%m-%d %H:%M:%S}"
        self.bookings.append(row)
        self.holds.append(
            {
                "id": SeededIds("bench", "occupancy").text(number),
                "holder_id": row["id"],
                "class_code": row["class_code"],
                "vehicle_id": vehicle_id,
                "pickup_location": self._branch,
                "return_location": self._branch,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "free_at": ends_at + timedelta(hours=1),
            }
        )
