"""Customers in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, require_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET
from app.desk.customers import queries, services
from app.desk.customers.schemas import (
    CustomerFields,
    CustomerItem,
    CustomerPage,
    DuplicateItem,
    NewCustomer,
    customer_item,
)
from app.desk.customers.services import CustomerKeys

ADDRESS = "/api/v1/customers"
APART = ("id", "confirm_duplicate")


class CustomerApi(Controller):
    """People and companies that hire or borrow."""

    path = ADDRESS
    tags = ["Customers"]
    opt = {"permission": "customers.edit"}

    @get(
        name="api.customers.index",
        operation_id="listCustomers",
        summary="List customers",
        permission="customers.view",
        spec=queries.SPEC,
        selects=CustomerItem,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[CustomerPage]:
        """The customers of one's markets, the last changed first; `q` looks for names, e-mail addresses and phones."""
        kind = request.runtime.assembly.kinds["customer"]
        return await list_answer(request, actor, queries.customers, queries.SPEC, kind)

    @post(name="api.customers.create", operation_id="createCustomer", summary="Add a customer")
    async def create(
        self, request: Request, session: Session, actor: CurrentActor, data: JSONBody[NewCustomer]
    ) -> Response[CustomerItem]:
        """Tells in `duplicates` who is alike; a known identity number is refused with 409 unless confirmed."""
        keys, fields = CustomerKeys.of(request.runtime.settings), given_fields(data, without=APART)
        alike = await services.find_duplicates(session, fields=fields, actor=actor, keys=keys)
        customer = await services.create_customer(
            session,
            fields=fields,
            actor=actor,
            keys=keys,
            confirm_duplicate=data.confirm_duplicate is True,
            customer_id=None if data.id is UNSET else data.id,
        )
        item = customer_item(customer)
        item.duplicates = [DuplicateItem(str(other.customer.id), other.reason) for other in alike]
        return answer(item, status=201, etag=customer.etag, location=f"{ADDRESS}/{customer.id}")

    @get(
        "/{customer_id:uuid}",
        name="api.customers.show",
        operation_id="getCustomer",
        summary="Read a customer",
        permission="customers.view",
        selects=CustomerItem,
    )
    async def show(self, request: Request, actor: CurrentActor, customer_id: FromPath[UUID]) -> Response[CustomerItem]:
        """One customer, with the ETag that a change needs."""
        found = await queries.customers.by_ids(request.runtime.database.reads, [str(customer_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @patch(
        "/{customer_id:uuid}",
        name="api.customers.update",
        operation_id="updateCustomer",
        summary="Change a customer",
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        customer_id: FromPath[UUID],
        data: JSONBody[CustomerFields],
    ) -> Response[CustomerItem]:
        """JSON Merge Patch: absent stays, null clears; an address replaces the one before."""
        require_match(request, await queries.lock_customer(session, customer_id, actor))
        given: dict[str, Any] = given_fields(data, without=APART)
        customer = await services.update_customer(
            session,
            customer_id,
            fields=given,
            actor=actor,
            keys=CustomerKeys.of(request.runtime.settings),
            confirm_duplicate=data.confirm_duplicate is True,
        )
        return answer(customer_item(customer), etag=customer.etag)
