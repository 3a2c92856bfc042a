"""What sheets of all features share: who entered them, from which day they count, and who agreed."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Date, String, Uuid
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from app.core.actor import Actor
from app.core.changes import record
from app.core.errors import IllegalState
from app.core.records import Record, enum_column
from app.kit.agreed_sheets import SheetState, can_move

T = TypeVar("T", bound="Sheet")


class Sheet(Record):
    """One person enters it, and it counts from its day on once another agrees; a later one takes its place."""

    valid_from: date = Field(sa_type=Date, nullable=False)
    state: SheetState = Field(default=SheetState.WAITING, sa_type=enum_column(SheetState), nullable=False)  # pyright: ignore
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    created_by_name: str = Field(default="", sa_type=String(120), nullable=False)
    agreed_by_name: str = Field(default="", sa_type=String(120), nullable=False)


async def become(session: AsyncSession, sheet: T, state: SheetState, *, actor: Actor) -> T:
    """Another state of a sheet that is locked; who puts it in force is kept. Raises IllegalState."""
    before = sheet.state
    if not can_move(before, state):
        raise IllegalState(f"The sheet is {before.value.replace('_', ' ')}.", state=before.value)
    sheet.state = state
    if state is SheetState.IN_FORCE:
        sheet.agreed_by_name = actor.name
    await record(session, f"{sheet.record_kind}.{state.value}", sheet, actor=actor, changes={"state": (before, state)})
    return sheet
