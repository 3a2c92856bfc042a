"""Application pages: list, detail, new, edit, and the search for an applicant."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.conflicts import find_conflict, is_agreed
from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.search_lists import answer_list, frame_answer
from app.core.templating import render
from app.credit.applications import queries, services
from app.credit.applications.forms import ApplicationForm
from app.credit.applications.models import Application
from app.credit.applications.pages import edits, lists
from app.credit.applications.pages.moves import EDIT
from app.credit.applications.routes.details import detail_page
from app.credit.applications.services.assignment import list_assignees
from app.desk.customers import services as customers
from app.desk.imports.services.lists import file_labels
from app.desk.previews.services import open_drawer
from app.desk.saved_views.services.opening import open_list

LOOKUPS = {"customer_id": ("applicant", "Applicant"), "co_applicant_id": ("co_applicant", "Co-applicant")}
MOST_FOUND = 8


class ApplicationController(Controller):
    """Applications for credit."""

    path = "/applications"
    opt = {"permission": "applications.view"}
    include_in_schema = False

    @get(name="applications.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        views = (*lists.VIEWS, ("Mine", {"assignee": str(actor.id)}))
        opened = await open_list(runtime.database.reads, lists.LIST, parameters, actor, views)
        kind = runtime.assembly.kinds["application"]
        found = await answer_list(
            runtime, kind, queries.applications, queries.SPEC, opened.asked, actor,
            with_facets=request.shows_menus, with_total=True,
        )  # fmt: skip
        people = {str(one.id): one.name for one in await list_assignees(session)}
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        labels = {"assignee": people, **await file_labels(runtime.database.reads, opened.asked, actor)}
        around = frame_answer(lists.LIST, opened, found, labels=labels, drawer=drawer)
        page = lists.ApplicationList(
            around, [lists.row(item) for item in found.page.items], actor.may(EDIT), actor.may("imports.applications")
        )
        headers = request.shown_at(around.canonical)
        return render(request, "credit/applications/index.html", page, headers=headers)

    @get("/new", name="applications.new", permission=EDIT)
    async def new(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """A blank form; `customer_id` names the applicant, `previous_id` the application that is tried again."""
        form = await _begun(
            session, actor, request.query_params.get("customer_id"), request.query_params.get("previous_id")
        )
        return render(request, "credit/applications/new.html", await _edit_page(request, session, actor, form, None))

    @post(name="applications.create", permission=EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await _with_found(request, actor, await ApplicationForm.from_request(request))
        application = await form.submit(services.create_application, session, actor=actor)
        if application is None:
            page = await _edit_page(request, session, actor, form, None)
            return render(request, "credit/applications/new.html", page, fragment="application_form", status=422)
        toast = f"Draft {application.reference} begun"
        return redirect(request, "applications.show", application_id=application.id, toast=toast)

    @get("/applicants", name="applications.applicants", permission=EDIT)
    async def applicants(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """Customers whose name, e-mail or phone begins like what is typed."""
        name = "co_applicant_id" if "co_applicant" in request.query_params else "customer_id"
        form = ApplicationForm.from_raw(dict(request.query_params.items()))
        lookup = await _lookup(request, session, actor, form, name)
        return render(request, "credit/applications/applicants.html", lookup, fragment="applicant_matches")

    @get("/{application_id:uuid}", name="applications.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, application_id: FromPath[UUID]
    ) -> Response[Any]:
        application = await queries.get_application(session, application_id, actor)
        return render(request, "credit/applications/show.html", await detail_page(request, session, application, actor))

    @get("/{application_id:uuid}/edit", name="applications.edit", permission=EDIT)
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, application_id: FromPath[UUID]
    ) -> Response[Any]:
        application = await queries.get_application(session, application_id, actor)
        page = await _edit_page(request, session, actor, ApplicationForm.of_application(application), application)
        return render(request, "credit/applications/edit.html", page)

    @post("/{application_id:uuid}/edit", name="applications.update", permission=EDIT)
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, application_id: FromPath[UUID]
    ) -> Response[Any]:
        typed = await _with_found(request, actor, await ApplicationForm.from_request(request))
        present = await queries.get_application(session, application_id, actor)
        form = typed.over(present)
        version = (
            present.version if is_agreed(typed.raw, ApplicationForm.of_application(present).raw) else typed.version
        )
        form.errors.update(typed.errors)
        try:
            application = await form.submit(
                services.update_application, session, application_id, actor=actor, version=version,
                fields=typed.changes(present) if not form.errors else {},
            )  # fmt: skip
        except StaleVersion:
            return conflict(request, present, typed)
        if application is None:
            page = await _edit_page(request, session, actor, form, present)
            return render(request, "credit/applications/edit.html", page, fragment="application_form", status=422)
        return redirect(request, "applications.show", application_id=application.id, toast="Saved")


def conflict(request: Request, application: Application, typed: ApplicationForm) -> Response[Any]:
    """409: what both changed, to be taken field by field."""
    found = find_conflict(typed.raw, ApplicationForm.of_application(application).raw, services.FIELD_LABELS)
    page = edits.ApplicationConflict(application, found, f"/applications/{application.id}/edit")
    return render(
        request,
        "credit/applications/conflict.html",
        page,
        fragment="conflict",
        status=409,
    )


async def _begun(session: Any, actor: Actor, customer_id: str | None, previous_id: str | None) -> ApplicationForm:
    previous = await queries.find_application(session, _uuid(previous_id), actor) if previous_id else None
    if previous is not None:
        kept = {
            name: value for name, value in ApplicationForm.of_application(previous).raw.items() if name != "version"
        }
        return ApplicationForm.of(kept | {"previous_id": str(previous.id)})
    customer = await customers.find_customer(session, _uuid(customer_id), actor) if customer_id else None
    return ApplicationForm.of({"customer_id": str(customer.id), "market": customer.market} if customer else {})


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


async def _with_found(request: Request, actor: Actor, form: ApplicationForm) -> ApplicationForm:
    """Without a script the text alone is sent: take the one customer it finds, or ask to choose."""
    raw, wrong = dict(form.raw), dict[str, str]()
    for name, (typed, label) in LOOKUPS.items():
        text = form.text(typed)
        if not text or form.text(name):
            continue
        found = await customers.find_matches(request.runtime.database.reads, text, actor, 2)
        if len(found) == 1:
            raw[name] = found[0][0]
        else:
            wrong[typed] = f"{label}: choose one of those found" if found else f"{label}: nobody is found by this"
    chosen = ApplicationForm.from_raw(raw)
    chosen.errors.update(wrong)
    return chosen


async def _lookup(request: Request, session: Any, actor: Actor, form: ApplicationForm, name: str) -> edits.Lookup:
    typed, label = LOOKUPS[name]
    text, chosen = form.text(typed), form.text(name)
    found = await customers.find_matches(request.runtime.database.reads, text, actor, MOST_FOUND) if text else []
    if chosen and chosen not in {key for key, _, _ in found}:
        customer = await customers.find_customer(session, _uuid(chosen), actor)
        if customer is not None:
            line = ", ".join(part for part in (customer.market, customer.email, customer.phone) if part)
            found.insert(0, (str(customer.id), customer.name, line))
    return edits.Lookup(name, label, text, chosen, found, form.errors.get(typed) or form.errors.get(name, ""))


async def _edit_page(
    request: Request, session: Any, actor: Actor, form: ApplicationForm, application: Application | None
) -> edits.ApplicationEdit:
    """The form with its menus."""
    where = f"/applications/{application.id}" if application else "/applications"
    return edits.ApplicationEdit(
        form,
        application,
        f"{where}/edit" if application else where,
        where,
        [await _lookup(request, session, actor, form, name) for name in LOOKUPS],
        edits.markets_for(actor.markets),
        [application.amount_currency] if application else edits.currencies_for(actor.markets),
        given=edits.consent_rows(application) if application else [],
    )
