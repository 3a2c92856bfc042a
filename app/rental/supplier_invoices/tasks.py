"""What can be done with many lines at once, and what takes long."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.core.actor import Actor
from app.core.area import JobKind
from app.core.auth.staff import actor_of
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.filters import money
from app.core.jobs.context import JobContext, JobRefused, LeaseLost
from app.core.reasons import reason_of
from app.core.registry import permissions
from app.core.values import money_value
from app.desk.staff.services.identity import load_staff_facts
from app.rental.supplier_invoices import queries, rules, services
from app.rental.supplier_invoices.queries import MATCH
from app.rental.supplier_invoices.rules import LineState
from app.rental.supplier_invoices.schemas import SupplierInvoiceLineItem

BATCH = 200
"""Lines of one transaction."""


def label(item: SupplierInvoiceLineItem) -> str:
    """Whose line it is, and of which invoice."""
    return f"{item.supplier_number or item.our_reference or item.driver}, invoice {item.invoice_number}"


def foresee_acceptance(item: SupplierInvoiceLineItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    """Whether somebody may accept it alone."""
    before = queries.STATE_WORDS[item.state]
    if LineState(item.state) not in rules.DECIDABLE:
        return Effect(before, refusal=f"The line is {before.lower()}")
    difference = money_value(item.difference_minor, item.amount.currency)
    after = f"Accepted, {money(difference)} more than agreed"
    return Effect(before, after, needs_consent=rules.needs_consent(item.difference_minor, item.amount.currency))


async def apply_acceptance(session: AsyncSession, line_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    await queries.get_line(session, line_id, actor)
    accepted = await services.accept_line(session, line_id, reason=values.get("reason") or "", actor=actor)
    waits = accepted.waits
    return Done(f"Asked for as {waits.reference}", waits.id) if waits else Done("Accepted")


def foresee_dispute(item: SupplierInvoiceLineItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    """Whether it is still to be decided."""
    before = queries.STATE_WORDS[item.state]
    refusal = "" if item.state == LineState.OPEN else f"The line is {before.lower()}"
    return Effect(before, "Disputed", refusal)


async def apply_dispute(session: AsyncSession, line_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    await queries.get_line(session, line_id, actor)
    await services.dispute_line(session, line_id, reason=values["reason"], actor=actor)
    return Done("Disputed")


async def match_again(context: JobContext) -> dict[str, int]:
    """Look at all open lines of an invoice once more; when the last attempt fails too, its maker is told."""
    invoice_id, maker, claim = UUID(context.payload["invoice_id"]), context.claim.created_by, context.claim
    try:
        found = await _match_all(context, invoice_id)
    except (LeaseLost, JobRefused):
        raise
    except Exception as error:
        if maker and claim.attempt >= claim.max_attempts:
            await _tell(context.database, invoice_id, reason_of(error), maker, has_failed=True)
        raise
    if maker:
        await _tell(context.database, invoice_id, services.matched_in_words(found), maker, has_failed=False)
    return found


async def _match_all(context: JobContext, invoice_id: UUID) -> dict[str, int]:
    """Batch by batch, each in a transaction of its own."""
    actor = await _maker(context)
    async with context.database.session() as session:
        total = await queries.count_open(session, invoice_id)
    done, changed, last = 0, 0, None
    while True:
        async with context.database.session() as session:
            ids = await queries.list_open_ids(session, invoice_id, after=last, limit=BATCH)
        if not ids:
            return {"lines": done, "changed": changed}
        changed += await run_in_unit(
            context.database,
            lambda session, ids=ids: services.match_again(session, invoice_id, ids, actor=actor),
        )
        done, last = done + len(ids), ids[-1]
        await context.progress(done, max(done, total))


async def _maker(context: JobContext) -> Actor:
    """Whoever asked for it, with what they may do now."""
    facts = await load_staff_facts(context.database.primary, str(context.claim.created_by))
    if facts is None:
        raise JobRefused("The account that asked for it has been disabled.")
    return actor_of(facts, permissions())


async def _tell(database: Database, invoice_id: UUID, outcome: str, to: UUID, *, has_failed: bool) -> None:
    await run_in_unit(
        database,
        lambda session: services.tell_matched(session, invoice_id, outcome, to=to, has_failed=has_failed),
    )


MATCH_JOB = JobKind(services.MATCHING, "Match an invoice again", match_again, max_attempts=3, tells_maker=False)
BULK_ACTIONS = (
    BulkAction(
        "accept",
        "Accept",
        MATCH,
        apply_acceptance,
        foresee_acceptance,
        (BulkField("reason", "Reason", "long_text", is_required=False, hint="Kept in the timeline of each line."),),
        text="What is billed is paid. Large differences wait until somebody else agrees.",
    ),
    BulkAction(
        "dispute",
        "Dispute",
        MATCH,
        apply_dispute,
        foresee_dispute,
        (BulkField("reason", "What the supplier is told", "long_text", hint="Stands in the letter."),),
        text="They are not paid, and stand in the letter to the supplier.",
    ),
)
LISTING = Listing(
    queries.lines,
    queries.LINES_SPEC,
    label,
    columns=(
        FileColumn("invoice_number", "Invoice", shown_as="invoice"),
        FileColumn("supplier", "Supplier"),
        FileColumn("supplier_number", "Their number", shown_as="line"),
        FileColumn("our_reference", "Our reference"),
        FileColumn("driver", "Driver"),
        FileColumn("amount", "Billed", "money", shown_as="billed"),
        FileColumn("expected", "Agreed", "money", shown_as="agreed"),
        FileColumn(
            "difference",
            "Difference",
            "money",
            value=lambda line: money_value(line.difference_minor, line.amount.currency),
        ),
        FileColumn("reservation", "Reservation"),
        FileColumn("matched_by", "Matched by", shown_as="matched"),
        FileColumn("cause", "Cause", "words", words=queries.CAUSE_WORDS),
        FileColumn("state", "State", "words", words=queries.STATE_WORDS),
        FileColumn("reason", "Reason"),
        FileColumn("id", "Id"),
    ),
)
