"""Vehicles as rows: class, plate, VIN, papers, price, state and the periods behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

import msgspec

from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, table_of
from app.cli.seeds.locations import Branch, branches
from app.cli.seeds.models import Shares, Variant, variants
from app.cli.seeds.plates import PlateCounter, vin_of
from app.cli.seeds.tags import tags_of
from app.kit.identifiers import normalise_plate
from app.kit.markets import MARKETS
from app.kit.money import exponent
from app.rental.vehicles.models import Vehicle, VehiclePeriod, VehicleStay
from app.rental.vehicles.rules import PERIOD_STATES, PeriodKind, VehicleState, next_change

VEHICLE: Final[Table] = table_of(Vehicle)
PERIOD: Final[Table] = table_of(VehiclePeriod)
STAY: Final[Table] = table_of(VehicleStay)

STATES: Final = Shares(
    [
        (VehicleState.IN_SERVICE, 50),
        (VehicleState.ON_HIRE, 31),
        (VehicleState.IN_MAINTENANCE, 6),
        (VehicleState.BLOCKED, 4),
        (VehicleState.IN_TRANSIT, 3),
        (VehicleState.FOR_SALE, 2.5),
        (VehicleState.ORDERED, 2),
        (VehicleState.RETIRED, 1.5),
    ]
)
COLOURS: Final = Shares(
    [("white", 26), ("black", 20), ("grey", 21), ("silver", 11), ("blue", 10), ("red", 6), ("green", 2),
     ("brown", 1), ("beige", 1), ("orange", 1), ("yellow", 1)]
)  # fmt: skip
OWNERS: Final = Shares(
    [("Forecourt Fleet", 60), ("Northlane Leasing", 18), ("Hansa Auto Lease", 12), ("Adria Mobility", 10)]
)
EQUIPMENT: Final = [
    msgspec.json.encode(words.split()).decode()
    for words in (
        "",
        "cruise_control gps",
        "cruise_control gps isofix",
        "cruise_control gps isofix parking_camera",
        "android_auto carplay cruise_control parking_camera",
        "cruise_control gps heated_seats winter_tires",
        "gps heated_seats isofix parking_camera winter_tires",
        "cruise_control gps roof_bars tow_bar",
        "cruise_control gps isofix tow_bar",
        "carplay cruise_control heated_seats led_lights parking_camera",
    )
]
REASONS: Final = {
    PeriodKind.BLOCK: (
        "Windscreen chip, waiting for the glazier", "Lost key, second key ordered", "Police hold after an accident",
        "Smell of smoke, deep cleaning", "Recall of the maker, part not here yet", "Insurance assessor comes on site",
        "Registration papers missing", "Reserved for a company's long hire",
    ),
    PeriodKind.MAINTENANCE: (
        "Service at 30,000 km", "Service at 60,000 km", "Brake pads and discs, front", "Tyre change to winter",
        "Body repair, rear bumper", "Timing belt", "Air conditioning does not cool", "Periodic inspection",
        "Clutch worn", "Battery replaced under warranty",
    ),
    PeriodKind.TRANSFER: ("Rebalancing before the weekend", "One-way return home", "Season opens",
    "Swap for a breakdown"),
    PeriodKind.SALE_LISTING: ("Holding period over", "Over 100,000 km", "Lease ends this quarter"),
    PeriodKind.HIRE: ("Counter hire", "Broker hire", "Company contract", "Replacement for an insurer"),
}  # fmt: skip
_LENGTHS: Final = {
    PeriodKind.BLOCK: (6, 9),
    PeriodKind.MAINTENANCE: (3, 6),
    PeriodKind.TRANSFER: (1.5, 1.5),
    PeriodKind.SALE_LISTING: (25, 0),
    PeriodKind.HIRE: (4, 7),
}
"""Days for which a period has run, and for which it goes on, on average."""
PERIOD_OF_STATE: Final = {state: kind for kind, state in PERIOD_STATES.items()}
RATES: Final = {
    "EUR": (1, 100), "CHF": (1, 100), "GBP": (0.86, 100), "CZK": (25, 1000), "DKK": (7.5, 500), "HUF": (390, 50000),
    "MXN": (20, 1000), "NOK": (11.6, 500), "PLN": (4.3, 100), "RON": (5, 100), "SEK": (11.3, 500),
}  # fmt: skip
"""About how many of a currency a euro is, and to how many minor units its prices are rounded."""
PRICE_LEVELS: Final = {
    "CH": 1.35,
    "NO": 1.3,
    "DK": 1.2,
    "GB": 1.15,
    "SE": 1.1,
    "FI": 1.1,
    "BG": 0.8,
    "RO": 0.85,
    "PL": 0.85,
}
_ROOM_FOR_LUCK: Final = 1.6
_LEAST_ROOM: Final = 60
_HIGH_SEASON: Final = 1.15
_DESK_HOURS: Final = [hour if 6 <= hour < 20 else 6 + hour % 14 for hour in range(24)]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What a seed decides for all its vehicles."""

    seed: str
    slot: int
    source: str | None
    ids: SeededIds = field(init=False)
    period_ids: SeededIds = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", SeededIds(self.seed, "vehicle"))
        object.__setattr__(self, "period_ids", SeededIds(self.seed, "vehicle_period"))

    def fleet_number(self, number: int) -> str:
        return f"{'F' if self.source is None else self.seed + '-'}{number + 10_001:05d}"


