"""Asking, agreeing, refusing, taking back: and what was agreed to happens in the transaction that says so.

Rows are always locked in the same order, the subject before what waits about it, and whatever is decided is decided
under both locks: of two deciders, or of a decision and a change, one comes first and the other hears of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.approvals import ApprovalKind, ApprovalTerms
from app.core.area import NotificationKind
from app.core.changes import Changes, citing, plain_value, record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import AppError, Conflict, Forbidden, IllegalState, InvalidFields, StaleVersion
from app.core.records import Record
from app.desk.approvals import queries, rules
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState, Obstacle
from app.desk.approvals.schemas import STATE_WORDS, ApprovalItem, changes_in_words, item_of
from app.desk.notifications.services import notify
from app.kit.ids import new_reference
from app.kit.money import Money
from app.kit.problems import Problem

PREFIX = "APV"
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
OBSTACLES = {
    Obstacle.OWN_REQUEST: "You asked for it yourself; somebody else decides.",
    Obstacle.OWN_RIGHTS: "It is about your own rights; somebody else decides.",
    Obstacle.NO_PERMISSION: "Your roles do not decide about this.",
    Obstacle.OVER_LIMIT: "The amount is above what your roles may approve.",
    Obstacle.UNKNOWN_CURRENCY: "Your roles have no limit in this currency, so they approve nothing in it.",
}


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One request about a record."""

    id: UUID
    reference: str
    title: str
    change: str
    maker: str
    left: str
    is_own: bool
    version: int


class MayNotDecide(Forbidden):
    code = "may_not_decide"
    title = "You may not decide this"


class NotYourRequest(Forbidden):
    code = "not_your_request"
    title = "Only who asked for it takes it back"


class NobodyMayApprove(Conflict):
    code = "nobody_may_approve"
    title = "Nobody may approve this amount"


class ApprovalLapsed(Conflict):
    """The request could no longer be decided; what it has become is kept, so this is answered and never raised."""

    code: ClassVar[str] = "approval_lapsed"
    title: ClassVar[str] = "This can no longer be decided"


async def request_approval(
    session: AsyncSession,
    *,
    kind: ApprovalTerms,
    subject: Record,
    payload: Mapping[str, Any],
    changes: Changes,
    amount: Money | None = None,
    why: str = "",
    actor: Actor,
) -> Approval:
    """Ask for something that then waits for somebody else; the caller holds the subject's lock.

    The same request that waits already is returned; another one about the same takes its place.
    """
    if amount is not None and not rules.is_decidable(kind.limits, amount.minor, amount.currency):
        raise NobodyMayApprove(f"No role has a limit that covers {amount}.")
    if len(why) > LONGEST_TEXT:
        raise InvalidFields([Problem("why", "too_long", f"At most {LONGEST_TEXT} characters")])
    await session.flush()
    now = await read_database_time(session)
    approval = Approval(
        reference=await _new_reference(session),
        kind=kind.key,
        seen_with=kind.seen_with,
        decided_with=kind.decided_with,
        subject_kind=subject.record_kind,
        subject_id=subject.id,
        subject_title=kind.name(subject)[:200],
        market=getattr(subject, "market", None),
        branch_code=getattr(subject, "location_code", None),
        payload={name: plain_value(value) for name, value in payload.items()},
        changes={name: [plain_value(before), plain_value(after)] for name, (before, after) in changes.items()},
        digest="",
        amount_minor=amount.minor if amount else None,
        amount_currency=amount.currency if amount else None,
        why=why,
        maker_id=actor.id,
        maker_name=actor.name,
        expires_at=now + kind.expires_after,
    )
    approval.digest = approval.digest_with(_snapshot(kind, subject))
    for earlier in await queries.lock_pending_about(session, subject.record_kind, subject.id):
        if earlier.digest == approval.digest:
            return earlier
        if earlier.kind == kind.key:
            await _close(session, earlier, ApprovalState.VOIDED, SYSTEM, f"{actor.name} asked for something else.")
    session.add(approval)
    await session.flush()
    facts = {"about": approval.subject_title, "amount": amount} if amount else {"about": approval.subject_title}
    await record(session, "approval.requested", approval, actor=actor, why=why or None, changes=changes, facts=facts)
    await _tell_deciders(session, approval, kind, actor)
    return approval


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
    if await _lapse(session, kind.terms, approval, subject):
        return approval
    await _close(session, approval, ApprovalState.APPROVED, actor, comment, is_decision=True)
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
    terms = kinds[approval.kind].terms
    found = obstacle_of(terms, approval, actor)
    if found not in (Obstacle.OVER_LIMIT, Obstacle.UNKNOWN_CURRENCY):
        _refuse_obstacle(found)
    if await _lapse(session, terms, approval, subject):
        return approval
    await _close(session, approval, ApprovalState.REJECTED, actor, reason, is_decision=True)
    return approval


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
    approval, _ = await _lock(session, kinds, approval_id, actor, version)
    if actor.id is None or approval.maker_id != actor.id:
        raise NotYourRequest
    await _close(session, approval, ApprovalState.WITHDRAWN, actor, comment)
    return approval


