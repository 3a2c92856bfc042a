"""What the page of background work shows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core import clock
from app.core.area import JobKind, RecordKind, Tile, Waiting
from app.core.columns import Column
from app.core.filters import age, number, to_datetime
from app.core.jobs.models import Job, JobState
from app.core.lists import Frame, RecordList
from app.core.worker import HOUSEKEEPING, REINDEX
from app.desk.audit_trail.services import TimelineEntry
from app.desk.jobs.queries import COUNT_CAP, SPEC, STATE_WORDS
from app.desk.jobs.schemas import HeldItem, JobItem, Numbers, ScheduleItem, WorkerItem
from app.desk.jobs.services import Lag, Trouble

PATH = "/jobs"
LIST = RecordList(
    key="jobs",
    title="Jobs",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("work", "Work", is_fixed=True),
        Column("state", "State"),
        Column("attempts", "Attempts", align="number"),
        Column("progress", "Progress or error", align="wide"),
        Column("queued", "Queued", "created_at"),
        Column("due", "Due", "run_at"),
        Column("finished", "Finished", "finished_at"),
        Column("moves", ""),
    ),
    cells="desk/jobs/_cells.html",
    kind="job",
)
VIEWS = (
    ("All", {}),
    ("Dead", {"state": "dead"}),
    ("Running", {"state": "running"}),
    ("Queued", {"state": "queued"}),
    ("Done", {"state": "done"}),
    ("Cancelled", {"state": "cancelled"}),
)
TITLES = {HOUSEKEEPING.key: HOUSEKEEPING.title, REINDEX: "Build a search index"}
CONSUMER_WORDS = {"search": "Search index"}
TONES = {JobState.DEAD.value: "act"}
QUIET_WORKER = timedelta(seconds=20)
LATE = timedelta(seconds=30)
DEAD_ORDER = -1e6
"""Dead work stands before documents that are due soon and after those long over."""


@dataclass(frozen=True, slots=True)
class Row:
    """One job in a list."""

    id: str
    title: str
    state: str
    tone: str
    is_on: bool
    progress: str
    done: int
    total: int
    attempts: str
    error: str
    queued_at: str
    run_at: str
    finished_at: str | None
    is_due_later: bool
    can_retry: bool
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class Consumer:
    """How far one consumer of events is."""

    title: str
    behind: str
    since: str | None
    waiting: str
    quarantined: str
    tone: str


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker and whether it still beats."""

    name: str
    at: str
    version: str
    running: int
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """Work that comes back."""

    title: str
    every: str
    next_run_at: str
    last_queued_at: str | None
    tone: str


@dataclass(frozen=True, slots=True)
class Held:
    """An event in quarantine."""

    event_id: str
    consumer: str
    consumer_title: str
    type: str
    href: str
    record: str
    reason: str
    attempts: int
    behind_it: int
    at: str


@dataclass(frozen=True, slots=True)
class Live:
    """What is looked at again every two seconds."""

    tiles: list[Tile]
    running: list[Row]
    consumers: list[Consumer]
    workers: list[Worker]


@dataclass(frozen=True, slots=True)
class LivePage:
    """The live part alone."""

    live: Live


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Everything about background work."""

    live: Live
    frame: Frame
    rows: list[Row]
    held: list[Held]
    schedules: list[Schedule]
    can_change: bool


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job."""

    job: Job
    row: Row
    payload: str
    result: str
    timeline: list[TimelineEntry]


def titles(kinds: Sequence[JobKind]) -> dict[str, str]:
    """Kinds of jobs in words."""
    return TITLES | {kind.key: kind.title for kind in kinds}


def row(item: JobItem | Job, names: Mapping[str, str], *, may_change: bool) -> Row:
    """One job; those who may change it get what its state allows."""
    total = item.progress_total or 0
    progress = f"{number(item.progress_done)} of {number(total)}" if total else number(item.progress_done or None)
    state = JobState(item.state)
    return Row(
        id=str(item.id),
        title=names.get(item.kind, item.kind),
        state=STATE_WORDS[state],
        tone=TONES.get(state, ""),
        is_on=state is JobState.RUNNING,
        progress=" ".join(part for part in (progress, item.note) if part),
        done=min(item.progress_done, total),
        total=total,
        attempts=f"{item.attempts} of {item.max_attempts}",
        error=(item.last_error or "").strip(),
        queued_at=str(item.created_at),
        run_at=str(item.run_at),
        finished_at=str(item.finished_at) if item.finished_at else None,
        is_due_later=state is JobState.QUEUED,
        can_retry=may_change and state in {JobState.DEAD, JobState.CANCELLED},
        can_cancel=may_change and state in {JobState.QUEUED, JobState.RUNNING},
    )


