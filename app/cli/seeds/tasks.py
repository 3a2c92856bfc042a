"""The demo's tasks: queues as they look in the middle of a day, made and moved by the services themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Any, Final
from uuid import UUID

from app.core import clock, registry
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database
from app.core.errors import AppError
from app.desk.staff.services.people import as_actor
from app.desk.tasks import queries
from app.desk.tasks.models import Task
from app.desk.tasks.rules import Priority
from app.desk.tasks.services.creation import create_task
from app.desk.tasks.services.moves import make_move
from app.desk.tasks.services.people import can_take

CHECKS: Final = (
    "Scratch on the rear bumper", "Left mirror hangs loose", "Smell of smoke inside", "Child seat missing",
    "Tyre pressure warning", "Windscreen chip, driver's side", "Second key missing", "Boot does not lock",
    "Charging cable missing", "Warning light after return", "Mileage on the contract differs",
    "Dirty inside, photos taken",
    "Toll tag to be replaced", "Winter tyres to be mounted",
)  # fmt: skip
CALLS: Final = (
    "Asks for another payment day", "Wants to know what is missing", "Moved house, new address",
    "Income proof unreadable",
    "Asks to lower the amount", "Did not recognise our letter", "Wants to add a co-applicant",
    "Asks for the offer by post",
    "Complains about the waiting time", "Asks about early repayment",
)  # fmt: skip
GENERAL: Final = (
    ("fleet", "Order keys for Tallinn Airport"), ("fleet", "Agree the car wash for July"),
    ("fleet", "Return the loan trailer"), ("credit", "Update the call script for refinancing"),
    ("credit", "Answer the broker's list of open cases"), ("engineering", "Renew the certificate of the test gateway"),
    ("engineering", "Look at slow reports on Monday mornings"),
    ("engineering", "Write down how the search index is rebuilt"),
    ("administration", "Invite the two new clerks of Riga"), ("administration", "Review who may dispose of vehicles"),
)  # fmt: skip
PRIORITIES: Final = (Priority.NORMAL, Priority.NORMAL, Priority.HIGH, Priority.LOW, Priority.NORMAL, Priority.URGENT)
DUE_HOURS: Final = (3, 26, -2, 50, 8, 74, 1, -20, 30, 5)


async def add_tasks(database: Database) -> int:
    """Make about sixty tasks over all teams: overdue, due, taken, snoozed, done and cancelled ones."""
    random, made = Random("tasks"), 0  # noqa: S311 - made-up records, not secrets
    vehicles = await database.reads.fetch("SELECT id FROM vehicle WHERE state = 'in_service' ORDER BY plate LIMIT 60")
    customers = await database.reads.fetch("SELECT id FROM customer ORDER BY name LIMIT 60")
    waiting = await database.reads.fetch(
        "SELECT id, reference FROM application WHERE state IN ('submitted', 'screening') ORDER BY submitted_at LIMIT 14"
    )
    cars, people = cycle(_ids(random, vehicles)), cycle(_ids(random, customers))
    wanted: list[dict[str, Any]] = [
        {"kind": "application_review", "title": f"Review {row[1]}", "subject": ("application", UUID(str(row[0]))),
         "unique_key": f"application_review:{row[0]}"}
        for row in waiting
    ]  # fmt: skip
    wanted += [{"kind": "vehicle_check", "title": one, "subject": ("vehicle", next(cars))} for one in CHECKS]
    wanted += [{"kind": "customer_call", "title": one, "subject": ("customer", next(people))} for one in CALLS]
    wanted += [{"kind": "general", "title": one, "team": team} for team, one in GENERAL]
    wanted += [
        {"kind": "vehicle_check", "title": f"Photos for the damage file, {number}", "subject": ("vehicle", next(cars))}
        for number in range(1, 13)
    ]
    async with database.unit() as session:
        for number, fields in enumerate(wanted):
            due_at = clock.now() + timedelta(hours=DUE_HOURS[number % len(DUE_HOURS)], minutes=number)
            priority = PRIORITIES[number % len(PRIORITIES)]
            task = await create_task(session, **fields, due_at=due_at, priority=priority, actor=SYSTEM)
            await session.flush()
            await _lived(session, task, number)
            made += 1
    return made


def _ids(random: Random, rows: Sequence[Any]) -> list[UUID]:
    ids = [UUID(str(row[0])) for row in rows]
    random.shuffle(ids)
    return ids


async def _lived(session: AsyncSession, task: Task, number: int) -> None:
    """What became of the task so far: two in five are as they were made."""
    team = [person for person in await queries.list_people(session) if can_take(task, person)]
    steps: dict[int, list[tuple[str, dict[str, Any]]]] = {
        0: [("claim", {})],
        2: [("claim", {}), ("completion", {"outcome": _outcome(task), "note": "Done on site."})],
        3: [("claim", {})],
        6: [("snooze", {"until": clock.now() + timedelta(hours=20 + number), "reason": "The customer is away."})],
        8: [("claim", {}), ("completion", {"outcome": _outcome(task)})],
        9: [("cancellation", {"reason": "Somebody has done it already."})],
    }
    if not team:
        return
    actor = as_actor(team[number % len(team)])
    for move, fields in steps.get(number % 10, []):
        try:
            await make_move(session, task, move, fields=fields, actor=actor)
        except AppError:
            return
        await session.flush()


def _outcome(task: Task) -> str | None:
    known = registry.task_kinds[task.kind].outcomes
    return known[0][0] if known else None
