"""A task's moves, as plain forms post them."""

from typing import Any, cast
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from app.core import clock
from app.core.actor import Actor
from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.templating import render
from app.desk.tasks import queries
from app.desk.tasks.forms import MoveForm
from app.desk.tasks.pages import lists
from app.desk.tasks.pages.moves import MOVE_WORDS, MovePage, offer
from app.desk.tasks.routes.details import moves_page
from app.desk.tasks.services.moves import claim_next, move_task
from app.desk.tasks.services.people import kind_of, zone_of

Id = FromPath[UUID]
WORKING = "work"
ENDING = ("completion", "snooze", "cancellation")


class MoveController(Controller):
    """One address per move."""

    path = "/tasks/{task_id:uuid}"
    opt = {"permission": "tasks.work"}
    include_in_schema = False

    @post("/claim", name="tasks.claim.create")
    async def claim(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "claim")

    @post("/claim/removal", name="tasks.claim.destroy")
    async def release(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "release")

    @post("/assignment", name="tasks.assignment.create")
    async def assign(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "assignment")

    @post("/handover", name="tasks.handover.create")
    async def hand_over(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "handover")

    @post("/snooze", name="tasks.snooze.create")
    async def snooze(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "snooze")

    @post("/snooze/removal", name="tasks.snooze.destroy")
    async def wake(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "waking")

    @post("/completion", name="tasks.completion.create")
    async def complete(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "completion")

    @post("/cancellation", name="tasks.cancellation.create")
    async def cancel(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "cancellation")

    @post("/reopening", name="tasks.reopening.create")
    async def reopen(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        return await _move(request, session, actor, task_id, "reopening")


async def go_to_next(
    request: Request, session: Any, actor: Actor, toast: str, besides: UUID | None = None
) -> Response[Any]:
    """Take the next task and open it for work, or say that there is none."""
    task = await claim_next(session, actor=actor, besides=besides)
    if task is None:
        return redirect_to(
            request, lists.first_view(actor), toast=f"{toast} Nothing more waits in your queues.".strip()
        )
    return redirect(request, "tasks.work", task_id=task.id, toast=toast or None)


async def _move(request: Request, session: Any, actor: Any, task_id: UUID, move: str) -> Response[Any]:
    task = await queries.get_task(session, task_id, actor)
    form, zone = await MoveForm.from_request(request), zone_of(task.market)
    is_working = form.text("then") == WORKING
    fields = {} if form.errors else form.fields(clock.now(), zone)
    moved = await form.submit(cast("Any", move_task), session, task_id, move, fields=fields, actor=actor)
    if moved is None:
        shown = await moves_page(session, task, actor, "", then=WORKING if is_working else "")
        known = next((one for one in shown.offered if one.name == move), None)
        refused = offer(move, kind_of(task.kind), known.people if known else [], known.teams if known else [], form)
        page = MovePage(task, shown, refused)
        return render(request, "desk/tasks/move.html", page, fragment="move_form", status=422)
    toast = MOVE_WORDS[move].toast
    if is_working and (moved.assignee_id != actor.id or move in ENDING):
        return await go_to_next(request, session, actor, f"{toast}: {moved.title}.", besides=moved.id)
    return redirect(request, "tasks.work" if is_working else "tasks.show", task_id=task_id, toast=toast)
