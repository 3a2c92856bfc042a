"""From an offer that a search gave to one that may be reserved: the supplier is asked again, always."""

from app.core import clock
from app.core.db import Database, run_in_unit
from app.core.errors import Conflict, InvalidFields
from app.core.partners.client import Partners
from app.core.partners.tallies import HOURS
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.locations.models import Location
from app.rental.suppliers import writes
from app.rental.suppliers.adapters.interface import SupplierRefused
from app.rental.suppliers.rules import SupplierOffer, measuring
from app.rental.suppliers.services.gateway import ask
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Plan, Question, Wanted


class SupplierSaysNo(Conflict):
    code = "supplier_refused"
    title = "The supplier refuses"
    advice = "Nothing was changed. Ask for something else, or ask another supplier."


def question_for(plan: Plan, code: str) -> Question:
    """What the supplier of this code is asked. Raises InvalidFields for one that is not sold there."""
    for question in plan.questions:
        if question.line.code == code:
            return question
    absent = next((each for each in plan.absent if each.code == code), None)
    detail = "There is no such supplier" if absent is None else f"Not sold there: {absent.reason.value}"
    raise InvalidFields([Problem("supplier", "unknown_value", detail)])


async def recheck(partners: Partners, plan: Plan, question: Question, key: str) -> SupplierOffer:
    """The offer as it is now. Raises SupplierSaysNo, PartnerError."""
    exchange = question.line.adapter.recheck(key, question.hire)
    try:
        return await ask(partners, question.line, exchange, market=plan.market)
    except SupplierRefused as refused:
        raise SupplierSaysNo(refused.text, extra={"kind": refused.kind.value}) from None


async def note_drift(database: Database, plan: Plan, question: Question, expected: Money, offer: SupplierOffer) -> None:
    """Keep how far a price had moved since it was searched, whatever becomes of it."""
    moved_by = measuring.basis_points(expected, offer.total)
    if moved_by is None:
        return
    slot_at, supplier_id = HOURS.slot_of(clock.now()), question.line.supplier_id
    await run_in_unit(database, lambda session: writes.add_drift(session, supplier_id, plan.market, slot_at, moved_by))


def intent_of(
    plan: Plan, question: Question, wanted: Wanted, offer: SupplierOffer, place: Location, driver: tuple[str, str]
) -> Intent:
    """What is reserved, once the supplier was asked again; `driver` is surname and given name."""
    return Intent(
        supplier_id=question.line.supplier_id,
        market=plan.market,
        pickup_location=wanted.pickup,
        return_location=wanted.back,
        time_zone=place.time_zone,
        hire=question.hire,
        offer=offer,
        surname=driver[0],
        given_name=driver[1],
    )
