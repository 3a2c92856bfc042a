"""Task pages: the queues and one task."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock, registry
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.search_lists import Answer, answer_list
from app.core.templating import render
from app.desk.audit_trail.services import About, name_subjects
from app.desk.previews.services import open_drawer
from app.desk.saved_views.services.opening import open_list
from app.desk.tasks import queries
from app.desk.tasks.pages import lists
from app.desk.tasks.routes.details import detail_page
from app.desk.tasks.routes.edits import create_answer
from app.desk.tasks.schemas import TaskItem


class TaskController(Controller):
    """Work for people."""

    path = lists.PATH
    opt = {"permission": "tasks.view"}
    include_in_schema = False

    @get(name="tasks.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        opened = await open_list(runtime.database.reads, lists.TASKS, parameters, actor, lists.views(actor))
        if not request.scope["query_string"] and not opened.keeps_sort:
            return redirect_to(request, lists.first_view(actor))
        reader, kind = queries.reader_of(actor), request.runtime.assembly.kinds["task"]
        found = await answer_list(runtime, kind, queries.tasks, queries.SPEC, opened.asked, reader, with_total=True)
        people = {str(person.id): person.name for person in await queries.list_people(session)}
        names = await _subject_names(request, found, actor)
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        page = lists.task_list(opened, found, drawer, names, people, actor, clock.now())
        headers = request.shown_at(page.frame.canonical)
        return render(request, "desk/tasks/index.html", page, headers=headers)

    @post(name="tasks.create", permission="tasks.work")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        return await create_answer(request, session, actor)

    @get("/{task_id:uuid}", name="tasks.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, task_id: FromPath[UUID]
    ) -> Response[Any]:
        task = await queries.get_task(session, task_id, actor)
        return render(request, "desk/tasks/show.html", await detail_page(request, session, task, actor))


async def _subject_names(request: Request, found: Answer[TaskItem], actor: Any) -> dict[tuple[str, str], str]:
    about = [About(item.subject_kind, str(item.subject_id)) for item in found.page.items if item.subject_kind]
    return await name_subjects(request.runtime.database.reads, about, registry.record_kinds, actor)
