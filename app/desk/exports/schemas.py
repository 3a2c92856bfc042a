"""Exports as the list reads them."""

from typing import Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Maybe, Timestamp, timestamp
from app.desk.exports.models import Export

STATE_WORDS = {
    "streamed": "Sent at once",
    "writing": "Being written",
    "ready": "Ready",
    "failed": "Failed",
    "expired": "Deleted",
}
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMAT_WORDS = {"csv": "CSV", "xlsx": "Excel"}


class ExportItem(msgspec.Struct):
    """An export: what was asked of the list, and where its file is."""

    id: Id
    kind: str
    title: str
    format: str
    columns: list[str]
    query: str
    picked: int
    state: str
    total: int
    size_bytes: int
    reason: Maybe[str]
    expires_at: Maybe[Timestamp]
    version: int
    created_at: Timestamp
    state_words: str
    filters: dict[str, list[str]]
    q: str
    sort: str

    def __post_init__(self) -> None:
        self.state_words = STATE_WORDS[self.state]
        self.filters, self.q, self.sort = {}, "", ""
        for name, value in parse_qsl(self.query):
            if name in ("q", "sort"):
                setattr(self, name, value)
            else:
                self.filters.setdefault(name, []).append(value)


class ExportProgress(ExportItem):
    """An export, and how many of its rows are written by now."""

    written: int = 0


class ExportPage(msgspec.Struct):
    """A page of one's own exports."""

    items: list[ExportItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class NewExport(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which rows of which list are wanted, in which columns (all when left out) and as which kind of file.

    `ids` names single rows; else all are meant that filters and text give. `has_mark` lets a CSV begin with the byte
    order mark by which spreadsheets know that it is UTF-8.
    """

    kind: str
    format: Literal["csv", "xlsx"] = "csv"
    filters: dict[str, list[str]] = {}
    q: str = ""
    sort: str = ""
    columns: list[str] = []
    ids: list[UUID] = []
    has_mark: bool = False


def export_item(export: Export, written: int) -> ExportProgress:
    """An export of an open transaction."""
    values: dict[str, Any] = {name: getattr(export, name) for name in ("kind", "title", "columns", "query", "total")}
    return ExportProgress(
        **values,
        id=str(export.id),
        format=export.format.value,
        picked=len(export.ids),
        state=export.state.value,
        size_bytes=export.size_bytes,
        reason=UNSET if export.reason is None else export.reason,
        expires_at=UNSET if export.expires_at is None else timestamp(export.expires_at),
        version=export.version,
        created_at=timestamp(export.created_at),
        state_words="",
        filters={},
        q="",
        sort="",
        written=written,
    )
