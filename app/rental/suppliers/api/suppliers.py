"""Suppliers in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.api import list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request
from app.core.openapi_vocabulary import TOTAL
from app.rental.suppliers import queries
from app.rental.suppliers.schemas import SupplierItem, SupplierPage

TAGS = ("Suppliers",)


class SupplierApi(Controller):
    """Those whose cars we sell."""

    path = "/api/v1/suppliers"
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
