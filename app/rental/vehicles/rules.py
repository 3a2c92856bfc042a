"""What may be done with a vehicle, which state it is in, and which field values it may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeVar

from app.kit import acriss
from app.kit.checks import Checks
from app.kit.identifiers import normalise_plate, normalise_vin, vin_problem
from app.kit.money import Money
from app.kit.problems import Problem

EARLIEST_YEAR = 1950
DUE_SOON_DAYS = 30
DOCUMENTS = ("registration", "insurance", "inspection")
CLASS_PARTS = ("category", "body_type", "transmission", "fuel", "air_conditioning")
MAX_ODOMETER_KM = 2_000_000
MAX_POWER_KW = 2_000
MAX_EQUIPMENT = 60
MAX_DAY_PRICE_MINOR = 100_000_000
LOWEST_PERCENT, HIGHEST_PERCENT = Decimal(-90), Decimal(500)
"""By how much prices may be changed at once, in per cent of the present price."""
LARGEST_LONE_CHANGE = Decimal(20)
"""A price that changes by more than this, in per cent either way, needs a second person's approval."""
KW_PER_METRIC_HP = Decimal("0.73549875")
"""75 kgf m/s with the standard gravity of 9.80665 m/s2."""
KM_PER_MILE = Decimal("1.609344")
RENAMED = {"home_location": "home_location_code", "location": "location_code"}
LONGEST_BACKDATING = timedelta(days=366)

_EARLIEST_DAY = date(1950, 1, 1)
_LATEST_DAY = date(2199, 12, 31)
_LOCATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class VehicleState(StrEnum):
    ORDERED = "ordered"
    IN_SERVICE = "in_service"
    BLOCKED = "blocked"
    IN_MAINTENANCE = "in_maintenance"
    IN_TRANSIT = "in_transit"
    ON_HIRE = "on_hire"
    FOR_SALE = "for_sale"
    RETIRED = "retired"


class PeriodKind(StrEnum):
    BLOCK = "block"
    MAINTENANCE = "maintenance"
    TRANSFER = "transfer"
    SALE_LISTING = "sale_listing"
    HIRE = "hire"


PERIOD_STATES: dict[PeriodKind, VehicleState] = {
    PeriodKind.BLOCK: VehicleState.BLOCKED,
    PeriodKind.MAINTENANCE: VehicleState.IN_MAINTENANCE,
    PeriodKind.TRANSFER: VehicleState.IN_TRANSIT,
    PeriodKind.SALE_LISTING: VehicleState.FOR_SALE,
    PeriodKind.HIRE: VehicleState.ON_HIRE,
}
BASE_STATES = frozenset({VehicleState.ORDERED, VehicleState.IN_SERVICE, VehicleState.RETIRED})
"""The states a vehicle has by itself; every other comes from a period."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state: the periods it closes at its start, and the one it opens."""

    name: str
    from_states: frozenset[VehicleState]
    to_state: VehicleState
    opens: PeriodKind | None = None
    closes: frozenset[PeriodKind] = frozenset()

    @property
    def period_kind(self) -> PeriodKind | None:
        """The kind of period that the move is about: what it opens, otherwise the only one it closes."""
        return self.opens or (next(iter(self.closes)) if len(self.closes) == 1 else None)


def _moves() -> dict[str, Move]:
    state, kind = VehicleState, PeriodKind
    free = frozenset({state.IN_SERVICE})
    moves = [
        Move("commissioning", frozenset({state.ORDERED}), state.IN_SERVICE),
        Move("block", free, state.BLOCKED, opens=kind.BLOCK),
        Move(
            "maintenance",
            free | {state.BLOCKED},
            state.IN_MAINTENANCE,
            opens=kind.MAINTENANCE,
            closes=frozenset({kind.BLOCK}),
        ),
        Move("transfer", free, state.IN_TRANSIT, opens=kind.TRANSFER),
        Move("sale_listing", free, state.FOR_SALE, opens=kind.SALE_LISTING),
        Move(
            "retirement",
            frozenset(state) - {state.ON_HIRE, state.IN_TRANSIT, state.RETIRED},
            state.RETIRED,
            closes=frozenset({kind.BLOCK, kind.MAINTENANCE, kind.SALE_LISTING}),
        ),
    ]
    removals = {
        "block_removal": kind.BLOCK,
        "maintenance_removal": kind.MAINTENANCE,
        "arrival": kind.TRANSFER,
        "sale_listing_removal": kind.SALE_LISTING,
    }
    for name, ended in removals.items():
        moves.append(Move(name, frozenset({PERIOD_STATES[ended]}), state.IN_SERVICE, closes=frozenset({ended})))
    return {move.name: move for move in moves}


MOVES: dict[str, Move] = _moves()


class Refusal(StrEnum):
    ILLEGAL_STATE = "illegal_state"


def can_move(move: str, state: VehicleState) -> Refusal | None:
    """Why the move is refused in this state, or None; KeyError for a move that does not exist."""
    return None if state in MOVES[move].from_states else Refusal.ILLEGAL_STATE


