"""Damage cases in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.rental.damages import queries, services
from app.rental.damages.pages import SETTLE, VIEW
from app.rental.damages.schemas import CaseItem, CasePage, EstimateBody, case_item


class DamageCaseApi(Controller):
    """New damage of hires: what it costs, and who answers for it."""

    path = "/api/v1/damage-cases"
    tags = ["Damage"]
    opt = {"permission": VIEW, "selects": CaseItem}

    @get(
        name="api.damage_cases.index",
        operation_id="listDamageCases",
        summary="List damage cases",
        spec=queries.SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[CasePage]:
        """The cases of one's markets and branches, the last changed first."""
        return await list_answer(request, actor, queries.cases, queries.SPEC)

    @get("/{case_id:uuid}", name="api.damage_cases.show", operation_id="getDamageCase", summary="Read a damage case")
    async def show(self, request: Request, actor: CurrentActor, case_id: FromPath[UUID]) -> Response[CaseItem]:
        """What it costs, and who answers for it."""
        found = await queries.cases.by_ids(request.runtime.database.reads, [str(case_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        "/{case_id:uuid}/estimate",
        name="api.damage_cases.estimate.create",
        operation_id="estimateDamageCase",
        summary="Say what a damage costs",
        permission=SETTLE,
    )
    async def estimate(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        case_id: FromPath[UUID],
        data: JSONBody[EstimateBody],
    ) -> Response[CaseItem]:
        """And who answers for it; it may be said again until it is charged."""
        honour_match(request, await queries.lock_case(session, case_id, actor))
        made = await services.estimate_case(session, case_id, **given_fields(data), actor=actor)
        return answer(case_item(made), status=201, etag=made.etag)
