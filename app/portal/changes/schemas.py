"""Changes in the JSON API."""

from typing import Any, Literal

import msgspec

from app.core.values import Id, Maybe


class ChangeItem(msgspec.Struct):
    """What became of one record: `upsert` with the record as its own resource shows it, or `delete`.

    `delete` also says that a record is no longer in one's scope. A record may be told of more often than it changed.
    """

    kind: str
    id: Id
    version: int
    change: Literal["upsert", "delete"]
    record: Maybe[dict[str, Any]]


class ChangePage(msgspec.Struct):
    """Changes in the order in which they were committed. `next_cursor` is for the next request, now or later."""

    items: list[ChangeItem]
    next_cursor: str
    has_more: bool
