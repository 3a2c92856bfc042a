"""Exports as the list reads them."""

import msgspec

from app.core.values import Id, Maybe, Timestamp

STATE_WORDS = {
    "streamed": "Sent at once",
    "writing": "Being written",
    "ready": "Ready",
    "failed": "Failed",
    "expired": "Deleted",
}
FORMAT_WORDS = {"csv": "CSV", "xlsx": "Excel"}


class ExportItem(msgspec.Struct):
    """An export."""

    id: Id
    kind: str
    title: str
    format: str
    state: str
    query: str
    total: int
    size_bytes: int
    created_by: Id
    expires_at: Maybe[Timestamp]
    created_at: Timestamp
