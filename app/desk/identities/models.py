"""Which account here belongs to which account at the identity provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index, Uuid
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, exact_column
from app.kit.ids import new_id


class StaffIdentity(SQLModel, table=True):
    """An identity is the pair of issuer and subject; addresses change hands, subjects do not."""

    __tablename__ = "staff_identity"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("uq_staff_identity_subject", "issuer", "subject", unique=True),
        Index("uq_staff_identity_staff", "staff_id", "issuer", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    staff_id: UUID = Field(foreign_key="staff.id", nullable=False)
    issuer: str = Field(sa_type=exact_column(255), nullable=False)
    subject: str = Field(sa_type=exact_column(255), nullable=False)
    groups: list[str] = Field(default_factory=list, sa_type=JSON, nullable=False)
    linked_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    last_used_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
