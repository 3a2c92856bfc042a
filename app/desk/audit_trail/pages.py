"""What the auditor's page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.columns import Column
from app.core.listing import ListQuery
from app.core.lists import Frame, RecordList
from app.desk.audit_trail.queries import SPEC
from app.desk.audit_trail.schemas import AuditItem
from app.desk.audit_trail.services import action_in_words, in_words

PATH = "/audit"
LIST = RecordList(
    key="audit",
    title="Audit trail",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("at", "When", "at"),
        Column("who", "Who"),
        Column("what", "What"),
        Column("record", "Record"),
        Column("changes", "Before and after"),
    ),
)
DATES = ("at_after", "at_before")
SHOWN_CHANGES = 3
PERIODS = (("Today", 0), ("Last 7 days", 6), ("Last 30 days", 29))

Change = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """The record that an entry is about, as far as the reader may see it; without an address there is no page."""

    kind: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry; changes beyond the first few fold away."""

    id: str
    at: str
    who: str
    who_href: str
    text: str
    action: str
    why: str
    subject: Subject
    subject_href: str
    changes: list[Change]
    more_changes: list[Change]
    request_href: str


@dataclass(frozen=True, slots=True)
class Period:
    """A preset of the date menu."""

    label: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The list with its filters."""

    frame: Frame
    rows: list[Row]
    periods: list[Period]
    after: str
    before: str
    dates: str
    record: str
    request: str
    hidden: list[tuple[str, str]]


def trail(frame: Frame, asked: ListQuery, rows: list[Row], today: date) -> AuditTrail:
    """The page; dates and ids have inputs of their own in the filter form."""
    after, before, record, request = (
        next(iter(asked.chosen.get(name, ())), "") for name in (*DATES, "record", "request")
    )
    return AuditTrail(
        frame=frame,
        rows=rows,
        periods=[_period(label, today - timedelta(days=days), asked) for label, days in PERIODS],
        after=after,
        before=before,
        dates=" to ".join(part for part in (after, before) if part),
        record=record,
        request=request,
        hidden=[pair for pair in frame.hidden if pair[0] not in {*DATES, "record", "request"}],
    )


def row(item: AuditItem, subject: Subject, labels: Mapping[str, str]) -> Row:
    """An entry as its row shows it."""
    words = in_words(item, labels)
    return Row(
        id=item.id,
        at=item.at,
        who=item.actor_name,
        who_href=f"{PATH}?actor={item.actor_id}" if item.actor_id else "",
        text=words.text,
        action=item.action,
        why=words.why,
        subject=subject,
        subject_href=f"{PATH}?kind={item.subject_kind}&record={item.subject_id}",
        changes=words.changes[:SHOWN_CHANGES],
        more_changes=words.changes[SHOWN_CHANGES:],
        request_href=f"{PATH}?request={item.request_id}" if item.request_id else "",
    )


def action_labels(actions: Sequence[str], kinds: Mapping[str, str]) -> dict[str, str]:
    """Actions with the kind they belong to: `Vehicle: block removed`."""
    labels: dict[str, str] = {}
    for action in actions:
        kind = action.partition(".")[0]
        labels[action] = f"{kinds.get(kind, kind.replace('_', ' ').capitalize())}: {action_in_words(action).lower()}"
    return labels


def _period(label: str, start: date, asked: ListQuery) -> Period:
    is_chosen = list(asked.chosen.get("at_after", ())) == [start.isoformat()] and not asked.chosen.get("at_before")
    return Period(label, asked.address(PATH, at_after=start.isoformat(), at_before=""), is_chosen)
