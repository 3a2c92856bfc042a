"""Approvals in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.problems import problem_response
from app.desk.approvals import queries
from app.desk.approvals.models import Approval
from app.desk.approvals.schemas import ApprovalBody, ApprovalItem, ApprovalPage, RejectionBody, item_of
from app.desk.approvals.services import deciding

ApprovalId = FromPath[UUID]


class ApprovalApi(Controller):
    """Requests that wait for somebody else. Each decision needs the permission of its kind, and never one's own."""

    path = "/api/v1/approvals"
    tags = ["Approvals"]
    opt = {"permission": "approvals.view"}

    @get(
        name="api.approvals.index",
        operation_id="listApprovals",
        summary="List approvals",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=ApprovalItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ApprovalPage]:
        """What one may see, the newest first; `queue=waiting` is what one may decide, `mine` what one asked for."""
        return await list_answer(
            request,
            actor,
            queries.approvals,
            queries.SPEC,
            request.runtime.assembly.kinds["approval"],
            narrow=lambda query: queries.narrowed(query, actor),
        )

    @get(
        "/{approval_id:uuid}",
        name="api.approvals.show",
        operation_id="getApproval",
        summary="Read an approval",
        selects=ApprovalItem,
    )
    async def show(self, request: Request, actor: CurrentActor, approval_id: ApprovalId) -> Response[ApprovalItem]:
        """One request with what it would change, and the ETag that a decision may send."""
        found = await queries.list_seen(request.runtime.database.reads, [str(approval_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        "/{approval_id:uuid}/approval",
        name="api.approvals.approval.create",
        operation_id="approveApproval",
        summary="Agree, and have it done",
    )
    async def approve(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        approval_id: ApprovalId,
        data: JSONBody[ApprovalBody | None] = None,
    ) -> Response[ApprovalItem]:
        """It is done in the same moment: `executed`, or `failed` with the reason in `note`.

        409 when it no longer waits, has expired, or is void because the record was changed.
        """
        await _match(request, session, approval_id, actor)
        comment = (data.comment if data else None) or ""
        kinds = request.runtime.assembly.approval_kinds
        return _told(request, await deciding.approve(session, kinds, approval_id, comment=comment, actor=actor))

    @post(
        "/{approval_id:uuid}/rejection",
        name="api.approvals.rejection.create",
        operation_id="rejectApproval",
        summary="Refuse it",
    )
    async def reject(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        approval_id: ApprovalId,
        data: JSONBody[RejectionBody],
    ) -> Response[ApprovalItem]:
        """With a reason, which its maker reads."""
        await _match(request, session, approval_id, actor)
        kinds = request.runtime.assembly.approval_kinds
        return _told(request, await deciding.reject(session, kinds, approval_id, reason=data.reason, actor=actor))

    @post(
        "/{approval_id:uuid}/withdrawal",
        name="api.approvals.withdrawal.create",
        operation_id="withdrawApproval",
        summary="Take one's own request back",
    )
    async def withdraw(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        approval_id: ApprovalId,
        data: JSONBody[ApprovalBody | None] = None,
    ) -> Response[ApprovalItem]:
        """Only who asked for it, and only while it waits."""
        await _match(request, session, approval_id, actor)
        comment = (data.comment if data else None) or ""
        kinds = request.runtime.assembly.approval_kinds
        return _told(request, await deciding.withdraw(session, kinds, approval_id, comment=comment, actor=actor))


async def _match(request: Request, session: Any, approval_id: UUID, actor: Any) -> None:
    """If-Match, before the locks; a request only ever changes by being closed, which the locks look at again."""
    honour_match(request, await queries.get_approval(session, approval_id, actor))


def _told(request: Request, approval: Approval) -> Response[Any]:
    refusal = deciding.lapsed(approval)
    if refusal is not None:
        return problem_response(request, refusal)
    return answer(item_of(approval), status=201, etag=approval.etag)