def allowed_moves(state: VehicleState) -> list[Move]:
    return [move for move in MOVES.values() if state in move.from_states]


TAKEN_BACK = frozenset({"block", "maintenance", "sale_listing"})
"""Moves out of service that another move ends."""


def way_back(move: str, before: VehicleState, after: VehicleState) -> str | None:
    """The move that takes one back that was just made; None where none leads exactly to what was before."""
    if move == "block_removal":
        return "block"
    is_plain = before is VehicleState.IN_SERVICE and after is MOVES[move].to_state
    return f"{move}_removal" if is_plain and move in TAKEN_BACK else None


class Period(Protocol):
    """A stretch of time [starts_at, ends_at) in aware UTC; without an end it goes on."""

    @property
    def kind(self) -> PeriodKind: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...


P = TypeVar("P", bound=Period)


def covers(period: Period, moment: datetime) -> bool:
    return period.starts_at <= moment and (period.ends_at is None or moment < period.ends_at)


def state_at(periods: Iterable[Period], now: datetime, base_state: VehicleState) -> VehicleState:
    """The state by the period that covers now; an ordered or retired vehicle stays that whatever its periods say."""
    if base_state is not VehicleState.IN_SERVICE:
        return base_state
    return next((PERIOD_STATES[period.kind] for period in periods if covers(period, now)), base_state)


def next_change(periods: Iterable[Period], now: datetime) -> datetime | None:
    """When a period next begins or ends, so when the state has to be looked at again."""
    edges = (edge for period in periods for edge in (period.starts_at, period.ends_at))
    return min((edge for edge in edges if edge is not None and edge > now), default=None)


def overlaps(periods: Iterable[P], starts_at: datetime, ends_at: datetime | None) -> P | None:
    """The first period that shares a moment with [starts_at, ends_at), or None; touching ends do not overlap."""
    for period in periods:
        ends_before = period.ends_at is not None and period.ends_at <= starts_at
        starts_after = ends_at is not None and ends_at <= period.starts_at
        is_empty = period.ends_at is not None and period.ends_at <= period.starts_at
        if not (ends_before or starts_after or is_empty):
            return period
    return None


def check_period(fields: Mapping[str, Any], *, now: datetime) -> list[Problem]:
    """Problems of a move's `reason`, `starts_at` and `ends_at`."""
    checks = Checks(fields)
    checks.required("reason")
    checks.text("reason", 500)
    starts_at = checks.moment("starts_at")
    ends_at = checks.moment("ends_at")
    if starts_at is not None and starts_at < now - LONGEST_BACKDATING:
        checks.refuse("starts_at", "out_of_range", f"More than {LONGEST_BACKDATING.days} days ago")
    if ends_at is not None and ends_at <= (starts_at or now):
        checks.refuse("ends_at", "out_of_range", "Not after the start")
    return checks.problems


@dataclass(frozen=True, slots=True)
class Due:
    """A document that ends soon or has ended; negative days are days over, on the last day it is 0."""

    document: str
    expires_on: date
    days: int
    tone: Literal["act", "soon"]


def due(documents: Mapping[str, date | None], today: date) -> list[Due]:
    """Documents (by the names in DOCUMENTS) that are over or end within 30 days, the most urgent first."""
    found: list[Due] = []
    for document in DOCUMENTS:
        expires_on = documents.get(document)
        if expires_on is not None and (days := (expires_on - today).days) <= DUE_SOON_DAYS:
            found.append(Due(document, expires_on, days, "act" if days < 0 else "soon"))
    return sorted(found, key=lambda fact: fact.days)


def repriced(price: Money, percent: Decimal) -> Money:
    """The price raised (or, below 0, lowered) by a percentage of itself, rounded half up to the minor unit.

    Commercial rounding (DIN 1333), once, of the exact product: 33.33 EUR raised by 5 % is 34.9965, so 35.00 EUR.
    """
    return Money.round(price.decimal * (100 + percent) / 100, price.currency)


def needs_approval(before: Money, after: Money) -> bool:
    """Whether a price moves by more than LARGEST_LONE_CHANGE per cent of what it was."""
    return abs(after.minor - before.minor) * 100 > LARGEST_LONE_CHANGE * before.minor


def check_percent(percent: Decimal) -> str | None:
    """What is wrong with a percentage by which prices are to change."""
    if not percent:
        return "0 % changes nothing"
    if not LOWEST_PERCENT <= percent <= HIGHEST_PERCENT:
        return f"Between {LOWEST_PERCENT} and {HIGHEST_PERCENT} %"
    return None if percent == round(percent, 2) else "At most two decimals"


def check_repriced(price: Money | None, percent: Decimal) -> str | None:
    """Why a price cannot be changed by a percentage."""
    if price is None:
        return "It has no day price"
    after = repriced(price, percent)
    if after == price:
        return "The change is less than the smallest coin"
    return None if 1 <= after.minor <= MAX_DAY_PRICE_MINOR else "The price would be out of range"


