"""Rates count only once somebody else has agreed to their sheet."""

from collections.abc import Sequence

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.desk.approvals.models import Approval
from app.rental.agreed_sheets import services as agreed
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet
from app.rental.exchange_rates.rules import Rates

VIEW = "exchange_rates.view"
PERMISSION = "exchange_rates.approve"
SHEET = agreed.agreement(
    ExchangeRateSheet, title="Exchange rates", seen_with=VIEW, decided_with=PERMISSION, about=("source",)
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
        for line in lines
    }
    return await agreed.ask(
        session, sheet, SHEET, payload={"rates": len(lines)}, changes=changes, why=sheet.name, actor=actor
    )
