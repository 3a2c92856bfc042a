"""Approvals that end by themselves, and many that are decided or taken along together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core import registry
from app.core.actor import Actor
from app.core.area import JobKind
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.jobs.context import JobContext
from app.desk.approvals import pages, queries
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import LONGEST_TEXT, ApprovalState, Obstacle
from app.desk.approvals.schemas import STATE_WORDS, ApprovalItem
from app.desk.approvals.services import asking, deciding

BATCH = 200
DECIDES_MANY = "approvals.decide_many"
LISTING = Listing(
    queries.approvals,
    queries.SPEC,
    lambda item: f"{item.reference} {item.subject_title}",
    columns=(
        FileColumn("reference", "Reference"),
        FileColumn("kind", "What", "words", shown_as="title", value=lambda item: pages.title_of(item.kind, _kinds())),
        FileColumn("subject_title", "About", shown_as="about"),
        FileColumn("change", "Before and after", value=pages.change_in_words),
        FileColumn("amount", "Amount", "money"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn("why", "Why"),
        FileColumn("maker_name", "Asked by", shown_as="maker"),
        FileColumn("created_at", "Asked", "moment", shown_as="asked"),
        FileColumn("expires_at", "Until", "moment", shown_as="until"),
        FileColumn("approver_name", "Decided by", shown_as="approver"),
        FileColumn("closed_at", "Closed", "moment"),
        FileColumn("note", "Comment or reason"),
        FileColumn("id", "Id"),
    ),
    narrow=queries.narrowed,
)


async def expire_approvals(context: JobContext) -> dict[str, int]:
    """Close the requests whose time is over, each in a transaction of its own."""
    async with context.database.session() as session:
        due = await queries.list_expired(session, BATCH)
    for number, approval_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=approval_id: deciding.expire(session, _kinds(), key))
        await context.progress(number, len(due))
    return {"approvals": len(due)}


async def tell_of_many(context: JobContext) -> dict[str, int]:
    """Tell those who may decide what one person's work on many records asked for within a minute."""
    asked = context.payload
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    people = await run_in_unit(
        context.database, lambda session: asking.tell_of_many(session, UUID(asked["maker_id"]), since, until)
    )
    return {"people": people}


TELL = JobKind(asking.TELL, "Tell who may decide of many requests at once", tell_of_many, tells_maker=False)
EXPIRE = JobKind("approvals.expire", "Close approvals whose time is over", expire_approvals, every=timedelta(minutes=1))


def _kinds() -> Mapping[str, Any]:
    return registry.approval_kinds


def foresee_approval(item: ApprovalItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    return _foreseen(item, _obstacle(item, actor))


def foresee_rejection(item: ApprovalItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    return replace(_foreseen(item, deciding.stands_in_the_way(_obstacle(item, actor))), after="stays as it is")


async def apply_approval(session: AsyncSession, key: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    comment = values["comment"] or ""
    return _done(await deciding.approve(session, registry.approval_kinds, key, comment=comment, actor=actor))


async def apply_rejection(session: AsyncSession, key: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    reason = values["reason"]
    return _done(await deciding.reject(session, registry.approval_kinds, key, reason=reason, actor=actor))


def _obstacle(item: ApprovalItem, actor: Actor) -> Obstacle | None:
    maker = UUID(item.maker_id) if item.maker_id else None
    amount = item.amount.to_money() if item.amount else None
    terms = registry.approval_kinds[item.kind].terms
    return deciding.obstacle_to(terms, maker, UUID(item.subject_id), amount, actor)


def _foreseen(item: ApprovalItem, found: Obstacle | None) -> Effect:
    before = "; ".join(change.before for change in item.changes)
    after = "; ".join(change.after for change in item.changes)
    if item.state != ApprovalState.PENDING:
        return Effect(before, after, f"It is {item.state_words.lower()}")
    return Effect(before, after, deciding.OBSTACLES[found] if found else "")


def _done(approval: Approval) -> Done:
    """What it came to. Raises ApprovalLapsed, which leaves it to the next look to close it."""
    refusal = deciding.lapsed(approval)
    if refusal is not None:
        raise refusal
    return Done(pages.toast_of(approval))


BULK_ACTIONS = (
    BulkAction(
        "approval",
        "Approve",
        DECIDES_MANY,
        apply_approval,
        foresee_approval,
        (BulkField("comment", "Comment", "long_text", is_required=False, longest=LONGEST_TEXT),),
        text="Each is done at once, exactly as it was asked for. What has changed since, or is not yours, is refused.",
    ),
    BulkAction(
        "rejection",
        "Reject",
        DECIDES_MANY,
        apply_rejection,
        foresee_rejection,
        (BulkField("reason", "Reason", "long_text", longest=LONGEST_TEXT, hint="Whoever asked reads it."),),
        text="Nothing changes, and those who asked read the reason.",
    ),
)
KIND = replace(pages.KIND, listing=LISTING, bulk_actions=BULK_ACTIONS, preview=pages.preview)
