"""A version of a rate card comes into force only after somebody else has agreed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.changes import Changes
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.rental.rates.models import RateCard

PERMISSION = "rates.approve"
DECIDERS = (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)


async def _lock(session: AsyncSession, card_id: UUID) -> RateCard | None:
    return await session.get(RateCard, card_id, with_for_update=True, populate_existing=True)


def _drafted(card: RateCard) -> Mapping[str, Any]:
    """What the decision rests on: the card, and the draft with every one of its terms."""
    named = ("market", "brand", "acriss", "branches", "currency", "draft_number", "draft_digest", "active_number")
    return {name: getattr(card, name) for name in named}


ACTIVATION = ApprovalTerms(
    key="rate_card.activation",
    title="New version of a rate card",
    subject_kind=RateCard.record_kind,
    seen_with="rates.view",
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_drafted,
    name=lambda card: card.name,
)


async def request_activation(
    session: AsyncSession, card: RateCard, *, changes: Changes, why: str, actor: Actor
) -> Approval:
    """Ask for the draft to come into force; the caller holds the card's lock."""
    payload = {"number": card.draft_number, "digest": card.draft_digest}
    return await approvals.request_approval(
        session, kind=ACTIVATION, subject=card, payload=payload, changes=changes, why=why, actor=actor
    )


async def void_changed(session: AsyncSession, card: RateCard, *, actor: Actor) -> None:
    """Close what was asked about the draft as it was before this change."""
    await approvals.void_changed(session, card, (ACTIVATION,), actor=actor)
