"""Terms with suppliers: entered as a sheet, agreed to by somebody else, tried on a price."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.core import clock
from app.core.actor import Actor
from app.core.approvals import Asked
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.desk.approvals.models import Approval
from app.kit import acriss
from app.kit.ids import new_id
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.agreed_sheets import services as agreed
from app.rental.supplier_terms import approvals, queries, rules
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import Model, Sold, Terms
from app.rental.supplier_terms.services.selling import HIRE_WORDS
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import Mileage, PriceLine, SupplierOffer
from app.rental.suppliers.services import billing
from app.rental.suppliers.services.editing import mark_net

FIELD_LABELS = {"state": "State", "valid_from": "From", "supplier": "Supplier", "lines": "Lines"}
LARGEST_PRICE = 10_000_000


async def enter_terms(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, sheet_id: UUID | None = None
) -> tuple[SupplierTerms, Approval]:
    """Keep terms, and ask for them to come into force. Raises InvalidFields; Conflict for a taken id.

    `fields`: supplier (its code), valid_from, note, and lines with market, pattern, model and what the model has.
    """
    supplier = await billing.find_supplier(session, str(fields.get("supplier") or ""))
    if supplier is None:
        raise InvalidFields([Problem("supplier", "unknown_value", "Choose a supplier that there is")])
    problems = rules.check_terms(fields, clock.today(), supplier.currency)
    if problems:
        raise InvalidFields(problems)
    sheet = SupplierTerms(
        id=sheet_id or new_id(),
        supplier_id=supplier.id,
        valid_from=fields["valid_from"],
        currency=supplier.currency,
        lines=msgspec.to_builtins(rules.lines_of(fields)),
        note=str(fields.get("note") or "").strip(),
    )
    await agreed.enter(
        session,
        sheet,
        has_own_id=sheet_id is not None,
        facts={"lines": len(sheet.lines)},
        changes={"supplier": (None, supplier.name)},
        actor=actor,
    )
    before = await terms_before(session, sheet)
    return sheet, await approvals.request_agreement(session, sheet, before, supplier=supplier.name, actor=actor)


async def carry_out_agreement(session: AsyncSession, asked: Asked, actor: Actor) -> SupplierTerms:
    """Put terms in force; nothing is sold by them before."""
    sheet = await agreed.lock_sheet(session, SupplierTerms, asked.subject_id)
    if any(line.model is Model.NET for line in sheet.terms.lines):
        await mark_net(session, sheet.supplier_id, actor=actor)
    sheet.agreed_at = await read_database_time(session)
    return await agreed.put_in_force(session, sheet, actor=actor)


async def withdraw_terms(session: AsyncSession, sheet_id: UUID, *, actor: Actor) -> SupplierTerms:
    """Take back terms that nobody has agreed to, and with them the request for consent. Raises IllegalState."""
    return await agreed.withdraw(session, SupplierTerms, sheet_id, approvals.SHEET, actor=actor)


async def terms_before(session: AsyncSession, sheet: SupplierTerms) -> Terms | None:
    """What holds with its supplier on the day from which a sheet is to hold, besides the sheet itself."""
    found = await queries.list_in_force(session, sheet.valid_from, sheet.supplier_id)
    return next((each.terms for each in found if each.id != sheet.id), None)


def try_terms(fields: Mapping[str, Any], trial: Mapping[str, Any], currency: str) -> Sold:
    """What lines would make of a price; changes nothing. Raises InvalidFields that name the field.

    `trial`: market, class_code, price, and time, which is all of the price where it is not told.
    """
    problems = rules.check_terms({"valid_from": clock.today(), **fields}, clock.today(), currency)
    problems += _check_trial(trial, currency)
    if problems:
        raise InvalidFields(problems)
    price, time = trial["price"], trial.get("time") or trial["price"]
    lines = [PriceLine(rules.TIME, HIRE_WORDS, time), PriceLine("OTHER", "Besides", price - time)]
    offer = SupplierOffer(
        "", str(trial["class_code"]).upper(), "", price, tuple(lines), Mileage(None), (), is_on_request=False
    )
    terms = Terms("", clock.today(), currency, rules.lines_of(fields))
    return rules.sell(offer, terms, str(trial["market"]), HIRE_WORDS)


def _check_trial(trial: Mapping[str, Any], currency: str) -> list[Problem]:
    problems: list[Problem] = []
    code, price, time = trial.get("class_code"), trial.get("price"), trial.get("time")
    if not code or not acriss.is_known(str(code).upper()):
        problems.append(Problem("class_code", "malformed", "Enter a class such as CDMR"))
    if not isinstance(price, Money) or price.currency != currency or not 0 <= price.decimal <= LARGEST_PRICE:
        problems.append(Problem("price", "out_of_range", f"Enter a price in {currency}"))
    elif isinstance(time, Money) and (time.currency != currency or not 0 <= time.minor <= price.minor):
        problems.append(Problem("time", "out_of_range", "Time is at most the whole price"))
    return problems


async def list_with_terms(session: AsyncSession, day: date) -> list[tuple[Supplier, SupplierTerms | None]]:
    """Every supplier that we work with, and the terms that hold with it on a day."""
    held = {sheet.supplier_id: sheet for sheet in await queries.list_in_force(session, day)}
    return [(supplier, held.get(supplier.id)) for supplier in await billing.list_suppliers(session)]


async def find_in_force(session: AsyncSession, supplier_id: UUID, day: date) -> SupplierTerms | None:
    """The terms that hold with one supplier on a day."""
    return next(iter(await queries.list_in_force(session, day, supplier_id)), None)
