"""How people want their lists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Integer, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column, enum_column
from app.desk.preferences.rules import Density


class ListPreference(SQLModel, table=True):
    """One person's choices for one list. No columns means those of the list; no default view means everything."""

    __tablename__ = "list_preference"  # pyright: ignore[reportAssignmentType]

    staff_id: UUID = Field(primary_key=True, sa_type=Uuid)
    list_key: str = Field(primary_key=True, sa_type=ascii_column(32))
    columns: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    density: Density = Field(default=Density.COMPACT, sa_type=enum_column(Density, 16), nullable=False)  # pyright: ignore
    page_size: int = Field(default=50, sa_type=Integer, nullable=False)
    default_view: str = Field(default="", sa_type=ascii_column(36), nullable=False)
    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UtcMicros, nullable=False, sa_column_kwargs={"onupdate": clock.now}
    )


class LastBranch(SQLModel, table=True):
    """The branch that one person looked at last: where what shows one branch opens."""

    __tablename__ = "last_branch"  # pyright: ignore[reportAssignmentType]

    staff_id: UUID = Field(primary_key=True, sa_type=Uuid)
    branch_code: str = Field(sa_type=ascii_column(16), nullable=False)
    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UtcMicros, nullable=False, sa_column_kwargs={"onupdate": clock.now}
    )
