"""Suppliers in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, require_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET, timestamp
from app.rental.suppliers import queries
from app.rental.suppliers.api.replays import exchange_answer
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.schemas import (
    ConnectionTestAnswer,
    NewSupplier,
    SupplierFields,
    SupplierItem,
    SupplierPage,
    limits_of,
)
from app.rental.suppliers.services import editing, probing

ADDRESS = "/api/v1/suppliers"
TAGS = ("Suppliers",)


class SupplierApi(Controller):
    """Those whose cars we sell."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": "suppliers.view", "selects": SupplierItem}

    @get(
        name="api.suppliers.index",
        operation_id="listSuppliers",
        summary="List suppliers",
        spec=queries.SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierPage]:
        """Every supplier by name, with what it can do and what is switched off."""
        return await list_answer(request, actor, queries.suppliers, queries.SPEC)

    @get("/{supplier_id:uuid}", name="api.suppliers.show", operation_id="getSupplier", summary="Read a supplier")
    async def show(self, request: Request, actor: CurrentActor, supplier_id: FromPath[UUID]) -> Response[SupplierItem]:
        """One supplier."""
        found = await queries.suppliers.by_ids(request.runtime.database.reads, [str(supplier_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        name="api.suppliers.create",
        operation_id="createSupplier",
        summary="Add a supplier",
        permission="suppliers.edit",
        refuses=(409,),
    )
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewSupplier]
    ) -> Response[SupplierItem]:
        """Its address is reached by https and never inside a private network. What is secret is never told again."""
        chosen = data.id if isinstance(data.id, UUID) else None
        made = await editing.create_supplier(
            session,
            request.runtime.settings,
            fields=given_fields(data, without=("id",)),
            actor=actor,
            supplier_id=chosen,
        )
        return answer(supplier_item(made), status=201, etag=made.etag, location=f"{ADDRESS}/{made.id}")

    @patch(
        "/{supplier_id:uuid}",
        name="api.suppliers.update",
        operation_id="updateSupplier",
        summary="Change a supplier",
        permission="suppliers.edit",
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        supplier_id: FromPath[UUID],
        data: JSONBody[SupplierFields],
    ) -> Response[SupplierItem]:
        """JSON Merge Patch: what is absent stays. Needs If-Match. Another address needs the `secret` again."""
        require_match(request, await queries.lock_supplier(session, supplier_id))
        changed = await editing.change_supplier(
            session, request.runtime.settings, supplier_id, fields=given_fields(data), actor=actor
        )
        mapped, unmapped = await queries.count_branches(session, supplier_id)
        return answer(supplier_item(changed, mapped + unmapped, unmapped), etag=changed.etag)

    @post(
        "/{supplier_id:uuid}/connection-test",
        name="api.suppliers.connection_test.create",
        operation_id="testSupplierConnection",
        summary="Ask a supplier for its branches",
        permission="suppliers.edit",
        status_code=200,
        idempotent=False,
        refuses=(409,),
    )
    async def test_connection(
        self, request: Request, actor: CurrentActor, supplier_id: FromPath[UUID]
    ) -> Response[ConnectionTestAnswer]:
        """What it answered, masked as it is kept. It changes nothing."""
        runtime = request.runtime
        correlation = await probing.test_connection(runtime.database, runtime.partners, runtime.settings, supplier_id)
        async with runtime.database.session() as session:
            found = await probing.find_exchange(session, correlation, actor)
        return answer(ConnectionTestAnswer(exchange_answer(found) if found else UNSET))


def supplier_item(supplier: Supplier, branches: int = 0, unmapped: int = 0) -> SupplierItem:
    """A supplier as the list reads it."""
    return SupplierItem(
        id=str(supplier.id),
        code=supplier.code,
        name=supplier.name,
        dialect=supplier.dialect.value,
        base_url=supplier.base_url,
        account=supplier.account,
        phone=supplier.phone,
        currency=supplier.currency,
        capabilities=list(supplier.capabilities),
        has_period_quirk=supplier.has_period_quirk,
        search_milliseconds=supplier.search_milliseconds,
        most_calls=supplier.most_calls,
        limits=limits_of(supplier.limits),
        has_credentials=supplier.secret_sealed is not None,
        has_webhook_key=supplier.webhook_sealed is not None,
        stops=dict(supplier.stops),
        is_active=supplier.is_active,
        branches_read_at=timestamp(supplier.branches_read_at) if supplier.branches_read_at else UNSET,
        branches=branches,
        unmapped_branches=unmapped,
        version=supplier.version,
        created_at=timestamp(supplier.created_at),
        updated_at=timestamp(supplier.updated_at),
    )
