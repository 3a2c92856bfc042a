"""How partners do, counted while exchanges are kept: each call adds one to a row per span of time.

A row counts the calls of one partner, operation and market that came to one end within one slot and took about as long
(`kit.histograms`), so that percentiles and shares of any window are sums of few rows, whatever the number of exchanges.

What most people ask is counted once more with less in it (`PartnerRollup`): over all operations, all markets, or both,
and ends apart from times, so that a week of every supplier is some thousands of rows and not some hundred thousands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, Integer, SmallInteger, func, text
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.dialects.mysql.dml import Insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.records import UtcMicros, ascii_column
from app.kit.histograms import bucket_of

KIND_LENGTH: Final = 32
PRUNED_AT_ONCE: Final = 10_000
ALL: Final = "*"
NO_BUCKET: Final = -1


@dataclass(frozen=True, slots=True)
class Span:
    """How long a slot is, and how long its rows are of use."""

    name: str
    slot: timedelta
    kept: timedelta

    def slot_of(self, moment: datetime) -> datetime:
        """The beginning of the slot of a moment."""
        seconds = int(self.slot.total_seconds())
        return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


FINE = Span("5m", timedelta(minutes=5), timedelta(hours=6))
HOURS = Span("1h", timedelta(hours=1), timedelta(days=3))
QUARTERS = Span("6h", timedelta(hours=6), timedelta(days=45))
SPANS: Final = (FINE, HOURS, QUARTERS)


class PartnerTally(SQLModel, table=True):
    """So many calls of one kind."""

    __tablename__ = "partner_tally"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_partner_tally_partner", "span", "partner", "slot_at"),)

    span: str = Field(sa_type=ascii_column(4), primary_key=True)
    slot_at: datetime = Field(sa_type=UtcMicros, primary_key=True)
    partner: str = Field(sa_type=ascii_column(64), primary_key=True)
    operation: str = Field(sa_type=ascii_column(48), primary_key=True)
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    """Empty for what is of no market."""
    kind: str = Field(sa_type=ascii_column(KIND_LENGTH), primary_key=True)
    bucket: int = Field(sa_type=SmallInteger, primary_key=True)
    calls: int = Field(sa_type=Integer, nullable=False)
    last_at: datetime = Field(sa_type=UtcMicros, nullable=False)


class PartnerRollup(SQLModel, table=True):
    """So many calls over all operations, over all markets, or over both: by their end, or by how long they took."""

    __tablename__ = "partner_rollup"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_partner_rollup_partner", "span", "partner", "market", "slot_at"),)

    span: str = Field(sa_type=ascii_column(4), primary_key=True)
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    """`*` for all."""
    operation: str = Field(sa_type=ascii_column(48), primary_key=True)
    """`*` for all."""
    slot_at: datetime = Field(sa_type=UtcMicros, primary_key=True)
    partner: str = Field(sa_type=ascii_column(64), primary_key=True)
    kind: str = Field(sa_type=ascii_column(KIND_LENGTH), primary_key=True)
    """What came of them; `*` where they are counted by their times."""
    bucket: int = Field(sa_type=SmallInteger, primary_key=True)
    """How long they took; -1 where they are counted by their ends."""
    calls: int = Field(sa_type=Integer, nullable=False)
    last_at: datetime = Field(sa_type=UtcMicros, nullable=False)


def kind_of(outcome: Outcome, reason: str) -> str:
    """What came of a call: the outcome, or for a refusal its kind, which refusals begin with."""
    if outcome is not Outcome.REFUSED:
        return outcome.value
    kind = reason.partition(":")[0]
    is_kind = kind.isascii() and kind.replace("_", "").isalpha() and kind.islower() and len(kind) <= KIND_LENGTH
    return kind if is_kind else outcome.value


def rows_of(exchanges: Iterable[PartnerExchange]) -> list[dict[str, Any]]:
    """What some exchanges add, one row per key, in the order of the keys: two processes never lock them crosswise."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in exchanges:
        for span in SPANS:
            key: Mapping[str, Any] = {
                "span": span.name,
                "slot_at": span.slot_of(each.at),
                "partner": each.partner,
                "operation": each.operation,
                "market": each.market or "",
                "kind": kind_of(each.outcome, each.reason),
                "bucket": bucket_of(each.milliseconds),
            }
            row = rows.setdefault(tuple(key.values()), {**key, "calls": 0, "last_at": each.at})
            row["calls"] += 1
            row["last_at"] = max(row["last_at"], each.at)
    return [rows[key] for key in sorted(rows)]


def rollups_of(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the rows of tallies add where less is told apart, in the order of the keys."""
    rolled: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        if row["span"] == FINE.name:
            continue
        for market, operation in ((ALL, ALL), (ALL, row["operation"]), (row["market"], ALL)):
            for kind, bucket in ((row["kind"], NO_BUCKET), (ALL, row["bucket"])):
                key: dict[str, Any] = {
                    "span": row["span"], "market": market, "operation": operation, "slot_at": row["slot_at"],
                    "partner": row["partner"], "kind": kind, "bucket": bucket,
                }  # fmt: skip
                kept = rolled.setdefault(tuple(key.values()), {**key, "calls": 0, "last_at": row["last_at"]})
                kept["calls"] += row["calls"]
                kept["last_at"] = max(kept["last_at"], row["last_at"])
    return [rolled[key] for key in sorted(rolled)]


async def add(session: AsyncSession, exchanges: Iterable[PartnerExchange]) -> None:
    """Count some exchanges."""
    rows = rows_of(exchanges)
    await session.execute(_ADD_TALLIES, rows)
    await session.execute(_ADD_ROLLUPS, rollups_of(rows))


def _adding(model: type[PartnerTally | PartnerRollup]) -> Insert:
    """The statement that adds rows: compiled once, and sent as one whatever their number."""
    statement = insert(model)
    table = model.__table__.c  # type: ignore[union-attr]  # pyright: ignore
    added = statement.inserted
    return statement.on_duplicate_key_update(
        calls=table.calls + added.calls,  # pyright: ignore
        last_at=func.greatest(table.last_at, added.last_at),  # pyright: ignore
    )


_ADD_TALLIES: Final = _adding(PartnerTally)
_ADD_ROLLUPS: Final = _adding(PartnerRollup)
PRUNE: Final = [
    text(
        f"DELETE FROM {table} WHERE span = '{span.name}'"  # noqa: S608 - our own words
        f" AND slot_at < UTC_TIMESTAMP(6) - INTERVAL {int(span.kept.total_seconds())} SECOND LIMIT {PRUNED_AT_ONCE}"
    )
    for table in (PartnerTally.__tablename__, PartnerRollup.__tablename__)
    for span in SPANS
]
