"""Changing what is known of vehicles: one function per change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.approvals import Asked
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, Conflict, Forbidden, IllegalState, InvalidFields, StaleVersion
from app.core.read_pool import ReadPool
from app.desk.approvals.models import Approval
from app.desk.tasks import services as tasks
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.vehicles import approvals, queries, rules
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.services import stays

DOCUMENT_TASK = "vehicle_documents"
UNIQUE = {"plate_key": "plate", "vin": "vin", "fleet_number": "fleet_number"}
FIELD_LABELS = {
    "day_price_minor": "Day price",
    "plate_key": "Plate",
    "home_location_code": "Home branch",
    "location_code": "Branch",
    "odometer_km": "Odometer, km",
    "power_kw": "Power, kW",
    "acriss": "ACRISS",
    "vin": "VIN",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A vehicle after a change, and what of the change waits for somebody else's consent."""

    vehicle: Vehicle
    waits: Approval | None = None


class PriceNotChangeable(Conflict):
    code = "price_not_changeable"
    title = "The price cannot be changed so"
    advice = "Nothing was changed. Go back and choose another price."


async def create_vehicle(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, vehicle_id: UUID | None = None
) -> Vehicle:
    """Add a vehicle. Raises InvalidFields; Conflict when the id is taken."""
    given = _present(fields)
    if actor.branches is not None and not given.get("location"):
        given["location"] = given.get("home_location")
    refuse(rules.check_vehicle(given, is_new=True, latest_year=clock.today().year + 1))
    values = rules.columns_of(given, {})
    vehicle = Vehicle(**values)
    if vehicle_id:
        if await session.get(Vehicle, vehicle_id):
            raise AlreadyThere("A vehicle with this id exists.")
        vehicle.id = vehicle_id
    refuse(await _check_relations(session, values, actor, besides=None))
    _refuse_outside(vehicle, actor)
    session.add(vehicle)
    changes = {name: (None, value) for name, value in _for_people(values).items() if value not in (None, [])}
    await record(session, "vehicle.created", vehicle, actor=actor, changes=changes)
    await stays.follow(session, vehicle)
    return vehicle


