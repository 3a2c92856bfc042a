"""Rates count only once somebody else has agreed to their sheet."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet
from app.rental.exchange_rates.rules import Rates

VIEW = "exchange_rates.view"
PERMISSION = "exchange_rates.approve"
DECIDERS = (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)
MOST_NAMED = 20


async def _lock(session: AsyncSession, sheet_id: UUID) -> ExchangeRateSheet | None:
    return await session.get(ExchangeRateSheet, sheet_id, with_for_update=True, populate_existing=True)


def _entered(sheet: ExchangeRateSheet) -> Mapping[str, Any]:
    """Its rates never change, so what the decision rests on is whether it still waits."""
    return {"valid_from": sheet.valid_from, "source": sheet.source, "state": sheet.state}


SHEET = ApprovalTerms(
    key="exchange_rate_sheet.agreement",
    title="Exchange rates",
    subject_kind=ExchangeRateSheet.record_kind,
    seen_with=VIEW,
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_entered,
    name=lambda sheet: sheet.name,
)


async def request_agreement(
    session: AsyncSession, sheet: ExchangeRateSheet, lines: Sequence[ExchangeRate], before: Rates, *, actor: Actor
) -> Approval:
    """Ask for the rates of a sheet to come into force."""
    changes = {
        f"{line.base}/{line.currency}": (
            str(known.rate.normalize()) if (known := before.get((line.base, line.currency))) else None,
            str(line.rate.normalize()),
        )
        for line in lines[:MOST_NAMED]
    }
    return await approvals.request_approval(
        session, kind=SHEET, subject=sheet, payload={"rates": len(lines)}, changes=changes, why=sheet.name, actor=actor
    )
