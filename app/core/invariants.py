"""What always holds between the tables, whatever was killed in between; run after fault tests and by the doctor."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from app.core.area import DataCheck, RecordKind
from app.core.errors import Unavailable
from app.core.events import SIGNAL
from app.core.indexing import drift, searchable
from app.core.read_pool import ReadPool
from app.kit.numbers_in_text import CARD_NUMBER, PERSONAL_NUMBER, find_number
from search.errors import IndexMissing
from search.indexes import Indexes

BATCH_KIND: Final = "seed"
BATCH_ACTION: Final = "seed.loaded"
BATCH_REQUEST: Final = "batch:"
ORIGINS: Final = ("source_key", "batch")
"""Columns that say which batch or file a record came with."""
"""Rows loaded in bulk share one audit entry and one event; entries that came with a batch name it as their request."""

EXAMPLES: Final = 5
PAGE: Final = 2_000
LONGEST_SCAN_ROWS: Final = 50_000
LARGE_SCAN_ROWS: Final = 5_000
"""Of a table whose rows hold whole bodies."""
LATE_SECONDS: Final = 60
LONGEST_TRANSACTION_SECONDS: Final = 60
"""Twice the deadline of a request: what is open longer was left behind."""


class Violation(msgspec.Struct, frozen=True):
    """An invariant that does not hold: which one, what was found, and some of the rows."""

    invariant: str
    detail: str
    examples: list[str] = []


class Acknowledged(msgspec.Struct, frozen=True):
    """What a client was told to be saved: the table, the record's id, and the version it was given."""

    table: str
    id: str
    version: int


async def violations(
    reads: ReadPool,
    kinds: Sequence[RecordKind],
    *,
    indexes: Indexes | None = None,
    acknowledged: Sequence[Acknowledged] = (),
) -> list[Violation]:
    """Everything that does not hold now.

    With `indexes` each document is compared with its row (I9), which holds once the outbox is drained. `acknowledged`
    is the record of whoever made the load (I5); nobody else knows what was promised.
    """
    found = [
        await _answers_that_are_none(reads),
        await _acknowledged_and_lost(reads, acknowledged),
        await _events_without_cause(reads),
        await _causes_without_event(reads),
        await _positions_missing(reads),
        await _events_never_numbered(reads),
        await _consumers_ahead(reads),
        *([await _documents_that_differ(reads, indexes, kind) for kind in searchable(kinds)] if indexes else []),
        *[await _versions_without_entry(reads, kind.model) for kind in kinds if kind.is_audited],
        *[await _breach(reads, check) for kind in kinds for check in kind.checks],
        *[await _numbers_in_clear(reads, table, columns) for table, columns in _TEXTS.items()],
        await _transactions_left_open(reads),
        await _jobs_left_behind(reads),
    ]
    return [violation for violation in found if violation]


async def _answers_that_are_none(reads: ReadPool) -> Violation | None:
    """I4: what is kept for a key is the final answer to its work: no failure of ours, and never nothing."""
    rows = await reads.fetch(
        "SELECT key_hash FROM idempotent_answer WHERE status >= 500 OR status < 200 LIMIT %s", (EXAMPLES,)
    )
    return _violation("I4", "Kept for an idempotency key without being a final answer", rows)


async def _acknowledged_and_lost(reads: ReadPool, acknowledged: Sequence[Acknowledged]) -> Violation | None:
    """I5: every record that a client was told of exists, at the version it was told or a later one."""
    lost: list[tuple[Any, ...]] = []
    for table in sorted({one.table for one in acknowledged}):
        promised: dict[str, int] = {}
        for one in acknowledged:
            if one.table == table:
                promised[one.id] = max(promised.get(one.id, 0), one.version)
        for start in range(0, len(promised), PAGE):
            ids = list(promised)[start : start + PAGE]
            places = ", ".join(["%s"] * len(ids))
            rows = await reads.fetch(f"SELECT id, version FROM `{table}` WHERE id IN ({places})", ids)  # noqa: S608
            held = {str(row[0]): int(row[1]) for row in rows}
            lost += [(f"{table} {key}",) for key in ids if held.get(key, 0) < promised[key]]
    return _violation("I5", f"{len(lost)} acknowledged writes are lost", lost[:EXAMPLES])


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


async def _consumers_ahead(reads: ReadPool) -> Violation | None:
    """I6: no consumer is past the last event, and what it holds back still exists."""
    rows = await reads.fetch(
        "SELECT name FROM event_consumer WHERE position > (SELECT COALESCE(MAX(position), 0) FROM outbox_event) "
        "UNION ALL SELECT CONCAT(f.consumer, ' ', f.event_id) FROM event_failure f "
        "LEFT JOIN outbox_event e ON e.id = f.event_id WHERE e.id IS NULL LIMIT %s",
        (EXAMPLES,),
    )
    return _violation("I6", "Consumers that are past the events there are", rows)


