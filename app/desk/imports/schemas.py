"""Imports as the list reads them."""

import msgspec

from app.core.values import Id, Maybe, Timestamp

STATE_WORDS = {
    "uploaded": "Columns to map",
    "checking": "Being checked",
    "checked": "To be confirmed",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
}


class RunItem(msgspec.Struct):
    """An import."""

    id: Id
    kind: str
    state: str
    source: str
    file_name: str
    total: int
    created_count: int
    updated_count: int
    unchanged_count: int
    refused_count: int
    created_by: Maybe[Id]
    created_by_name: str
    created_at: Timestamp
