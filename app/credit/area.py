"""Credit: who asks for how much, and what becomes of it."""

from datetime import timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.area import Area, JobKind, NavItem, NewAction, RecordKind, TaskKind, Tile, Waiting
from app.core.db import AsyncSession
from app.core.filters import age, day, money, number, to_date, to_datetime
from app.core.permissions import CREDIT, Permission, Role
from app.core.previews import Preview
from app.core.read_pool import ReadPool
from app.credit.applications import queries, search
from app.credit.applications.api import ApplicationApi, ApplicationAssignmentApi, ApplicationMoveApi
from app.credit.applications.importers import APPLICATIONS
from app.credit.applications.models import Application
from app.credit.applications.pages import details, lists, moves
from app.credit.applications.routes.applications import ApplicationController
from app.credit.applications.routes.assignment import AssignmentController
from app.credit.applications.routes.cells import CellController
from app.credit.applications.routes.moves import MoveController
from app.credit.applications.schemas import PRODUCT_WORDS, STATE_WORDS
from app.credit.applications.services import FIELD_LABELS, REVIEW_TASK
from app.credit.applications.services.assignment import ASSIGN, ASSIGNED, LEAD, find_assignee
from app.credit.applications.tasks import BULK_ACTIONS, LISTING, expire_overdue_information_requests
from app.desk.customers import services as customers
from app.desk.tags.tasks import actions_for as tag_actions

VIEW = search.PERMISSION
MOST_WAITING = 10
OLD = timedelta(days=1)


async def preview(session: AsyncSession, application: Application, actor: Actor) -> Preview:
    """An application at a glance."""
    key = application.customer_id
    customer = await customers.find_customer(session, key, actor) if key else None
    holder = await find_assignee(session, application)
    due = details.due_in_words(application, clock.today())
    facts = [
        ("Applicant", customer.name if customer else ""), ("Product", PRODUCT_WORDS[application.product]),
        ("Amount", money(application.amount)), ("Months", str(application.term_months)),
        ("Market", application.market), ("Purpose", application.purpose or ""),
        ("Assigned to", holder.name if holder else "Nobody"),
    ]  # fmt: skip
    offered = moves.moves_for(application, actor)
    return Preview(
        application.reference,
        "",
        STATE_WORDS[application.state],
        "soon" if due else "",
        is_on=application.state in lists.ON,
        facts=facts,
        moves=[(move.words.label, f"/applications/{application.id}#moves") for move in offered],
    )


APPLICATION = RecordKind(
    key="application",
    title="Application",
    plural="Applications",
    icon="file-text",
    permission=VIEW,
    model=Application,
    address=lambda record_id: f"/applications/{record_id}",
    name=lambda application: application.reference,
    find=queries.find_application,
    search=search.KIND,
    load_documents=search.load_documents,
    find_simply=queries.find_simply,
    represent=queries.represent,
    state=lists.state_view,
    importer=APPLICATIONS,
    listing=LISTING,
    bulk_actions=(*BULK_ACTIONS, *tag_actions(queries.find_application)),
    list_address="/applications",
    record_list=lists.LIST,
    preview=preview,
    is_branch_scoped=False,
    labels=FIELD_LABELS,
    has_notes=True,
    has_tags=True,
)


async def tiles(reads: ReadPool, actor: Actor) -> list[Tile]:
    """How many applications wait to be taken up, and how many are in review."""
    if not actor.may(VIEW):
        return []
    waiting, reviewed, oldest = await queries.count_waiting(reads, actor)
    is_old = oldest is not None and clock.now() - to_datetime(oldest) > OLD
    note = f"oldest {age(to_datetime(oldest))}" if oldest else "nobody waits"
    return [
        Tile(
            "Applications waiting",
            "/applications?state=submitted&sort=submitted_at",
            number(waiting),
            note,
            "soon" if is_old else "",
        ),
        Tile("In review", "/applications?state=in_review", number(reviewed)),
    ]


async def waiting(reads: ReadPool, actor: Actor) -> list[Waiting]:
    """Submitted applications that nobody took up, and information that did not come in time."""
    if not actor.may(VIEW):
        return []
    lines: list[Waiting] = []
    for key, reference, submitted_at, product, name in await queries.list_longest_waiting(reads, actor, MOST_WAITING):
        since = to_datetime(submitted_at)
        waited = clock.now() - since
        tone = "soon" if waited > OLD else ""
        text = f"Take up {PRODUCT_WORDS[product].lower()}" + (f" of {name}" if name else "")
        order = -waited.total_seconds()
        lines.append(Waiting(age(since), tone, text, f"/applications/{key}/review", "Application", reference, order))
    today = clock.today()
    for key, reference, due_on, product, name in await queries.list_unanswered(reads, actor, today, MOST_WAITING):
        text = f"Information is missing for {PRODUCT_WORDS[product].lower()}" + (f" of {name}" if name else "")
        order = (to_date(due_on) - today).days * 86_400.0
        lines.append(
            Waiting(f"due {day(due_on)}", "act", text, f"/applications/{key}/review", "Application", reference, order)
        )
    return lines


AREA = Area(
    name="credit",
    title="Credit",
    controllers=(
        ApplicationController,
        MoveController,
        AssignmentController,
        CellController,
        ApplicationApi,
        ApplicationAssignmentApi,
        ApplicationMoveApi,
    ),
    kinds=(APPLICATION,),
    nav=(NavItem("Applications", "/applications", VIEW, "Credit", "file-text", "g a"),),
    permissions=(
        Permission(VIEW, "See applications", (*CREDIT, Role.AUDITOR, Role.ADMIN)),
        Permission("applications.edit", "Begin and edit applications", (*CREDIT, Role.ADMIN)),
        Permission("applications.move", "Submit, screen, review and withdraw applications", (*CREDIT, Role.ADMIN)),
        Permission(ASSIGN, "Take applications and give them to others", (*CREDIT, Role.ADMIN)),
        Permission(LEAD, "Take applications from others", (Role.CREDIT_MANAGER, Role.ADMIN)),
        Permission("applications.decide", "Reject applications", (*CREDIT, Role.ADMIN)),
    ),
    tasks=(
        JobKind(
            "applications.expire_requests",
            "Expire applications whose information did not come",
            expire_overdue_information_requests,
            every=timedelta(seconds=60),
        ),
    ),
    actions=(NewAction("New application", "/applications/new", "applications.edit"),),
    task_kinds=(TaskKind(REVIEW_TASK, "Review an application", "credit", "applications.move", timedelta(hours=4)),),
    notification_kinds=(ASSIGNED,),
    tiles=(tiles,),
    waiting=(waiting,),
)
