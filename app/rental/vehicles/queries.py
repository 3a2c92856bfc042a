"""Reading vehicles."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.area import DataCheck
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort, ascii_text, scope_sql
from app.core.scoped import Scoped
from app.desk.imports.services.lists import BY_IMPORT, imported
from app.desk.tags.services import tagged
from app.kit import acriss
from app.kit.identifiers import normalise_plate, normalise_vin
from app.kit.markets import MARKETS
from app.rental.vehicles.models import Vehicle, VehiclePeriod, VehicleStay
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.schemas import STATE_WORDS, VehicleItem

_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore

_COLUMNS = {
    **{
        name: _v.c[name] for name in ("id", "market", "make", "model", "year", "fleet_number", "plate", "vin", "acriss")
    },
    **{name: _v.c[name] for name in ("category", "body_type", "transmission", "fuel", "air_conditioning", "seats")},
    **{name: _v.c[name] for name in ("doors", "bags", "power_kw", "colour", "odometer_km", "fuel_level_percent")},
    "equipment": _v.c.equipment,
    "day_price": _v.c.day_price_minor,
    "day_price_currency": _v.c.day_price_currency,
    "home_location": _v.c.home_location_code,
    "location": _v.c.location_code,
    **{name: _v.c[name] for name in ("registration_expires_on", "insurance_expires_on", "inspection_expires_on")},
    **{name: _v.c[name] for name in ("owner", "tags", "state", "version", "created_at", "updated_at")},
}

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter(
            "market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items()), facet="market"
        ),
        Filter("location", "Branch", "code", facet="branch"),
        Filter("make", "Make", "code", facet="make"),
        Filter("category", "Category", "choice", acriss.choices("category"), facet="category"),
        Filter("body_type", "Type", "choice", acriss.choices("body_type"), facet="body_type"),
        Filter("transmission", "Transmission", "choice", acriss.choices("transmission"), facet="transmission"),
        Filter("fuel", "Fuel", "choice", acriss.choices("fuel"), facet="fuel"),
        Filter("tag", "Tag", "code", facet="tags"),
        Filter("acriss", "ACRISS", "pattern"),
        Filter("plate", "Plate", "text"),
        Filter("vin", "VIN", "text"),
        Filter("fleet_number", "Fleet number", "text"),
        Filter("colour", "Colour", "code", facet="colour"),
        Filter("year_min", "Year from", "whole", search_field="year"),
        Filter("year_max", "Year to", "whole", search_field="year"),
        Filter("odometer_min", "Odometer from, km", "whole", search_field="odometer_km"),
        Filter("odometer_max", "Odometer to, km", "whole", search_field="odometer_km"),
        Filter("day_price_from", "Day price from", "money", search_field="day_price_minor"),
        Filter("day_price_to", "Day price to", "money", search_field="day_price_minor"),
        Filter(
            "day_price_min", "Day price from, minor units", "whole", search_field="day_price_minor", is_offered=False
        ),
        Filter("day_price_max", "Day price to, minor units", "whole", search_field="day_price_minor", is_offered=False),
        BY_IMPORT,
        Filter("due_before", "Documents due before", "day", search_field="due_on"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
        Filter("updated_before", "Changed before", "moment", search_field="updated_at"),
    ),
    sorts=("updated_at", "created_at", "make", "plate", "year", "odometer_km", "day_price", "due_on"),
    default_sort="-updated_at",
)


def _least(column: Any, name: str) -> Any:
    return column >= bindparam(f"{name}_0", type_=column.type)


def _most(column: Any, name: str) -> Any:
    return column <= bindparam(f"{name}_0", type_=column.type)


vehicles = ListRead(
    VehicleItem,
    table=_v,
    columns=_COLUMNS,
    where={
        **{
            name: _v.c[name]
            for name in ("state", "market", "make", "category", "body_type", "transmission", "fuel", "colour")
        },
        "location": _v.c.location_code,
        "tag": tagged("vehicle", _v.c.id),
        BY_IMPORT.name: imported(_v.c.id),
        "acriss": _v.c.acriss.like(bindparam("acriss_0")),
        "plate": _v.c.plate_key.like(bindparam("plate_0")),
        "vin": _v.c.vin == bindparam("vin_0"),
        "fleet_number": _v.c.fleet_number == bindparam("fleet_number_0"),
        "day_price_from": _least(_v.c.day_price_minor, "day_price_from"),
        "day_price_to": _most(_v.c.day_price_minor, "day_price_to"),
        "year_min": _least(_v.c.year, "year_min"),
        "year_max": _most(_v.c.year, "year_max"),
        "odometer_min": _least(_v.c.odometer_km, "odometer_min"),
        "odometer_max": _most(_v.c.odometer_km, "odometer_max"),
        "day_price_min": _least(_v.c.day_price_minor, "day_price_min"),
        "day_price_max": _most(_v.c.day_price_minor, "day_price_max"),
        "due_before": _v.c.due_on < bindparam("due_before_0", type_=_v.c.due_on.type),
        "updated_after": _v.c.updated_at > bindparam("updated_after_0"),
        "updated_before": _v.c.updated_at < bindparam("updated_before_0"),
    },
    sorts={
        "updated_at": Sort(_v.c.updated_at, "ix_vehicle_updated_at"),
        "created_at": Sort(_v.c.created_at, "ix_vehicle_created_at"),
        "make": Sort(_v.c.make, "ix_vehicle_make"),
        "plate": Sort(_v.c.plate_key, "ix_vehicle_plate"),
        "year": Sort(_v.c.year, "ix_vehicle_year"),
        "odometer_km": Sort(_v.c.odometer_km, "ix_vehicle_odometer"),
        "day_price": Sort(_v.c.day_price_minor, "ix_vehicle_day_price"),
        "due_on": Sort(_v.c.due_on, "ix_vehicle_due"),
    },
    scope={"market": _v.c.market, "branch": _v.c.location_code},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_vehicle_state",
        frozenset({"location", "sort:plate"}): "ix_vehicle_location_plate",
    },
    prepare={
        "plate": lambda text: normalise_plate(str(text)) + "%",
        "vin": lambda text: normalise_vin(str(text)),
    },
)

_one = Scoped(Vehicle, branch="location_code")
find_vehicle, get_vehicle, lock_vehicle = _one.find, _one.get, _one.lock


async def list_periods(session: AsyncSession, vehicle_id: UUID) -> list[VehiclePeriod]:
    """All stretches of one vehicle, the earliest first."""
    statement = (
        select(VehiclePeriod)
        .where(VehiclePeriod.vehicle_id == vehicle_id)  # pyright: ignore
        .order_by(VehiclePeriod.starts_at)  # pyright: ignore
        .limit(1000)
    )
    return list((await session.execute(statement)).scalars())


async def find_holder(session: AsyncSession, column: str, value: str, *, besides: UUID | None) -> Vehicle | None:
    """Another vehicle that has this unique value."""
    statement = select(Vehicle).where(_v.c[column] == value)
    if besides:
        statement = statement.where(_v.c.id != besides)
    return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def list_by_source(session: AsyncSession, source: str, keys: Sequence[str]) -> list[tuple[str, UUID, int]]:
    """Key, id and version of the vehicles that were imported from a source under these keys."""
    statement = select(_v.c.source_key, _v.c.id, _v.c.version).where(_v.c.source == source, _v.c.source_key.in_(keys))
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


async def list_due_changes(session: AsyncSession, now: datetime, limit: int) -> list[UUID]:
    """Vehicles whose state has to be looked at again."""
    statement = select(_v.c.id).where(_v.c.next_change_at <= now).order_by(_v.c.next_change_at).limit(limit)
    return list((await session.execute(statement)).scalars())


async def list_due_documents(session: AsyncSession, before: date, limit: int) -> list[UUID]:
    """Vehicles in the fleet whose first document ends before a day, the earliest first."""
    statement = select(_v.c.id).where(_v.c.due_on < before, _v.c.state != VehicleState.RETIRED)
    return list((await session.execute(statement.order_by(_v.c.due_on, _v.c.id).limit(limit))).scalars())


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Vehicles by the beginning of plate, VIN, fleet number or make, while the search engine is away."""
    plate, prefix = normalise_plate(text), text.replace("%", "").replace("_", "") + "%"
    scope, values = scope_sql(actor, market="market", branch="location_code")
    branches = []
    parameters: list[Any] = []
    for column, value in (
        ("plate_key", f"{plate}%"),
        ("vin", ascii_text(f"{plate}%")),
        ("fleet_number", prefix),
        ("make", prefix),
        ("model", prefix),
    ):
        if value != "%":
            branches.append(f"(SELECT id FROM vehicle WHERE {column} LIKE %s{scope} LIMIT {int(limit)})")  # noqa: S608
            parameters += [value, *values]
    if not branches:
        return []
    sql = (
        "SELECT v.id, COALESCE(v.plate, v.fleet_number, ''), CONCAT_WS(' ', v.make, v.model), "  # noqa: S608
        "COALESCE(v.location_code, v.market) "
        f"FROM ({' UNION '.join(branches)}) found JOIN vehicle v ON v.id = found.id LIMIT {int(limit)}"
    )
    return [(str(row[0]), row[1], row[2], row[3]) for row in await reads.fetch(sql, parameters)]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, VehicleItem]:
    """Vehicles as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await vehicles.by_ids(reads, ids, actor)}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT v.id, v.version, v.market, v.location_code, v.make, v.model, v.year, v.fleet_number, v.plate, "  # noqa: S608
        "v.vin, v.acriss, v.category, v.body_type, v.transmission, v.fuel, v.colour, v.odometer_km, "
        "v.day_price_minor, v.day_price_currency, "
        "v.equipment, v.state, v.updated_at, l.name, l.city, v.due_on, v.tags FROM vehicle v "
        f"LEFT JOIN location l ON l.code = v.location_code WHERE v.id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))


async def count_for(reads: ReadPool, actor: Actor, filters: Mapping[str, Sequence[str]]) -> int:
    """How many rows the list with these filters has for this person."""
    return await vehicles.count(reads, Query(filters, SPEC.default_sort), actor)


STAYS = (
    DataCheck(
        "I15",
        "Vehicles whose place in the fleet is another than what is kept of it",
        "SELECT v.id FROM vehicle v LEFT JOIN vehicle_stay s ON s.vehicle_id = v.id AND s.ends_at IS NULL "
        "WHERE IF(v.base_state = 'in_service' AND v.location_code IS NOT NULL AND v.acriss IS NOT NULL, "
        "NOT (s.location_code <=> v.location_code AND s.class_code <=> v.acriss AND s.market <=> v.market), "
        "s.vehicle_id IS NOT NULL)",
    ),
    DataCheck(
        "I15",
        "Vehicles that are in the fleet twice at once",
        "SELECT a.vehicle_id FROM vehicle_stay a JOIN vehicle_stay b ON b.vehicle_id = a.vehicle_id "
        "AND b.starts_at > a.starts_at WHERE a.ends_at IS NULL OR a.ends_at > b.starts_at",
    ),
)


async def find_stay(session: AsyncSession, vehicle_id: UUID) -> VehicleStay | None:
    """The stay that goes on."""
    statement = select(VehicleStay).where(VehicleStay.vehicle_id == vehicle_id, VehicleStay.ends_at.is_(None))  # type: ignore[union-attr]  # pyright: ignore
    return (await session.execute(statement)).scalar_one_or_none()
