"""Agreeing, refusing, taking back: and what was agreed to happens in the transaction that says so.

Rows are always locked in the same order, the subject before what waits about it, and whatever is decided is decided
under both locks: of two deciders, or of a decision and a change, one comes first and the other hears of it.
"""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.approvals import ApprovalKind, ApprovalTerms, Unmet
from app.core.changes import citing
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import AppError, Conflict, Forbidden, IllegalState, InvalidFields, NotFound, StaleVersion
from app.core.records import Record
from app.desk.approvals import queries, rules
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState, Obstacle
from app.desk.approvals.services.closing import close, snapshot_of
from app.kit.money import Money
from app.kit.problems import Problem

OBSTACLES = {
    Obstacle.OWN_REQUEST: "You asked for it yourself; somebody else decides.",
    Obstacle.OWN_RIGHTS: "It is about your own rights; somebody else decides.",
    Obstacle.NO_PERMISSION: "Your roles do not decide about this.",
    Obstacle.OVER_LIMIT: "The amount is above what your roles may approve.",
    Obstacle.UNKNOWN_CURRENCY: "Your roles have no limit in this currency, so they approve nothing in it.",
}


TOO_LATE = "Nobody decided in time."


class MayNotDecide(Forbidden):
    code = "may_not_decide"
    title = "You may not decide this"


class NotYourRequest(Forbidden):
    code = "not_your_request"
    title = "Only who asked for it takes it back"


class ApprovalLapsed(Conflict):
    """The request could no longer be decided; what it has become is kept, so this is answered and never raised."""

    code: ClassVar[str] = "approval_lapsed"
    title: ClassVar[str] = "This can no longer be decided"


async def approve(
    session: AsyncSession,
    kinds: Mapping[str, ApprovalKind],
    approval_id: UUID,
    *,
    comment: str = "",
    version: int | None = None,
    actor: Actor,
) -> Approval:
    """Agree, and do it in the same transaction. What comes back expired or voided was not done: see `lapsed`.

    Raises IllegalState when it no longer waits, MayNotDecide, StaleVersion.
    """
    _refuse_long("comment", comment)
    approval, subject = await _lock(session, kinds, approval_id, actor, version)
    kind = kinds[approval.kind]
    _refuse_obstacle(obstacle_of(kind.terms, approval, actor))
    if await _lapse(session, kind, approval, subject):
        return approval
    await close(session, approval, ApprovalState.APPROVED, actor, comment, is_decision=True)
    return await _carry_out(session, kind, approval, actor)


async def reject(
    session: AsyncSession,
    kinds: Mapping[str, ApprovalKind],
    approval_id: UUID,
    *,
    reason: str,
    version: int | None = None,
    actor: Actor,
) -> Approval:
    """Refuse it, with a reason. Raises InvalidFields, IllegalState, MayNotDecide, StaleVersion."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say why it is not to happen")])
    _refuse_long("reason", reason)
    approval, subject = await _lock(session, kinds, approval_id, actor, version)
    kind = kinds[approval.kind]
    _refuse_obstacle(stands_in_the_way(obstacle_of(kind.terms, approval, actor)))
    if await _lapse(session, kind, approval, subject):
        return approval
    return await _decline(session, kind, approval, subject, Unmet.REJECTED, reason, actor)


async def withdraw(
    session: AsyncSession,
    kinds: Mapping[str, ApprovalKind],
    approval_id: UUID,
    *,
    comment: str = "",
    version: int | None = None,
    actor: Actor,
) -> Approval:
    """Take one's own request back. Raises IllegalState, NotYourRequest, StaleVersion."""
    _refuse_long("comment", comment)
    approval, subject = await _lock(session, kinds, approval_id, actor, version)
    if actor.id is None or approval.maker_id != actor.id:
        raise NotYourRequest
    return await _decline(session, kinds[approval.kind], approval, subject, Unmet.WITHDRAWN, comment, actor)


async def expire(session: AsyncSession, kinds: Mapping[str, ApprovalKind], approval_id: UUID) -> Approval:
    """Close a request whose time is over by the database's clock; one that was decided meanwhile stays as it is."""
    seen = await session.get(Approval, approval_id)
    if seen is None:
        raise NotFound
    kind = kinds[seen.kind]
    subject = await kind.terms.lock(session, seen.subject_id)
    approval = await queries.lock_approval(session, approval_id)
    if approval.state is ApprovalState.PENDING and approval.expires_at <= await read_database_time(session):
        await _decline(session, kind, approval, subject, Unmet.EXPIRED, TOO_LATE, SYSTEM)
    return approval


