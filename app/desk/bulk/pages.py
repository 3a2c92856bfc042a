"""What the pages of runs show, and in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.area import RecordKind, StateView
from app.core.bulk import BulkAction, BulkField
from app.core.columns import Column
from app.core.lists import Frame, RecordList
from app.desk.approvals.services import ApprovalItem, state_view
from app.desk.bulk import rules
from app.desk.bulk.forms import ActionForm
from app.desk.bulk.models import BulkRun
from app.desk.bulk.queries import ROWS_SPEC, SPEC
from app.desk.bulk.rules import RowResult, RunState
from app.desk.bulk.schemas import RESULT_WORDS, STATE_WORDS, RowItem, RunItem
from app.desk.bulk.services.drafts import Preview
from app.kit.tables import Head

LIST = RecordList(
    key="bulk",
    title="Work on many",
    path="/bulk",
    spec=SPEC,
    columns=(
        Column("title", "What", is_fixed=True),
        Column("state", "State"),
        Column("records", "Records", align="number"),
        Column("done", "Done", align="number"),
        Column("asked", "Asked for", align="number"),
        Column("refused", "Refused", align="number"),
        Column("failed", "Failed", align="number"),
        Column("by", "By"),
        Column("at", "When", "created_at", css="faint"),
    ),
    cells="desk/bulk/_cells.html",
    kind="bulk-run",
)
ROWS = RecordList(
    key="bulk-rows",
    title="Results",
    path="",
    spec=ROWS_SPEC,
    columns=(
        Column("number", "Row", "number", "number"),
        Column("record", "Record", is_fixed=True),
        Column("result", "Result"),
        Column("words", "What happened", align="wide"),
        Column("at", "When", css="faint"),
    ),
    cells="desk/bulk/_result_cells.html",
    kind="bulk-row",
)
RESULT_HEADS = [
    Head("Row", "number"),
    Head("Record"),
    Head("Result"),
    Head("What happened"),
    Head("At (UTC)", "moment"),
]
TONES = {"failed": "act", "refused": "soon", "pending": "soon"}
APPROVAL_HREF = "/approvals/{}"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the list of runs."""

    id: str
    name: str
    item: RunItem
    kind: str
    state: str
    tone: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class RunList:
    """The list page."""

    frame: Frame
    rows: list[RunRow]


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of the action's form, with its menu where it has one."""

    field: BulkField
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ForeseenRow:
    """One of the first rows, and what would become of it."""

    label: str
    href: str
    before: str
    after: str
    refusal: str
    needs_consent: bool


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A run before it starts: the action's form, or what it would do."""

    run: BulkRun
    kind: RecordKind
    action: BulkAction
    back_href: str
    form: ActionForm
    fields: list[ShownField]
    total: int
    answers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    preview: Preview | None = None
    rows: list[ForeseenRow] = field(default_factory=list[ForeseenRow])
    changed: str = ""

    @property
    def records(self) -> str:
        return counted(self.total, self.kind)

    @property
    def refusals(self) -> list[tuple[str, int]]:
        return self.preview.refusals.most_common() if self.preview else []

    @property
    def going(self) -> int:
        """How many would be done, as far as was looked."""
        return self.preview.looked_at - self.preview.refused - self.preview.asked if self.preview else 0

    @property
    def asked(self) -> int:
        """How many would wait for somebody else."""
        return self.preview.asked if self.preview else 0

    @property
    def looked_at(self) -> str:
        """What the figures are about when there are more than were looked at."""
        if self.preview is None or self.preview.is_whole:
            return ""
        return f"Of the first {self.preview.looked_at:,} of {self.total:,}."

    @property
    def start_words(self) -> str:
        return f"{self.action.title}: {self.records}"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One record of a run."""

    id: str
    name: str
    item: RowItem
    href: str
    result: str
    tone: str
    approval_href: str
    approval: str
    """The reference of what was asked for, for those who may see it."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run that was started, with a page of its results."""

    run: BulkRun
    kind: RecordKind
    state: str
    tone: str
    answers: list[tuple[str, str]]
    counts: list[tuple[str, int, str, str]]
    frame: Frame
    rows: list[ResultRow]
    poll_href: str

    @property
    def is_working(self) -> bool:
        return self.run.state in rules.WORKING

    @property
    def can_cancel(self) -> bool:
        return rules.can_move("cancellation", self.run.state)

    @property
    def is_over(self) -> bool:
        return self.run.state in rules.OVER

    @property
    def progress_words(self) -> str:
        return f"{self.run.through:,} of {self.run.total:,}"

    @property
    def retries(self) -> list[tuple[str, str]]:
        """What may be taken up again: the value and the words of the button."""
        if not self.is_over:
            return []
        offered = (
            (RowResult.FAILED, self.run.failed_count, "Try the failed again"),
            (RowResult.REFUSED, self.run.refused_count, "Try the refused again"),
            (RowResult.WAITING, self.run.waiting_count, "Go on with the rest"),
        )
        return [(result.value, f"{words} ({count:,})") for result, count, words in offered if count]

    @property
    def left_words(self) -> str:
        """What a run that was stopped has not come to."""
        if self.run.state is RunState.DONE or not self.is_over:
            return ""
        return f"{self.run.done_count:,} done stays done; {self.run.waiting_count:,} were not reached."


