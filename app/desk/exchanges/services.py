"""What other features show of exchanges: those about one of their records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.db import AsyncSession
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.desk.exchanges import queries

PATH = "/exchanges"
NEWEST = 12
QUIET = frozenset({Outcome.ANSWERED, Outcome.REFUSED})


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """One exchange beside its record."""

    exchange_id: str
    operation: str
    outcome_code: str
    outcome: str
    tone: str
    milliseconds: int
    reason: str
    at: datetime

    @property
    def href(self) -> str:
        return f"{PATH}/{self.exchange_id}"


def tone_of(outcome: Outcome) -> str:
    """Colour only where the partner did not do its part."""
    return "" if outcome in QUIET else "soon"


async def list_about(session: AsyncSession, subject: Record) -> list[ExchangeLine]:
    """The newest exchanges about a record, the last one first."""
    return [_line(each) for each in await queries.list_beside(session, subject.record_kind, subject.id)]


async def list_about_many(reads: ReadPool, kind: str, ids: Sequence[str], each: int) -> dict[str, list[ExchangeLine]]:
    """The newest exchanges about each of some records, by the record's id."""
    found: dict[str, list[ExchangeLine]] = {}
    for line in await queries.list_of_many(reads, kind, ids, each):
        shown = ExchangeLine(
            line.exchange_id, line.operation, line.outcome.value, queries.OUTCOME_WORDS[line.outcome.value],
            tone_of(line.outcome), line.milliseconds, line.reason, datetime.fromisoformat(line.at),
        )  # fmt: skip
        found.setdefault(line.subject_id, []).append(shown)
    return found


async def list_with(session: AsyncSession, partner: str) -> list[ExchangeLine]:
    """The newest exchanges with a partner, whatever they were about."""
    return [_line(each) for each in await queries.list_of_partner(session, partner, NEWEST)]


async def list_measured(session: AsyncSession, partner: str, since: datetime) -> list[tuple[str, Outcome, int, str]]:
    """Operation, outcome, milliseconds and reason of a partner's exchanges, for its health."""
    return await queries.list_measured(session, partner, since)


def _line(each: PartnerExchange) -> ExchangeLine:
    return ExchangeLine(
        str(each.id),
        each.operation,
        each.outcome.value,
        queries.OUTCOME_WORDS[each.outcome.value],
        tone_of(each.outcome),
        each.milliseconds,
        each.reason,
        each.at,
    )
