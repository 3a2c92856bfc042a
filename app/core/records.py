"""What the tables of all features share: keys, versions, and column types that keep what they are given."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator, Uuid
from sqlalchemy import Enum as SAEnum
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

from app.core import clock
from app.kit.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class UtcMicros(TypeDecorator[datetime]):
    """Aware UTC in DATETIME(6); a naive value is refused, because nobody can say which moment it means."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(mysql.DATETIME(fsp=6))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as SQLAlchemy calls it
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone was given")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as SQLAlchemy calls it
        return None if value is None else value.replace(tzinfo=UTC)


def enum_column(members: type[StrEnum], length: int = 32) -> SAEnum:
    """A StrEnum kept as its value in a plain string column."""
    return SAEnum(
        members,
        native_enum=False,
        length=length,
        create_constraint=False,
        values_callable=_values,
    )


def _values(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


def ascii_column(length: int) -> String:
    """Codes, references, hashes and tokens: compared byte by byte."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def exact_column(length: int) -> String:
    """Text of others, compared exactly: case and accents count."""
    return String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")


class Record(SQLModel):
    """A business object: client-made UUIDv7, a version for optimistic locking, and its times."""

    record_kind: ClassVar[str] = ""
    comes_with_others: ClassVar[bool] = False
    """Whether it may be made by a batch of other records, whose one entry stands for it."""

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    version: int = Field(default=1, sa_type=Integer, nullable=False)
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    updated_at: datetime = Field(
        default_factory=clock.now, sa_type=UtcMicros, nullable=False, sa_column_kwargs={"onupdate": clock.now}
    )

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]  # pyright: ignore

    @property
    def etag(self) -> str:
        """The strong validator of this version."""
        return f'"{self.version}"'


__all__ = ["JSON", "NAMING", "BigInteger", "Record", "UtcMicros", "ascii_column", "enum_column", "exact_column"]
