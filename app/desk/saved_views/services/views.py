"""What can be done with saved views: one function per change. Changes of shared views are audited."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, Conflict, Forbidden, InvalidFields, StaleVersion
from app.core.listing import read_list_query
from app.core.lists import RecordList
from app.desk.preferences import services as preferences
from app.desk.saved_views import queries
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import LONGEST_NAME, MOST_OWN, MOST_SHARED, ViewQuery
from app.kit.problems import Problem

SHARE, MANAGE = "saved_views.share", "saved_views.manage"


class TooManyViews(Conflict):
    """As many as a list can show are saved already."""

    code = "too_many_views"
    title = "There are as many views of this list as can be kept"
    advice = "Nothing was saved. Delete a view that nobody uses, then save this one."


def may_edit(owner_id: UUID | str, actor: Actor, is_shared: bool) -> bool:
    """The owner may, and of shared views those who look after them."""
    return str(owner_id) == str(actor.id) or (is_shared and actor.may(MANAGE))


async def create_view(
    session: AsyncSession,
    shown: RecordList,
    *,
    name: str,
    query: ViewQuery,
    is_shared: bool = False,
    is_default: bool = False,
    actor: Actor,
    view_id: UUID | None = None,
) -> SavedView:
    """Save what a list shows. Raises InvalidFields, Forbidden for sharing without the permission, TooManyViews."""
    if actor.id is None:
        raise Forbidden("Only people save views.")
    _check(shown, name, query)
    view = SavedView(owner_id=actor.id, owner_name=actor.name, list_key=shown.key, name=name.strip())
    if view_id is not None:
        if await session.get(SavedView, view_id):
            raise AlreadyThere("A view with this id exists.")
        view.id = view_id
    own, shared = await queries.count_views(session, shown.key, actor.id)
    if own >= MOST_OWN:
        raise TooManyViews(f"At most {MOST_OWN} of one person.")
    _require_sharing(actor, shared, wanted=is_shared)
    await _refuse_known_name(session, view)
    apply(view, _columns(query) | {"is_shared": is_shared, "position": shared if is_shared else own})
    session.add(view)
    await session.flush()
    if is_shared:
        await record(session, "saved_view.created", view, actor=actor, changes=_told(view))
    if is_default:
        await preferences.choose_default_view(session, shown.key, str(view.id), actor=actor)
    return view


async def update_view(
    session: AsyncSession,
    view_id: UUID,
    shown: RecordList,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    version: int | None = None,
) -> SavedView:
    """Change name, query (`query`), sharing, and whether it opens first for the actor. Raises StaleVersion."""
    view = await queries.lock_view(session, view_id, actor)
    if version is not None and version != view.version:
        raise StaleVersion("Somebody else has changed this view.", extra={"etag": view.etag})
    is_default = fields.get("is_default")
    if is_default is not None:
        await _choose_default(session, view, is_default=is_default, actor=actor)
    given = {name: value for name, value in fields.items() if name != "is_default" and value is not None}
    if not given:
        return view
    if not may_edit(view.owner_id, actor, view.is_shared):
        raise Forbidden("This view is somebody else's.")
    query = given.pop("query", view.query)
    _check(shown, given.get("name", view.name), query)
    was_shared, will_be = view.is_shared, given.get("is_shared", view.is_shared)
    if will_be and not was_shared:
        _require_sharing(actor, (await queries.count_views(session, shown.key, view.owner_id))[1], wanted=True)
    changed = apply(view, given | _columns(query))
    if "name" in changed:
        await _refuse_known_name(session, view)
    await session.flush()
    if changed and (was_shared or will_be):
        await record(session, "saved_view.updated", view, actor=actor, changes=changed)
    return view


async def delete_view(session: AsyncSession, view_id: UUID, *, actor: Actor) -> SavedView:
    """Delete it. Whoever opened it first sees everything again."""
    view = await queries.lock_view(session, view_id, actor)
    if not may_edit(view.owner_id, actor, view.is_shared):
        raise Forbidden("This view is somebody else's.")
    if view.is_shared:
        gone = {name: (before, None) for name, (_, before) in _told(view).items()}
        await record(session, "saved_view.deleted", view, actor=actor, changes=gone)
    await session.delete(view)
    await session.flush()
    return view


async def move_view(session: AsyncSession, view_id: UUID, step: int, *, actor: Actor) -> SavedView:
    """Let it change places with its neighbour: the shared ones have one order, each person's own another."""
    view = await queries.get_view(session, view_id, actor)
    if not may_edit(view.owner_id, actor, view.is_shared):
        raise Forbidden("This view is somebody else's.")
    group = await queries.list_group(session, view.list_key, None if view.is_shared else view.owner_id)
    at = next(place for place, one in enumerate(group) if one.id == view.id)
    to = min(max(at + step, 0), len(group) - 1)
    before = group.index(view)
    group.insert(to, group.pop(at))
    for place, one in enumerate(group):
        one.position = place
    await session.flush()
    if view.is_shared and to != before:
        await record(session, "saved_view.moved", view, actor=actor, changes={"position": (before, to)})
    return view


async def replace_value(session: AsyncSession, list_key: str, name: str, values: tuple[str, str]) -> None:
    """In every view of a list, ask for a value of a filter that has taken the place of another."""
    before, after = values
    for view in await queries.list_asking(session, list_key, name, before):
        chosen = dict.fromkeys(after if value == before else value for value in view.filters[name])
        changed = apply(view, {"filters": {**view.filters, name: list(chosen)}})
        if view.is_shared:
            await record(session, "saved_view.updated", view, actor=SYSTEM, changes=changed)


async def get_view(session: AsyncSession, view_id: UUID, actor: Actor) -> SavedView:
    """A view that the actor may see. Raises NotFound."""
    return await queries.get_view(session, view_id, actor)


async def _choose_default(session: AsyncSession, view: SavedView, *, is_default: bool, actor: Actor) -> None:
    if is_default:
        await preferences.choose_default_view(session, view.list_key, str(view.id), actor=actor)
    elif await preferences.is_default_view(session, view.list_key, str(view.id), actor=actor):
        await preferences.choose_default_view(session, view.list_key, "", actor=actor)


def _check(shown: RecordList, name: str, query: ViewQuery) -> None:
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise InvalidFields([Problem("name", "length", f"1 to {LONGEST_NAME} characters")])
    read_list_query(query.parameters, shown.spec)
    unknown = sorted(set(query.columns) - {column.key for column in shown.columns})
    if unknown:
        raise InvalidFields([Problem("columns", "invalid", f"There is no {', '.join(unknown)[:200]}")])


def _require_sharing(actor: Actor, shared: int, *, wanted: bool) -> None:
    if not wanted:
        return
    if not actor.may(SHARE):
        raise Forbidden("Your role may not share views.")
    if shared >= MOST_SHARED:
        raise TooManyViews(f"At most {MOST_SHARED} shared ones.")


async def _refuse_known_name(session: AsyncSession, view: SavedView) -> None:
    with session.no_autoflush:
        is_known = await queries.has_name(session, view.owner_id, view.list_key, view.name, view.id)
    if is_known:
        raise InvalidFields([Problem("name", "taken", "A view of this list has this name already")])


def _columns(query: ViewQuery) -> dict[str, Any]:
    filters = {name: list(values) for name, values in query.filters.items() if values}
    return {"filters": filters, "text": query.text, "sort": query.sort, "columns": list(query.columns)}


def _told(view: SavedView) -> dict[str, tuple[Any, Any]]:
    names = ("list_key", "name", "filters", "text", "sort", "columns", "is_shared")
    return {name: (None, value) for name in names if (value := getattr(view, name))}
