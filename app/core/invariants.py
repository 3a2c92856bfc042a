"""What always holds between the tables, whatever was killed in between; run after fault tests and by the doctor."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from stdnum import luhn
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer

from app.core.area import RecordKind
from app.core.events import SIGNAL
from app.core.read_pool import ReadPool

BATCH_KIND: Final = "seed"
BATCH_ACTION: Final = "seed.loaded"
BATCH_REQUEST: Final = "batch:"
"""Rows loaded in bulk share one audit entry and one event; entries that came with a batch name it as their request."""

EXAMPLES: Final = 5
PAGE: Final = 2_000
LONGEST_SCAN_ROWS: Final = 50_000
LATE_SECONDS: Final = 60
PERSONAL_NUMBER: Final = (
    r"(^|[^0-9A-Za-z+-])([1-6][0-9]{10}|[0-9]{6}[-+A][0-9]{3}[0-9A-Y]{1,2}|(19|20)[0-9]{10})([^0-9A-Za-z+-]|$)"
)
"""The shapes of Baltic, Nordic and Polish identity numbers, standing alone."""
_SCHEMES: Final[tuple[Any, ...]] = (ik, asmens, hetu, pvn, fodselsnummer, pesel, personnummer)
CARD_NUMBER: Final = r"(^|[^0-9A-Za-z+-])[2-6][0-9]{3}([ -]?[0-9]{4}){3}([^0-9A-Za-z+-]|$)"


class Violation(msgspec.Struct, frozen=True):
    """An invariant that does not hold: which one, what was found, and some of the rows."""

    invariant: str
    detail: str
    examples: list[str] = []


async def violations(reads: ReadPool, kinds: Sequence[RecordKind]) -> list[Violation]:
    """Everything that does not hold now. I9, the search index, is compared by `indexing.drift`."""
    found = [
        await _events_without_cause(reads),
        await _causes_without_event(reads),
        await _positions_missing(reads),
        await _events_never_numbered(reads),
        await _answers_for_one_key(reads),
        *[await _versions_without_entry(reads, kind.model) for kind in kinds if kind.is_audited],
        *[await _numbers_in_clear(reads, table, columns) for table, columns in _TEXTS.items()],
    ]
    return [violation for violation in found if violation]


async def _events_without_cause(reads: ReadPool) -> Violation | None:
    """I6: each event but a signal tells of an audit entry with the same record, version and action."""
    rows = await reads.fetch(
        "SELECT e.id FROM outbox_event e LEFT JOIN audit_entry a ON a.subject_kind = e.aggregatetype "
        "AND a.subject_id = e.aggregateid AND a.action = e.type "
        "AND a.subject_version = JSON_VALUE(e.payload, '$.version') "
        "WHERE a.id IS NULL AND e.aggregatetype <> %s LIMIT %s",
        (SIGNAL, EXAMPLES),
    )
    return _violation("I6", "Events without a cause in the audit trail", rows)


async def _causes_without_event(reads: ReadPool) -> Violation | None:
    """I6: each audit entry has its event, its own or that of the batch it came with."""
    rows = await reads.fetch(
        "SELECT a.id FROM audit_entry a LEFT JOIN outbox_event e ON e.aggregatetype = a.subject_kind "
        "AND e.aggregateid = a.subject_id AND e.type = a.action "
        "WHERE e.id IS NULL AND (a.request_id IS NULL OR a.request_id NOT LIKE %s) LIMIT %s",
        (f"{BATCH_REQUEST}%", EXAMPLES),
    )
    return _violation("I6", "Audit entries without an event", rows)


async def _positions_missing(reads: ReadPool) -> Violation | None:
    """I6: positions have no gap, so nobody who reads by them leaves one out."""
    (row,) = await reads.fetch(
        "SELECT COUNT(position), COALESCE(MAX(position) - MIN(position) + 1, 0) FROM outbox_event"
    )
    return None if row[0] == row[1] else Violation("I6", f"{row[1] - row[0]} positions are missing between events")


async def _events_never_numbered(reads: ReadPool) -> Violation | None:
    """I6: an event does not stay without a position once a later one has its own."""
    rows = await reads.fetch(
        "SELECT id FROM outbox_event WHERE position IS NULL AND created_at < UTC_TIMESTAMP(6) - INTERVAL %s SECOND "
        "AND created_at < (SELECT MAX(created_at) FROM outbox_event WHERE position IS NOT NULL) LIMIT %s",
        (LATE_SECONDS, EXAMPLES),
    )
    return _violation("I6", "Events that the relay passed by", rows)


async def _answers_for_one_key(reads: ReadPool) -> Violation | None:
    """I4: a kept answer is final; a server's failure is never replayed."""
    rows = await reads.fetch("SELECT key_hash FROM idempotent_answer WHERE status >= 500 LIMIT %s", (EXAMPLES,))
    return _violation("I4", "Failures kept as the answer of an idempotency key", rows)


async def _versions_without_entry(reads: ReadPool, model: Any) -> Violation | None:
    """I10: the newest audit entry has the record's version; the first one may be that of a batch or an import."""
    table = model.__table__.name
    has_source = "source" in model.__table__.columns
    rows = await reads.fetch(
        f"SELECT r.id FROM `{table}` r LEFT JOIN (SELECT subject_id, MAX(subject_version) AS newest "  # noqa: S608
        "FROM audit_entry WHERE subject_kind = %s GROUP BY subject_id) a ON a.subject_id = r.id "
        "WHERE COALESCE(a.newest, 0) <> r.version AND NOT (a.newest IS NULL AND r.version = 1 "
        f"AND {'r.source IS NOT NULL' if has_source else 'FALSE'}) LIMIT %s",
        (model.record_kind, EXAMPLES),
    )
    return _violation("I10", f"Versions of {table} without an audit entry", rows)


_TEXTS: Final = {
    "audit_entry": ("id", ("changes", "facts", "why")),
    "outbox_event": ("id", ("payload",)),
    "idempotent_answer": ("key_hash", ("body",)),
}


async def _numbers_in_clear(reads: ReadPool, table: str, columns: tuple[str, tuple[str, ...]]) -> Violation | None:
    """I11: no identity number and no card number in texts that are kept for long; the newest rows are looked at."""
    key, texts = columns
    text = f"CONCAT_WS(' ', {', '.join(texts)})"
    rows = await reads.fetch(
        f"SELECT {key}, text FROM (SELECT {key}, {text} AS text FROM `{table}` ORDER BY {key} DESC LIMIT %s) newest "  # noqa: S608
        "WHERE text REGEXP %s OR text REGEXP %s LIMIT %s",
        (LONGEST_SCAN_ROWS, PERSONAL_NUMBER, CARD_NUMBER, PAGE),
    )
    guilty = [(row[0],) for row in rows if _is_number_in_clear(_decoded(row[1]))]
    return _violation("I11", f"Identity or card numbers in clear in {table}", guilty[:EXAMPLES])


def _decoded(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _is_number_in_clear(text: str) -> bool:
    """Whether a number of the text is right by its check digit, not merely long."""
    people = [match.group(2) for match in re.finditer(PERSONAL_NUMBER, text)]
    cards = [re.sub(r"\D", "", match.group()) for match in re.finditer(CARD_NUMBER, text)]
    return any(scheme.is_valid(number) for number in people for scheme in _SCHEMES) or any(map(luhn.is_valid, cards))


def _violation(invariant: str, detail: str, rows: Sequence[tuple[Any, ...]]) -> Violation | None:
    return Violation(invariant, detail, [str(row[0]) for row in rows]) if rows else None
