"""What can be done with imports: check rows, save them in batches, and lead a file through its states."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from app.core import clock
from app.core.changes import record
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.importing import BATCH, Import, Importer, ImportRow, Outcome, Result
from app.desk.imports import adapters, rules
from app.desk.imports.models import ImportRun
from app.desk.imports.rules import ColumnMapping, RunState
from app.kit.cells import shown
from app.kit.numbers_in_text import MASKS, WORDS, find_card
from app.kit.sheets import Row

HeardProgress = Callable[[int], None]
LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is refused: the column as its owner calls it ("" for the row as a whole) and the reason."""

    column: str
    reason: str

    @property
    def words(self) -> str:
        return f"{self.column}: {self.reason}" if self.column else self.reason


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that was read by its mapping; `row` is None when it is refused already."""

    number: int
    key: str
    cells: Mapping[str, str]
    columns: Mapping[str, str]
    row: ImportRow | None
    refusals: Sequence[Refusal]


@dataclass(slots=True)
class RowOutcome:
    """What became of a checked row."""

    checked: CheckedRow
    result: Result
    record_id: Any = None
    refusals: Sequence[Refusal] = ()


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    total: int = 0
    counts: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    refused: list[RowOutcome] = field(default_factory=list[RowOutcome])
    seconds: float = 0.0

    def add(self, outcomes: Iterable[RowOutcome]) -> None:
        """Count a batch in."""
        for outcome in outcomes:
            self.total += 1
            self.counts[outcome.result] += 1
            if outcome.result is Result.REFUSED:
                self.refused.append(outcome)


def check_row(mapping: ColumnMapping, importer: Importer, row: Row, seen: dict[str, int]) -> CheckedRow:
    """Read one row and refuse what can be refused without the database; `seen` holds the first row of each key.

    A cell with a card number is forgotten at once: not even the refused row keeps it.
    """
    cards = [column for column, text in row.cells.items() if column not in mapping.secret and _is_card(text)]
    kept = rules.without_secrets(mapping, row.cells | dict.fromkeys(cards, MASKS["card"]))
    row = Row(row.number, row.cells | dict.fromkeys(cards, ""))
    mapped = rules.map_row(mapping, row.number, row.cells)
    fields, problems = importer.prepare(mapped.cells)
    refusals = [Refusal(column, WORDS["card"]) for column in cards]
    refusals += [
        Refusal(column, _with_value(problem.detail, row.cells.get(column)))
        for problem in (*mapped.problems, *problems)
        for column in [rules.column_of(problem, mapped.columns, importer.fields)]
        if column not in cards
    ]
    first = seen.setdefault(mapped.key, row.number)
    if first != row.number and mapped.key:
        column = "" if mapping.row_key == rules.ROW_NUMBER else mapping.row_key
        refusals.append(Refusal(column, f"The same key as row {first}: {shown(mapped.key)}"))
    accepted = None if refusals else ImportRow(row.number, mapped.key, fields, mapped.source_fields)
    return CheckedRow(row.number, mapped.key, kept, mapped.columns, accepted, refusals)


async def save_rows(
    work: Import,
    checked: Sequence[CheckedRow],
    *,
    is_rehearsal: bool,
    keep: Callable[[AsyncSession, list[RowOutcome]], Awaitable[None]] | None = None,
) -> list[RowOutcome]:
    """Save one batch, or find out what saving would do; `keep` writes the outcomes down in the same transaction."""

    def outcomes_of(saved: Sequence[Outcome]) -> list[RowOutcome]:
        by_number = {outcome.number: outcome for outcome in saved}
        return [_row_outcome(row, by_number.get(row.number), work.importer) for row in checked]

    async def keep_all(session: AsyncSession, saved: list[Outcome]) -> None:
        if keep is not None:
            await keep(session, outcomes_of(saved))

    accepted = [row.row for row in checked if row.row is not None]
    if not is_rehearsal:
        return outcomes_of(await work.save(accepted, keep_all))
    outcomes = outcomes_of(await work.rehearse(accepted))
    if keep is not None:
        await run_in_unit(work.database, lambda session: keep(session, outcomes))
    return outcomes


async def import_file(
    work: Import, mapping: ColumnMapping, path: Path, *, is_rehearsal: bool, heard: HeardProgress
) -> Report:
    """Import a whole file batch by batch, without staging it."""
    report, began = Report(), time.monotonic()
    async for outcomes in _outcomes(work, mapping, adapters.open_sheet(path).rows, is_rehearsal=is_rehearsal):
        report.add(outcomes)
        heard(report.total)
    report.seconds = time.monotonic() - began
    return report


async def _outcomes(
    work: Import, mapping: ColumnMapping, rows: Iterator[Row], *, is_rehearsal: bool
) -> AsyncIterator[list[RowOutcome]]:
    seen: dict[str, int] = {}
    while batch := [check_row(mapping, work.importer, row, seen) for row in islice(rows, BATCH)]:
        yield await save_rows(work, batch, is_rehearsal=is_rehearsal)


def choose_mapping(importer: Importer, headers: Sequence[str], given: Path | None) -> tuple[str, ColumnMapping]:
    """The mapping to use and where it comes from. Raises MappingError with one sentence."""
    if given is not None:
        mapping = adapters.read_mapping(given)
        where = given.name
        if mapping.kind != importer.key:
            raise rules.MappingError(f"{where} is for {mapping.kind}, not for {importer.key}.")
    else:
        known = adapters.find_known_mapping(importer.key, headers)
        if known is None:
            raise rules.MappingError(
                f"No known mapping of {importer.key} has these headers: {', '.join(headers)}. "
                "Write one (docs/mappings has examples) and name it with --mapping."
            )
        name, mapping = known
        where = f"{name}.toml"
    problems = rules.problems_of(mapping, importer.fields, headers, where)
    if problems:
        raise rules.MappingError(problems[0])
    return where, mapping


async def record_finished_import(
    database: Database, work: Import, mapping: ColumnMapping, headers: Sequence[str], report: Report
) -> None:
    """Leave a finished import on the list, though it was not staged."""
    run = ImportRun(
        kind=work.importer.key,
        state=RunState.DONE,
        source=work.source,
        file_name=work.file_name[:LONGEST_FILE_NAME],
        headers=list(headers),
        header_key=rules.header_key(headers),
        mapping=replace(mapping, headers=tuple(headers)).to_json(),
        total=report.total,
        created_by=work.actor.id,
        created_by_name=work.actor.name,
        finished_at=clock.now(),
    )
    run.count(report.counts)

    async def keep(session: AsyncSession) -> None:
        session.add(run)
        await record(session, "import.finished", run, actor=work.actor, facts=counts_of(run))

    await run_in_unit(database, keep)


def counts_of(run: ImportRun) -> dict[str, Any]:
    """The figures of a run for the audit trail."""
    return {"file": run.file_name, **{result.value: count for result, count in run.counts.items()}}


def _row_outcome(checked: CheckedRow, saved: Outcome | None, importer: Importer) -> RowOutcome:
    if saved is None:
        return RowOutcome(checked, Result.REFUSED, refusals=checked.refusals)
    refusals = [
        Refusal(column, _with_value(problem.detail, checked.cells.get(column)))
        for problem in saved.problems
        for column in [rules.column_of(problem, checked.columns, importer.fields)]
    ]
    return RowOutcome(checked, saved.result, saved.record_id, refusals)


def _is_card(text: str) -> bool:
    """Also one that an earlier check has forgotten."""
    return text == MASKS["card"] or find_card(text)


def _with_value(detail: str, text: str | None) -> str:
    is_told = text is None or detail.endswith(f": {shown(text)}") or f"{shown(text)!r}" in detail
    return detail if is_told or not text else f"{detail} (the cell says {shown(text)})"
