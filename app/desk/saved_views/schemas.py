"""Saved views in the JSON API."""

from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Timestamp, UnsetType, timestamp
from app.desk.saved_views.models import SavedView
from app.desk.saved_views.rules import ViewQuery


class StoredView(msgspec.Struct, frozen=True):
    """A view as it lies in the database."""

    id: str
    owner_id: str
    owner_name: str
    list_key: str
    name: str
    filters: dict[str, list[str]]
    text: str
    sort: str
    columns: list[str]
    is_shared: bool
    position: int
    version: int
    created_at: str
    updated_at: str

    @property
    def query(self) -> ViewQuery:
        """What it asks of its list."""
        return ViewQuery(self.filters, self.text, self.sort, self.columns)


def stored_view(view: SavedView) -> StoredView:
    """A view of an open transaction as it will lie in the database."""
    return StoredView(
        str(view.id), str(view.owner_id), view.owner_name, view.list_key, view.name, view.filters, view.text, view.sort,
        view.columns, view.is_shared, view.position, view.version, timestamp(view.created_at),
        timestamp(view.updated_at),
    )  # fmt: skip


class SavedViewItem(msgspec.Struct):
    """A view of a list. `query` is the query string to ask the list's own address with.

    `problems` tells which filters are no longer understood; they are not part of `query`.
    """

    id: Id
    list_key: str
    name: str
    filters: dict[str, list[str]]
    q: str
    sort: str
    columns: list[str]
    query: str
    problems: list[str]
    is_shared: bool
    is_default: bool
    can_edit: bool
    position: int
    owner_id: Id
    owner_name: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SavedViewPage(msgspec.Struct):
    """All views of one list that one may see, in the order of the tabs."""

    items: list[SavedViewItem]
    next_cursor: str | None


class SavedViewFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may set; in a change, what is absent stays as it is."""

    name: str | UnsetType = UNSET
    filters: dict[str, list[str]] | UnsetType = UNSET
    q: str | UnsetType = UNSET
    sort: str | UnsetType = UNSET
    columns: list[str] | UnsetType = UNSET
    is_shared: bool | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


class NewSavedView(SavedViewFields, forbid_unknown_fields=True, kw_only=True):
    """A view to be saved; clients may choose its id."""

    list_key: str
    name: str  # pyright: ignore - required here, unlike in a change
    id: UUID | UnsetType = UNSET