async def expire(session: AsyncSession, approval_id: UUID) -> Approval:
    """Close a request whose time is over by the database's clock; one that was decided meanwhile stays as it is."""
    approval = await queries.lock_approval(session, approval_id)
    if approval.state is ApprovalState.PENDING and approval.expires_at <= await read_database_time(session):
        await _close(session, approval, ApprovalState.EXPIRED, SYSTEM, "Nobody decided in time.")
    return approval


async def void_changed(
    session: AsyncSession, subject: Record, kinds: Sequence[ApprovalTerms], *, actor: Actor
) -> list[Approval]:
    """After a change of a record: close what waits about it and was asked about it as it was before."""
    terms = {kind.key: kind for kind in kinds}
    voided: list[Approval] = []
    for approval in await queries.lock_pending_about(session, subject.record_kind, subject.id):
        kind = terms.get(approval.kind)
        if kind is not None and approval.digest_with(_snapshot(kind, subject)) != approval.digest:
            cause = f"{approval.subject_title} was changed by {actor.name}."
            await _close(session, approval, ApprovalState.VOIDED, SYSTEM, cause)
            voided.append(approval)
    return voided


def lapsed(approval: Approval) -> ApprovalLapsed | None:
    """The refusal to answer, without raising it, when a decision came too late; None when it was taken."""
    if approval.state not in (ApprovalState.EXPIRED, ApprovalState.VOIDED):
        return None
    return ApprovalLapsed(approval.note, extra={"state": approval.state.value, "etag": approval.etag})


def obstacle_of(terms: ApprovalTerms, approval: Approval, actor: Actor) -> Obstacle | None:
    """Why somebody may not agree to a request, or None."""
    excess = None
    if approval.amount_minor is not None and approval.amount_currency is not None:
        excess = rules.over_limit(terms.limits, actor.roles, approval.amount_minor, approval.amount_currency)
    return rules.obstacle(
        decider_id=actor.id,
        maker_id=approval.maker_id,
        subject_id=approval.subject_id,
        has_permission=actor.may(terms.decided_with),
        excess=excess,
    )


async def list_waiting_about(session: AsyncSession, subject: Record, actor: Actor) -> list[WaitingLine]:
    """What waits about a record, as its page says it."""
    return [
        WaitingLine(
            id=approval.id,
            reference=approval.reference,
            title=approval.kind.partition(".")[2].replace("_", " ").capitalize(),
            change="; ".join(f"{one.before} to {one.after}" for one in changes_in_words(approval.changes)),
            maker=approval.maker_name,
            left=until(approval.expires_at),
            is_own=actor.id is not None and actor.id == approval.maker_id,
            version=approval.version,
        )
        for approval in await queries.list_pending_about(session, subject.record_kind, subject.id)
        if queries.is_seen(approval, actor)
    ]


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


async def _lapse(session: AsyncSession, terms: ApprovalTerms, approval: Approval, subject: Record | None) -> bool:
    """Whether it can no longer be decided: its time is over, or the subject or the request is not what it was."""
    if approval.expires_at <= await read_database_time(session):
        await _close(session, approval, ApprovalState.EXPIRED, SYSTEM, "Nobody decided in time.")
    elif subject is None or approval.digest_with(_snapshot(terms, subject)) != approval.digest:
        cause = f"{approval.subject_title} is no longer what it was when this was asked."
        await _close(session, approval, ApprovalState.VOIDED, SYSTEM, cause)
    return approval.state is not ApprovalState.PENDING


async def _carry_out(session: AsyncSession, kind: ApprovalKind, approval: Approval, actor: Actor) -> Approval:
    """Do what was agreed to; what the feature refuses leaves nothing behind but a failed approval."""
    facts = {"approval": approval.reference, "maker": approval.maker_name, "approver": actor.name}
    try:
        async with session.begin_nested():
            with citing(facts):
                await kind.execute(session, approval, actor)
    except AppError as refused:
        await _close(session, approval, ApprovalState.FAILED, actor, refused.detail or refused.title)
    else:
        await _close(session, approval, ApprovalState.EXECUTED, actor, approval.note)
    return approval


async def _close(
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


async def _tell_deciders(session: AsyncSession, approval: Approval, kind: ApprovalTerms, actor: Actor) -> None:
    people = await queries.list_deciders(session, approval, [role.value for role in kind.roles])
    await notify(
        session,
        people,
        WAITS.key,
        title=f"{actor.name} asks for consent: {kind.title.lower()} of {approval.subject_title}",
        body=approval.why,
        href=f"/approvals/{approval.id}",
        subject=(approval.record_kind, approval.id),
        actor=actor,
    )


def _refuse_obstacle(found: Obstacle | None) -> None:
    if found is not None:
        raise MayNotDecide(OBSTACLES[found], extra={"reason": found.value})


def _refuse_long(field: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidFields([Problem(field, "too_long", f"At most {LONGEST_TEXT} characters")])


def _snapshot(terms: ApprovalTerms, subject: Record) -> dict[str, Any]:
    return {name: plain_value(value) for name, value in terms.snapshot(subject).items()}


async def _new_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        pass
    return reference