@dataclass(slots=True)
class Period:
    """A stretch of time as a row; `rules.next_change` and `rules.state_at` understand it."""

    kind: PeriodKind
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    to_location_code: str | None = None


@dataclass(slots=True)
class MadeVehicle:
    """A vehicle's row, its periods and what its story is told from."""

    row: dict[str, Any]
    periods: list[Period]
    branch: Branch


@dataclass(frozen=True, slots=True)
class Kind:
    """What is decided before a vehicle is made."""

    variant: Variant
    branch: Branch
    state: VehicleState


@cache
def branch_shares() -> Shares[Branch]:
    return Shares([(branch, branch.size) for branch in branches()])


@cache
def siblings(market: str) -> list[Branch]:
    return [branch for branch in branches() if branch.market == market]


def plates_of_batch(slot: int, batch: int, rows: int) -> PlateCounter:
    """The plates for one batch of so many vehicles, with room for luck in the draw of branches."""
    shares = Counter[str]()
    for branch in branches():
        shares[branch.market] += branch.size
    rooms = {
        market: int(rows * size / shares.total() * _ROOM_FOR_LUCK) + _LEAST_ROOM for market, size in shares.items()
    }
    return PlateCounter(slot, batch, rooms)


def make_vehicle(random: Random, numbering: Numbering, plates: PlateCounter, number: int, now: datetime) -> MadeVehicle:
    """The vehicle of this number; everything but its dates depends on the seed and the number alone."""
    kind = Kind(variants().pick(random), branch_shares().pick(random), STATES.pick(random))
    return build_vehicle(random, numbering, plates, number, now, kind)


def build_vehicle(
    random: Random, numbering: Numbering, plates: PlateCounter, number: int, now: datetime, kind: Kind
) -> MadeVehicle:
    """A vehicle of a given kind at a given branch in a given state."""
    draw, variant, branch, state = random.random, kind.variant, kind.branch, kind.state
    today = now.date()
    market = branch.market
    is_ordered = state is VehicleState.ORDERED
    age_days = 0 if is_ordered else _age_days(random, variant, state, today)
    year = min(max(today.year - int(age_days / 365.25), variant.first_year), variant.last_year)
    plate = None if is_ordered else plates.next_plate(market)
    created_at = now - timedelta(days=min(age_days, 420) * 0.9 + 2, seconds=int(draw() * 36_000))
    periods = _periods(random, state, branch, now)
    papers = _papers(random, today, age_days, state)
    home = branch if draw() < 0.9 else siblings(market)[int(draw() * len(siblings(market)))]
    is_retired = state is VehicleState.RETIRED
    row = {
        "id": numbering.ids.text(number),
        "version": 1,
        "created_at": created_at,
        "updated_at": _last_touched(random, created_at, periods, now),
        "market": market,
        "year": year,
        "fleet_number": numbering.fleet_number(number),
        "plate": plate,
        "plate_key": normalise_plate(plate) if plate else None,
        "vin": vin_of(variant.make, variant.mark, year, numbering.slot, number),
        **variant.fields,
        "power_kw": variant.least_kw + int(draw() * (variant.most_kw - variant.least_kw + 1)),
        "colour": "white" if variant.is_van and draw() < 0.7 else COLOURS.draw(draw()),
        "odometer_km": 5 + int(draw() * 20) if is_ordered else int(age_days * (35 + draw() * 75)) + 12,
        "fuel_level_percent": None if is_ordered else 100 if draw() < 0.55 else 12 * int(1 + draw() * 8),
        "equipment": EQUIPMENT[int(draw() * len(EQUIPMENT))],
        "day_price_minor": None if is_retired else day_price(variant, market, draw()),
        "day_price_currency": None if is_retired else MARKETS[market].currency,
        "home_location_code": home.code,
        "location_code": branch.code,
        "registration_expires_on": papers[0],
        "insurance_expires_on": papers[1],
        "inspection_expires_on": papers[2],
        "owner": OWNERS.draw(draw()),
        "tags": tags_of("vehicle", number),
        "base_state": _base(state),
        "state": state.value,
        "next_change_at": next_change(periods, now) if periods else None,
        "source": numbering.source,
        "source_key": str(number) if numbering.source else None,
        "source_fields": "{}",
    }
    return MadeVehicle(row, periods, branch)


def period_rows(made: MadeVehicle, numbering: Numbering, first: int) -> Iterator[dict[str, Any]]:
    """The periods of a vehicle as rows, numbered from `first`."""
    for place, period in enumerate(made.periods):
        yield {
            "id": numbering.period_ids.text(first + place),
            "vehicle_id": made.row["id"],
            "kind": period.kind.value,
            "starts_at": period.starts_at,
            "ends_at": period.ends_at,
            "reason": period.reason,
            "to_location_code": period.to_location_code,
            "created_at": period.starts_at,
            "created_by": None,
        }


