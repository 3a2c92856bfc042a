"""What other features show of exchanges: those about one of their records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from defusedxml import ElementTree

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.partners.tallies import Span
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.desk.exchanges import queries

PATH = "/exchanges"
NEWEST = 12
LONGEST_PRETTY = 60_000
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


async def find_by_correlation(session: AsyncSession, correlation: str, actor: Actor) -> PartnerExchange | None:
    """The newest exchange of a request or job; None for none."""
    return await queries.find_by_correlation(session, correlation, actor)


async def get_exchange(session: AsyncSession, exchange_id: UUID, actor: Actor) -> PartnerExchange:
    """Raises NotFound, also outside one's markets."""
    return await queries.get_exchange(session, exchange_id, actor)


async def tally(
    reads: ReadPool, span: Span, since: datetime, by: Sequence[str], *, partner: str, markets: frozenset[str] | None
) -> list[tuple[Any, ...]]:
    """How often partners were called, by partner, operation, slot_at, and kind or bucket: each row ends with the number
    of calls and the moment of the last one. `partner` is how their keys begin; with `$` at its end, one key.
    """
    return await queries.list_tallies(reads, span, since, by, partner=partner, markets=markets)


async def find_last_answer(reads: ReadPool, partner: str, markets: frozenset[str] | None) -> datetime | None:
    """When a partner last did its part, however long ago it is kept."""
    found = await queries.find_last_answer(reads, partner, markets)
    return None if found is None else datetime.fromisoformat(found)


def outcome_words(outcome: Outcome) -> tuple[str, str]:
    """What came of a call in words, with its tone."""
    return queries.OUTCOME_WORDS[outcome.value], tone_of(outcome)


def pretty(text: str) -> str:
    """A body with its structure shown, or as it came when it has none."""
    if len(text) > LONGEST_PRETTY:
        return text
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        if text.lstrip().startswith("<"):
            return _pretty_xml(text)
    except (ValueError, RecursionError, ElementTree.ParseError):
        pass
    return text


def _pretty_xml(text: str) -> str:
    from xml.etree.ElementTree import indent, tostring

    root = ElementTree.fromstring(text, forbid_dtd=True)
    indent(root)
    return tostring(root, encoding="unicode")


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
