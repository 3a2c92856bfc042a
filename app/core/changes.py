"""The one funnel of state changes: an audit entry and an event, in the transaction of the change."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, events
from app.core.actor import Actor
from app.core.audit import AuditEntry
from app.core.records import Record
from app.kit.ids import new_id
from app.kit.money import Money

Changes = Mapping[str, tuple[Any, Any]]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_occasion: ContextVar[str | None] = ContextVar("occasion", default=None)
_cited: ContextVar[Mapping[str, Any]] = ContextVar("cited", default={})  # noqa: B039 - never changed


@contextmanager
def because(occasion: str) -> Generator[None]:
    """Give every change of this block a reason, unless it names its own: an import says file and row."""
    token = _occasion.set(occasion)
    try:
        yield
    finally:
        _occasion.reset(token)


def occasion() -> str | None:
    """What the present block of `because` says."""
    return _occasion.get()


@contextmanager
def citing(facts: Mapping[str, Any]) -> Generator[None]:
    """Add facts to every change of this block: what was approved names the approval, its maker and its approver."""
    token = _cited.set(facts)
    try:
        yield
    finally:
        _cited.reset(token)


async def record(
    session: AsyncSession,
    action: str,
    subject: Record,
    *,
    actor: Actor,
    why: str | None = None,
    changes: Changes | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write who did what to which record and why, with each value before and after.

    The record is flushed first, so that the entry and the event carry the version that this change made. A new record
    of a block of `because` has its first version anyway; it goes to the database with the others of its batch.
    """
    if _occasion.get() is None or subject not in session.new:
        await session.flush()
    plain = {name: [plain_value(before), plain_value(after)] for name, (before, after) in (changes or {}).items()}
    session.add(
        AuditEntry(
            id=new_id(),
            at=clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            subject_kind=subject.record_kind,
            subject_id=subject.id,
            subject_version=subject.version,
            changes=plain,
            facts={name: plain_value(value) for name, value in {**(facts or {}), **_cited.get()}.items()},
            why=why or _occasion.get(),
            request_id=request_id.get(),
        )
    )
    await events.record(
        session,
        action,
        subject,
        {
            "kind": subject.record_kind,
            "id": str(subject.id),
            "version": subject.version,
            "actor_id": str(actor.id) if actor.id else None,
            "changed": sorted(plain),
        },
    )


def differences(subject: Record, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The attributes that `values` would change, each with before and after."""
    return {name: (before, value) for name, value in values.items() if (before := getattr(subject, name)) != value}


def apply(subject: Record, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set the attributes that differ and tell which did."""
    changed = differences(subject, values)
    for name, (_, after) in changed.items():
        setattr(subject, name, after)
    return changed


def plain_value(value: Any) -> Any:
    """A value as it is kept in JSON."""
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return msgspec.to_builtins(value, enc_hook=str)
