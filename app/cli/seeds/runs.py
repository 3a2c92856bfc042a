"""What the demo's people did with many records in the last days, and the lists that they took along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from app.desk.bulk.models import BulkRow, BulkRun
from app.desk.bulk.rules import RowResult, RunState
from app.desk.exports.models import Export
from app.desk.exports.rules import ExportState, Format

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.db import Database

ROLES: Final = ("fleet_clerk", "fleet_manager")
ROWS: Final = 12
RUNS: Final[tuple[tuple[Any, ...], ...]] = (
    (5, "block", "Block: vehicles", {"reason": "Recall of the front airbag"}, RunState.DONE, "Blocked", 2),
    (29, "transfer", "Transfer: vehicles", {"to_location": "TLL", "reason": "Fair"}, RunState.DONE, "In transit", 1),
    (53, "reprice", "Change price: vehicles", {"percent": "4"}, RunState.DONE, "Price changed", 0),
    (101, "block_removal", "End the block: vehicles", {}, RunState.CANCELLED, "In service", 0),
)  # fmt: skip
"""Hours ago, action, title, what was answered, how it ended, what happened to a record, how many were refused."""
FILES: Final[tuple[tuple[Any, ...], ...]] = (
    (3, "vehicle", "Vehicles", Format.XLSX, "state=blocked&sort=plate", 118, 0, ExportState.STREAMED),
    (27, "vehicle", "Vehicles", Format.CSV, "make=Fiat&sort=-updated_at", 214, 0, ExportState.STREAMED),
    (75, "vehicle", "Vehicles", Format.CSV, "sort=-updated_at", 20_480, 4_212_000, ExportState.EXPIRED),
)
"""Hours ago, kind, title, format, filters, rows, bytes, state."""


async def load_runs(database: Database, people: Sequence[Person], present: datetime) -> None:
    """Write them beside the demo's vehicles, for those who work with the fleet."""
    found = await database.reads.fetch(f"SELECT id, plate, make, model FROM vehicle ORDER BY plate LIMIT {ROWS}")  # noqa: S608
    cars = [(UUID(str(row[0])), " ".join(str(part) for part in row[1:] if part)) for row in found]
    makers = [person for person in people if person.role in ROLES and person.market is None]
    async with database.unit() as session:
        for person in makers:
            session.add_all(_file(person, present, *each) for each in FILES)
            for hours, action, title, fields, state, words, refused in RUNS:
                run = _run(person, present - timedelta(hours=hours), action, title, fields, state, refused)
                session.add(run)
                await session.flush()
                session.add_all(_rows(run, cars, words, refused))


def _run(
    person: Person, at: datetime, action: str, title: str, fields: dict[str, str], state: RunState, refused: int
) -> BulkRun:
    is_whole = state is RunState.DONE
    return BulkRun(
        created_at=at,
        updated_at=at,
        kind="vehicle",
        action=action,
        title=title,
        state=state,
        query="sort=plate",
        fields=fields,
        total=ROWS,
        done_count=(ROWS if is_whole else ROWS // 2) - refused,
        refused_count=refused,
        created_by=UUID(person.id),
        created_by_name=person.name,
        finished_at=at + timedelta(seconds=40),
    )


def _rows(run: BulkRun, cars: Sequence[tuple[UUID, str]], words: str, refused: int) -> list[BulkRow]:
    through, made = run.through, list[BulkRow]()
    for number, (car, label) in enumerate(cars, 1):
        result = RowResult.WAITING if number > through else RowResult.DONE
        if number <= refused:
            result = RowResult.REFUSED
        said = {RowResult.DONE: words, RowResult.REFUSED: "The vehicle is on hire.", RowResult.WAITING: ""}[result]
        made.append(
            BulkRow(
                run_id=run.id,
                number=number,
                record_id=car,
                label=label,
                result=result,
                words=said,
                at=run.created_at + timedelta(seconds=3 * number) if said else None,
            )
        )
    return made


def _file(
    person: Person, present: datetime, hours: int, kind: str, title: str, form: Format, query: str, rows: int,
    size: int, state: ExportState,
) -> Export:  # fmt: skip
    at = present - timedelta(hours=hours)
    return Export(
        created_at=at,
        updated_at=at,
        kind=kind,
        title=title,
        format=form,
        query=query,
        state=state,
        total=rows,
        size_bytes=size,
        created_by=UUID(person.id),
        created_by_name=person.name,
        expires_at=at + timedelta(hours=24) if size else None,
    )
