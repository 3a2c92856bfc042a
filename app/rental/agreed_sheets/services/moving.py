"""A sheet is entered, and moves once: to where it counts, or to where it never will."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.changes import Changes, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, IllegalState
from app.desk.approvals.services import void_changed
from app.kit.agreed_sheets import SheetState, can_move
from app.rental.agreed_sheets import queries
from app.rental.agreed_sheets.models import Sheet

S = TypeVar("S", bound=Sheet)


async def enter(
    session: AsyncSession,
    sheet: S,
    *,
    has_own_id: bool,
    facts: Mapping[str, Any],
    changes: Changes | None = None,
    actor: Actor,
) -> S:
    """Keep a sheet that waits from now on. Raises Conflict for an id that a client chose and that is taken."""
    if has_own_id and await session.get(type(sheet), sheet.id):
        raise AlreadyThere("A sheet with this id exists.")
    sheet.created_by, sheet.created_by_name = actor.id, actor.name
    session.add(sheet)
    told = {"state": (None, sheet.state), "valid_from": (None, sheet.valid_from), **(changes or {})}
    await record(session, f"{sheet.record_kind}.entered", sheet, actor=actor, changes=told, facts=facts)
    return sheet


async def put_in_force(session: AsyncSession, sheet: S, *, actor: Actor) -> S:
    """Let a locked sheet count, and keep who agreed. Raises IllegalState."""
    sheet.agreed_by_name = actor.name
    return await become(session, sheet, SheetState.IN_FORCE, actor=actor)


async def withdraw(session: AsyncSession, model: type[S], sheet_id: UUID, terms: ApprovalTerms, *, actor: Actor) -> S:
    """Take back a sheet that nobody has agreed to, and with it the request for consent. Raises IllegalState."""
    sheet = await queries.lock_sheet(session, model, sheet_id)
    await become(session, sheet, SheetState.WITHDRAWN, actor=actor)
    await void_changed(session, sheet, [terms], actor=actor)
    return sheet


async def become(session: AsyncSession, sheet: S, state: SheetState, *, actor: Actor, why: str | None = None) -> S:
    """Another state of a sheet that is locked. Raises IllegalState."""
    before = sheet.state
    if not can_move(before, state):
        raise IllegalState(f"The sheet is {before.value.replace('_', ' ')}.", state=before.value)
    sheet.state = state
    changes = {"state": (before, state)}
    await record(session, f"{sheet.record_kind}.{state.value}", sheet, actor=actor, why=why, changes=changes)
    return sheet