def run_row(item: RunItem, kinds: Mapping[str, RecordKind]) -> RunRow:
    """A line of the list of runs."""
    tone = "act" if item.state == "failed" or item.failed_count else ""
    is_on = item.state in rules.WORKING
    return RunRow(item.id, item.title, item, kinds[item.kind].plural, STATE_WORDS[item.state], tone, is_on)


def draft_page(
    run: BulkRun,
    kind: RecordKind,
    action: BulkAction,
    form: ActionForm,
    options: Mapping[str, Sequence[tuple[str, str]]],
    total: int,
) -> DraftPage:
    """The form of the action."""
    fields = [ShownField(one, options.get(one.name, ())) for one in action.fields]
    back = run.selection.address(kind)
    return DraftPage(run, kind, action, back, form, fields, total, _answers(action, run, options))


def with_preview(page: DraftPage, preview: Preview, changed: str = "") -> DraftPage:
    """The page with what the run would do."""
    rows = [
        ForeseenRow(label, page.kind.address(key), effect.before, effect.after, effect.refusal, effect.needs_consent)
        for key, label, effect in preview.rows
    ]
    return replace(page, preview=preview, rows=rows, total=preview.total, changed=changed)


def run_page(
    run: BulkRun,
    kind: RecordKind,
    action: BulkAction | None,
    options: Mapping[str, Sequence[tuple[str, str]]],
    around: Frame,
    rows: list[RowItem],
    asked: Mapping[str, ApprovalItem],
) -> RunPage:
    """A run at work or over."""
    tone = "act" if run.state is RunState.FAILED else ""
    return RunPage(
        run=run,
        kind=kind,
        state=STATE_WORDS[run.state.value],
        tone=tone,
        answers=_answers(action, run, options) if action else [],
        counts=_counts(run),
        frame=around,
        rows=[result_row(item, kind, asked.get(item.approval_id or "")) for item in rows],
        poll_href=around.canonical,
    )


def result_row(item: RowItem, kind: RecordKind, asked: ApprovalItem | None) -> ResultRow:
    """A line of the results; what was asked for says what has become of it since."""
    state = state_view(asked) if asked else StateView(RESULT_WORDS[item.result], TONES.get(item.result, ""))
    return ResultRow(
        id=item.id,
        name=item.label,
        item=item,
        href=kind.address(item.record_id),
        result=state.words,
        tone=state.tone,
        approval_href=APPROVAL_HREF.format(asked.id) if asked else "",
        approval=asked.reference if asked else "",
    )


def rows_of(run: BulkRun) -> RecordList:
    """The list of a run's results."""
    return replace(ROWS, path=f"/bulk/{run.id}")


def counted(number: int, kind: RecordKind) -> str:
    """`1 vehicle`, `104 vehicles`."""
    return f"{number:,} {(kind.title if number == 1 else kind.plural).lower()}"


def result_cells(item: RowItem) -> list[Any]:
    """A line of the file of results."""
    return [item.number, item.label, RESULT_WORDS[item.result], item.words, item.at or None]


def _counts(run: BulkRun) -> list[tuple[str, int, str, str]]:
    """Label, figure, tone and address of each count."""
    figures = (
        (RowResult.DONE, run.done_count, ""),
        (RowResult.PENDING, run.pending_count, "soon"),
        (RowResult.REFUSED, run.refused_count, "soon"),
        (RowResult.FAILED, run.failed_count, "act"),
        (RowResult.WAITING, run.waiting_count, ""),
    )
    words = RESULT_WORDS | ({"waiting": "To do"} if run.state in rules.WORKING else {})
    return [
        (words[result.value], count, tone if count else "", f"/bulk/{run.id}?result={result.value}")
        for result, count, tone in figures
        if count or result is RowResult.DONE or result is RowResult.REFUSED
    ]


def _answers(
    action: BulkAction, run: BulkRun, options: Mapping[str, Sequence[tuple[str, str]]]
) -> list[tuple[str, str]]:
    """What was asked and answered, in words."""
    given = run.fields or {}
    return [
        (one.title, dict(options.get(one.name, ())).get(given[one.name], given[one.name]))
        for one in action.fields
        if given.get(one.name)
    ]
