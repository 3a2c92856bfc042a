"""Applications in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, require_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET
from app.credit.applications import queries, services
from app.credit.applications.models import Application
from app.credit.applications.schemas import (
    ApplicationFields,
    ApplicationItem,
    ApplicationPage,
    AssignmentFields,
    DecisionBody,
    InformationBody,
    InformationRequestBody,
    NewApplication,
    application_item,
)
from app.credit.applications.services.assignment import ASSIGN, find_assignee
from app.desk.customers import services as customers

ADDRESS = "/api/v1/applications"
ApplicationId = FromPath[UUID]
Answer = Response[ApplicationItem]


class ApplicationApi(Controller):
    """Applications for credit."""

    path = ADDRESS
    tags = ["Applications"]
    opt = {"permission": "applications.edit"}

    @get(
        name="api.applications.index",
        operation_id="listApplications",
        summary="List applications",
        permission="applications.view",
        spec=queries.SPEC,
        selects=ApplicationItem,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ApplicationPage]:
        """The applications of one's markets, the last changed first; `q` looks for reference, applicant, product."""
        kind = request.runtime.assembly.kinds["application"]
        return await list_answer(request, actor, queries.applications, queries.SPEC, kind)

    @post(name="api.applications.create", operation_id="createApplication", summary="Begin an application")
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewApplication]) -> Answer:
        """A draft; `missing` tells what it lacks to be submitted."""
        application = await services.create_application(
            session,
            fields=given_fields(data, without=("id",)),
            actor=actor,
            application_id=None if data.id is UNSET else data.id,
        )
        location = f"{ADDRESS}/{application.id}"
        return answer(await _item(session, application, actor), status=201, etag=application.etag, location=location)

    @get(
        "/{application_id:uuid}",
        name="api.applications.show",
        operation_id="getApplication",
        summary="Read an application",
        permission="applications.view",
        selects=ApplicationItem,
    )
    async def show(self, request: Request, actor: CurrentActor, application_id: ApplicationId) -> Answer:
        """One application, with the ETag that a change needs."""
        found = await queries.applications.by_ids(request.runtime.database.reads, [str(application_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @patch(
        "/{application_id:uuid}",
        name="api.applications.update",
        operation_id="updateApplication",
        summary="Change an application",
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[ApplicationFields],
    ) -> Answer:
        """JSON Merge Patch: absent stays, null clears; groups and lists replace those before."""
        require_match(request, await queries.lock_application(session, application_id, actor))
        application = await services.update_application(session, application_id, fields=given_fields(data), actor=actor)
        return answer(await _item(session, application, actor), etag=application.etag)


class ApplicationAssignmentApi(Controller):
    """Whose work an application is."""

    path = "/api/v1/applications/{application_id:uuid}/assignment"
    tags = ["Applications"]
    opt = {"permission": ASSIGN}

    @post(
        name="api.applications.assignment.create",
        operation_id="assignApplication",
        summary="Give an application to somebody",
        status_code=200,
    )
    async def create(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[AssignmentFields],
    ) -> Answer:
        """They are told. 409 once it has ended, or while another has it, for those who do not lead."""
        return await _assign(request, session, actor, application_id, **given_fields(data))

    @delete(
        name="api.applications.assignment.destroy",
        operation_id="unassignApplication",
        summary="Make an application nobody's",
        status_code=200,
    )
    async def destroy(
        self, request: Request, session: Session, actor: CurrentActor, application_id: ApplicationId
    ) -> Answer:
        """It waits again among those that are `unassigned`."""
        return await _assign(request, session, actor, application_id, assignee_id=None)


class ApplicationMoveApi(Controller):
    """The moves of an application; each answers it with its new ETag, or 409 with the present state."""

    path = "/api/v1/applications/{application_id:uuid}"
    tags = ["Applications"]
    opt = {"permission": "applications.move"}

    @post(
        "/submission",
        name="api.applications.submission.create",
        operation_id="submitApplication",
        summary="Submit an application",
        status_code=200,
    )
    async def submit(
        self, request: Request, session: Session, actor: CurrentActor, application_id: ApplicationId
    ) -> Answer:
        """Draft -> submitted. 422 lists in `missing` what the market asks for besides."""
        return await _move(request, session, actor, application_id, "submission", {})

    @post(
        "/screening",
        name="api.applications.screening.create",
        operation_id="screenApplication",
        summary="Begin the screening",
        status_code=200,
    )
    async def screen(
        self, request: Request, session: Session, actor: CurrentActor, application_id: ApplicationId
    ) -> Answer:
        """Submitted -> screening."""
        return await _move(request, session, actor, application_id, "screening", {})

    @post(
        "/review",
        name="api.applications.review.create",
        operation_id="reviewApplication",
        summary="Pass to review",
        status_code=200,
    )
    async def review(
        self, request: Request, session: Session, actor: CurrentActor, application_id: ApplicationId
    ) -> Answer:
        """Screening -> in_review."""
        return await _move(request, session, actor, application_id, "review", {})

    @post(
        "/information-request",
        name="api.applications.information_request.create",
        operation_id="requestApplicationInformation",
        summary="Ask for information",
        status_code=200,
    )
    async def ask(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[InformationRequestBody],
    ) -> Answer:
        """in_review -> info_requested, until `due_on`; after that day it expires."""
        return await _move(request, session, actor, application_id, "information_request", given_fields(data))

    @post(
        "/information",
        name="api.applications.information.create",
        operation_id="receiveApplicationInformation",
        summary="Take in information",
        status_code=200,
    )
    async def receive(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[InformationBody],
    ) -> Answer:
        """info_requested -> in_review."""
        return await _move(request, session, actor, application_id, "information", given_fields(data))

    @post(
        "/rejection",
        name="api.applications.rejection.create",
        operation_id="rejectApplication",
        summary="Reject an application",
        status_code=200,
        permission="applications.decide",
    )
    async def reject(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[DecisionBody],
    ) -> Answer:
        """screening, in_review -> rejected."""
        return await _move(request, session, actor, application_id, "rejection", given_fields(data))

    @post(
        "/withdrawal",
        name="api.applications.withdrawal.create",
        operation_id="withdrawApplication",
        summary="Withdraw an application",
        status_code=200,
    )
    async def withdraw(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        application_id: ApplicationId,
        data: JSONBody[DecisionBody],
    ) -> Answer:
        """Any state before routing -> withdrawn."""
        return await _move(request, session, actor, application_id, "withdrawal", given_fields(data))


async def _move(
    request: Request, session: Session, actor: Actor, application_id: UUID, move: str, fields: dict[str, Any]
) -> Answer:
    honour_match(request, await queries.lock_application(session, application_id, actor))
    application = await services.move_application(session, application_id, move, fields=fields, actor=actor)
    return answer(await _item(session, application, actor), etag=application.etag)


async def _assign(request: Request, session: Session, actor: Actor, application_id: UUID, **fields: Any) -> Answer:
    honour_match(request, await queries.lock_application(session, application_id, actor))
    application = await services.assign_application(session, application_id, **fields, actor=actor)
    return answer(await _item(session, application, actor), etag=application.etag)


async def _item(session: Session, application: Application, actor: Actor) -> ApplicationItem:
    known = application.customer_id
    applicant = await customers.find_customer(session, known, actor) if known else None
    return application_item(application, applicant, await find_assignee(session, application))
