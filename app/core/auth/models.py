"""Sessions, API tokens, single-use links, throttles and second factors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, String, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column
from app.kit.ids import new_id


class AuthSession(SQLModel, table=True):
    """A signed-in browser. The cookie's value is kept only as its SHA-256."""

    __tablename__ = "auth_session"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_auth_session_staff_id", "staff_id", "ended_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    token_hash: str = Field(sa_type=ascii_column(64), unique=True, nullable=False)
    staff_id: UUID = Field(sa_type=Uuid, nullable=False)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    last_seen_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    idle_seconds: int = Field(sa_type=Integer, nullable=False)
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    ended_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    address: str = Field(default="", sa_type=String(64), nullable=False)
    browser: str = Field(default="", sa_type=String(200), nullable=False)


class ApiToken(SQLModel, table=True):
    """An access or refresh token of an API client; all that grew from one sign-in form a family."""

    __tablename__ = "api_token"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_api_token_family_id", "family_id"),
        Index("ix_api_token_staff_id", "staff_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    family_id: UUID = Field(sa_type=Uuid, nullable=False)
    kind: str = Field(sa_type=ascii_column(8), nullable=False)
    token_hash: str = Field(sa_type=ascii_column(64), unique=True, nullable=False)
    staff_id: UUID = Field(sa_type=Uuid, nullable=False)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    used_at: datetime | None = Field(default=None, sa_type=UtcMicros)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class AuthAttempt(SQLModel, table=True):
    """Failed attempts of one account or address inside the running window."""

    __tablename__ = "auth_attempt"  # pyright: ignore[reportAssignmentType]

    bucket: str = Field(primary_key=True, sa_type=ascii_column(128))
    failures: int = Field(sa_type=Integer, nullable=False)
    window_ends_at: datetime = Field(sa_type=UtcMicros, nullable=False)


class SingleUseLink(SQLModel, table=True):
    """An invitation or a password reset; the secret is kept only as its SHA-256."""

    __tablename__ = "single_use_link"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    purpose: str = Field(sa_type=ascii_column(16), nullable=False)
    token_hash: str = Field(sa_type=ascii_column(64), unique=True, nullable=False)
    staff_id: UUID = Field(sa_type=Uuid, nullable=False, index=True)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    expires_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    used_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class RecoveryCode(SQLModel, table=True):
    """A code for the day the second factor is lost; kept hashed, good once."""

    __tablename__ = "recovery_code"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    staff_id: UUID = Field(sa_type=Uuid, nullable=False, foreign_key="staff.id", index=True)
    code_hash: str = Field(sa_type=ascii_column(64), nullable=False)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    used_at: datetime | None = Field(default=None, sa_type=UtcMicros)


class UsedTotpStep(SQLModel, table=True):
    """Time steps whose code was accepted: a code works once."""

    __tablename__ = "used_totp_step"  # pyright: ignore[reportAssignmentType]

    staff_id: UUID = Field(primary_key=True, sa_type=Uuid)
    step: int = Field(primary_key=True)
