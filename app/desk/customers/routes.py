"""Customer pages: list, detail, new, edit, and the identity number on demand."""

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
from app.desk.audit_trail.services import timeline
from app.desk.customers import pages, queries, services
from app.desk.customers.forms import CustomerForm
from app.desk.customers.models import Customer
from app.desk.customers.services import CustomerKeys, Duplicate
from app.desk.previews.services import open_drawer
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list

EDIT, REVEAL = "customers.edit", "customers.reveal"


class CustomerController(Controller):
    """Everybody we know."""

    path = "/customers"
    opt = {"permission": "customers.view"}
    include_in_schema = False

    @get(name="customers.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        opened = await open_list(runtime.database.reads, pages.LIST, parameters, actor, pages.VIEWS)
        kind = runtime.assembly.kinds["customer"]
        found = await answer_list(
            runtime, kind, queries.customers, queries.SPEC, opened.asked, actor,
            with_facets=request.shows_menus, with_total=True,
        )  # fmt: skip
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        around = frame_answer(pages.LIST, opened, found, drawer=drawer)
        page = pages.CustomerList(around, [pages.row(item) for item in found.page.items], can_create=actor.may(EDIT))
        headers = request.shown_at(around.canonical)
        return render(request, "desk/customers/index.html", page, headers=headers)

    @get("/new", name="customers.new", permission=EDIT)
    async def new(self, request: Request, actor: CurrentActor) -> Response[Any]:
        return render(request, "desk/customers/new.html", _edit_page(actor, CustomerForm.of({"kind": "person"}), None))

    @post(name="customers.create", permission=EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form, keys = await CustomerForm.from_request(request), CustomerKeys.of(request.runtime.settings)
        matches: list[Duplicate] = []
        if not form.errors and not form.confirm_duplicate:
            matches = await services.find_duplicates(session, fields=form.values(), actor=actor, keys=keys)
        customer = None
        if not matches:
            customer = await form.submit(
                services.create_customer,
                session,
                actor=actor,
                keys=keys,
                confirm_duplicate=bool(form.confirm_duplicate),
            )
        if customer is None:
            page = _edit_page(actor, form, None, matches)
            return render(request, "desk/customers/new.html", page, fragment="customer_form", status=422)
        return redirect(request, "customers.show", customer_id=customer.id, toast=f"{customer.name} added")

    @get("/{customer_id:uuid}", name="customers.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, customer_id: FromPath[UUID]
    ) -> Response[Any]:
        customer = await queries.get_customer(session, customer_id, actor)
        return render(request, "desk/customers/show.html", await _detail_page(session, customer, actor))

    @get("/{customer_id:uuid}/edit", name="customers.edit", permission=EDIT)
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, customer_id: FromPath[UUID]
    ) -> Response[Any]:
        customer = await queries.get_customer(session, customer_id, actor)
        page = _edit_page(actor, CustomerForm.of_customer(customer), customer)
        return render(request, "desk/customers/edit.html", page)

    @post("/{customer_id:uuid}/edit", name="customers.update", permission=EDIT)
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, customer_id: FromPath[UUID]
    ) -> Response[Any]:
        typed, keys = await CustomerForm.from_request(request), CustomerKeys.of(request.runtime.settings)
        present = await queries.get_customer(session, customer_id, actor)
        form, matches = typed.over(present), list[Duplicate]()
        version = present.version if is_agreed(typed.raw, CustomerForm.of_customer(present).raw) else typed.version
        try:
            customer = await form.submit(
                services.update_customer, session, customer_id, actor=actor, keys=keys, version=version,
                confirm_duplicate=bool(typed.confirm_duplicate),
            )  # fmt: skip
        except StaleVersion:
            return _conflict(request, present, typed)
        except services.DuplicateCustomer:
            matches = await services.find_duplicates(
                session, fields=form.values(), actor=actor, keys=keys, besides=customer_id
            )
            customer = None
        if customer is None:
            page = _edit_page(actor, form, present, matches)
            return render(request, "desk/customers/edit.html", page, fragment="customer_form", status=422)
        return redirect(request, "customers.show", customer_id=customer.id, toast="Saved")

    @post("/{customer_id:uuid}/identity-number/reveal", name="customers.identity_number.reveal", permission=REVEAL)
    async def reveal(
        self, request: Request, session: Session, actor: CurrentActor, customer_id: FromPath[UUID]
    ) -> Response[Any]:
        """The number in clear, once; that it was looked at stands in the timeline."""
        keys = CustomerKeys.of(request.runtime.settings)
        clear = await services.reveal_identity_number(session, customer_id, actor=actor, keys=keys)
        customer = await queries.get_customer(session, customer_id, actor)
        page = await _detail_page(session, customer, actor, clear)
        return render(request, "desk/customers/show.html", page, fragment="identity_number")


def _conflict(request: Request, customer: Customer, typed: CustomerForm) -> Response[Any]:
    """409: what both changed, to be taken field by field."""
    found = find_conflict(typed.raw, CustomerForm.of_customer(customer).raw, services.FIELD_LABELS)
    page = pages.CustomerConflict(customer, found, f"/customers/{customer.id}/edit")
    return render(
        request,
        "desk/customers/conflict.html",
        page,
        fragment="conflict",
        status=409,
    )


def _edit_page(
    actor: Actor, form: CustomerForm, customer: Customer | None, found: list[Duplicate] | None = None
) -> pages.CustomerEdit:
    """The form with its menus."""
    action = f"/customers/{customer.id}/edit" if customer else "/customers"
    cancel = f"/customers/{customer.id}" if customer else "/customers"
    return pages.CustomerEdit(
        form, customer, action, cancel, pages.markets_for(actor.markets), pages.matches_of(found or [])
    )


async def _detail_page(session: Any, customer: Customer, actor: Actor, clear: str = "") -> pages.CustomerDetail:
    """Everything the record page answers."""
    return pages.CustomerDetail(
        customer=customer,
        kind=pages.KIND_WORDS[customer.kind],
        market=pages.MARKETS[customer.market].name,
        address=pages.address_in_words(customer),
        secret=pages.Secret(str(customer.id), customer.identity_number_masked or "", clear, actor.may(REVEAL)),
        timeline=await timeline(session, customer, services.FIELD_LABELS),
        beside=await beside(session, customer, actor),
        can_edit=actor.may(EDIT),
        can_apply=actor.may("applications.edit"),
        can_see_applications=actor.may("applications.view"),
        source_fields=pages.source_rows(customer),
    )
