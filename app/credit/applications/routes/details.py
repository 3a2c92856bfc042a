"""What the record page and the review page answer."""

from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.core.http import Request
from app.core.reads import Query
from app.credit.applications import queries, rules, services
from app.credit.applications.forms import AssignmentForm
from app.credit.applications.models import Application
from app.credit.applications.pages import details, edits, lists, moves
from app.credit.applications.pages.assignment import Assignment, assignment
from app.credit.applications.schemas import PRODUCT_WORDS, STATE_WORDS
from app.credit.applications.services import assignment as assignees
from app.desk.audit_trail.services import timeline
from app.desk.customers import services as customers
from app.desk.records.services import beside
from app.kit.markets import MARKETS

EARLIER = 10


async def detail_page(
    request: Request, session: Any, application: Application, actor: Actor
) -> details.ApplicationDetail:
    """Everything about one application."""
    people = {
        name: await customers.find_customer(session, key, actor) if (key := getattr(application, name)) else None
        for name in ("customer_id", "co_applicant_id")
    }
    missing = await services.list_missing(session, application)
    return details.ApplicationDetail(
        application=application,
        applicant=people["customer_id"],
        co_applicant=people["co_applicant_id"],
        state=STATE_WORDS[application.state],
        product=PRODUCT_WORDS[application.product],
        market=MARKETS[application.market].name,
        is_on=application.state in lists.ON,
        due=details.due_in_words(application, clock.today()),
        household=details.household_rows(application),
        employment=details.employment_rows(application),
        debts=details.debt_rows(application),
        consents=edits.consent_rows(application),
        missing=missing,
        ratios=details.ratios_of(application),
        instalment=details.instalment_in_words(application),
        earlier=await _earlier(request, application, actor),
        assignment=await assignment_panel(session, application, actor),
        moves=moves.moves_for(application, actor),
        withheld=moves.withheld_in_words(application, actor),
        items=moves.items_for(application, missing),
        timeline=await timeline(session, application, services.FIELD_LABELS),
        beside=await beside(session, application, actor),
        can_edit=actor.may(moves.EDIT) and rules.can_edit(application.state) is None,
        can_try_again=actor.may(moves.EDIT) and application.state in rules.TERMINAL,
        can_see_customer=actor.may("customers.view"),
        cells={name: edits.cell(application, name) for name in edits.CELLS},
        source_fields=details.source_rows(application),
    )


async def assignment_panel(
    session: Any, application: Application, actor: Actor, form: AssignmentForm | None = None
) -> Assignment:
    """Whose work it is, and to whom it can be given."""
    holder = await assignees.find_assignee(session, application)
    people = await assignees.list_assignees(session) if actor.may(assignees.ASSIGN) else []
    able = [person for person in people if assignees.can_take(application, person)]
    return assignment(application, holder, able, actor, form)


async def _earlier(request: Request, application: Application, actor: Actor) -> list[lists.Row]:
    """Other applications of the same person, the newest first."""
    if application.customer_id is None:
        return []
    asked = Query({"customer_id": [str(application.customer_id)]}, "-updated_at", EARLIER + 1)
    found = await queries.applications.page(request.runtime.database.reads, request.runtime.cursors, asked, actor)
    return [lists.row(item) for item in found.items if item.id != str(application.id)][:EARLIER]
