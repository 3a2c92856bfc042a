"""What may happen to a person's rights only after another administrator has agreed: that they become wider."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.desk.staff import queries, rules
from app.desk.staff.models import Staff

PERMISSION = "staff.approve_rights"
DECIDERS = (Role.ADMIN,)


async def _lock(session: AsyncSession, staff_id: UUID) -> Staff | None:
    await queries.lock_active_admins(session)  # in the order in which editing locks
    return await session.get(Staff, staff_id, with_for_update=True, populate_existing=True)


def _rights_of(staff: Staff) -> Mapping[str, Any]:
    """What a grant rests on: who it is, whether they may sign in, and what they may do now."""
    named = ("email", "name", "is_disabled", "roles", "markets", "branches")
    return {name: getattr(staff, name) for name in named}


RIGHTS_GRANT = ApprovalTerms(
    key="staff.rights_grant",
    title="Grant of rights",
    subject_kind=Staff.record_kind,
    seen_with="staff.view",
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_rights_of,
    name=lambda staff: staff.name,
    expires_after=timedelta(days=3),
)


async def request_rights(session: AsyncSession, staff: Staff, wanted: Mapping[str, Any], *, actor: Actor) -> Approval:
    """Ask for somebody's roles and scope to become these."""
    present = rules.rights_in(staff.model_dump())
    changes = {name: (in_words(present[name]), in_words(value)) for name, value in wanted.items()}
    return await approvals.request_approval(
        session,
        kind=RIGHTS_GRANT,
        subject=staff,
        payload=wanted,
        changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
        actor=actor,
    )


async def void_changed(session: AsyncSession, staff: Staff, *, actor: Actor) -> None:
    """Close what was asked about a person as they were before this change."""
    await approvals.void_changed(session, staff, [RIGHTS_GRANT], actor=actor)


def in_words(scope: list[str] | None) -> list[str]:
    """A list of roles or places; no list at all means all of them."""
    return ["all"] if scope is None else scope
