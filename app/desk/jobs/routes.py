"""Background work for engineers: what runs, what failed, and trying it again."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.lists import frame
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.desk.jobs import pages, queries, services
from app.desk.saved_views.services.opening import open_list

RETRY = "jobs.retry"


class JobController(Controller):
    """Jobs, consumers of events, workers and schedules."""

    path = pages.PATH
    opt = {"permission": "jobs.view"}
    include_in_schema = False

    @get(name="jobs.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        parameters = request.query_params.multi_items()
        opened = await open_list(request.runtime.database.reads, pages.LIST, parameters, actor, pages.VIEWS)
        asked = opened.asked
        reads, kinds = request.runtime.database.reads, request.runtime.assembly.tasks
        names = pages.titles(kinds)
        found = await queries.jobs.page(reads, request.runtime.cursors, asked.query, actor)
        total = await queries.jobs.count(reads, asked.query, actor)
        labels = {"kind": {key: names.get(key, key) for key in await queries.list_job_kinds(reads)}}
        around = frame(
            pages.LIST, opened, page=found, total=total, labels=labels,
        )  # fmt: skip
        may_change = actor.may(RETRY)
        page = pages.JobsPage(
            live=await _live(request),
            frame=around,
            rows=[pages.row(item, names, may_change=may_change) for item in found.items],
            held=pages.held(await queries.list_held(reads), request.runtime.assembly.kinds),
            schedules=pages.schedules(await queries.list_schedules(reads), kinds, names),
            can_change=may_change,
        )
        headers = request.shown_at(around.canonical)
        return render(request, "desk/jobs/index.html", page, headers=headers)

    @get("/live", name="jobs.live")
    async def live(self, request: Request) -> Response[Any]:
        if not request.is_partial:
            return Response(b"", status_code=303, media_type="text/plain", headers={"Location": pages.PATH})
        page = pages.LivePage(await _live(request))
        return render(request, "desk/jobs/_live.html", page, fragment="jobs_live")

    @get("/{job_id:uuid}", name="jobs.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, job_id: FromPath[UUID]
    ) -> Response[Any]:
        job = await queries.get_job(session, job_id)
        names = pages.titles(request.runtime.assembly.tasks)
        page = pages.JobPage(
            job=job,
            row=pages.row(job, names, may_change=actor.may(RETRY)),
            payload=pages.pretty(job.payload),
            result=pages.pretty(job.result),
            timeline=await timeline(session, job, {"state": "State"}),
        )
        return render(request, "desk/jobs/show.html", page)

    @post("/{job_id:uuid}/retry", name="jobs.retry.create", permission=RETRY)
    async def retry(
        self, request: Request, session: Session, actor: CurrentActor, job_id: FromPath[UUID]
    ) -> Response[Any]:
        job = await services.retry_job(session, job_id, actor=actor)
        return redirect(request, "jobs.show", job_id=job.id, toast="Queued again")

    @post("/{job_id:uuid}/cancellation", name="jobs.cancellation.create", permission=RETRY)
    async def cancel(
        self, request: Request, session: Session, actor: CurrentActor, job_id: FromPath[UUID]
    ) -> Response[Any]:
        job = await services.cancel_job(session, job_id, actor=actor)
        return redirect(request, "jobs.show", job_id=job.id, toast="Cancelled")

    @post("/held-events/{consumer:str}/{event_id:uuid}/release", name="jobs.release.create", permission=RETRY)
    async def release(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        consumer: FromPath[str],
        event_id: FromPath[UUID],
    ) -> Response[Any]:
        await services.release_event(session, consumer, event_id, actor=actor)
        return redirect_to(request, f"{pages.PATH}#held", toast="Released: it is tried again at once")


async def _live(request: Request) -> pages.Live:
    reads, names = request.runtime.database.reads, pages.titles(request.runtime.assembly.tasks)
    running = [pages.row(item, names, may_change=False) for item in await queries.list_running(reads)]
    return pages.live(
        await queries.count_jobs(reads), running, await services.lags(reads), await queries.list_workers(reads)
    )