async def _documents_that_differ(reads: ReadPool, indexes: Indexes, kind: RecordKind) -> Violation | None:
    """I9: each document has the version of its row, and no document is without one."""
    try:
        found = await drift(reads, indexes, kind)
    except IndexMissing:
        return None
    if found.is_clean:
        return None
    words = f"{found.missing} missing, {found.stale} stale, {found.extra} extra"
    return Violation("I9", f"The index of {kind.plural.lower()} differs from its {found.rows} rows: {words}")


async def _transactions_left_open(reads: ReadPool) -> Violation | None:
    """I12: no connection sleeps inside a transaction beyond the deadline of any request."""
    try:
        rows = await reads.fetch(
            "SELECT t.trx_mysql_thread_id FROM information_schema.innodb_trx t "
            "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
            "WHERE p.db = DATABASE() AND p.command = 'Sleep' AND p.time > %s LIMIT %s",
            (LONGEST_TRANSACTION_SECONDS, EXAMPLES),
        )
    except Unavailable:  # an account that may not see the server's processes
        return None
    return _violation("I12", "Connections that sleep inside a transaction", rows)


async def _jobs_left_behind(reads: ReadPool) -> Violation | None:
    """I12: while a worker lives, no job waits for one that is gone."""
    rows = await reads.fetch(
        "SELECT id FROM job WHERE state = 'running' AND lease_until < UTC_TIMESTAMP(6) - INTERVAL %s SECOND "
        "AND EXISTS (SELECT 1 FROM worker_heartbeat WHERE at > UTC_TIMESTAMP(6) - INTERVAL 15 SECOND) LIMIT %s",
        (LATE_SECONDS, EXAMPLES),
    )
    return _violation("I12", "Jobs whose worker is gone and that nobody takes", rows)


async def _versions_without_entry(reads: ReadPool, model: Any) -> Violation | None:
    """I10: the newest audit entry has the record's version; the first one may be that of a batch or an import."""
    table = model.__table__.name
    origin = next((name for name in ORIGINS if name in model.__table__.columns), None)
    in_batch = f"r.{origin} IS NOT NULL" if origin else str(model.comes_with_others).upper()
    rows = await reads.fetch(
        f"SELECT r.id FROM `{table}` r LEFT JOIN (SELECT subject_id, MAX(subject_version) AS newest "  # noqa: S608
        "FROM audit_entry WHERE subject_kind = %s GROUP BY subject_id) a ON a.subject_id = r.id "
        "WHERE COALESCE(a.newest, 0) <> r.version AND NOT (a.newest IS NULL AND r.version = 1 "
        f"AND {in_batch}) LIMIT %s",
        (model.record_kind, EXAMPLES),
    )
    return _violation("I10", f"Versions of {table} without an audit entry", rows)


async def _breach(reads: ReadPool, check: DataCheck) -> Violation | None:
    """What a feature says of its own rows."""
    return _violation(check.invariant, check.breach, await reads.fetch(f"{check.sql} LIMIT {EXAMPLES}"))


_TEXTS: Final = {
    "audit_entry": ("id", ("changes", "facts", "why"), LONGEST_SCAN_ROWS),
    "outbox_event": ("id", ("payload",), LONGEST_SCAN_ROWS),
    "idempotent_answer": ("key_hash", ("body",), LONGEST_SCAN_ROWS),
    "partner_exchange": ("id", ("url", "reason", "request_body", "response_body"), LARGE_SCAN_ROWS),
}
"""Table, its key, the columns with texts, and how many of the newest rows are looked at."""


async def _numbers_in_clear(reads: ReadPool, table: str, columns: tuple[str, tuple[str, ...], int]) -> Violation | None:
    """I11: no identity number and no card number in texts that are kept for long; the newest rows are looked at."""
    key, texts, limit = columns
    text = f"CONCAT_WS(' ', {', '.join(texts)})"
    rows = await reads.fetch(
        f"SELECT {key}, text FROM (SELECT {key}, {text} AS text FROM `{table}` ORDER BY {key} DESC LIMIT %s) newest "  # noqa: S608
        "WHERE text REGEXP %s OR text REGEXP %s LIMIT %s",
        (limit, PERSONAL_NUMBER, CARD_NUMBER, PAGE),
    )
    guilty = [(row[0],) for row in rows if find_number(_decoded(row[1]))]
    return _violation("I11", f"Identity or card numbers in clear in {table}", guilty[:EXAMPLES])


def _decoded(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _violation(invariant: str, detail: str, rows: Sequence[tuple[Any, ...]]) -> Violation | None:
    return Violation(invariant, detail, [str(row[0]) for row in rows]) if rows else None