def lapsed(approval: Approval) -> ApprovalLapsed | None:
    """The refusal to answer, without raising it, when a decision came too late; None when it was taken."""
    if approval.state not in (ApprovalState.EXPIRED, ApprovalState.VOIDED):
        return None
    return ApprovalLapsed(approval.note, extra={"state": approval.state.value, "etag": approval.etag})


def obstacle_of(terms: ApprovalTerms, approval: Approval, actor: Actor) -> Obstacle | None:
    """Why somebody may not agree to a request, or None."""
    return obstacle_to(terms, approval.maker_id, approval.subject_id, approval.amount, actor)


def obstacle_to(
    terms: ApprovalTerms, maker_id: UUID | None, subject_id: UUID, amount: Money | None, actor: Actor
) -> Obstacle | None:
    """As `obstacle_of`, from what a list knows of a request."""
    excess = rules.over_limit(terms.limits, actor.roles, amount.minor, amount.currency) if amount else None
    return rules.obstacle(
        decider_id=actor.id,
        maker_id=maker_id,
        subject_id=subject_id,
        has_permission=actor.may(terms.decided_with),
        excess=excess,
    )


def stands_in_the_way(found: Obstacle | None) -> Obstacle | None:
    """Of what keeps somebody from agreeing, what keeps them from refusing too: no amount is too large for a refusal."""
    return None if found in (Obstacle.OVER_LIMIT, Obstacle.UNKNOWN_CURRENCY) else found


async def _lock(
    session: AsyncSession, kinds: Mapping[str, ApprovalKind], approval_id: UUID, actor: Actor, version: int | None
) -> tuple[Approval, Record | None]:
    seen = await queries.get_approval(session, approval_id, actor)
    subject = await kinds[seen.kind].terms.lock(session, seen.subject_id)
    approval = await queries.lock_approval(session, approval_id)
    if approval.state is not ApprovalState.PENDING:
        raise IllegalState(f"{approval.reference} is {approval.state.value}.", state=approval.state)
    if version is not None and version != approval.version:
        raise StaleVersion(f"The present version is {approval.etag}.", extra={"etag": approval.etag})
    return approval, subject


async def _lapse(session: AsyncSession, kind: ApprovalKind, approval: Approval, subject: Record | None) -> bool:
    """Whether it can no longer be decided: its time is over, or the subject or the request is not what it was."""
    if approval.expires_at <= await read_database_time(session):
        await _decline(session, kind, approval, subject, Unmet.EXPIRED, TOO_LATE, SYSTEM)
    elif subject is None or approval.digest_with(snapshot_of(kind.terms, subject)) != approval.digest:
        cause = f"{approval.subject_title} is no longer what it was when this was asked."
        await close(session, approval, ApprovalState.VOIDED, SYSTEM, cause)
    return approval.state is not ApprovalState.PENDING


async def _carry_out(session: AsyncSession, kind: ApprovalKind, approval: Approval, actor: Actor) -> Approval:
    """Do what was agreed to; what the feature refuses leaves nothing behind but a failed approval."""
    facts = {"approval": approval.reference, "maker": approval.maker_name, "approver": actor.name}
    try:
        async with session.begin_nested():
            with citing(facts):
                await kind.execute(session, approval, actor)
    except AppError as refused:
        await close(session, approval, ApprovalState.FAILED, actor, refused.detail or refused.title)
    else:
        await close(session, approval, ApprovalState.EXECUTED, actor, approval.note)
    return approval


async def _decline(
    session: AsyncSession,
    kind: ApprovalKind,
    approval: Approval,
    subject: Record | None,
    unmet: Unmet,
    reason: str,
    actor: Actor,
) -> Approval:
    """End a request without consent, and the subject's waiting with it."""
    is_decision = unmet is Unmet.REJECTED
    await close(session, approval, ApprovalState(unmet.value), actor, reason, is_decision=is_decision)
    if kind.decline is not None and subject is not None:
        with citing({"approval": approval.reference, "maker": approval.maker_name}):
            await kind.decline(session, approval, unmet, reason, actor)
    return approval


def _refuse_obstacle(found: Obstacle | None) -> None:
    if found is not None:
        raise MayNotDecide(OBSTACLES[found], extra={"reason": found.value})


def _refuse_long(field: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidFields([Problem(field, "too_long", f"At most {LONGEST_TEXT} characters")])
