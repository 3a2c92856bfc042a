"""Asking for something that happens only after somebody else has agreed, and voiding what was asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.approvals import ApprovalTerms
from app.core.changes import Changes, occasion, plain_value, record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import Conflict, InvalidFields
from app.core.jobs.queue import enqueue
from app.core.records import Record
from app.desk.approvals import queries, rules
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState
from app.desk.approvals.services.closing import WAITS, close, roles_with, snapshot_of
from app.desk.notifications.services import notify
from app.kit.ids import new_reference
from app.kit.money import Money
from app.kit.problems import Problem

PREFIX = "APV"
TELL = "approvals.tell"
TOLD_EVERY = timedelta(minutes=1)
COMMITTED_BY_THEN = timedelta(seconds=5)
"""How long after its minute a request may still be on its way to its commit."""


class NobodyMayApprove(Conflict):
    code = "nobody_may_approve"
    title = "Nobody may approve this amount"
    advice = "Nothing was sent. Go back and enter a smaller amount, or ask for a higher limit."


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

    Work on many records gives the reason of its block of `because`, and is told of once a minute instead of each time.
    The same request that waits already is returned; another one about the same takes its place.
    """
    if amount is not None and not rules.is_decidable(kind.limits, amount.minor, amount.currency):
        raise NobodyMayApprove(f"No role has a limit that covers {amount}.")
    why = why or occasion() or ""
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
        created_at=now,
        expires_at=now + kind.expires_after,
    )
    approval.digest = approval.digest_with(snapshot_of(kind, subject))
    for earlier in await queries.lock_pending_about(session, subject.record_kind, subject.id):
        if earlier.digest == approval.digest:
            return earlier
        if earlier.kind == kind.key:
            await close(session, earlier, ApprovalState.VOIDED, SYSTEM, f"{actor.name} asked for something else.")
    session.add(approval)
    await session.flush()
    facts = {"about": approval.subject_title, "amount": amount} if amount else {"about": approval.subject_title}
    await record(session, "approval.requested", approval, actor=actor, why=why or None, changes=changes, facts=facts)
    if occasion() and actor.id is not None:
        await _tell_of_many_later(session, actor.id, now)
    else:
        await _tell_deciders(session, approval, kind, actor)
    return approval


async def void_changed(
    session: AsyncSession, subject: Record, kinds: Sequence[ApprovalTerms], *, actor: Actor
) -> list[Approval]:
    """After a change of a record: close what waits about it and was asked about it as it was before."""
    terms = {kind.key: kind for kind in kinds}
    voided: list[Approval] = []
    for approval in await queries.lock_pending_about(session, subject.record_kind, subject.id):
        kind = terms.get(approval.kind)
        if kind is not None and approval.digest_with(snapshot_of(kind, subject)) != approval.digest:
            cause = f"{approval.subject_title} was changed by {actor.name}."
            await close(session, approval, ApprovalState.VOIDED, SYSTEM, cause)
            voided.append(approval)
    return voided


async def tell_of_many(session: AsyncSession, maker_id: UUID, since: datetime, until: datetime) -> int:
    """Tell each person how many requests of somebody's work on many records they may decide; returns how many hear."""
    found: dict[UUID, list[int]] = {}
    approval = None
    for approval, number in await queries.list_asked_between(session, maker_id, since, until):
        for person in await queries.list_deciders(session, approval, roles_with(approval.decided_with)):
            found.setdefault(person, []).append(number)
    counts = {person: sum(numbers) for person, numbers in found.items()}
    for count in sorted(set(counts.values())):
        assert approval is not None
        await notify(
            session,
            [person for person, number in counts.items() if number == count],
            WAITS.key,
            title=f"{approval.maker_name} asks for consent to {count:,} {'change' if count == 1 else 'changes'}",
            body=approval.why if count == 1 else "",
            href=f"/approvals?queue=waiting&maker={maker_id}&sort=expires_at",
            actor=SYSTEM,
        )
    return len(counts)


async def _tell_of_many_later(session: AsyncSession, maker_id: UUID, now: datetime) -> None:
    since = now.replace(second=0, microsecond=0)
    until = since + TOLD_EVERY
    payload = {"maker_id": str(maker_id), "since": since.isoformat(), "until": until.isoformat()}
    key = f"{TELL}:{maker_id}:{since:%Y%m%d%H%M}"
    await enqueue(session, TELL, payload, run_at=until + COMMITTED_BY_THEN, unique_key=key, created_by=maker_id)


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


async def _new_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        pass
    return reference
