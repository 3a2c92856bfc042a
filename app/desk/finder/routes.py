"""The search page and the command palette."""

from typing import Any

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.finder import pages, services
from search.text import MAX_TEXT

PALETTE = "palette-results"
PAGE_GROUP_SIZE = 10


class FinderController(Controller):
    """Everything that a person may find."""

    path = "/search"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="search")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        text = request.query_params.get("q", "").strip()[:MAX_TEXT]
        is_palette = request.is_partial and request.target == PALETTE
        size = services.GROUP_SIZE if is_palette else PAGE_GROUP_SIZE
        found = await services.find_records(request.runtime, text, actor, size=size)
        if found.exact and not request.is_partial and request.query_params.get("show") != "all":
            return Response(b"", status_code=303, media_type="text/plain", headers={"Location": found.exact.href})
        places = services.find_places(request.runtime, text, actor)
        actions = services.find_actions(request.runtime, text, actor)
        page = pages.finder(text, found, places, actions)
        if is_palette:
            return render(request, "desk/finder/_palette.html", page, fragment="palette_results")
        headers = request.shown_at(page.canonical)
        return render(request, "desk/finder/index.html", page, headers=headers)
