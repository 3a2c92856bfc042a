"""Views that people saved."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, Boolean, Index, Integer, String, Uuid
from sqlmodel import Field

from app.core.records import Record, ascii_column
from app.desk.saved_views.rules import LONGEST_NAME, ViewQuery


class SavedView(Record, table=True):
    """Filters, text, order and columns of one list under a name; its owner's alone, or shared with everybody."""

    __tablename__ = "saved_view"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_saved_view_name", "owner_id", "list_key", "name", unique=True),
        Index("ix_saved_view_shared", "list_key", "is_shared", "position"),
    )
    record_kind: ClassVar[str] = "saved_view"

    owner_id: UUID = Field(sa_type=Uuid, nullable=False)
    owner_name: str = Field(sa_type=String(200), nullable=False)
    list_key: str = Field(sa_type=ascii_column(32), nullable=False)
    name: str = Field(sa_type=String(LONGEST_NAME), nullable=False)
    filters: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON, nullable=False)
    text: str = Field(default="", sa_type=String(120), nullable=False)
    sort: str = Field(default="", sa_type=ascii_column(48), nullable=False)
    columns: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    is_shared: bool = Field(default=False, sa_type=Boolean, nullable=False)
    position: int = Field(default=0, sa_type=Integer, nullable=False)

    @property
    def query(self) -> ViewQuery:
        """What it asks of its list."""
        return ViewQuery(self.filters, self.text, self.sort, self.columns)
