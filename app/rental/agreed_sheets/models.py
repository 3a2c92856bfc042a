"""What sheets of all kinds keep: who entered them, from which day they count, and who agreed."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, String, Uuid
from sqlmodel import Field

from app.core.records import Record, enum_column
from app.kit.agreed_sheets import SheetState


class Sheet(Record):
    """One person enters it, and it counts from its day on once another agrees; a later one takes its place."""

    valid_from: date = Field(sa_type=Date, nullable=False)
    state: SheetState = Field(default=SheetState.WAITING, sa_type=enum_column(SheetState), nullable=False)  # pyright: ignore
    created_by: UUID | None = Field(default=None, sa_type=Uuid)
    created_by_name: str = Field(default="", sa_type=String(120), nullable=False)
    agreed_by_name: str = Field(default="", sa_type=String(120), nullable=False)

    @property
    def name(self) -> str:
        """What people call it."""
        raise NotImplementedError
