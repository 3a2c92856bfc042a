"""Jobs and held events as their lists read them."""

import msgspec


class JobItem(msgspec.Struct, frozen=True):
    """One piece of background work."""

    id: str
    kind: str
    state: str
    run_at: str
    attempts: int
    max_attempts: int
    progress_done: int
    progress_total: int | None
    note: str
    last_error: str | None
    worker: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class HeldItem(msgspec.Struct, frozen=True):
    """An event that a consumer refused too often; everything after it of the same record waits."""

    consumer: str
    event_id: str
    type: str
    kind: str
    record_id: str
    attempts: int
    reason: str
    quarantined_at: str
    behind_it: int


class WorkerItem(msgspec.Struct, frozen=True):
    """A worker and its last sign of life."""

    name: str
    at: str
    version: str
    running: int


class ScheduleItem(msgspec.Struct, frozen=True):
    """When a kind of job is due next."""

    key: str
    next_run_at: str
    last_queued_at: str | None


class Numbers(msgspec.Struct, frozen=True):
    """Jobs by state, those finished in the last 24 hours, and since when the oldest due one waits."""

    queued: int
    running: int
    dead: int
    done_today: int
    oldest_due_at: str | None
    unnumbered: int
