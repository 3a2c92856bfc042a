"""The drawer of a list, filled record by record."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.previews import pages, services


class PreviewController(Controller):
    """One record at a glance; its kind decides who may see it."""

    path = "/previews/{kind:str}/{record_id:uuid}"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="previews.show")
    async def show(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        kind: FromPath[str],
        record_id: FromPath[UUID],
    ) -> Response[Any]:
        known = request.runtime.assembly.kinds.get(kind)
        drawer = await services.find_drawer(session, known, record_id, actor) if known else None
        if drawer is None:
            raise NotFound
        return render(request, "desk/previews/show.html", pages.PreviewPage(drawer))
