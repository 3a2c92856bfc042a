"""Four eyes over a sheet: it counts only once somebody else has agreed, and ends when nobody does."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms, Asked, Decline, Unmet
from app.core.db import AsyncSession
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.kit.agreed_sheets import SheetState
from app.rental.agreed_sheets import queries
from app.rental.agreed_sheets.models import Sheet
from app.rental.agreed_sheets.services.moving import become

DECIDERS = (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)
MOST_NAMED = 20
"""So many of its lines are told to whoever decides; all of them are on its page."""
ENDS = {
    Unmet.REJECTED: SheetState.REJECTED,
    Unmet.WITHDRAWN: SheetState.WITHDRAWN,
    Unmet.EXPIRED: SheetState.EXPIRED,
}


def agreement(
    model: type[Sheet], *, title: str, seen_with: str, decided_with: str, about: Sequence[str]
) -> ApprovalTerms:
    """The terms of consent to sheets of a kind.

    Lines of a sheet never change, so what the decision rests on is what it is `about`, and whether it still waits.
    """

    async def lock(session: AsyncSession, sheet_id: UUID) -> Sheet | None:
        return await queries.find_locked(session, model, sheet_id)

    return ApprovalTerms(
        key=f"{model.record_kind}.agreement",
        title=title,
        subject_kind=model.record_kind,
        seen_with=seen_with,
        decided_with=decided_with,
        roles=DECIDERS,
        lock=lock,
        snapshot=lambda sheet: {name: getattr(sheet, name) for name in (*about, "valid_from", "state")},
        name=lambda sheet: sheet.name,
    )


async def ask(
    session: AsyncSession,
    sheet: Sheet,
    terms: ApprovalTerms,
    *,
    payload: Mapping[str, Any],
    changes: Mapping[str, tuple[str | None, str | None]],
    why: str,
    actor: Actor,
) -> Approval:
    """Ask for a sheet to come into force; `changes` is by line what holds before and after."""
    return await approvals.request_approval(
        session,
        kind=terms,
        subject=sheet,
        payload=payload,
        changes=dict(islice(changes.items(), MOST_NAMED)),
        why=why,
        actor=actor,
    )


def ends_without_consent(model: type[Sheet]) -> Decline:
    """What becomes of a sheet of a kind when its request is rejected, taken back, or not decided in time."""

    async def end(session: AsyncSession, asked: Asked, unmet: Unmet, reason: str, actor: Actor) -> None:
        sheet = await queries.lock_sheet(session, model, asked.subject_id)
        if sheet.state is SheetState.WAITING:
            await become(session, sheet, ENDS[unmet], actor=actor, why=reason or None)

    return end
