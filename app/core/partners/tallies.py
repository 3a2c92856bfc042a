"""How partners do, counted while exchanges are kept: each call adds one to a row per span of time.

A row counts the calls of one partner, operation and market that came to one end within one slot and took about as long
(`kit.histograms`), so that percentiles and shares of any window are sums of few rows, whatever the number of exchanges.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, Integer, SmallInteger, func, text
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.dialects.mysql.dml import Insert
from sqlmodel import Field, SQLModel

from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.records import UtcMicros, ascii_column
from app.kit.histograms import bucket_of

KIND_LENGTH: Final = 32
PRUNED_AT_ONCE: Final = 10_000


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


def adding(rows: list[dict[str, Any]]) -> Insert:
    """The statement that adds them."""
    statement = insert(PartnerTally).values(rows)
    table = PartnerTally.__table__.c  # type: ignore[attr-defined]  # pyright: ignore
    added = statement.inserted
    return statement.on_duplicate_key_update(
        calls=table.calls + added.calls,  # pyright: ignore
        last_at=func.greatest(table.last_at, added.last_at),  # pyright: ignore
    )


PRUNE = {
    span.name: text(
        f"DELETE FROM partner_tally WHERE span = '{span.name}'"  # noqa: S608 - our numbers
        f" AND slot_at < UTC_TIMESTAMP(6) - INTERVAL {int(span.kept.total_seconds())} SECOND LIMIT {PRUNED_AT_ONCE}"
    )
    for span in SPANS
}
