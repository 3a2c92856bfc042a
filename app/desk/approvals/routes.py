"""Pages of approvals: the list, one request, and deciding it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import InvalidFields, StaleVersion
from app.core.forms import Form
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.problems import handle_error
from app.core.search_lists import answer_list
from app.core.templating import render
from app.desk.approvals import pages, queries
from app.desk.approvals.forms import ApprovalForm, RejectionForm, WithdrawalForm
from app.desk.approvals.models import Approval
from app.desk.approvals.services import deciding
from app.desk.audit_trail.services import timeline
from app.desk.previews.services import open_drawer
from app.desk.saved_views.services.opening import open_list

ApprovalId = FromPath[UUID]


class ApprovalController(Controller):
    """Requests that wait for somebody else, and those that were decided. Each decision checks the kind's permission."""

    path = pages.PATH
    opt = {"permission": "approvals.view"}
    include_in_schema = False

    @get(name="approvals.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        reads, kinds = runtime.database.reads, runtime.assembly.approval_kinds
        opened = await open_list(reads, pages.LIST, parameters, actor, pages.VIEWS)
        kind, query = runtime.assembly.kinds["approval"], opened.asked.query
        decided = {key: one.terms.decided_with for key, one in kinds.items()}
        has_text = bool(opened.asked.text)
        query = queries.found_by_text(query, actor, decided) if has_text else queries.narrowed(query, actor)
        asked = replace(opened.asked, query=query)
        found = await answer_list(runtime, kind, queries.approvals, queries.SPEC, asked, actor, with_total=True)
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        following, makers = await queries.list_waiting(reads, actor, 1), await queries.list_makers(reads)
        page = pages.approval_list(opened, found, kinds, makers, following, drawer, actor)
        headers = request.shown_at(page.frame.canonical)
        return render(request, "desk/approvals/index.html", page, headers=headers)

    @get("/badge", name="approvals.badge.show")
    async def badge(self, request: Request, actor: CurrentActor) -> Response[Any]:
        if not request.is_partial:
            return redirect(request, "approvals.index")
        reads = request.runtime.database.reads
        page = pages.badge(await queries.count_waiting(reads, actor), await queries.list_waiting(reads, actor, 1))
        return render(request, "desk/approvals/_badge.html", page, fragment="badge")

    @get("/{approval_id:uuid}", name="approvals.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, approval_id: ApprovalId
    ) -> Response[Any]:
        return await _shown(request, session, await queries.get_approval(session, approval_id, actor))

    @post("/{approval_id:uuid}/approval", name="approvals.approval.create")
    async def approve(
        self, request: Request, session: Session, actor: CurrentActor, approval_id: ApprovalId
    ) -> Response[Any]:
        form = await ApprovalForm.from_request(request)
        form.confirm(await queries.get_approval(session, approval_id, actor))
        return await _decided(request, session, approval_id, form, "approval")

    @post("/{approval_id:uuid}/rejection", name="approvals.rejection.create")
    async def reject(self, request: Request, session: Session, approval_id: ApprovalId) -> Response[Any]:
        return await _decided(request, session, approval_id, await RejectionForm.from_request(request), "rejection")

    @post("/{approval_id:uuid}/withdrawal", name="approvals.withdrawal.create")
    async def withdraw(self, request: Request, session: Session, approval_id: ApprovalId) -> Response[Any]:
        return await _decided(request, session, approval_id, await WithdrawalForm.from_request(request), "withdrawal")


async def _decided(
    request: Request,
    session: Session,
    approval_id: UUID,
    form: ApprovalForm | RejectionForm | WithdrawalForm,
    move: str,
) -> Response[Any]:
    if not form.errors:
        try:
            approval = await _decide(request, session, approval_id, form)
        except InvalidFields as refused:
            form.take(refused)
        except StaleVersion:
            form.refuse("", "This was decided or changed meanwhile. Load the page again.")
        else:
            refusal = deciding.lapsed(approval)
            if refusal is not None:
                return handle_error(request, refusal)
            return redirect(request, "approvals.show", approval_id=approval.id, toast=pages.toast_of(approval))
    approval = await queries.get_approval(session, approval_id, request.actor)
    return await _shown(request, session, approval, form, fragment=f"move_{move}", status=422)


async def _decide(
    request: Request, session: Session, approval_id: UUID, form: ApprovalForm | RejectionForm | WithdrawalForm
) -> Approval:
    kinds, actor = request.runtime.assembly.approval_kinds, request.actor
    match form:
        case ApprovalForm():
            return await deciding.approve(
                session, kinds, approval_id, comment=form.comment or "", version=form.version, actor=actor
            )
        case RejectionForm():
            return await deciding.reject(
                session, kinds, approval_id, reason=form.reason or "", version=form.version, actor=actor
            )
        case WithdrawalForm():
            return await deciding.withdraw(
                session, kinds, approval_id, comment=form.comment or "", version=form.version, actor=actor
            )


async def _shown(
    request: Request,
    session: Session,
    approval: Approval,
    form: Form | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> Response[Any]:
    assembly = request.runtime.assembly
    page = pages.detail(
        approval,
        assembly.approval_kinds[approval.kind],
        assembly.kinds.get(approval.subject_kind),
        await timeline(session, approval, {"state": "State"}),
        request.actor,
        await queries.list_waiting(request.runtime.database.reads, request.actor, 2),
        form,
    )
    return render(request, "desk/approvals/show.html", page, fragment=fragment, status=status)
