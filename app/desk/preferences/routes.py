"""Choosing the columns of a list."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.columns import default_keys
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.lists import RecordList
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.desk.preferences import pages, services
from app.desk.preferences.forms import LayoutForm
from app.desk.preferences.rules import DEFAULT_PAGE_SIZE, Density

TEMPLATE = "desk/preferences/columns.html"
MOST_PARAMETERS = 300


class ColumnsController(Controller):
    """Columns, density and page size of one list, for oneself."""

    path = "/lists/{key:str}/columns"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get(name="lists.columns.edit")
    async def edit(self, request: Request, actor: CurrentActor, key: FromPath[str]) -> Response[Any]:
        shown = request.runtime.assembly.record_list(key, actor)
        choice = await services.find_choice(request.runtime.database.reads, actor, key)
        query = request.query_params.get("query", "")
        asked = dict(_pairs(query)).get("columns", "")
        chosen = asked.split(",") if asked else (choice.columns or default_keys(shown.columns))
        page = pages.layout_page(shown, chosen, chosen, density=choice.density, page_size=choice.page_size, query=query)
        return render(request, TEMPLATE, page)

    @post(name="lists.columns.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, key: FromPath[str]
    ) -> Response[Any]:
        shown, form = request.runtime.assembly.record_list(key, actor), await LayoutForm.from_request(request)
        if form.errors or form.step[0]:
            page = pages.layout_page(
                shown, form.ordered, form.chosen_columns, density=form.density, page_size=form.size,
                query=form.query, moved=form.step,
            )  # fmt: skip
            return render(request, TEMPLATE, page, fragment="dialog", status=422 if form.errors else 200)
        if form.do == "show":
            return redirect_to(request, _with_columns(shown, form.query, form.chosen_columns))
        columns, density, size = form.chosen_columns, form.density, form.size
        if form.do == "standard":
            columns, density, size = list(default_keys(shown.columns)), Density.COMPACT, DEFAULT_PAGE_SIZE
        await services.keep_layout(session, shown, columns=columns, density=density, page_size=size, actor=actor)
        return redirect_to(request, _with_columns(shown, form.query, []), toast="Columns kept")


def _with_columns(shown: RecordList, query: str, columns: list[str]) -> str:
    """The list with these columns in its address, or without any; its place in the list is forgotten."""
    pairs = [(name, value) for name, value in _pairs(query) if name not in ("columns", "cursor", "limit")]
    pairs += [("columns", ",".join(columns))] if columns else []
    return pages.address(shown, urlencode(pairs))


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, max_num_fields=MOST_PARAMETERS)
