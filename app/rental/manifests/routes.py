"""A branch's day as a page and as a file."""

from typing import Any

from litestar import Controller, Response, get

from app.core.downloads import table_answer
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session
from app.core.permissions import EXPORT
from app.core.templating import render
from app.desk.preferences import services as preferences
from app.rental.locations import services as locations
from app.rental.manifests import pages, services
from app.rental.manifests.forms import read_day
from app.rental.manifests.services import Manifest
from app.rental.planner.services.opening import opening_branch


class ManifestController(Controller):
    """What goes out, comes in, moves and is late."""

    path = "/manifest"
    opt = {"permission": "planner.view"}
    include_in_schema = False

    @get(name="manifest.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        branches, reads = await locations.choices(session, actor), request.runtime.database.reads
        asked = request.query_params.get("branch", "")
        usual = "" if asked else await opening_branch(reads, actor, [code for code, _ in branches])
        found = await _read(request, session, actor, usual)
        if asked:
            await preferences.keep_last_branch(session, reads, found.branch.code, actor=actor)
        page = pages.manifest_page(found, branches, can_export=actor.may(EXPORT))
        return render(request, "rental/manifests/show.html", page)

    @get("/file", name="manifest.file", permission=EXPORT)
    async def file(self, request: Request, session: Session, actor: CurrentActor) -> Response[bytes]:
        """The same lines for a spreadsheet."""
        found = await _read(request, session, actor, "")
        is_xlsx = request.query_params.get("format") == "xlsx"
        name = f"manifest-{found.branch.code}-{found.day}"
        return table_answer(pages.HEADS, pages.cells(found), name=name, is_xlsx=is_xlsx)


async def _read(request: Request, session: Any, actor: Any, usual: str) -> Manifest:
    """Raises NotFound for a branch or a day that there is not."""
    code = request.query_params.get("branch") or usual
    try:
        day = read_day(request.query_params.get("day"))
        return await services.read_manifest(session, request.runtime.database.reads, actor, code, day)
    except InvalidFields as refused:
        raise NotFound(refused.problems[0].detail) from None
