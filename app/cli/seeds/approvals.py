"""The demo's requests for consent, in every state they can be in, asked and decided by the services themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text

from app.core.auth.staff import actor_of
from app.desk.approvals.services import deciding
from app.desk.staff import queries
from app.desk.staff.services import access
from app.desk.staff.services.identity import load_staff_facts
from app.main import assemble
from app.rental.vehicles import services as vehicles

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.actor import Actor
    from app.core.db import AsyncSession, Database
    from app.core.runtime import Assembly
    from app.desk.approvals.models import Approval

MANAGER, ADMINISTRATOR, CLERK = "Henrik Saar", "Tõnu Sepp", "Mari Kask"
WIDENED: Final = ("Kadri Põld", ["credit_officer", "credit_manager"])
"""Whose rights become wider once another administrator agrees."""


EXPIRES_AFTER: Final = timedelta(days=7)
_REQUESTED = (
    "UPDATE approval SET created_at = :asked, expires_at = :expires, "
    "closed_at = IF(closed_at IS NULL, NULL, :closed), executed_at = IF(executed_at IS NULL, NULL, :closed) "
    "WHERE id = :id"
)
_AUDITED = (
    "UPDATE audit_entry SET at = IF(action = 'approval.requested', :asked, :closed) "
    "WHERE subject_kind = 'approval' AND subject_id = :id"
)
_DONE = (
    "UPDATE audit_entry SET at = :closed WHERE subject_kind = 'vehicle' AND subject_id = :about "
    "AND JSON_VALUE(facts, '$.approval') = :reference"
)
_TOLD = (
    "UPDATE notification SET at = IF(kind = 'approval.waits', :asked, :closed) "
    "WHERE subject_kind = 'approval' AND subject_id = :id"
)
MOVED_BACK: Final = (_REQUESTED, _AUDITED, _DONE, _TOLD)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: hours ago, who asked, about a vehicle of which market, and what came of it."""

    hours: float
    maker: str
    market: str
    percent: int = 0
    """By how much the day price is to change; 0 asks for a retirement."""
    why: str = ""
    end: str = ""
    by: str = ""
    words: str = ""
    left: timedelta | None = None
    """How long it still waits, when that is less than its kind gives."""


STORIES: Final = (
    Asked(26 * 24, "Rasa Kazlauskienė", "LT", 40, end="expiry"),
    Asked(8 * 24, "Ivana Horvat", "HR", 25, end="approval", by=MANAGER, words="As agreed for the summer at the coast."),
    Asked(6 * 24, "Petr Novák", "CZ", -45, end="rejection", by=MANAGER,
          words="Half the price in the best week of the season; 15 % is enough to fill it."),
    Asked(5 * 24, ADMINISTRATOR, "SE", why="Sold to the dealer in Uppsala, handed over", end="approval", by=MANAGER),
    Asked(4 * 24, "Aino Virtanen", "FI", 30, end="change", by=MANAGER),
    Asked(3 * 24, CLERK, "EE", 60, end="withdrawal", words="It was meant for the estate, not the saloon."),
    Asked(50, MANAGER, "PL", why="Gearbox gone at 212,000 km; the repair costs more than the car"),
    Asked(13 * 24 + 6, ADMINISTRATOR, "DE", why="Hail damage, written off by the insurer"),
    Asked(28, "Camille Laurent", "FR", 22, left=timedelta(hours=7)),
    Asked(20, "Lena Vogt", "DE", 250),
    Asked(3, CLERK, "EE", 25),
    Asked(1.5, "Jānis Bērziņš", "LV", -30),
)  # fmt: skip


async def load_approvals(database: Database, people: Sequence[Person], present: datetime) -> None:
    """Ask and decide, each in a transaction of its own, as if it had happened over the last weeks."""
    assembly = assemble()
    actors = {person.name: await _actor(database, assembly, person) for person in people}
    for number, story in enumerate(sorted(STORIES, key=lambda one: -one.hours)):
        async with database.unit() as session:
            approval = await _ask(session, story, number, actors[story.maker])
            if approval is None:
                continue
            await _end(session, assembly, story, approval, actors)
            await session.flush()
            await _happened_then(session, story, approval, present)
    async with database.unit() as session:
        await _widen(session, people, actors[ADMINISTRATOR])


async def _actor(database: Database, assembly: Assembly, person: Person) -> Actor:
    facts = await load_staff_facts(database.primary, person.id)
    assert facts is not None
    return actor_of(facts, assembly.permissions)


async def _ask(session: AsyncSession, story: Asked, number: int, maker: Actor) -> Approval | None:
    """Ask about a vehicle of the market; None where there is none to ask about."""
    found = await session.scalar(
        text(
            "SELECT id FROM vehicle WHERE market = :market AND state = 'in_service' AND day_price_minor IS NOT NULL "
            "AND location_code IS NOT NULL ORDER BY plate DESC LIMIT 1 OFFSET :number"
        ),
        {"market": story.market, "number": number},
    )
    if found is None:
        return None
    if not story.percent:
        fields = {"reason": story.why}
        return (await vehicles.begin_move(session, UUID(str(found)), "retirement", fields=fields, actor=maker)).waits
    percent = Decimal(story.percent)
    _, _, waits = await vehicles.reprice_vehicle(session, UUID(str(found)), percent=percent, actor=maker)
    return waits


async def _end(
    session: AsyncSession, assembly: Assembly, story: Asked, approval: Approval, actors: dict[str, Actor]
) -> None:
    kinds = assembly.approval_kinds
    match story.end:
        case "approval":
            await deciding.approve(session, kinds, approval.id, comment=story.words, actor=actors[story.by])
        case "rejection":
            await deciding.reject(session, kinds, approval.id, reason=story.words, actor=actors[story.by])
        case "withdrawal":
            await deciding.withdraw(session, kinds, approval.id, comment=story.words, actor=actors[story.maker])
        case "expiry":
            over = "UPDATE approval SET expires_at = created_at WHERE id = :id"
            await session.execute(text(over), {"id": str(approval.id)})
            await deciding.expire(session, kinds, approval.id)
        case "change":
            await vehicles.reprice_vehicle(session, approval.subject_id, percent=Decimal(8), actor=actors[story.by])
        case _:
            pass


async def _happened_then(session: AsyncSession, story: Asked, approval: Approval, present: datetime) -> None:
    """Move it back to when it was asked, with what the timelines tell of it; the rows keep their versions."""
    asked_at = present - timedelta(hours=story.hours)
    closed_at = asked_at + (EXPIRES_AFTER if story.end == "expiry" else timedelta(hours=min(5.0, story.hours / 2)))
    expires_at = closed_at if story.end == "expiry" else asked_at + (approval.expires_at - approval.created_at)
    if story.left:
        expires_at = present + story.left
    moments = {"asked": asked_at, "closed": closed_at, "expires": expires_at}
    values: dict[str, Any] = {name: moment.replace(tzinfo=None) for name, moment in moments.items()}
    values |= {"id": str(approval.id), "reference": approval.reference, "about": str(approval.subject_id)}
    for statement in MOVED_BACK:
        await session.execute(text(statement), values)


async def _widen(session: AsyncSession, people: Sequence[Person], maker: Actor) -> None:
    """Ask for wider rights of a colleague."""
    name, roles = WIDENED
    person = next(one for one in people if one.name == name)
    staff = await queries.get_staff(session, UUID(person.id))
    fields = {"name": staff.name, "roles": roles, "markets": staff.markets, "branches": staff.branches}
    await access.edit_staff(session, staff.id, version=staff.version, fields=fields, actor=maker)