def stay_rows(made: MadeVehicle) -> list[dict[str, Any]]:
    """That the vehicle is in the fleet since it was added; a retired one until it was changed last."""
    row = made.row
    if row["base_state"] == VehicleState.ORDERED or not row["acriss"]:
        return []
    return [
        {
            "vehicle_id": row["id"],
            "starts_at": row["created_at"],
            "ends_at": row["updated_at"] if row["base_state"] == VehicleState.RETIRED else None,
            "market": row["market"],
            "location_code": row["location_code"],
            "class_code": row["acriss"],
        }
    ]


def day_price(variant: Variant, market: str, number: float) -> int:
    """Minor units of a day, rounded as prices of the currency are; `number` (0 to 1) moves it by a tenth each way."""
    currency = MARKETS[market].currency
    rate, step = RATES[currency]
    euro = variant.day_euro * PRICE_LEVELS.get(market, 1.0) * _HIGH_SEASON * (0.9 + 0.2 * number)
    return max(step, round(euro * rate * 10 ** exponent(currency) / step) * step)


def _base(state: VehicleState) -> str:
    own = (VehicleState.ORDERED, VehicleState.RETIRED)
    return state.value if state in own else VehicleState.IN_SERVICE.value


def _age_days(random: Random, variant: Variant, state: VehicleState, today: date) -> int:
    if variant.last_year < today.year:
        return (today.year - variant.last_year) * 365 + int(random.random() * 700)
    if state in (VehicleState.FOR_SALE, VehicleState.RETIRED):
        return 900 + int(random.random() * 900)
    return 20 + int(random.random() ** 1.6 * (2_200 if variant.is_van else 1_350))


def _papers(
    random: Random, today: date, age_days: int, state: VehicleState
) -> tuple[date | None, date | None, date | None]:
    """When registration, insurance and inspection end: a few over, some soon, most later."""
    draw = random.random
    if state in (VehicleState.ORDERED, VehicleState.RETIRED):
        return None, None, None
    registration = today + timedelta(days=_days_left(draw(), 900)) if draw() < 0.3 else None
    insurance = today + timedelta(days=_days_left(draw(), 360))
    first_inspection = 1_461 - age_days
    days = first_inspection if first_inspection > 0 else _days_left(draw(), 720)
    return registration, insurance, today + timedelta(days=days)


def _days_left(number: float, longest: int) -> int:
    if number < 0.006:
        return -1 - int(number / 0.006 * 24)
    if number < 0.035:
        return int((number - 0.006) / 0.029 * 30)
    return 31 + int((number - 0.035) / 0.965 * (longest - 31))


def _periods(random: Random, state: VehicleState, branch: Branch, now: datetime) -> list[Period]:
    kind = PERIOD_OF_STATE.get(state)
    if kind is None:
        is_planned = state is VehicleState.IN_SERVICE and random.random() < 0.04
        return [_planned(random, now)] if is_planned else []
    draw = random.random
    before, after = _LENGTHS[kind]
    starts_at = _started(random, now, before)
    has_end = kind is PeriodKind.HIRE or (after and draw() < 0.85)
    ends_at = _ending(random, now, after) if has_end else None
    destination = None
    if kind is PeriodKind.TRANSFER:
        others = [other for other in siblings(branch.market) if other.code != branch.code] or list(branches()[:1])
        destination = others[int(draw() * len(others))].code
    return [Period(kind, starts_at, ends_at, _reason(random, kind), destination)]


def _planned(random: Random, now: datetime) -> Period:
    kind = PeriodKind.MAINTENANCE if random.random() < 0.7 else PeriodKind.BLOCK
    starts_at = quarter(now + timedelta(days=1 + random.random() * 20))
    return Period(kind, starts_at, starts_at + timedelta(days=1 + int(random.random() * 4)), _reason(random, kind))


def _reason(random: Random, kind: PeriodKind) -> str:
    reasons = REASONS[kind]
    return reasons[int(random.random() * len(reasons))]


def _last_touched(random: Random, created_at: datetime, periods: list[Period], now: datetime) -> datetime:
    begun = [period.starts_at for period in periods if period.starts_at <= now]
    if begun:
        return max(created_at, *begun)
    return max(created_at, now - timedelta(days=random.random() ** 2 * 45, seconds=1))


def quarter(moment: datetime) -> datetime:
    """The quarter of an hour before: people do not plan to the second, and seldom for the night."""
    return moment.replace(hour=_DESK_HOURS[moment.hour], minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _started(random: Random, now: datetime, days: float) -> datetime:
    """A quarter of an hour before now."""
    at = quarter(now - timedelta(days=0.1 + random.random() * 2 * days))
    return at if at < now else at - timedelta(days=1)


def _ending(random: Random, now: datetime, days: float) -> datetime:
    """A quarter of an hour after now."""
    at = quarter(now + timedelta(days=0.2 + random.random() * 2 * days))
    return at if at > now else at + timedelta(days=1)