def live(numbers: Numbers, running: list[Row], lags: Sequence[Lag], workers: Sequence[WorkerItem]) -> Live:
    """The numbers, what runs, and who works."""
    held = sum(lag.state.quarantined for lag in lags)
    waits = f"the oldest since {age(to_datetime(numbers.oldest_due_at))}" if numbers.oldest_due_at else "none is due"
    is_late = numbers.oldest_due_at is not None and clock.now() - to_datetime(numbers.oldest_due_at) > LATE
    return Live(
        tiles=[
            Tile("Dead", f"{PATH}?state=dead", _count(numbers.dead), "gave up", "act" if numbers.dead else ""),
            Tile("Held events", f"{PATH}#held", _count(held), "in quarantine", "act" if held else ""),
            Tile(
                "Queued", f"{PATH}?state=queued&sort=run_at", _count(numbers.queued), waits, "soon" if is_late else ""
            ),
            Tile("Running", f"{PATH}?state=running", _count(numbers.running), _many(len(workers), "worker")),
            Tile("Done", f"{PATH}?state=done&sort=-finished_at", _count(numbers.done_today), "in the last 24 h"),
            Tile("Not yet relayed", "", _count(numbers.unnumbered), "events without a position"),
        ],
        running=running,
        consumers=[_consumer(lag) for lag in lags],
        workers=[
            Worker(item.name, item.at, item.version, item.running, clock.now() - to_datetime(item.at) > QUIET_WORKER)
            for item in workers
        ],
    )


def schedules(items: Sequence[ScheduleItem], kinds: Sequence[JobKind], names: Mapping[str, str]) -> list[Schedule]:
    """Schedules in words; one that is overdue is shown as such."""
    every = {kind.key: kind.every for kind in (*kinds, HOUSEKEEPING) if kind.every}
    return [
        Schedule(
            names.get(item.key, item.key),
            f"every {_span(every[item.key])}" if item.key in every else "no longer scheduled",
            item.next_run_at,
            item.last_queued_at,
            "soon" if item.key in every and clock.now() - to_datetime(item.next_run_at) > LATE else "",
        )
        for item in items
    ]


def held(items: Sequence[HeldItem], kinds: Mapping[str, RecordKind]) -> list[Held]:
    """Events in quarantine with links to their records."""
    return [
        Held(
            item.event_id,
            item.consumer,
            CONSUMER_WORDS.get(item.consumer, item.consumer),
            item.type,
            kinds[item.kind].address(item.record_id) if item.kind in kinds else "",
            f"{kinds[item.kind].title if item.kind in kinds else item.kind} {item.record_id[-12:]}",
            item.reason,
            item.attempts,
            item.behind_it,
            item.quarantined_at,
        )
        for item in items
    ]


def home_tiles(found: Trouble) -> list[Tile]:
    """Failed work on the home page of engineers."""
    done = f"{_count(found.numbers.done_today)} done in the last 24 h"
    return [
        Tile("Dead jobs", f"{PATH}?state=dead", _count(found.numbers.dead), done, "act" if found.numbers.dead else ""),
        Tile("Held events", f"{PATH}#held", _count(found.held), "in quarantine", "act" if found.held else ""),
    ]


def home_waiting(found: Trouble) -> list[Waiting]:
    """Dead jobs on the home page of engineers."""
    return [
        Waiting(
            due=f"gave up {age(to_datetime(at))}",
            tone="act",
            text=f"{TITLES.get(kind, kind)}: {first_line(error)}",
            href=f"{PATH}/{job_id}",
            kind="Job",
            reference=job_id[-12:],
            order=DEAD_ORDER,
        )
        for job_id, kind, error, at in found.dead
    ]


def first_line(error: str) -> str:
    """What went wrong in one line."""
    return next(iter(error.strip().splitlines()), "failed")[:160]


def pretty(value: Any) -> str:
    """JSON as it is read."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) if value else ""


def _consumer(lag: Lag) -> Consumer:
    state = lag.state
    is_late = lag.since is not None and clock.now() - to_datetime(lag.since) > LATE
    return Consumer(
        CONSUMER_WORDS.get(state.name, state.name),
        number(state.behind),
        lag.since,
        number(state.waiting),
        number(state.quarantined),
        "act" if state.quarantined else ("soon" if is_late else ""),
    )


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _count(value: int) -> str:
    return f"{number(COUNT_CAP)}+" if value >= COUNT_CAP else number(value)


def _span(every: timedelta) -> str:
    seconds = int(every.total_seconds())
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds >= size:
            many = seconds // size
            return word if many == 1 else _many(many, word)
    return f"{seconds} seconds"
