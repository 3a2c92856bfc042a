"""New and edit pages of tasks."""

from typing import Any, cast
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import registry
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.desk.staff.services.people import list_who_may
from app.desk.tasks import queries
from app.desk.tasks.forms import TaskForm, in_zone, of_task
from app.desk.tasks.models import Task
from app.desk.tasks.pages.edits import TaskEdit
from app.desk.tasks.routes.details import subject_of
from app.desk.tasks.rules import Priority
from app.desk.tasks.services.creation import check_may_make, create_task, update_task
from app.desk.tasks.services.people import may_work, zone_of

Id = FromPath[UUID]
FORM = "task_form"


class EditController(Controller):
    """Making tasks by hand and changing what they say."""

    path = "/tasks"
    opt = {"permission": "tasks.work"}
    include_in_schema = False

    @get("/new", name="tasks.new")
    async def new(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        asked = {name: request.query_params.get(name) for name in ("subject_kind", "subject_id", "kind")}
        form = TaskForm.from_raw({name: value for name, value in asked.items() if value})
        page = await _new_page(request, session, actor, TaskForm.of(form.raw | {"priority": ""}), _about(form))
        return render(request, "desk/tasks/new.html", page)

    @get("/{task_id:uuid}/edit", name="tasks.edit")
    async def edit(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        task = await queries.get_task(session, task_id, actor)
        return render(
            request, "desk/tasks/edit.html", _edit_page(task, of_task(task.model_dump(), zone_of(task.market)))
        )

    @post("/{task_id:uuid}/edit", name="tasks.update")
    async def update(self, request: Request, session: Session, actor: CurrentActor, task_id: Id) -> Response[Any]:
        task = await queries.get_task(session, task_id, actor)
        form = await TaskForm.from_request(request)
        fields = {} if form.errors else form.changes(zone_of(task.market))
        changed = await form.submit(
            cast("Any", update_task), session, task_id, fields=fields, version=form.version, actor=actor
        )
        if changed is None:
            return render(request, "desk/tasks/edit.html", _edit_page(task, form), fragment=FORM, status=422)
        return redirect(request, "tasks.show", task_id=task_id, toast="Saved")


async def create_answer(request: Request, session: Any, actor: Actor) -> Response[Any]:
    """Make what was typed, or show the form again."""
    form = await TaskForm.from_request(request)
    about = _about(form)
    page = await _new_page(request, session, actor, form, about)
    task = await form.submit(cast("Any", _create), session, fields={}, form=form, actor=actor, zone=page.zone)
    if task is None:
        return render(request, "desk/tasks/new.html", page, fragment=FORM, status=422)
    return redirect(request, "tasks.show", task_id=task.id, toast=f"{task.reference} made")


async def _create(session: Any, *, fields: dict[str, Any], form: TaskForm, actor: Actor, zone: str) -> Task:
    del fields
    check_may_make(form.kind or "", actor)
    return await create_task(
        session,
        kind=form.kind or "",
        title=form.title or "",
        details=form.details or "",
        subject=_about(form),
        assignee_id=form.assignee_id,
        priority=Priority(form.priority) if form.priority else None,
        due_at=in_zone(form.due_at, zone),
        actor=actor,
    )


def _about(form: TaskForm) -> tuple[str, UUID] | None:
    return (form.subject_kind, form.subject_id) if form.subject_kind and form.subject_id else None


async def _new_page(
    request: Request, session: Any, actor: Actor, form: TaskForm, about: tuple[str, UUID] | None
) -> TaskEdit:
    subject = await subject_of(request, session, about, actor)
    if about is not None and subject is None:
        raise NotFound
    people = [(str(one.id), one.name) for one in await list_who_may(session, "tasks.work")]
    kinds = [
        (kind.key, kind.title)
        for kind in registry.task_kinds.values()
        if kind.is_made_by_hand and may_work(kind, actor)
    ]
    cancel = subject.href if subject else "/tasks"
    return TaskEdit(form, None, "/tasks", cancel, _zone(actor), kinds, people, subject)


def _edit_page(task: Task, form: TaskForm) -> TaskEdit:
    address = f"/tasks/{task.id}"
    return TaskEdit(form, task, f"{address}/edit", address, zone_of(task.market), [], [])


def _zone(actor: Actor) -> str:
    return zone_of(min(actor.markets) if actor.markets else "")
