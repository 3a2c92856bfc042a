"""What can be done with many records of a kind at once, one unit of work per record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.kit.problems import Problem

Options = Callable[[AsyncSession, Actor], Awaitable[Sequence[tuple[str, str]]]]
FieldKind = Literal["text", "long_text", "lines", "percent", "day", "choice"]
MAX_LINES = 20


class Choice(str):
    """A value that was chosen from a list, and what the list calls it."""

    __slots__ = ("words",)

    words: str

    def __new__(cls, value: str, words: str) -> Self:
        made = super().__new__(cls, value)
        made.words = words
        return made


@dataclass(frozen=True, slots=True)
class BulkField:
    """One thing that an action asks, the same for every record."""

    name: str
    title: str
    kind: FieldKind = "text"
    is_required: bool = True
    hint: str = ""
    longest: int = 500
    options: Options | None = None

    def read(self, text: str) -> Any:
        """The typed value of what somebody wrote; None for nothing. Raises ValueError with the reason."""
        given = text.strip()
        if not given:
            if self.is_required:
                raise ValueError(f"{self.title} is missing")
            return [] if self.kind == "lines" else None
        if len(given) > self.longest:
            raise ValueError(f"At most {self.longest:,} characters")
        match self.kind:
            case "lines":
                return _lines(given)
            case "percent":
                return _percent(given)
            case "day":
                return _day(given)
            case _:
                return given


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action would do to a record, as far as its row tells: a value before and after, or why not."""

    before: str = ""
    after: str = ""
    refusal: str = ""
    needs_consent: bool = False
    """Somebody else has to agree first."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did to a record, or the approval that it asked for instead."""

    words: str = ""
    approval_id: UUID | None = None


class Apply(Protocol):
    """Do it to one record through its feature's service, in the caller's transaction. Raises AppError to refuse."""

    async def __call__(
        self, session: AsyncSession, record_id: UUID, values: Mapping[str, Any], actor: Actor, /
    ) -> Done: ...


class Foresee(Protocol):
    """What it would do to a row of the list. Looks at nothing else, so that thousands are foreseen at once."""

    def __call__(self, item: Any, values: Mapping[str, Any], actor: Actor, /) -> Effect: ...


class Check(Protocol):
    """Problems of the values as a whole, or with what only the database knows."""

    async def __call__(self, session: AsyncSession, values: Mapping[str, Any], actor: Actor, /) -> list[Problem]: ...


@dataclass(frozen=True, slots=True)
class BulkAction:
    """One thing that can be done with many records of a kind."""

    key: str
    title: str
    permission: str
    apply: Apply
    foresee: Foresee
    fields: tuple[BulkField, ...] = ()
    check: Check | None = None
    text: str = ""
    """What it does, in a sentence for those who are about to do it."""

    async def read(
        self, session: AsyncSession, raw: Mapping[str, str], actor: Actor
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The typed values and what is wrong with them, by field."""
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for field in self.fields:
            try:
                values[field.name] = field.read(raw.get(field.name, ""))
            except ValueError as error:
                errors[field.name] = str(error)
                continue
            if field.options and values[field.name] is not None:
                known = dict(await field.options(session, actor))
                if values[field.name] in known:
                    values[field.name] = Choice(values[field.name], known[values[field.name]])
                else:
                    errors[field.name] = "Choose one of the list"
        if not errors and self.check:
            for problem in await self.check(session, values, actor):
                errors.setdefault(problem.field, problem.detail)
        return values, errors


def _lines(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > MAX_LINES:
        raise ValueError(f"At most {MAX_LINES} lines")
    return found


def _percent(text: str) -> Decimal:
    try:
        value = Decimal(text.removesuffix("%").strip().replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except InvalidOperation:
        raise ValueError("Enter a number such as 5 or -2.5") from None
    if not value.is_finite():
        raise ValueError("Enter a number such as 5 or -2.5")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("Enter a date such as 2026-06-25") from None
