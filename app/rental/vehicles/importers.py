"""Rows of a file as vehicles."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.importing import Existing, ImportRow, Saved
from app.kit import acriss
from app.kit.cells import CellField, read_cells
from app.kit.markets import MARKETS
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.vehicles import queries, rules, services

_CURRENCIES = tuple((code, code) for code in sorted({market.currency for market in MARKETS.values()}))
_MARKETS = tuple((code, market.name) for code, market in MARKETS.items())
_FIELDS = (
    CellField("make", "Make", is_required=True),
    CellField("model", "Model"),
    CellField("market", "Market", "choice", choices=_MARKETS, is_required=True, is_constant=True),
    CellField("year", "Year", "whole"),
    CellField("fleet_number", "Fleet number"),
    CellField("plate", "Plate"),
    CellField("vin", "VIN"),
    CellField("acriss", "ACRISS code"),
    CellField("category", "Category", "choice", choices=acriss.choices("category")),
    CellField("body_type", "Type", "choice", choices=acriss.choices("body_type")),
    CellField("transmission", "Transmission", "choice", choices=acriss.choices("transmission")),
    CellField("fuel", "Fuel", "choice", choices=acriss.choices("fuel")),
    CellField("air_conditioning", "Air conditioning", "fact"),
    CellField("seats", "Seats", "whole"),
    CellField("doors", "Doors", "whole"),
    CellField("bags", "Bags", "whole"),
    CellField("power_kw", "Power, kW", "whole"),
    CellField("power_hp", "Power, metric horsepower", "decimal", target="power_kw"),
    CellField("colour", "Colour"),
    CellField("odometer_km", "Odometer, km", "whole"),
    CellField("odometer_miles", "Odometer, miles", "decimal", target="odometer_km"),
    CellField("fuel_level_percent", "Fuel level, percent", "whole"),
    CellField("equipment", "Equipment", "slugs"),
    CellField("day_price.amount", "Day price", "amount"),
    CellField("day_price.currency", "Currency of the day price", "currency", choices=_CURRENCIES, is_constant=True),
    CellField("home_location", "Home branch", is_constant=True),
    CellField("location", "Branch now", is_constant=True),
    CellField("registration_expires_on", "Registration until", "day"),
    CellField("insurance_expires_on", "Insurance until", "day"),
    CellField("inspection_expires_on", "Inspection until", "day"),
    CellField("owner", "Owner", is_constant=True),
)
_UNITS = {
    "power_hp": ("power_kw", rules.kw_from_hp),
    "odometer_miles": ("odometer_km", rules.km_from_miles),
}


class VehicleImporter:
    """Vehicles, with power in horsepower and distance in miles where a file has them so."""

    key = "vehicles"
    title = "Vehicles"
    permission = "imports.vehicles"
    list_address = "/vehicles"
    fields: Mapping[str, CellField] = {field.name: field for field in _FIELDS}

    def address(self, record_id: UUID) -> str:
        return f"/vehicles/{record_id}"

    async def menus(self, session: AsyncSession, actor: Actor) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Branches: a code that does not exist would refuse every row."""
        branches = await locations.choices(session, actor)
        return {"home_location": branches, "location": branches}

    def prepare(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Typed fields of the service and what the rules refuse."""
        values, problems = read_cells(cells, self.fields)
        for name, (target, convert) in _UNITS.items():
            if name in values:
                values[target] = convert(values.pop(name))
        refused = {self.fields[problem.field].record_field for problem in problems}
        checked = rules.check_vehicle(values, is_new=True, latest_year=clock.today().year + 1)
        return values, problems + [problem for problem in checked if problem.field not in refused]

    async def find_existing(self, session: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, Existing]:
        found = await queries.list_by_source(session, source, keys)
        return {key: Existing(record_id, version) for key, record_id, version in found}

    async def save(
        self, session: AsyncSession, row: ImportRow, existing: Existing | None, *, source: str, actor: Actor
    ) -> Saved:
        fields = {**row.fields, "source_fields": dict(row.source_fields)}
        if existing is not None:
            changed = await services.change_vehicle(session, existing.id, fields=fields, actor=actor)
            return Saved(changed.vehicle, waits=changed.waits is not None)
        fields |= {"source": source, "source_key": row.key}
        return Saved(await services.create_vehicle(session, fields=fields, actor=actor))


VEHICLES = VehicleImporter()
