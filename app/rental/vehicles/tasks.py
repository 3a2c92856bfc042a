"""Vehicle work that happens by itself, and what is done with many vehicles at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.filters import money
from app.core.jobs.context import JobContext
from app.core.undo import UndoKind
from app.kit import acriss
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.vehicles import queries, rules, services
from app.rental.vehicles.pages import MOVE_WORDS, due_in_words
from app.rental.vehicles.schemas import STATE_WORDS, VehicleItem

BATCH = 200
SOON_DAYS = 14
MOST_DUE = 500


def label(item: VehicleItem) -> str:
    """Plate or fleet number, make and model."""
    return " ".join(part for part in (item.plate or item.fleet_number, item.make, item.model) if part)


def _first_due(item: VehicleItem) -> str | None:
    return due_in_words(item.due[0].document, item.due[0].days) if item.due else None


LISTING = Listing(
    queries.vehicles,
    queries.SPEC,
    label,
    columns=(
        FileColumn("plate", "Plate"),
        FileColumn("make", "Make", shown_as="vehicle"),
        FileColumn("model", "Model", shown_as="vehicle"),
        FileColumn("year", "Year", "number"),
        FileColumn("acriss", "ACRISS", shown_as="class"),
        FileColumn("class_words", "Class", shown_as="class"),
        FileColumn("market", "Market"),
        FileColumn("location", "Branch", shown_as="branch"),
        FileColumn("home_location", "Home branch", shown_as="home_branch"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn("odometer_km", "Odometer, km", "number", shown_as="odometer"),
        FileColumn("day_price", "Day price", "money"),
        FileColumn("due", "Due", value=_first_due),
        FileColumn("fleet_number", "Fleet number"),
        FileColumn("vin", "VIN"),
        FileColumn("category", "Category", "words", words=dict(acriss.choices("category"))),
        FileColumn("fuel", "Fuel", "words", words=dict(acriss.choices("fuel"))),
        FileColumn("transmission", "Transmission", "words", words=dict(acriss.choices("transmission"))),
        FileColumn("colour", "Colour"),
        FileColumn("seats", "Seats", "number"),
        FileColumn("doors", "Doors", "number"),
        FileColumn("power_kw", "Power, kW", "number"),
        FileColumn("fuel_level_percent", "Tank, %", "number", shown_as="fuel_level"),
        FileColumn("equipment", "Equipment"),
        FileColumn("registration_expires_on", "Registration until", "day", shown_as="registration"),
        FileColumn("insurance_expires_on", "Insurance until", "day", shown_as="insurance"),
        FileColumn("inspection_expires_on", "Inspection until", "day", shown_as="inspection"),
        FileColumn("owner", "Owner"),
        FileColumn("created_at", "Added", "moment", shown_as="created"),
        FileColumn("updated_at", "Changed", "moment", shown_as="updated"),
        FileColumn("id", "Id"),
    ),
)


async def follow_periods(context: JobContext) -> dict[str, int]:
    """Let states follow the planned periods that have begun or ended since the last look."""
    async with context.database.session() as session:
        due = await queries.list_due_changes(session, clock.now(), BATCH)
    for number, vehicle_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=vehicle_id: services.apply_periods(session, key))
        await context.progress(number, len(due))
    return {"vehicles": len(due)}


async def raise_document_tasks(context: JobContext) -> dict[str, int]:
    """Make a task for each vehicle whose first document is over or ends within two weeks, once per document."""
    async with context.database.session() as session:
        due = await queries.list_due_documents(session, clock.today() + timedelta(days=SOON_DAYS), MOST_DUE)
    made = 0
    for number, vehicle_id in enumerate(due, 1):
        made += await run_in_unit(
            context.database, lambda session, key=vehicle_id: services.raise_document_task(session, key)
        )
        await context.progress(number, len(due))
    return {"tasks": made}


def foresee_move(move: str, item: VehicleItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    """Whether the state allows the move, and for a transfer whether it leads elsewhere."""
    before, after = item.state_words, STATE_WORDS[rules.MOVES[move].to_state]
    if rules.can_move(move, rules.VehicleState(item.state)):
        return Effect(before, after, f"The state is {before.lower()}")
    destination = values.get("to_location")
    if destination is None:
        return Effect(before, after)
    here = item.location or "nowhere"
    return Effect(here, destination, "It is there already" if here == destination else "")


async def apply_move(
    move: str, session: AsyncSession, vehicle_id: UUID, values: Mapping[str, Any], actor: Actor
) -> Done:
    vehicle = await services.move_vehicle(session, vehicle_id, move, fields=values, actor=actor)
    return Done(STATE_WORDS[vehicle.state])


def foresee_price(item: VehicleItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    percent: Decimal = values["percent"]
    before = item.day_price.to_money() if item.day_price else None
    refusal = rules.check_repriced(before, percent)
    if refusal or before is None:
        return Effect(money(before), "", refusal or "")
    if item.state == rules.VehicleState.RETIRED:
        return Effect(money(before), "", "The state is retired")
    after = rules.repriced(before, percent)
    return Effect(money(before), money(after), needs_consent=rules.needs_approval(before, after))


async def apply_price(session: AsyncSession, vehicle_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    before, after, waits = await services.reprice_vehicle(session, vehicle_id, percent=values["percent"], actor=actor)
    words = price_in_words(before, after)
    return Done(f"{words}, asked for as {waits.reference}", waits.id) if waits else Done(words)


async def check_percent(session: AsyncSession, values: Mapping[str, Any], actor: Actor) -> list[Problem]:  # noqa: ARG001
    wrong = rules.check_percent(values["percent"])
    return [Problem("percent", "out_of_range", wrong)] if wrong else []


async def destinations(session: AsyncSession, actor: Actor) -> Sequence[tuple[str, str]]:
    return await locations.choices(session, actor)


def price_in_words(before: Money, after: Money) -> str:
    return f"{money(before)} → {money(after)}"


def _move_action(move: str, text: str, *fields: BulkField) -> BulkAction:
    words = MOVE_WORDS[move]
    return BulkAction(
        move, words.label, words.permission, partial(apply_move, move), partial(foresee_move, move), fields, text=text
    )


REASON = BulkField("reason", "Reason", "long_text", hint="Kept in the timeline of each vehicle.")
BULK_ACTIONS = (
    _move_action("block", "They cannot be hired out until the block is ended.", REASON),
    _move_action("block_removal", "They can be hired out again."),
    _move_action(
        "transfer",
        "They are under way until somebody says that they arrived.",
        BulkField("to_location", "To branch", "choice", options=destinations),
        REASON,
    ),
    _move_action("arrival", "They are in service at the branch they were sent to."),
    BulkAction(
        "reprice",
        "Change price",
        "vehicles.edit",
        apply_price,
        foresee_price,
        (
            BulkField(
                "percent",
                "Change in per cent",
                "percent",
                longest=10,
                hint="5 raises, -5 lowers. Each price is rounded to its smallest coin, half of it upwards.",
            ),
        ),
        check_percent,
        "The day price of each vehicle changes by a part of itself. "
        f"Above {rules.LARGEST_LONE_CHANGE} % it waits until somebody else agrees.",
    ),
)


async def undo_move(session: AsyncSession, vehicle_id: UUID, payload: Mapping[str, Any], actor: Actor) -> None:
    """Make the move that leads back."""
    ends_at = payload.get("ends_at")
    fields = {"reason": payload.get("reason"), "ends_at": datetime.fromisoformat(ends_at) if ends_at else None}
    await services.move_vehicle(session, vehicle_id, payload["move"], fields=fields, actor=actor)


async def undo_field(session: AsyncSession, vehicle_id: UUID, payload: Mapping[str, Any], actor: Actor) -> None:
    """Give a field the value it had."""
    value = payload["value"]
    if isinstance(value, dict):
        value = Money.parse(value["amount"], value["currency"])
    await services.update_vehicle(session, vehicle_id, fields={payload["name"]: value}, actor=actor)


UNDOS = (
    UndoKind("vehicle.move", "vehicle", "vehicles.move", undo_move),
    UndoKind("vehicle.disposal", "vehicle", "vehicles.dispose", undo_move),
    UndoKind("vehicle.field", "vehicle", "vehicles.edit", undo_field),
)
