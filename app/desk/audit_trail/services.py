"""What other features show of the audit trail."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.db import AsyncSession
from app.core.filters import day, money, to_datetime
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.core.values import MoneyValue
from app.desk.audit_trail import queries

ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Facts like this are for programs and tell people nothing."""


class Kept(Protocol):
    """An entry as it is stored, read by either path."""

    @property
    def at(self) -> datetime | str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def why(self) -> str | None: ...
    @property
    def changes(self) -> dict[str, Any]: ...
    @property
    def facts(self) -> dict[str, Any]: ...


class Named(Protocol):
    """What is about a record."""

    @property
    def subject_kind(self) -> str: ...
    @property
    def subject_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class About:
    """The kind and id of a record."""

    subject_kind: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a record's story."""

    at: datetime
    who: str
    text: str
    why: str
    changes: list[tuple[str, str, str]]

    @property
    def changes_state(self) -> bool:
        """Whether the record went from one state to another."""
        return any(label == "State" for label, _, _ in self.changes)


async def timeline(
    session: AsyncSession, subject: Record, labels: Mapping[str, str] | None = None
) -> list[TimelineEntry]:
    """The newest entries about a record, in words."""
    entries = await queries.list_of_subject(session, subject.record_kind, subject.id)
    return [in_words(entry, labels or {}) for entry in entries]


def in_words(entry: Kept, labels: Mapping[str, str]) -> TimelineEntry:
    """An entry as people read it."""
    changes = [
        (field_in_words(name, labels), "" if before is None else value_in_words(before), value_in_words(after))
        for name, (before, after) in entry.changes.items()
    ]
    told = {name: value_in_words(value) for name, value in entry.facts.items()}
    facts = [(field_in_words(name, labels), "", text) for name, text in told.items() if not AN_ID.fullmatch(text)]
    at, text = to_datetime(entry.at), action_in_words(entry.action)
    return TimelineEntry(at, entry.actor_name, text, entry.why or "", changes + facts)


def field_in_words(name: str, labels: Mapping[str, str]) -> str:
    """The label of a field; `due_on` without one is `Due on`, and what has capitals, as `EUR/SEK`, keeps them."""
    words = name.replace("_", " ")
    return labels.get(name, words[:1].upper() + words[1:])


def action_in_words(action: str) -> str:
    """`vehicle.block_removed` as `Block removed`."""
    return action.partition(".")[2].replace("_", " ").capitalize() or action


def value_in_words(value: Any) -> str:
    """A kept value as text."""
    match value:
        case None | "" | []:
            words = "nothing"
        case bool():
            words = "yes" if value else "no"
        case {"amount": str(amount), "currency": str(currency)}:
            words = money(MoneyValue(amount, currency))
        case list():
            words = ", ".join(value_in_words(part) for part in value)
        case dict():
            words = ", ".join(f"{name}: {value_in_words(part)}" for name, part in value.items())
        case str():
            words = _text_in_words(value)
        case _:
            words = str(value)
    return words


def _text_in_words(text: str) -> str:
    if ISO_DAY.fullmatch(text):
        with contextlib.suppress(ValueError):
            return day(text)
    if ISO_MOMENT.match(text):
        with contextlib.suppress(ValueError):
            return f"{datetime.fromisoformat(text).astimezone(UTC):%-d %b %Y %H:%M} UTC"
    return text.replace("_", " ") if text.islower() else text


async def name_subjects(
    reads: ReadPool, items: Sequence[Named], kinds: Mapping[str, RecordKind], actor: Actor
) -> dict[tuple[str, str], str]:
    """The present names of records, by kind and id, as far as the actor may see them; one read per kind."""
    ids: dict[str, set[str]] = {}
    for item in items:
        ids.setdefault(item.subject_kind, set()).add(item.subject_id)
    names: dict[tuple[str, str], str] = {}
    for key, wanted in ids.items():
        kind = kinds.get(key)
        if kind is None or kind.load_documents is None or not actor.may(kind.permission):
            continue
        for document in await kind.load_documents(reads, sorted(wanted)):
            if _is_seen(document, kind, actor):
                parts = (document.get("reference"), document.get("title"))
                names[key, str(document["id"])] = " ".join(str(part) for part in parts if part)
    return names


def _is_seen(document: Mapping[str, Any], kind: RecordKind, actor: Actor) -> bool:
    if actor.markets is not None and document.get("market") not in actor.markets:
        return False
    branches = set(document.get("branch") or ())
    return not kind.is_branch_scoped or actor.branches is None or not branches.isdisjoint(actor.branches)
