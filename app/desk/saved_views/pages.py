"""What the pages of saved views show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.actor import Actor
from app.core.listing import Filter
from app.core.lists import RecordList
from app.desk.saved_views.forms import ViewForm
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import ViewQuery
from app.desk.saved_views.schemas import SavedViewItem, StoredView
from app.desk.saved_views.services.opening import query_string, usable
from app.desk.saved_views.services.views import SHARE, may_edit

LABELS = {"list_key": "List", "is_shared": "Shared", "text": "Free text", "sort": "Order"}


@dataclass(frozen=True, slots=True)
class ViewPage:
    """The form of one view, new or kept."""

    title: str
    form: ViewForm
    action: str
    asks: list[tuple[str, str]]
    can_share: bool
    back_href: str
    view: SavedView | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One view among those of its list."""

    id: str
    name: str
    href: str
    asks: str
    owner: str
    is_default: bool
    can_edit: bool
    problems: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class ViewsPage:
    """All views of a list: the shared ones, and one's own."""

    record_list: RecordList
    groups: list[tuple[str, list[Row]]]


def asks_of(query: ViewQuery, shown: RecordList) -> list[tuple[str, str]]:
    """What a view asks, in words."""
    known: Mapping[str, Filter] = shown.spec.by_name()
    lines = [
        (known[name].label, _values(known[name], values)) for name, values in query.filters.items() if name in known
    ]
    lines += [("Text", query.text)] if query.text else []
    labels = {column.sort: column.label for column in shown.columns if column.sort}
    name = query.sort.removeprefix("-")
    words = f"{labels.get(name, name.replace('_', ' '))}, {'falling' if query.sort.startswith('-') else 'rising'}"
    lines += [("Order", words)] if query.sort else []
    heads = {column.key: column.label for column in shown.columns}
    lines += [("Columns", ", ".join(heads.get(key, key) for key in query.columns))] if query.columns else []
    return lines


def _values(known: Filter, values: Sequence[str]) -> str:
    names = dict(known.options)
    return ", ".join(names.get(value, value) for value in values)


def view_page(
    form: ViewForm, shown: RecordList, query: ViewQuery, actor: Actor, view: SavedView | None = None
) -> ViewPage:
    """New and edit."""
    return ViewPage(
        title="Edit view" if view else "Save as view",
        form=form,
        action=f"/saved-views/{view.id}/edit" if view else "/saved-views",
        asks=asks_of(query, shown),
        can_share=actor.may(SHARE) or bool(view and view.is_shared),
        back_href=f"{shown.path}?view={view.id}" if view else f"{shown.path}?{form.text('query')}",
        view=view,
    )


def views_page(shown: RecordList, views: Sequence[StoredView], default: str, actor: Actor) -> ViewsPage:
    """The page where views are ordered and taken away."""
    groups = [("Shared with everybody", True), ("Only mine", False)]
    return ViewsPage(
        shown,
        [
            (title, _rows([view for view in views if view.is_shared is is_shared], shown, default, actor))
            for title, is_shared in groups
        ],
    )


def _rows(views: Sequence[StoredView], shown: RecordList, default: str, actor: Actor) -> list[Row]:
    last = len(views) - 1
    return [
        _row(view, shown, default, actor, is_first=place == 0, is_last=place == last)
        for place, view in enumerate(views)
    ]


def _row(view: StoredView, shown: RecordList, default: str, actor: Actor, *, is_first: bool, is_last: bool) -> Row:
    query, problems = usable(view.query, shown)
    return Row(
        id=view.id,
        name=view.name,
        href=f"{shown.path}?view={view.id}",
        asks="; ".join(f"{label}: {value}" for label, value in asks_of(query, shown) if label != "Order")
        or "everything",
        owner=view.owner_name,
        is_default=view.id == default,
        can_edit=may_edit(view.owner_id, actor, view.is_shared),
        problems=f"No longer understood: {', '.join(problems)}" if problems else "",
        is_first=is_first,
        is_last=is_last,
    )


def item(view: StoredView, shown: RecordList, default: str, actor: Actor) -> SavedViewItem:
    """A view as the API shows it."""
    query, problems = usable(view.query, shown)
    return SavedViewItem(
        id=view.id,
        list_key=view.list_key,
        name=view.name,
        filters=view.filters,
        q=view.text,
        sort=view.sort,
        columns=view.columns,
        query=query_string(query, with_columns=False),
        problems=problems,
        is_shared=view.is_shared,
        is_default=view.id == default,
        can_edit=may_edit(view.owner_id, actor, view.is_shared),
        position=view.position,
        owner_id=view.owner_id,
        owner_name=view.owner_name,
        version=view.version,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
