"""The one way in which a request ends, and what it is bound to."""

from typing import Any

from app.core import registry
from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.area import NotificationKind
from app.core.changes import plain_value, record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import IllegalState
from app.core.permissions import Role
from app.core.records import Record
from app.desk.approvals import queries, rules
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState
from app.desk.approvals.schemas import STATE_WORDS
from app.desk.notifications.services import notify, settle

WAITS = NotificationKind("approval.waits", "A request waits that I may decide")
DECIDED = NotificationKind("approval.decided", "A request of mine is decided, void or over")
ACTIONS = {
    ApprovalState.APPROVED: "approval.approved",
    ApprovalState.EXECUTED: "approval.executed",
    ApprovalState.FAILED: "approval.failed",
    ApprovalState.REJECTED: "approval.rejected",
    ApprovalState.WITHDRAWN: "approval.withdrawn",
    ApprovalState.EXPIRED: "approval.expired",
    ApprovalState.VOIDED: "approval.voided",
}


async def close(
    session: AsyncSession,
    approval: Approval,
    state: ApprovalState,
    actor: Actor,
    note: str,
    *,
    is_decision: bool = False,
) -> None:
    before, now = approval.state, await read_database_time(session)
    if not rules.can_move(before, state):
        raise IllegalState(f"{approval.reference} is {before.value}.", state=before)
    approval.state, approval.note, approval.closed_at = state, note[:LONGEST_TEXT], now
    if is_decision:
        approval.approver_id, approval.approver_name = actor.id, actor.name
    if state is ApprovalState.EXECUTED:
        approval.executed_at = now
    changes = {"state": (before, state)}
    await record(session, ACTIONS[state], approval, actor=actor, why=note or None, changes=changes)
    if before is ApprovalState.PENDING:
        await _settle(session, approval)
    if state is not ApprovalState.APPROVED and approval.maker_id is not None:
        await notify(
            session,
            [approval.maker_id],
            DECIDED.key,
            title=f"{approval.reference} about {approval.subject_title}: {STATE_WORDS[state].lower()}",
            body=note,
            href=f"/approvals/{approval.id}",
            subject=(approval.record_kind, approval.id),
            actor=actor,
        )


async def _settle(session: AsyncSession, approval: Approval) -> None:
    """Nobody has to decide about it any more, so nobody's bell says so."""
    people = await queries.list_deciders(session, approval, roles_with(approval.decided_with))
    await settle(session, people, WAITS.key, (approval.record_kind, approval.id))


def roles_with(permission: str) -> list[str]:
    """The roles that have a permission."""
    return [role.value for role in Role if permission in registry.permissions().of_roles([role])]


def snapshot_of(terms: ApprovalTerms, subject: Record) -> dict[str, Any]:
    return {name: plain_value(value) for name, value in terms.snapshot(subject).items()}
