"""Exchange rates: entered as a sheet, agreed to by somebody else, read for a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.approvals import Asked
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.desk.approvals.models import Approval
from app.kit.ids import new_id
from app.rental.agreed_sheets import services as agreed
from app.rental.exchange_rates import approvals, queries, rules
from app.rental.exchange_rates.models import ExchangeRate, ExchangeRateSheet
from app.rental.exchange_rates.rules import Rates

FIELD_LABELS = {"state": "State", "valid_from": "From", "source": "Source", "rates": "Rates"}


async def rates_on(session: AsyncSession, day: date) -> Rates:
    """The rate of each pair on a day."""
    return await queries.list_rates(session, day)


async def enter_sheet(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, sheet_id: UUID | None = None
) -> tuple[ExchangeRateSheet, Approval]:
    """Keep the rates of a day, and ask for them to come into force. Raises InvalidFields; Conflict for a taken id.

    `fields`: valid_from, source, and rates with base, currency and rate.
    """
    problems = rules.check_sheet(fields, clock.today())
    if problems:
        raise InvalidFields(problems)
    source = str(fields["source"]).strip()
    sheet = await agreed.enter(
        session,
        ExchangeRateSheet(id=sheet_id or new_id(), valid_from=fields["valid_from"], source=source),
        has_own_id=sheet_id is not None,
        facts={"rates": len(fields["rates"]), "source": source},
        actor=actor,
    )
    lines = [
        ExchangeRate(
            sheet_id=sheet.id,
            base=each["base"],
            currency=each["currency"],
            valid_from=sheet.valid_from,
            rate=Decimal(each["rate"]),
        )
        for each in fields["rates"]
    ]
    session.add_all(lines)
    before = await queries.list_rates(session, sheet.valid_from)
    return sheet, await approvals.request_agreement(session, sheet, lines, before, actor=actor)


async def carry_out_agreement(session: AsyncSession, asked: Asked, actor: Actor) -> ExchangeRateSheet:
    """Put the rates of a sheet in force; nobody compares by them before."""
    sheet = await agreed.lock_sheet(session, ExchangeRateSheet, asked.subject_id)
    await agreed.put_in_force(session, sheet, actor=actor)
    now = await read_database_time(session)
    for line in await queries.list_lines(session, sheet.id):
        line.agreed_at = now
    return sheet


async def withdraw_sheet(session: AsyncSession, sheet_id: UUID, *, actor: Actor) -> ExchangeRateSheet:
    """Take back a sheet that nobody has agreed to, and with it the request for consent. Raises IllegalState."""
    return await agreed.withdraw(session, ExchangeRateSheet, sheet_id, approvals.SHEET, actor=actor)
