"""Members of staff."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, VARBINARY, Boolean, Index, String
from sqlmodel import Field

from app.core.records import Record, UtcMicros, ascii_column


class Staff(Record, table=True):
    """A person who signs in. A scope of None is everything, an empty list nothing."""

    __tablename__ = "staff"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_staff_name", "name", "id"),)
    record_kind: ClassVar[str] = "staff"

    email: str = Field(sa_type=String(254), unique=True, nullable=False)
    name: str = Field(sa_type=String(200), nullable=False)
    password_hash: str | None = Field(default=None, sa_type=ascii_column(255))
    roles: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    markets: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # pyright: ignore[reportArgumentType]
    branches: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # pyright: ignore[reportArgumentType]
    is_disabled: bool = Field(default=False, sa_type=Boolean, nullable=False)
    is_emergency: bool = Field(default=False, sa_type=Boolean, nullable=False)
    """Signs in with password and second factor even where everybody else uses the company account."""
    is_demo: bool = Field(default=False, sa_type=Boolean, nullable=False)
    totp_secret: bytes | None = Field(default=None, sa_type=VARBINARY(255))  # pyright: ignore[reportArgumentType]
    totp_since: datetime | None = Field(default=None, sa_type=UtcMicros)
    last_signed_in_at: datetime | None = Field(default=None, sa_type=UtcMicros)
