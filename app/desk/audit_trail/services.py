"""What other features show of the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.db import AsyncSession
from app.core.audit import AuditEntry
from app.core.filters import day, money
from app.core.records import Record
from app.core.values import MoneyValue
from app.desk.audit_trail import queries


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a record's story."""

    at: datetime
    who: str
    text: str
    why: str
    changes: list[tuple[str, str, str]]


async def timeline(session: AsyncSession, subject: Record, labels: Mapping[str, str] | None = None) -> list[TimelineEntry]:
    """The newest entries about a record, in words."""
    entries = await queries.list_of_subject(session, subject.record_kind, subject.id)
    return [in_words(entry, labels or {}) for entry in entries]


def in_words(entry: AuditEntry, labels: Mapping[str, str]) -> TimelineEntry:
    """An entry as people read it."""
    changes = [
        (labels.get(name, name.replace("_", " ").capitalize()), value_in_words(before), value_in_words(after))
        for name, (before, after) in entry.changes.items()
    ]
    facts = [(labels.get(name, name.replace("_", " ").capitalize()), "", value_in_words(value)) for name, value in entry.facts.items()]
    return TimelineEntry(entry.at, entry.actor_name, action_in_words(entry.action), entry.why or "", changes + facts)


def action_in_words(action: str) -> str:
    """`vehicle.block_removed` as `Block removed`."""
    return action.partition(".")[2].replace("_", " ").capitalize() or action


def value_in_words(value: Any) -> str:
    """A kept value as text."""
    match value:
        case None | "" | []:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case {"amount": str(amount), "currency": str(currency)}:
            return money(MoneyValue(amount, currency))
        case list():
            return ", ".join(value_in_words(part) for part in value)
        case dict():
            return ", ".join(f"{name}: {value_in_words(part)}" for name, part in value.items())
        case str() if len(value) == 10 and value[4:5] == "-" and value[7:8] == "-":  # noqa: PLR2004 - an ISO date
            return day(value)
        case str():
            return value.replace("_", " ") if value.islower() else value
        case _:
            return str(value)
