"""Background work on applications, and what is done with many of them at once."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.filters import day
from app.core.jobs.context import JobContext
from app.credit.applications import queries, rules, services
from app.credit.applications.forms import NOBODY
from app.credit.applications.schemas import PRODUCT_WORDS, STATE_WORDS, ApplicationItem
from app.credit.applications.services.assignment import (
    ASSIGN,
    LEAD,
    LONGEST_NOTE,
    find_assignee,
    list_assignees,
)
from app.kit.problems import Problem

BATCH = 200


def label(item: ApplicationItem) -> str:
    """Reference and applicant."""
    return f"{item.reference} {item.applicant.name}" if item.applicant else item.reference


def _of_applicant(item: ApplicationItem, name: str) -> Any:
    return getattr(item.applicant, name) if item.applicant else None


LISTING = Listing(
    queries.applications,
    queries.SPEC,
    label,
    columns=(
        FileColumn("reference", "Reference"),
        FileColumn("applicant", "Applicant", value=lambda item: _of_applicant(item, "name")),
        FileColumn("product", "Product", "words", words=PRODUCT_WORDS),
        FileColumn("amount", "Amount", "money"),
        FileColumn("term_months", "Term, months", "number", shown_as="term"),
        FileColumn("market", "Market"),
        FileColumn("assignee_name", "Assigned to", shown_as="assignee"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn(
            "payments",
            "Payments to income",
            "number",
            value=lambda item: item.affordability.payment_to_income or None,
        ),
        FileColumn("debts", "Debt to income", "number", value=lambda item: item.affordability.debt_to_income or None),
        FileColumn("purpose", "Purpose"),
        FileColumn("email", "E-mail", value=lambda item: _of_applicant(item, "email")),
        FileColumn("phone", "Phone", value=lambda item: _of_applicant(item, "phone")),
        FileColumn("channel", "Channel"),
        FileColumn("campaign", "Campaign"),
        FileColumn("submitted_at", "Submitted", "moment", shown_as="submitted"),
        FileColumn("information_items", "Asked for"),
        FileColumn("information_due_on", "Information due", "day", shown_as="due"),
        FileColumn("decided_at", "Decided", "moment", shown_as="decided"),
        FileColumn("decided_reason", "Reason", shown_as="decided"),
        FileColumn("created_at", "Begun", "moment", shown_as="created"),
        FileColumn("updated_at", "Changed", "moment", shown_as="updated"),
        FileColumn("id", "Id"),
    ),
)


async def expire_overdue_information_requests(context: JobContext) -> dict[str, int]:
    """End applications whose information is overdue, each in a transaction of its own."""
    async with context.database.session() as session:
        overdue = await queries.list_overdue(session, clock.today(), BATCH)
    expired = 0
    for done, application_id in enumerate(overdue):
        await context.progress(done, len(overdue))
        found = await run_in_unit(
            context.database, lambda session, key=application_id: services.expire_application(session, key)
        )
        expired += found is not None
    return {"expired": expired}


def foresee_request(item: ApplicationItem, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    before, after = item.state_words, STATE_WORDS["info_requested"]
    if rules.can_move("information_request", rules.ApplicationState(item.state)):
        return Effect(before, after, f"The state is {before.lower()}")
    return Effect(before, after)


async def apply_request(session: AsyncSession, application_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    application = await services.move_application(
        session, application_id, "information_request", fields=values, actor=actor
    )
    return Done(f"{STATE_WORDS[application.state]}, due {day(application.information_due_on)}")


async def check_request(session: AsyncSession, values: Mapping[str, Any], actor: Actor) -> list[Problem]:  # noqa: ARG001
    problems = rules.check_information_request(values, today=clock.today())
    return [Problem(one.field.partition(".")[0], one.code, one.detail) for one in problems]


async def assignees(session: AsyncSession, actor: Actor) -> Sequence[tuple[str, str]]:  # noqa: ARG001
    """Everybody who works on applications, and nobody; which ones may be theirs is known one by one."""
    return [*((str(one.id), one.name) for one in await list_assignees(session)), (NOBODY, "Nobody")]


def foresee_assignment(item: ApplicationItem, values: Mapping[str, Any], actor: Actor) -> Effect:
    before, wanted = item.assignee_name or "Nobody", values["assignee_id"]
    after = wanted.words
    if (item.assignee_id or NOBODY) == wanted:
        return Effect(before, after, "It is so already")
    is_others = bool(item.assignee_id) and item.assignee_id != str(actor.id)
    match rules.can_assign(rules.ApplicationState(item.state), is_others=is_others, leads=actor.may(LEAD)):
        case rules.Refusal.ILLEGAL_STATE:
            return Effect(before, after, f"The state is {item.state_words.lower()}")
        case rules.Refusal.HELD:
            return Effect(before, after, f"{before} has it")
        case None:
            return Effect(before, after)


async def apply_assignment(
    session: AsyncSession, application_id: UUID, values: Mapping[str, Any], actor: Actor
) -> Done:
    wanted = None if values["assignee_id"] == NOBODY else UUID(values["assignee_id"])
    application = await services.assign_application(
        session, application_id, assignee_id=wanted, note=values["note"], actor=actor
    )
    person = await find_assignee(session, application)
    return Done(f"Given to {person.name}" if person else "Nobody's now")


BULK_ACTIONS = (
    BulkAction(
        "assignment",
        "Assign",
        ASSIGN,
        apply_assignment,
        foresee_assignment,
        (
            BulkField("assignee_id", "To", "choice", options=assignees),
            BulkField(
                "note",
                "Note",
                "long_text",
                is_required=False,
                longest=LONGEST_NOTE,
                hint="They are told this with each application.",
            ),
        ),
        text="Each application becomes theirs, and they are told. What they may not work on stays where it is.",
    ),
    BulkAction(
        "information_request",
        "Ask for information",
        "applications.move",
        apply_request,
        foresee_request,
        (
            BulkField("items", "What is asked for", "lines", longest=4_000, hint="One thing per line."),
            BulkField("due_on", "Due", "day", is_required=False, hint="Two weeks from now when left empty."),
        ),
        check_request,
        "Each applicant is asked the same; the applications wait until it has come.",
    ),
)
