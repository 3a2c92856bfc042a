"""Fines and tolls in the JSON API."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, read_local
from app.rental.fines import queries, services
from app.rental.fines.models import Fine
from app.rental.fines.pages import EDIT, VIEW
from app.rental.fines.schemas import FineItem, FinePage, FineReasonBody, NewFine, fine_item

ADDRESS = "/api/v1/fines"
FineId = FromPath[UUID]
Answer = Response[FineItem]


class FineApi(Controller):
    """What authorities send us for vehicles that others drove."""

    path = ADDRESS
    tags = ["Fines"]
    opt = {"permission": VIEW, "selects": FineItem}

    @get(
        name="api.fines.index", operation_id="listFines", summary="List fines and tolls", spec=queries.SPEC,
        query=(TOTAL,),
    )  # fmt: skip
    async def index(self, request: Request, actor: CurrentActor) -> Response[FinePage]:
        """Those of one's markets and branches, the last changed first; `state=unmatched` are to be looked into."""
        return await list_answer(request, actor, queries.fines, queries.SPEC)

    @post(name="api.fines.create", operation_id="recordFine", summary="Record a fine or a toll", permission=EDIT)
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewFine]) -> Answer:
        """Who had the vehicle is found out at once. 409 `duplicate_fine` for what the authority sent before."""
        made = await services.record_fine(session, fields=_fields(data), actor=actor)
        return answer(fine_item(made), status=201, etag=made.etag, location=f"{ADDRESS}/{made.id}")

    @get("/{fine_id:uuid}", name="api.fines.show", operation_id="getFine", summary="Read a fine or a toll")
    async def show(self, request: Request, actor: CurrentActor, fine_id: FineId) -> Answer:
        """With who had the vehicle, and what became of it."""
        found = await queries.fines.by_ids(request.runtime.database.reads, [str(fine_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        "/{fine_id:uuid}/match", name="api.fines.match.create", operation_id="matchFine",
        summary="Look again at who had the vehicle", permission=EDIT,
    )  # fmt: skip
    async def match(self, request: Request, session: Session, actor: CurrentActor, fine_id: FineId) -> Answer:
        """After a check-in or a swap was put right."""
        await _honour(request, session, actor, fine_id)
        return await _told(services.match_fine(session, fine_id, actor=actor))

    @post(
        "/{fine_id:uuid}/charge", name="api.fines.charge.create", operation_id="chargeFine",
        summary="Charge the customer", permission=EDIT,
    )  # fmt: skip
    async def charge(self, request: Request, session: Session, actor: CurrentActor, fine_id: FineId) -> Answer:
        """With what handling it costs; once the hire is over it stands on an invoice of its own."""
        await _honour(request, session, actor, fine_id)
        return await _told(services.charge_fine(session, fine_id, actor=actor))

    @post(
        "/{fine_id:uuid}/dropping", name="api.fines.dropping.create", operation_id="dropFine",
        summary="Bear it ourselves", permission=EDIT,
    )  # fmt: skip
    async def drop(
        self, request: Request, session: Session, actor: CurrentActor, fine_id: FineId, data: JSONBody[FineReasonBody]
    ) -> Answer:
        """Nobody is charged for it."""
        await _honour(request, session, actor, fine_id)
        return await _told(services.drop_fine(session, fine_id, reason=data.reason, actor=actor))


def _fields(body: NewFine) -> dict[str, Any]:
    fields = given_fields(body)
    try:
        fields["happened_local"] = read_local(fields["happened_local"])
    except NoSuchTime as error:
        raise InvalidFields([Problem("happened_local", "malformed", str(error))]) from None
    return fields


async def _honour(request: Request, session: AsyncSession, actor: Actor, fine_id: UUID) -> None:
    honour_match(request, await queries.lock_fine(session, fine_id, actor))


async def _told(done: Awaitable[Fine]) -> Answer:
    fine = await done
    return answer(fine_item(fine), status=201, etag=fine.etag)
