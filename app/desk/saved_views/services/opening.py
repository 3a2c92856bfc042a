"""Opening a list: the address speaks first, then the view that it names, then what the person chose before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from app.core.actor import Actor
from app.core.columns import default_keys, pick
from app.core.errors import AppError, InvalidFields
from app.core.listing import ListQuery, read_list_query
from app.core.lists import Opened, RecordList, SystemViews, View, ViewTools, system_view
from app.core.read_pool import ReadPool
from app.desk.preferences import services as preferences
from app.desk.preferences.services import Choice
from app.desk.saved_views import queries
from app.desk.saved_views.rules import ViewQuery, shows_the_same
from app.desk.saved_views.schemas import StoredView
from app.desk.saved_views.services.views import may_edit
from app.kit.cells import slug
from app.kit.problems import Problem

OWN = ("view", "columns", "peek")
"""Parameters of list pages that say nothing to the database."""
GONE = "The view of this link is gone, or no longer shared with you. Shown is what the rest of the address says."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the address and the view that it names ask together."""

    parameters: list[tuple[str, str]]
    columns: tuple[str, ...]
    view: StoredView | None
    notice: str
    peek: str


async def open_list(
    reads: ReadPool,
    shown: RecordList,
    parameters: Iterable[tuple[str, str]],
    actor: Actor,
    system: SystemViews = (),
) -> Opened:
    """The list as the address and the actor want it. Raises MalformedRequest and InvalidFields for the address only:
    what a saved view asks and the list no longer knows is left out and told.
    """
    choice = await preferences.find_choice(reads, actor, shown.key)
    saved = await queries.list_visible(reads, actor, shown.key)
    wanted = _wanted(shown, list(parameters), choice, saved, system)
    asked = read_list_query(wanted.parameters, shown.spec, usual_limit=choice.page_size)
    carried = {"view": wanted.view.id} if wanted.view else {}
    if wanted.columns:
        carried["columns"] = ",".join(wanted.columns)
    asked = replace(asked, carried=carried)
    columns = pick(shown.columns, wanted.columns or choice.columns or default_keys(shown.columns))
    present = ViewQuery(asked.chosen, asked.text, asked.query.sort, tuple(column.key for column in columns))
    everything = f"{shown.path}?view={_key(system[0][0])}" if choice.default_view and system else shown.path
    tabs = _system_tabs(shown, asked, system, everything, is_elsewhere=wanted.view is not None)
    tabs += _saved_tabs(shown, saved, present, wanted.view, has_current=any(tab.is_current for tab in tabs))
    return Opened(
        asked=asked,
        columns=columns,
        views=tabs,
        density=choice.density,
        keeps_sort=bool(choice.default_view),
        clear_href=everything,
        notice=wanted.notice,
        tools=_tools(shown, asked, present, wanted, actor),
        peek=wanted.peek,
    )


def usable(query: ViewQuery, shown: RecordList) -> tuple[ViewQuery, list[str]]:
    """What a list still understands of a view, and in words what not."""
    names = {known.name: known.label for known in shown.spec.filters}
    known_columns = {column.key for column in shown.columns}
    filters: dict[str, Sequence[str]] = {}
    problems: list[str] = []
    for name, values in query.filters.items():
        good = [value for value in values if _is_understood([(name, value)], shown)]
        problems += [f"{names.get(name, name)} {value}" for value in values if value not in good]
        if good:
            filters[name] = good
    sort = query.sort if _is_understood([("sort", query.sort)], shown) else ""
    problems += [] if sort == query.sort else [f"the order {query.sort}"]
    problems += [f"the column {key}" for key in query.columns if key not in known_columns]
    columns = tuple(key for key in query.columns if key in known_columns)
    return ViewQuery(filters, query.text, sort, columns), problems


def _is_understood(parameters: list[tuple[str, str]], shown: RecordList) -> bool:
    try:
        read_list_query(parameters, shown.spec)
    except AppError:
        return False
    return True


