"""Working through a queue: take the next task, see it beside its record, go on."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.desk.tasks import queries
from app.desk.tasks.pages.edits import Badge, NextTask
from app.desk.tasks.pages.words import due_in_words
from app.desk.tasks.routes.details import detail_page
from app.desk.tasks.routes.moves import WORKING, go_to_next
from app.desk.tasks.rules import teams_of
from app.desk.tasks.schemas import TEAM_WORDS
from app.desk.tasks.services.moves import peek_next

MOST_SHOWN = 99


class WorkController(Controller):
    """The next task, and the page on which it is done."""

    path = "/tasks"
    opt = {"permission": "tasks.work"}
    include_in_schema = False

    @get("/next", name="tasks.next.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        task = await peek_next(session, actor=actor)
        due, tone = due_in_words(task.due_at, clock.now()) if task else ("", "")
        queues = ", ".join(TEAM_WORDS[team] for team in teams_of(actor.roles))
        page = NextTask(task.title if task else "", due, tone, queues)
        return render(request, "desk/tasks/next.html", page)

    @post("/next", name="tasks.next.create")
    async def take(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        text = str((await request.form()).get("besides", ""))
        try:
            besides = UUID(text) if text else None
        except ValueError:
            besides = None
        return await go_to_next(request, session, actor, "", besides=besides)

    @get("/badge", name="tasks.badge.show", permission="tasks.view")
    async def badge(self, request: Request, actor: CurrentActor) -> Response[Any]:
        if not request.is_partial:
            return redirect(request, "tasks.index")
        mine, late = await queries.count_mine(request.runtime.database.reads, actor, MOST_SHOWN + 1)
        count = f"{MOST_SHOWN}+" if mine > MOST_SHOWN else (str(mine) if mine else "")
        return render(request, "desk/tasks/_badge.html", Badge(count, "act" if late else ""), fragment="badge")

    @get("/{task_id:uuid}/work", name="tasks.work")
    async def work(
        self, request: Request, session: Session, actor: CurrentActor, task_id: FromPath[UUID]
    ) -> Response[Any]:
        task = await queries.get_task(session, task_id, actor)
        page = await detail_page(request, session, task, actor, then=WORKING)
        return render(request, "desk/tasks/work.html", page)
