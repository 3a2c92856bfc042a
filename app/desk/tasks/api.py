"""Tasks in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import AppError, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, require_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET
from app.desk.tasks import queries
from app.desk.tasks.models import Task
from app.desk.tasks.rules import Priority, TaskState
from app.desk.tasks.schemas import (
    AssignmentBody,
    CompletionBody,
    NewTask,
    SnoozeBody,
    TaskClaimBody,
    TaskFields,
    TaskItem,
    TaskPage,
    TaskReasonBody,
    task_item,
)
from app.desk.tasks.services.creation import check_may_make, create_task, update_task
from app.desk.tasks.services.moves import claim_next, move_task

ADDRESS = "/api/v1/tasks"
TAGS = ("Tasks",)
TaskId = FromPath[UUID]
Answer = Response[TaskItem]


class NothingToDo(AppError):
    code = "nothing_to_do"
    status = 404
    title = "Nothing waits in these queues"


class TaskApi(Controller):
    """Work for people."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": "tasks.view"}

    @get(
        name="api.tasks.index",
        operation_id="listTasks",
        summary="List tasks",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=TaskItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[TaskPage]:
        """The tasks that one may see, the most urgent first: overdue ones, then by priority and due time."""
        kind = request.runtime.assembly.kinds["task"]
        return await list_answer(request, queries.reader_of(actor), queries.tasks, queries.SPEC, kind)

    @post(name="api.tasks.create", operation_id="createTask", summary="Make a task", permission="tasks.work")
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewTask]) -> Answer:
        """Team, priority and due time come from the kind unless they are given. Clients may choose the `id`."""
        fields = given_fields(data)
        check_may_make(data.kind, actor)
        kind, key = fields.pop("subject_kind", None), fields.pop("subject_id", None)
        if (kind is None) != (key is None):
            raise NotFound("subject_kind and subject_id name the record together.")
        if "priority" in fields:
            fields["priority"] = Priority(fields["priority"])
        task_id = fields.pop("id", None)
        subject = (kind, key) if kind and key else None
        task = await create_task(session, **fields, subject=subject, task_id=task_id, actor=actor)
        location = f"{ADDRESS}/{task.id}"
        return answer(await _item(session, task), status=201, etag=task.etag, location=location)

    @get("/{task_id:uuid}", name="api.tasks.show", operation_id="getTask", summary="Read a task", selects=TaskItem)
    async def show(self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId) -> Answer:
        """One task, with the ETag that a change needs."""
        task = await queries.get_task(session, task_id, actor)
        return record_answer(request, await _item(session, task), task.version)

    @patch(
        "/{task_id:uuid}",
        name="api.tasks.update",
        operation_id="updateTask",
        summary="Change a task",
        permission="tasks.work",
    )
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[TaskFields]
    ) -> Answer:
        """JSON Merge Patch; another priority or due time needs `reason`. Needs If-Match."""
        require_match(request, await queries.lock_task(session, task_id, actor))
        task = await update_task(session, task_id, fields=given_fields(data), actor=actor)
        return answer(await _item(session, task), etag=task.etag)


class TaskMoveApi(Controller):
    """The moves of a task; each answers it with its new ETag, or 409 with the present state."""

    path = "/api/v1/tasks/{task_id:uuid}"
    tags = TAGS
    opt = {"permission": "tasks.work"}

    @post("/claim", name="api.tasks.claim.create", operation_id="claimTask", summary="Take a task", status_code=200)
    async def claim(self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId) -> Answer:
        """Open -> in_progress, held by oneself. Of several at once one succeeds; 409 names the holder."""
        return await _move(request, session, actor, task_id, "claim", {})

    @delete(
        "/claim", name="api.tasks.claim.destroy", operation_id="releaseTask", summary="Put a task back", status_code=200
    )
    async def release(self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId) -> Answer:
        """in_progress -> open."""
        return await _move(request, session, actor, task_id, "release", {})

    @post(
        "/assignment",
        name="api.tasks.assignment.create",
        operation_id="assignTask",
        summary="Give a task to somebody",
        status_code=200,
    )
    async def assign(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[AssignmentBody]
    ) -> Answer:
        """To a person, or by its holder, who leaves a note, into a team's queue."""
        task = await queries.lock_task(session, task_id, actor)
        is_holders = task.state is TaskState.IN_PROGRESS and task.assignee_id == actor.id
        move = "handover" if is_holders or data.assignee_id is UNSET else "assignment"
        return await _move(request, session, actor, task_id, move, given_fields(data))

    @post(
        "/snooze", name="api.tasks.snooze.create", operation_id="snoozeTask", summary="Snooze a task", status_code=200
    )
    async def snooze(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[SnoozeBody]
    ) -> Answer:
        """open, in_progress -> snoozed, until a moment of the next 90 days."""
        return await _move(request, session, actor, task_id, "snooze", given_fields(data))

    @delete("/snooze", name="api.tasks.snooze.destroy", operation_id="wakeTask", summary="Wake a task", status_code=200)
    async def wake(self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId) -> Answer:
        """Snoozed -> in_progress for its holder, open for nobody's."""
        return await _move(request, session, actor, task_id, "waking", {})

    @post(
        "/completion",
        name="api.tasks.completion.create",
        operation_id="completeTask",
        summary="Complete a task",
        status_code=200,
    )
    async def complete(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[CompletionBody]
    ) -> Answer:
        """open, in_progress, snoozed -> done."""
        return await _move(request, session, actor, task_id, "completion", given_fields(data))

    @post(
        "/cancellation",
        name="api.tasks.cancellation.create",
        operation_id="cancelTask",
        summary="Cancel a task",
        status_code=200,
    )
    async def cancel(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[TaskReasonBody]
    ) -> Answer:
        """open, in_progress, snoozed -> cancelled."""
        return await _move(request, session, actor, task_id, "cancellation", given_fields(data))

    @post(
        "/reopening",
        name="api.tasks.reopening.create",
        operation_id="reopenTask",
        summary="Reopen a task",
        status_code=200,
    )
    async def reopen(
        self, request: Request, session: Session, actor: CurrentActor, task_id: TaskId, data: JSONBody[TaskReasonBody]
    ) -> Answer:
        """done, cancelled -> open, with a new due time of its kind."""
        return await _move(request, session, actor, task_id, "reopening", given_fields(data))


class TaskClaimApi(Controller):
    """Taking whatever is next."""

    path = "/api/v1/task-claims"
    tags = TAGS
    opt = {"permission": "tasks.work"}

    @post(
        name="api.task_claims.create",
        operation_id="claimNextTask",
        summary="Take the next task",
        refuses=(404,),
    )
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[TaskClaimBody]) -> Answer:
        """The most urgent task of one's queues that one may do is held by oneself; 404 when there is none."""
        teams = None if data.team is UNSET else [str(data.team)]
        besides = data.besides if isinstance(data.besides, UUID) else None
        task = await claim_next(session, actor=actor, teams=teams, besides=besides)
        if task is None:
            raise NothingToDo
        location = f"{ADDRESS}/{task.id}"
        return answer(await _item(session, task), status=201, etag=task.etag, location=location)


async def _move(
    request: Request, session: Session, actor: Actor, task_id: UUID, move: str, fields: dict[str, Any]
) -> Answer:
    honour_match(request, await queries.lock_task(session, task_id, actor))
    task = await move_task(session, task_id, move, fields=fields, actor=actor)
    return answer(await _item(session, task), etag=task.etag)


async def _item(session: Session, task: Task) -> TaskItem:
    assignee = await queries.find_person(session, task.assignee_id)
    return task_item(task, assignee.name if assignee else None)
