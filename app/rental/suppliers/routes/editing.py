"""Adding, changing and trying suppliers."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.templating import render
from app.desk.exchanges import services as exchanges
from app.rental.suppliers import queries
from app.rental.suppliers.forms import SupplierForm
from app.rental.suppliers.pages import editing as pages
from app.rental.suppliers.services import editing, probing

FACTS = ("has_period_quirk", "is_active")


class SupplierEditController(Controller):
    """What only those change who answer for a supplier."""

    path = "/suppliers"
    opt = {"permission": "suppliers.edit"}
    include_in_schema = False

    @get("/new", name="suppliers.new")
    async def new(self, request: Request) -> Response[Any]:
        return render(request, "rental/suppliers/edit.html", pages.edit(pages.new_form(), None))

    @get("/{supplier_id:uuid}/edit", name="suppliers.edit")
    async def edit(self, request: Request, session: Session, supplier_id: FromPath[UUID]) -> Response[Any]:
        supplier = await queries.get_supplier(session, supplier_id)
        return render(request, "rental/suppliers/edit.html", pages.edit(pages.form_of(supplier), supplier))

    @post("/{supplier_id:uuid}/edit", name="suppliers.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await SupplierForm.from_request(request)
        settings = request.runtime.settings
        try:
            changed = await form.submit(
                editing.change_supplier, session, settings, supplier_id, fields=fields_of(form), version=form.version,
                actor=actor,
            )  # fmt: skip
        except StaleVersion:
            form.refuse("version", "Somebody else has changed this supplier meanwhile: open it again to see how")
            changed = None
        if changed is None:
            page = pages.edit(form, await queries.get_supplier(session, supplier_id))
            status = 409 if "version" in form.errors else 422
            return render(request, "rental/suppliers/edit.html", page, fragment="supplier_form", status=status)
        return redirect(request, "suppliers.show", supplier_id=supplier_id, toast="Saved")

    @post("/{supplier_id:uuid}/connection-test", name="suppliers.connection_test.create")
    async def test_connection(self, request: Request, supplier_id: FromPath[UUID]) -> Response[Any]:
        runtime = request.runtime
        correlation = await probing.test_connection(runtime.database, runtime.partners, runtime.settings, supplier_id)
        address = request.app.route_reverse("suppliers.connection.show", supplier_id=supplier_id)
        return redirect_to(request, f"{address}?now={correlation}")

    @get("/{supplier_id:uuid}/connection", name="suppliers.connection.show")
    async def show_connection(
        self, request: Request, session: Session, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[Any]:
        supplier, correlation = await queries.get_supplier(session, supplier_id), request.query_params.get("now", "")
        is_test = correlation.startswith("test-")
        exchange = await probing.find_exchange(session, correlation, actor) if is_test else None
        page = pages.ConnectionTest(supplier, pages.told(exchange) if exchange else None, is_asked=is_test)
        return render(request, "rental/suppliers/connection.html", page)


class ReplayController(Controller):
    """A kept request, sent again where that has no effect."""

    path = "/suppliers/replays"
    opt = {"permission": "exchanges.view"}
    include_in_schema = False

    @get("/{exchange_id:uuid}", name="suppliers.replays.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, exchange_id: FromPath[UUID]
    ) -> Response[Any]:
        exchange = await exchanges.get_exchange(session, exchange_id, actor)
        correlation = request.query_params.get("now", "")
        again = await probing.find_exchange(session, correlation, actor) if correlation.startswith("replay-") else None
        page = pages.replay_page(exchange, probing.refusal_of(exchange), again)
        return render(request, "rental/suppliers/replay.html", page)

    @post("/{exchange_id:uuid}", name="suppliers.replays.create", permission="suppliers.replay")
    async def create(self, request: Request, actor: CurrentActor, exchange_id: FromPath[UUID]) -> Response[Any]:
        runtime = request.runtime
        async with runtime.database.session() as session:
            exchange = await exchanges.get_exchange(session, exchange_id, actor)
            ready = await probing.prepare_replay(session, runtime.settings, exchange)
        correlation = await probing.replay(runtime.partners, ready)
        address = request.app.route_reverse("suppliers.replays.show", exchange_id=exchange_id)
        return redirect_to(request, f"{address}?now={correlation}")


def fields_of(form: SupplierForm) -> dict[str, Any]:
    """What was typed; a box that is not ticked means no, and no capability at all is a choice too."""
    fields = {name: value for name, value in form.values().items() if name != "version"}
    fields |= {name: bool(fields[name]) for name in FACTS}
    fields["capabilities"] = fields["capabilities"] or []
    fields["limits"] = form.limits()
    for name in ("account", "phone"):
        fields[name] = fields[name] or ""
    return fields
