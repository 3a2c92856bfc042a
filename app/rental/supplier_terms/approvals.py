"""Terms with a supplier count only once somebody else has agreed to them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalTerms
from app.core.permissions import Role
from app.desk.approvals import services as approvals
from app.desk.approvals.models import Approval
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import Terms
from app.rental.supplier_terms.schemas import about, in_words
from app.rental.suppliers.rules import SEES_MARGINS as VIEW

PERMISSION = "supplier_terms.approve"
DECIDERS = (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)
MOST_NAMED = 20
Differences = Mapping[str, tuple[str | None, str | None]]


async def _lock(session: AsyncSession, sheet_id: UUID) -> SupplierTerms | None:
    return await session.get(SupplierTerms, sheet_id, with_for_update=True, populate_existing=True)


def _entered(sheet: SupplierTerms) -> Mapping[str, Any]:
    """Its lines never change, so what the decision rests on is whether it still waits."""
    return {"supplier_id": sheet.supplier_id, "valid_from": sheet.valid_from, "state": sheet.state}


SHEET = ApprovalTerms(
    key="supplier_terms.agreement",
    title="Terms with a supplier",
    subject_kind=SupplierTerms.record_kind,
    seen_with=VIEW,
    decided_with=PERMISSION,
    roles=DECIDERS,
    lock=_lock,
    snapshot=_entered,
    name=lambda sheet: sheet.name,
)


def differences(after: Terms, before: Terms | None) -> dict[str, tuple[str | None, str | None]]:
    """What changes by line, in words, against the terms that hold until then."""
    old, new = (
        {about(each): in_words(each, terms.currency) for each in terms.lines} if terms else {}
        for terms in (before, after)
    )
    return {
        name: (old.get(name), new.get(name))
        for name in (*new, *(one for one in old if one not in new))
        if old.get(name) != new.get(name)
    }


async def request_agreement(
    session: AsyncSession, sheet: SupplierTerms, before: Terms | None, *, supplier: str, actor: Actor
) -> Approval:
    """Ask for terms to come into force."""
    moved = list(differences(sheet.terms, before).items())
    return await approvals.request_approval(
        session,
        kind=SHEET,
        subject=sheet,
        payload={"supplier": supplier, "valid_from": sheet.valid_from.isoformat(), "lines": len(sheet.lines)},
        changes=dict(moved[:MOST_NAMED]),
        why=sheet.note or f"{supplier}, {sheet.name.lower()}",
        actor=actor,
    )
