"""Runs and their rows as the lists read them."""

import msgspec

from app.core.values import Id, Maybe, Timestamp

STATE_WORDS = {
    "draft": "Not started",
    "collecting": "Collecting the records",
    "running": "Running",
    "done": "Done",
    "cancelled": "Cancelled",
    "failed": "Stopped",
}
RESULT_WORDS = {
    "waiting": "Not reached",
    "done": "Done",
    "pending": "Approval asked",
    "refused": "Refused",
    "failed": "Failed",
}


class RunItem(msgspec.Struct):
    """A run."""

    id: Id
    kind: str
    action: str
    title: str
    state: str
    total: int
    done_count: int
    pending_count: int
    refused_count: int
    failed_count: int
    created_by: Id
    created_by_name: str
    created_at: Timestamp


class RowItem(msgspec.Struct):
    """One record of a run."""

    id: Id
    number: int
    record_id: Id
    label: str
    result: str
    words: str
    approval_id: Maybe[Id]
    at: Maybe[Timestamp]