def _wanted(
    shown: RecordList,
    parameters: Sequence[tuple[str, str]],
    choice: Choice,
    saved: Sequence[StoredView],
    system: SystemViews,
) -> _Wanted:
    own = {name: value.strip() for name, value in parameters if name in OWN}
    given = [(name, value) for name, value in parameters if name not in OWN]
    says_something = bool(given) or bool(own.get("columns"))
    key = own.get("view") or ("" if says_something else choice.default_view)
    view = next((one for one in saved if one.id == key), None)
    base = view.query if view else _system_query(system, key)
    notice = GONE if own.get("view") and base is None else ""
    if base is None or says_something:
        return _Wanted(given, _read_columns(own.get("columns", ""), shown), view, notice, own.get("peek", ""))
    query, problems = usable(base, shown)
    if problems:
        notice = f"This view asks for what the list no longer knows: {', '.join(problems)}. It was left out."
    return _Wanted(query.parameters, tuple(query.columns), view, notice, own.get("peek", ""))


def _system_query(system: SystemViews, key: str) -> ViewQuery | None:
    for title, filters in system:
        if _key(title) == key:
            pairs = {name: [value] for name, value in filters.items() if name != "sort"}
            return ViewQuery(pairs, sort=filters.get("sort", ""))
    return None


def _read_columns(text: str, shown: RecordList) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = sorted(set(keys) - {column.key for column in shown.columns})
    if unknown:
        known = ", ".join(column.key for column in shown.columns)
        raise InvalidFields(
            [Problem("columns", "invalid", f"There is no {', '.join(unknown)[:200]}; known are {known}")]
        )
    return keys


def _key(title: str) -> str:
    return slug(title)


def _system_tabs(
    shown: RecordList, asked: ListQuery, system: SystemViews, everything: str, *, is_elsewhere: bool
) -> list[View]:
    tabs = [system_view(title, filters, asked, shown.path) for title, filters in system]
    return [
        replace(tab, is_current=tab.is_current and not is_elsewhere, href=tab.href if filters else everything)
        for tab, (_, filters) in zip(tabs, system, strict=True)
    ]


def _saved_tabs(
    shown: RecordList,
    saved: Sequence[StoredView],
    present: ViewQuery,
    opened: StoredView | None,
    *,
    has_current: bool,
) -> list[View]:
    tabs: list[View] = []
    for view in saved:
        is_same = shows_the_same(view.query, present)
        is_current = view is opened or (opened is None and not has_current and is_same)
        has_current = has_current or is_current
        href = f"{shown.path}?view={view.id}"
        tabs.append(View(view.name, href, is_current, is_changed=is_current and not is_same))
    return tabs


def _tools(shown: RecordList, asked: ListQuery, present: ViewQuery, wanted: _Wanted, actor: Actor) -> ViewTools:
    query = query_string(present, with_columns=bool(wanted.columns))
    address: Mapping[str, str] = {"list": shown.key, "query": query}
    back = asked.address(shown.path).partition("?")[2]
    tools = ViewTools(
        columns_href=f"/lists/{shown.key}/columns?{urlencode({'query': back})}",
        save_href=f"/saved-views/new?{urlencode(address)}",
        manage_href=f"/saved-views?list={shown.key}",
        query=query,
    )
    view = wanted.view
    if view is None:
        return tools
    is_changed, can_edit = not shows_the_same(view.query, present), may_edit(view.owner_id, actor, view.is_shared)
    return replace(
        tools,
        title=view.name,
        edit_href=f"/saved-views/{view.id}/edit" if can_edit else "",
        update_action=f"/saved-views/{view.id}/query" if can_edit and is_changed else "",
        version=view.version,
        reset_href=f"{shown.path}?view={view.id}" if is_changed else "",
    )


def query_string(query: ViewQuery, *, with_columns: bool = True) -> str:
    """A view as the query string of its list's address."""
    pairs = list(query.parameters)
    if with_columns and query.columns:
        pairs.append(("columns", ",".join(query.columns)))
    return urlencode(pairs)


def read_query_string(pairs: Sequence[tuple[str, str]], shown: RecordList) -> ViewQuery:
    """A query string as a view. Raises MalformedRequest and InvalidFields for what the list does not know."""
    own = {name: value for name, value in pairs if name in OWN}
    asked = read_list_query(
        [(name, value) for name, value in pairs if name not in (*OWN, "limit", "cursor")], shown.spec
    )
    return ViewQuery(dict(asked.chosen), asked.text, asked.query.sort, _read_columns(own.get("columns", ""), shown))
