"""Invoices of suppliers: lines are kept, matched, explained by working the price out again, and decided on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.approvals import Asked
from app.core.area import NotificationKind
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, IllegalState, InvalidFields, NotFound
from app.core.jobs.models import Job, JobState
from app.core.jobs.queue import UNFINISHED, enqueue, find_unfinished
from app.desk.approvals.models import Approval
from app.desk.notifications.services import notify
from app.kit.ids import new_id
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.bookings.services import commission_of
from app.rental.supplier_invoices import approvals, queries, rules
from app.rental.supplier_invoices.models import SupplierInvoice, SupplierInvoiceLine
from app.rental.supplier_invoices.rules import Agreed, Billed, LineState, MatchedBy
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.rules import NOT_CONFIRMED, ReservationState
from app.rental.suppliers.services import billing

FIELD_LABELS = {
    "state": "State", "cause": "Cause", "expected": "Expected", "reservation": "Reservation", "amount": "Amount",
}  # fmt: skip
KEPT = (
    "supplier_number", "our_reference", "driver", "pickup_on", "return_on", "description", "days", "tax_percent",
    "exchange_rate", "agreed_rate",
)  # fmt: skip


UsualFees = dict[UUID, tuple[int, int]]
"""What suppliers usually take: one way, and for a young driver each day."""
MATCHING = "supplier_invoices.match"
"""The job that looks at the open lines of an invoice again."""
MATCHED = NotificationKind("supplier_invoice.matched", "An invoice that I had matched again is done or gave up")


class LineIsThere(AlreadyThere):
    code = "line_is_there"
    title = "This line of the invoice is there already"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The line, and the approval that it waits for when its difference is large."""

    line: SupplierInvoiceLine
    waits: Approval | None = None


async def open_invoice(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, invoice_id: UUID | None = None
) -> SupplierInvoice:
    """The invoice of a supplier's number, made when it is new. Raises InvalidFields."""
    supplier = await billing.find_supplier(session, str(fields["supplier"]))
    if supplier is None:
        raise InvalidFields([Problem("supplier", "unknown_value", "There is no such supplier")])
    market = str(fields["market"])
    if not actor.sees(market=market):
        raise InvalidFields([Problem("market", "invalid", "Not one of your markets")])
    number = str(fields["invoice_number"]).strip()
    found = await queries.find_by_number(session, supplier.id, number)
    if found is not None:
        if found.market != market:
            detail = f"Invoice {number} is of the market {found.market}"
            raise InvalidFields([Problem("market", "invalid", detail)])
        return found
    invoice = SupplierInvoice(
        id=invoice_id or new_id(),
        supplier_id=supplier.id,
        number=number,
        market=market,
        issued_on=fields.get("issued_on") or clock.today(),
        currency=fields["amount"].currency,
    )
    session.add(invoice)
    await session.flush()
    await record(session, "supplier_invoice.created", invoice, actor=actor)
    return invoice


async def add_line(
    session: AsyncSession,
    invoice: SupplierInvoice,
    key: str,
    *,
    fields: Mapping[str, Any],
    usual: UsualFees | None = None,
    actor: Actor,
) -> SupplierInvoiceLine:
    """Keep a line, and say what it is about and why it differs. Raises LineIsThere, InvalidFields.

    `usual` holds the fees that other lines of the batch have asked for already.
    """
    problems = rules.check_line({**fields, "supplier": "-", "invoice_number": invoice.number, "market": invoice.market})
    if problems:
        raise InvalidFields(problems)
    if await queries.find_by_key(session, invoice.id, key) is not None:
        raise LineIsThere(f"Line {key} of invoice {invoice.number} was imported before.")
    amount: Money = fields["amount"]
    values = {name: fields[name] for name in KEPT if fields.get(name) is not None}
    line = SupplierInvoiceLine(
        invoice_id=invoice.id,
        market=invoice.market,
        row_key=key,
        amount_minor=amount.minor,
        currency=amount.currency,
        **values,
    )
    await _match(session, invoice, line, {} if usual is None else usual)
    session.add(line)
    await session.flush()  # the next line has to see that its reservation is billed
    await record(session, "supplier_invoice_line.added", line, actor=actor, facts=_facts(line))
    return line


async def ask_matching(session: AsyncSession, invoice_id: UUID, *, actor: Actor) -> Job:
    """Have everything looked at once more that nobody has decided on; while that is done, the job that does it."""
    invoice = await queries.get_invoice(session, invoice_id, actor)
    payload = {"invoice_id": str(invoice.id)}
    return await enqueue(session, MATCHING, payload, unique_key=_key_of(invoice.id), created_by=actor.id)


