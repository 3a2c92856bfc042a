"""What others show of approvals: what waits about a record, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.area import StateView
from app.core.db import AsyncSession
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.desk.approvals import queries
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import ApprovalState
from app.desk.approvals.schemas import STATE_WORDS, ApprovalChange, ApprovalItem, changes_in_words, item_of


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One request about a record."""

    id: UUID
    reference: str
    title: str
    changes: list[ApprovalChange]
    maker: str
    left: str
    is_own: bool
    may_decide: bool
    """As far as permissions go; the amount may still be above somebody's limit."""
    version: int


@dataclass(frozen=True, slots=True)
class EndLine:
    """How the last request about a record ended that nobody agreed to."""

    id: UUID
    reference: str
    state: str
    who: str
    """Who refused it or took it back; empty where nobody did."""
    note: str
    at: datetime | None


async def find_end(session: AsyncSession, subject: Record, actor: Actor) -> EndLine | None:
    """How the last request about a record ended without consent, for those who may see it."""
    found = await queries.find_ended_about(session, subject.record_kind, subject.id)
    if found is None or not queries.is_seen(found, actor):
        return None
    is_own = found.state is ApprovalState.WITHDRAWN
    who = found.maker_name if is_own else found.approver_name or ""
    return EndLine(found.id, found.reference, STATE_WORDS[found.state], who, found.note, found.closed_at)


async def list_waiting_about(session: AsyncSession, subject: Record, actor: Actor) -> list[WaitingLine]:
    """What waits about a record, as its page says it."""
    return [
        WaitingLine(
            id=approval.id,
            reference=approval.reference,
            title=approval.kind.partition(".")[2].replace("_", " ").capitalize(),
            changes=changes_in_words(approval.changes),
            maker=approval.maker_name,
            left=until(approval.expires_at),
            is_own=actor.id is not None and actor.id == approval.maker_id,
            may_decide=actor.may(approval.decided_with) and actor.id not in (approval.maker_id, approval.subject_id),
            version=approval.version,
        )
        for approval in await queries.list_pending_about(session, subject.record_kind, subject.id)
        if queries.is_seen(approval, actor)
    ]


async def list_shown(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, ApprovalItem]:
    """What has become of these approvals, by id, of those that the actor may see."""
    return await queries.represent(reads, ids, actor)


def state_view(item: ApprovalItem) -> StateView:
    """What has become of a request, for those who look at what came of their work."""
    if item.state == ApprovalState.PENDING:
        return StateView("Waiting for approval", "soon", is_on=True)
    return StateView(item.state_words, "act" if item.state == ApprovalState.FAILED else "")


def as_item(approval: Approval) -> ApprovalItem:
    """An approval as the API shows it, for the answers of other features."""
    return item_of(approval)


def told(waits: Approval | None, done: str) -> str:
    """What to say after a change: that it is done, or that it waits."""
    return done if waits is None else f"Waits for somebody else to agree: {waits.reference}"


def until(at: datetime) -> str:
    """How long is left, in words."""
    left = at - clock.now()
    if left <= timedelta():
        return "over"
    for unit, word in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if left >= 2 * unit:
            return f"{left // unit} {word} left"
    return f"{max(left // timedelta(minutes=1), 1)} min left"