async def update_vehicle(
    session: AsyncSession, vehicle_id: UUID, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Vehicle:
    """As `change_vehicle`, for callers that need not know what waits."""
    return (await change_vehicle(session, vehicle_id, fields=fields, actor=actor, version=version)).vehicle


async def change_vehicle(
    session: AsyncSession, vehicle_id: UUID, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Changed:
    """Change the given fields; None clears one. A large change of price waits for somebody else, the others do not.

    Raises StaleVersion when `version` is no longer the present one.
    """
    vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
    if not approvals.needs_consent(vehicle, fields, actor):
        return Changed(await _change(session, vehicle, fields=fields, actor=actor, version=version))
    refuse(rules.check_vehicle(dict(fields), is_new=False, latest_year=clock.today().year + 1))
    rest = {name: value for name, value in fields.items() if name != "day_price"}
    await _change(session, vehicle, fields=rest, actor=actor, version=version)
    return Changed(vehicle, await approvals.request_price(session, vehicle, fields["day_price"], actor=actor))


async def _change(
    session: AsyncSession, vehicle: Vehicle, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Vehicle:
    if version is not None and version != vehicle.version:
        raise StaleVersion("Somebody else has changed this vehicle.", extra={"etag": vehicle.etag})
    if vehicle.state is VehicleState.RETIRED:
        raise IllegalState("A retired vehicle is no longer changed.", state=vehicle.state)
    refuse(rules.check_vehicle(dict(fields), is_new=False, latest_year=clock.today().year + 1))
    values = rules.columns_of(fields, vehicle.model_dump(include=set(rules.CLASS_PARTS)))
    refuse(await _check_relations(session, values, actor, besides=vehicle.id))
    changed = apply(vehicle, values)
    if not changed:
        return vehicle
    _refuse_outside(vehicle, actor)
    before = _for_people({name: old for name, (old, _) in changed.items()}, vehicle.day_price_currency)
    after = _for_people({name: new for name, (_, new) in changed.items()}, vehicle.day_price_currency)
    await record(
        session, "vehicle.updated", vehicle, actor=actor, changes={name: (before[name], after[name]) for name in before}
    )
    if stays.PLACE & changed.keys():
        await stays.follow(session, vehicle)
    await approvals.void_changed(session, vehicle, actor=actor)
    return vehicle


async def reprice_vehicle(
    session: AsyncSession, vehicle_id: UUID, *, percent: Decimal, actor: Actor
) -> tuple[Money, Money, Approval | None]:
    """Change the day price by a percentage; answers it before and after, and the approval that it waits for.

    Raises PriceNotChangeable.
    """
    vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
    before = vehicle.day_price
    refusal = rules.check_repriced(before, percent)
    if refusal or before is None:
        raise PriceNotChangeable(f"{refusal}.")
    after = rules.repriced(before, percent)
    changed = await change_vehicle(session, vehicle_id, fields={"day_price": after}, actor=actor)
    return before, after, changed.waits


async def carry_out_price(session: AsyncSession, asked: Asked, actor: Actor) -> Vehicle:
    """Set the day price that was agreed to."""
    vehicle = await queries.lock_vehicle(session, asked.subject_id, actor)
    price = asked.payload["day_price"]
    fields = {"day_price": Money.parse(price["amount"], price["currency"]) if price else None}
    return await _change(session, vehicle, fields=fields, actor=actor)


async def raise_document_task(session: AsyncSession, vehicle_id: UUID) -> bool:
    """Ask the fleet to see to the document that is over or ends first; False when that was asked before."""
    vehicle = await queries.lock_vehicle(session, vehicle_id, SYSTEM)
    found = vehicle.due(clock.today())
    if not found or vehicle.state is VehicleState.RETIRED:
        return False
    first, about = found[0], (vehicle.record_kind, vehicle.id)
    key = f"{DOCUMENT_TASK}:{vehicle.id}:{first.document}:{first.expires_on}"
    if await tasks.was_made(session, about, key):
        return False
    name = " ".join(part for part in (vehicle.plate or vehicle.fleet_number, vehicle.title) if part)
    title = f"{first.document.capitalize()} {'is over' if first.days < 0 else 'ends soon'}: {name}"
    await tasks.create_task(
        session, kind=DOCUMENT_TASK, title=title[:200], subject=about, unique_key=key, actor=SYSTEM,
        priority=tasks.Priority.HIGH if first.days < 0 else None,
    )  # fmt: skip
    return True


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)


def _refuse_outside(vehicle: Vehicle, actor: Actor) -> None:
    if not actor.sees(market=vehicle.market, branch=vehicle.location_code):
        raise Forbidden("The market or branch is outside your scope.")


def _for_people(values: Mapping[str, Any], currency: str | None = None) -> dict[str, Any]:
    """Column values as the audit trail shows them."""
    shown = {
        name: value
        for name, value in values.items()
        if name not in ("plate_key", "day_price_currency", "source_fields")
    }
    price = shown.get("day_price_minor")
    currency = values.get("day_price_currency") or currency
    if price is not None and currency:
        shown["day_price_minor"] = Money(price, currency)
    return shown


async def _check_relations(
    session: AsyncSession, values: Mapping[str, Any], actor: Actor, *, besides: UUID | None
) -> list[Problem]:
    problems: list[Problem] = []
    for column, field in UNIQUE.items():
        value = values.get(column)
        if value and (holder := await queries.find_holder(session, column, value, besides=besides)):
            whose = f" ({holder.title})" if actor.sees(market=holder.market, branch=holder.location_code) else ""
            problems.append(Problem(field, "taken", f"Another vehicle{whose} has this {field.replace('_', ' ')}"))
    codes = {field: values[column] for field, column in rules.RENAMED.items() if values.get(column)}
    known = await locations.by_codes(session, set(codes.values()))
    for field, code in codes.items():
        if code not in known:
            problems.append(Problem(field, "unknown_location", f"There is no location {code}"))
        elif not actor.sees(market=known[code].market, branch=code):
            problems.append(Problem(field, "outside_scope", f"{code} is outside your markets and branches"))
    return problems


async def get_vehicle(session: AsyncSession, vehicle_id: UUID, actor: Actor) -> Vehicle:
    """The vehicle. Raises NotFound outside the actor's scope."""
    return await queries.get_vehicle(session, vehicle_id, actor)


async def lock_vehicle(session: AsyncSession, vehicle_id: UUID, actor: Actor) -> Vehicle:
    """The vehicle, locked for what is to be done with it. Raises NotFound outside the actor's scope."""
    return await queries.lock_vehicle(session, vehicle_id, actor)


async def count_listed(reads: ReadPool, filters: Mapping[str, Sequence[str]], actor: Actor) -> int:
    """How many vehicles the list with these filters has, for pages that link to it."""
    return await queries.count_for(reads, actor, filters)