async def find_matching(session: AsyncSession, invoice_id: UUID) -> Job | None:
    """The job that looks at the lines of an invoice now, or is about to."""
    return await find_unfinished(session, _key_of(invoice_id))


async def get_matching(session: AsyncSession, invoice: SupplierInvoice, job_id: UUID) -> Job:
    """Such a job by its id, also when it is over. Raises NotFound."""
    job = await queries.find_job(session, job_id)
    if job is None or job.unique_key != _key_of(invoice.id):
        raise NotFound
    return job


def matched_in_words(found: Mapping[str, int]) -> str:
    """`18,000 lines looked at, 12 came out otherwise`."""
    return f"{found['lines']:,} lines looked at, {found['changed']:,} came out otherwise"


def came_of(job: Job) -> tuple[str | None, str]:
    """What is said of a job that is over, and whether somebody has to act."""
    if job.state is JobState.DONE and job.result:
        return matched_in_words(job.result), "good"
    if job.state in UNFINISHED:
        return None, ""
    return f"The matching stopped: {job.last_error or 'it was cancelled'}", "act"


async def match_again(session: AsyncSession, invoice_id: UUID, line_ids: Sequence[UUID], *, actor: Actor) -> int:
    """Look at some lines once more; tells how many came out otherwise. What was decided meanwhile stays."""
    invoice = await queries.get_invoice(session, invoice_id, actor)
    changed, usual = 0, UsualFees()
    for line_id in line_ids:
        line = await queries.lock_line(session, line_id)
        if line.state is not LineState.OPEN:
            continue
        before = _facts(line)
        await _match(session, invoice, line, usual)
        if _facts(line) != before:
            changed += 1
            changes = {name: (before[name], value) for name, value in _facts(line).items() if before[name] != value}
            await record(session, "supplier_invoice_line.matched", line, actor=actor, changes=changes)
    return changed


async def accept_line(session: AsyncSession, line_id: UUID, *, reason: str, actor: Actor) -> Accepted:
    """Pay what is billed. A difference above the limit is asked for. Raises IllegalState, NotFound."""
    line = await queries.lock_line(session, line_id)
    _require_undecided(line)
    if rules.needs_consent(line.difference_minor, line.currency):
        return Accepted(line, await approvals.request_acceptance(session, line, reason=reason, actor=actor))
    return Accepted(await _decide(session, line, LineState.ACCEPTED, reason, actor))


async def carry_out_acceptance(session: AsyncSession, asked: Asked, actor: Actor) -> SupplierInvoiceLine:
    """Accept as agreed."""
    line = await queries.lock_line(session, asked.subject_id)
    _require_undecided(line)
    return await _decide(session, line, LineState.ACCEPTED, str(asked.payload["reason"]), actor)


async def dispute_line(session: AsyncSession, line_id: UUID, *, reason: str, actor: Actor) -> SupplierInvoiceLine:
    """Do not pay it, and tell the supplier why. Raises IllegalState, InvalidFields, NotFound."""
    if not reason.strip():
        raise InvalidFields([Problem("reason", "required", "Say what the supplier is told")])
    line = await queries.lock_line(session, line_id)
    if line.state is not LineState.OPEN:
        raise IllegalState(f"The line is {queries.STATE_WORDS[line.state.value].lower()}.", state=line.state)
    return await _decide(session, line, LineState.DISPUTED, reason.strip(), actor)


async def tell_matched(session: AsyncSession, invoice_id: UUID, outcome: str, *, to: UUID, has_failed: bool) -> None:
    """Tell whoever asked for it what came of it: they have gone on with other work meanwhile."""
    invoice = await queries.get_invoice(session, invoice_id, SYSTEM)
    await notify(
        session,
        [to],
        MATCHED.key,
        title=f"{'Not matched' if has_failed else 'Matched'} again: invoice {invoice.number}",
        body=outcome,
        href=f"/supplier-invoices/{invoice.id}",
        subject=(SupplierInvoice.record_kind, invoice.id),
        actor=SYSTEM,
    )


def _key_of(invoice_id: UUID) -> str:
    return f"{MATCHING}:{invoice_id}"


def _require_undecided(line: SupplierInvoiceLine) -> None:
    if line.state not in rules.DECIDABLE:
        raise IllegalState(f"The line is {queries.STATE_WORDS[line.state.value].lower()}.", state=line.state)


async def _decide(
    session: AsyncSession, line: SupplierInvoiceLine, state: LineState, reason: str, actor: Actor
) -> SupplierInvoiceLine:
    before, line.state, line.reason = line.state, state, reason[:500]
    line.decided_by, line.decided_at = actor.name[:120], clock.now()
    changes = {"state": (before, state)}
    await record(
        session, f"supplier_invoice_line.{state.value}", line, actor=actor, why=reason or None, changes=changes
    )
    return line


