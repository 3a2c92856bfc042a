"""Terms with a supplier count only once somebody else has agreed to them."""

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.desk.approvals.models import Approval
from app.rental.agreed_sheets import services as agreed
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import Terms
from app.rental.supplier_terms.schemas import about, in_words
from app.rental.suppliers.rules import SEES_MARGINS as VIEW

PERMISSION = "supplier_terms.approve"
SHEET = agreed.agreement(
    SupplierTerms, title="Terms with a supplier", seen_with=VIEW, decided_with=PERMISSION, about=("supplier_id",)
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
    return await agreed.ask(
        session,
        sheet,
        SHEET,
        payload={"supplier": supplier, "valid_from": sheet.valid_from.isoformat(), "lines": len(sheet.lines)},
        changes=differences(sheet.terms, before),
        why=sheet.note or f"{supplier}, {sheet.name.lower()}",
        actor=actor,
    )