def is_large_price_change(before: Money | None, after: Money | None) -> bool:
    """Whether a day price moves by more than a fifth, loses its amount, or changes its currency; a first one does not.

    Taking a price away counts, since any price could be set after it.
    """
    if before is None:
        return False
    if after is None or before.currency != after.currency:
        return True
    return needs_approval(before, after)


def kw_from_hp(power_hp: Decimal | int) -> int:
    """Metric horsepower in whole kilowatts, rounded half up."""
    return _half_up(power_hp * KW_PER_METRIC_HP)


def km_from_miles(miles: Decimal | int) -> int:
    """International miles in whole kilometres, rounded half up."""
    return _half_up(miles * KM_PER_MILE)


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def check_vehicle(fields: dict[str, Any], *, is_new: bool, latest_year: int) -> list[Problem]:
    """Problems of the given fields; `latest_year` is the year after the present one."""
    checks = Checks(fields)
    checks.required("make", "market", is_new=is_new)
    checks.market()
    for name, longest in (("make", 60), ("model", 120), ("fleet_number", 20), ("colour", 40), ("owner", 120)):
        checks.text(name, longest)
    for name in ("home_location", "location"):
        checks.text(name, 16, _LOCATION, "Letters, digits and hyphens")
    for name, least, most in (
        ("year", EARLIEST_YEAR, latest_year),
        ("seats", 1, 99),
        ("doors", 0, 9),
        ("bags", 0, 20),
        ("power_kw", 1, MAX_POWER_KW),
        ("odometer_km", 0, MAX_ODOMETER_KM),
        ("fuel_level_percent", 0, 100),
    ):
        checks.whole(name, least, most)
    for document in DOCUMENTS:
        checks.day(f"{document}_expires_on", _EARLIEST_DAY, _LATEST_DAY)
    checks.slugs("equipment", MAX_EQUIPMENT)
    checks.money("day_price", least_minor=1, most_minor=MAX_DAY_PRICE_MINOR)
    _check_identity(checks)
    _check_class(checks)
    return checks.problems


def _check_identity(checks: Checks) -> None:
    plate = checks.text("plate", 20)
    if plate is not None and not 2 <= len(normalise_plate(plate)) <= 12:
        checks.refuse("plate", "malformed", "A plate has 2 to 12 letters and digits")
    vin = checks.text("vin", 40)
    if vin is not None and (wrong := vin_problem(normalise_vin(vin))):
        checks.refuse("vin", "malformed", wrong)


def _check_class(checks: Checks) -> None:
    checks.choice("category", acriss.CATEGORY_LETTERS)
    checks.choice("body_type", acriss.BODY_TYPE_LETTERS)
    checks.choice("transmission", acriss.TRANSMISSION_LETTERS)
    checks.choice("fuel", acriss.FUEL_SLUGS)
    checks.fact("air_conditioning")
    code = checks.text("acriss", 20)
    if code is None:
        return
    try:
        said = asdict(acriss.parts(code))
    except acriss.AcrissError as error:
        checks.refuse("acriss", "malformed", str(error))
        return
    for name in CLASS_PARTS:
        given = checks.value(name)
        if given is not None and given != said[name]:
            checks.refuse(name, "contradicts", f"{code.upper()} says otherwise")


def class_fields(fields: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """The code and its parts after a checked change: a given code sets the parts, given parts compose the code."""
    if fields.get("acriss"):
        code = acriss.parse(fields["acriss"])
        return {"acriss": code, **asdict(acriss.parts(code))}
    if not any(name in fields for name in (*CLASS_PARTS, "acriss")):
        return {}
    combined = {name: fields.get(name, current.get(name)) for name in CLASS_PARTS}
    is_cleared = "acriss" in fields and not any(name in fields for name in CLASS_PARTS)
    return {"acriss": None if is_cleared else acriss.compose(**combined), **combined}


def columns_of(fields: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Checked field values as column values."""
    values = {
        RENAMED.get(name, name): value for name, value in fields.items() if name not in CLASS_PARTS and name != "acriss"
    }
    values |= class_fields(fields, current)
    if "day_price" in values:
        price: Money | None = values.pop("day_price")
        values["day_price_minor"], values["day_price_currency"] = (
            (price.minor, price.currency) if price else (None, None)
        )
    if "plate" in values:
        plate = values["plate"].strip().upper() if values["plate"] else None
        values["plate"], values["plate_key"] = plate, normalise_plate(plate) if plate else None
    if values.get("vin"):
        values["vin"] = normalise_vin(values["vin"])
    if "equipment" in values:
        values["equipment"] = sorted(set(values["equipment"] or []))
    for name in ("home_location_code", "location_code"):
        if values.get(name):
            values[name] = values[name].upper()
    return {name: value or None if isinstance(value, str) else value for name, value in values.items()}