async def _match(session: AsyncSession, invoice: SupplierInvoice, line: SupplierInvoiceLine, usual: UsualFees) -> None:
    """Find what a line is about, and explain it."""
    reservation, line.matched_by = await _find(session, invoice, line)
    line.reservation_id = reservation.id if reservation else None
    agreed = await _agreed(session, line, reservation, usual) if reservation else None
    tax = line.tax_percent if line.tax_percent is not None else Decimal(rules.STANDARD_VAT.get(line.market, "0"))
    billed = Billed(line.amount, tax, line.days, line.exchange_rate, line.agreed_rate)
    explained = rules.explain(agreed, billed)
    line.expected_minor, line.cause = explained.expected.minor, explained.cause
    line.parts = [{"cause": part.cause.value, "minor": part.minor} for part in explained.parts]
    line.state = LineState.OPEN if explained.parts else LineState.AGREED


async def _find(
    session: AsyncSession, invoice: SupplierInvoice, line: SupplierInvoiceLine
) -> tuple[SupplierReservation | None, MatchedBy]:
    """By their number, then by our reference, then by the driver's name and the dates where only one fits."""
    where = (session, invoice.supplier_id, invoice.market)
    if found := await billing.find_by_number(*where, line.supplier_number):
        return found, MatchedBy.NUMBER
    if found := await billing.find_by_reference(*where, line.our_reference):
        return found, MatchedBy.REFERENCE
    if line.driver and line.pickup_on:
        fitting = [
            each
            for each in await billing.list_on(*where, line.pickup_on)
            if rules.is_same_driver(f"{each.surname} {each.given_name}", line.driver)
        ]
        if len(fitting) == 1:
            return fitting[0], MatchedBy.NAME_AND_DATES
    return None, MatchedBy.NOTHING


async def _agreed(
    session: AsyncSession, line: SupplierInvoiceLine, reservation: SupplierReservation, usual: UsualFees
) -> Agreed:
    """What was agreed of a reservation; what the supplier usually takes only where the bill differs."""
    one_way, young = (
        billing.amount_of(reservation, billing.ONE_WAY),
        billing.amount_of(reservation, billing.YOUNG_DRIVER),
    )
    usual_one_way = usual_young = 0
    if line.amount != reservation.total:
        supplier_id = reservation.supplier_id
        if supplier_id not in usual:
            usual[supplier_id] = await billing.usual_fees(session, supplier_id)
        usual_one_way, usual_young = usual[supplier_id]
    time = billing.amount_of(reservation, "TIME") or reservation.total.minor - one_way - young
    return Agreed(
        total=reservation.total,
        days=billing.days_of(reservation),
        time_minor=time,
        one_way_minor=one_way,
        young_minor=young,
        usual_one_way_minor=usual_one_way,
        usual_young_minor=0 if young else usual_young,
        fee=_owed(reservation),
        is_billed=await queries.is_billed(session, reservation.id, line.id),
        commission_minor=await commission_of(session, reservation),
    )


def _owed(reservation: SupplierReservation) -> Money | None:
    """What is owed of a reservation that does not stand; none for one that does, or may."""
    if reservation.state is ReservationState.CANCELLED:
        return Money(reservation.fee_minor or 0, reservation.currency)
    if reservation.state in NOT_CONFIRMED:
        return Money.zero(reservation.currency)
    return None


def _facts(line: SupplierInvoiceLine) -> dict[str, Any]:
    return {
        "state": line.state.value, "cause": line.cause.value if line.cause else None, "expected": line.expected,
        "reservation": str(line.reservation_id) if line.reservation_id else None,
    }  # fmt: skip


async def supplier_of(session: AsyncSession, invoice: SupplierInvoice) -> Supplier:
    """Who wrote it."""
    return await billing.get_supplier(session, invoice.supplier_id)


@dataclass(frozen=True, slots=True)
class BilledFor:
    """What a supplier bills for one reservation, and what each cause makes of the difference."""

    total: Money
    causes: list[tuple[str, Money]]


async def billed_for(session: AsyncSession, reservation_id: UUID) -> BilledFor | None:
    """All lines about a reservation that are not disputed; nothing before there is one."""
    lines = await queries.list_of_reservation(session, reservation_id)
    if not lines or len({line.currency for line in lines}) != 1:
        return None
    currency = lines[0].currency
    causes = [(str(part["cause"]), Money(int(part["minor"]), currency)) for line in lines for part in line.parts]
    return BilledFor(Money(sum(line.amount_minor for line in lines), currency), causes)
