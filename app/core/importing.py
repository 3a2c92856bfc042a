"""Rows of a file become records: what a kind of record offers for it, and the saving of one batch."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.changes import because
from app.core.db import Database, run_in_unit
from app.core.errors import AppError
from app.core.records import Record
from app.kit.cells import CellField
from app.kit.problems import Problem

BATCH = 200
"""Rows of one transaction."""


class Result(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    """Something of the row waits for somebody's consent; the rest of it is saved."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row with typed values; `key` names it within its source, and the same key is the same record for ever."""

    number: int
    key: str
    fields: Mapping[str, Any]
    source_fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Existing:
    """The record that an earlier import made of a key."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Saved:
    """The record of a row, and whether something of the row waits for somebody's consent."""

    record: Record
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    number: int
    result: Result
    record_id: UUID | None = None
    problems: Sequence[Problem] = field(default_factory=list[Problem])


class Importer(Protocol):
    """What a feature offers so that the desk can import its records without knowing them."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def permission(self) -> str: ...
    @property
    def list_address(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, CellField]: ...

    def address(self, record_id: UUID) -> str: ...

    async def menus(self, session: AsyncSession, actor: Actor) -> Mapping[str, Sequence[tuple[str, str]]]:
        """By field: what may be chosen for a whole file, where that is known from other records alone."""
        ...

    def prepare(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Cells by field name as the fields of the service; everything that can be refused without the database is."""
        ...

    async def find_existing(self, session: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, Existing]: ...

    async def save(
        self, session: AsyncSession, row: ImportRow, existing: Existing | None, *, source: str, actor: Actor
    ) -> Saved:
        """Create or update one record through the feature's service, which raises AppError for what it refuses."""
        ...


KeepOutcomes = Callable[[AsyncSession, list[Outcome]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Import:
    """What all batches of one import share."""

    database: Database
    importer: Importer
    source: str
    file_name: str
    actor: Actor

    async def save(self, rows: Sequence[ImportRow], keep: KeepOutcomes | None = None) -> list[Outcome]:
        """Save a batch in one transaction; `keep` writes down the outcomes in the same one.

        The batch goes without savepoints first; when a row is refused by the database's state, it is repeated with one
        savepoint per row, so that a bad row spoils no other.
        """

        async def work(session: AsyncSession, *, is_careful: bool) -> list[Outcome]:
            outcomes = await self._save_rows(session, rows, is_careful=is_careful)
            if keep is not None:
                await keep(session, outcomes)
            return outcomes

        try:
            return await run_in_unit(self.database, lambda session: work(session, is_careful=False))
        except (AppError, IntegrityError):
            return await run_in_unit(self.database, lambda session: work(session, is_careful=True))

    async def rehearse(self, rows: Sequence[ImportRow]) -> list[Outcome]:
        """What `save` would do, with everything taken back."""
        try:
            async with self.database.session() as session:
                return await self._save_rows(session, rows, is_careful=False)
        except (AppError, IntegrityError):
            async with self.database.session() as session:
                return await self._save_rows(session, rows, is_careful=True)

    async def _save_rows(self, session: AsyncSession, rows: Sequence[ImportRow], *, is_careful: bool) -> list[Outcome]:
        existing = await self.importer.find_existing(session, self.source, [row.key for row in rows])
        if is_careful:
            return [await self._save_or_refuse(session, row, existing.get(row.key)) for row in rows]
        with session.no_autoflush:  # new rows go to the database together
            outcomes = [await self._save_row(session, row, existing.get(row.key)) for row in rows]
        await session.flush()
        return outcomes

    async def _save_row(self, session: AsyncSession, row: ImportRow, existing: Existing | None) -> Outcome:
        with because(f"Imported from {self.file_name}, row {row.number}"):
            saved = await self.importer.save(session, row, existing, source=self.source, actor=self.actor)
        return Outcome(row.number, _result_of(saved, existing), saved.record.id)

    async def _save_or_refuse(self, session: AsyncSession, row: ImportRow, existing: Existing | None) -> Outcome:
        try:
            async with session.begin_nested():
                return await self._save_row(session, row, existing)
        except AppError as refused:
            problems = refused.problems or [Problem("", refused.code, refused.detail or refused.title)]
        except IntegrityError:
            problems = [Problem("", "taken", "Another record with a value that must be unique was saved meanwhile")]
        return Outcome(row.number, Result.REFUSED, problems=problems)


def _result_of(saved: Saved, existing: Existing | None) -> Result:
    if saved.waits:
        return Result.WAITING
    if existing is None:
        return Result.CREATED
    return Result.UPDATED if saved.record.version != existing.version else Result.UNCHANGED
