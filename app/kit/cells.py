"""Text of a cell as a typed value: numbers, dates, facts, choices and money as people and programs write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from app.kit.money import Money, MoneyError
from app.kit.problems import Problem

CellKind = Literal["text", "whole", "decimal", "fact", "day", "choice", "slugs", "amount", "currency"]

TRUE = frozenset({"true", "yes", "y", "1", "on", "x"})
FALSE = frozenset({"false", "no", "n", "0", "off", ""})
LONGEST_SHOWN = 40

_SPACES = re.compile(r"[\s'\u00a0\u202f]")
_PLAIN = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", re.ASCII)
_COMMA_FRACTION = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_NOT_SLUG = re.compile(r"[^a-z0-9]+", re.ASCII)


class CellError(ValueError):
    """A text that is no value of its kind; the message says what it is not."""


@dataclass(frozen=True, slots=True)
class CellField:
    """A field that a column can fill: its dotted name, how it is read, and the record's field it ends in.

    Money is two fields, `NAME.amount` and `NAME.currency`. A field in another unit names its `target`.
    """

    name: str
    title: str
    kind: CellKind = "text"
    target: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    is_constant: bool = False
    """Often the same for a whole file, so offered beside the columns."""

    @property
    def record_field(self) -> str:
        """The name under which the record's rules speak of it."""
        return self.target or (self.name.rpartition(".")[0] if self.kind in ("amount", "currency") else self.name)


def slug(text: str) -> str:
    """`Winter tyres` as `winter_tyres`."""
    return _NOT_SLUG.sub("_", text.strip().lower()).strip("_")


def read_decimal(text: str) -> Decimal:
    """`1204.5`, `1,204.50`, `1.204,50` and `1 204,5`. A comma before exactly three digits groups them."""
    bare = _SPACES.sub("", text)
    if _COMMA_GROUPS.fullmatch(bare):
        bare = bare.replace(",", "")
    elif "," in bare and _DOT_GROUPS.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _COMMA_FRACTION.fullmatch(bare):
        bare = bare.replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        raise CellError("Not a number")
    return Decimal(bare)


def read_whole(text: str) -> int:
    """A whole number; `100.0` is one too."""
    value = read_decimal(text)
    if value != value.to_integral_value():
        raise CellError("Not a whole number")
    return int(value)


def read_fact(text: str) -> bool:
    """Yes or no, as `True`, `yes`, `1`, `x` or their opposites."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise CellError("Not yes or no")


def read_day(text: str) -> date:
    """`2026-06-25`, with or without a time, or `25.06.2026`."""
    try:
        if day_first := _DAY_FIRST.fullmatch(text.strip()):
            day, month, year = (int(part) for part in day_first.groups())
            return date(year, month, day)
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        raise CellError("Not a date such as 2026-06-25") from None


def read_choice(text: str, choices: Iterable[tuple[str, str]]) -> str:
    """The value whose name or words are written here, in whatever case; what is unknown is left to the rules."""
    wanted = slug(text)
    return next((value for value, words in choices if wanted in {slug(value), slug(words)}), text.strip())


def read_slugs(text: str) -> list[str]:
    """`Navigation, winter tyres` as a list of slugs."""
    return [part for part in dict.fromkeys(slug(part) for part in re.split(r"[,;|]", text)) if part]


def read_cell(text: str, field: CellField) -> Any:
    """The value of a cell for its field. Raises CellError."""
    if field.kind == "choice":
        return read_choice(text, field.choices)
    return _READERS[field.kind](text)


def read_cells(cells: Mapping[str, str], fields: Mapping[str, CellField]) -> tuple[dict[str, Any], list[Problem]]:
    """Cells by field name as typed values, dotted names nested and money put together; each problem names its field."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in cells.items():
        field = fields[name]
        if field.kind == "currency":
            continue
        try:
            value = read_cell(text, field)
            if field.kind == "amount":
                name = field.record_field  # noqa: PLW2901 - the amount stands for the whole
                value = _money(value, cells.get(f"{name}.currency", "").strip().upper())
        except (CellError, MoneyError) as error:
            problems.append(Problem(field.name, "malformed", f"{error}: {shown(text)}"))
        else:
            place(values, name, value)
    return values, problems


def place(values: dict[str, Any], name: str, value: Any) -> None:
    """Put a value under its dotted name."""
    *groups, last = name.split(".")
    for group in groups:
        values = values.setdefault(group, {})
    values[last] = value


def shown(text: str) -> str:
    """A cell's text in a message."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _money(amount: Decimal, currency: str) -> Money:
    if not currency:
        raise CellError("Without a currency")
    return Money.parse(format(amount, "f"), currency)


_READERS: dict[str, Callable[[str], Any]] = {
    "text": str.strip,
    "whole": read_whole,
    "decimal": read_decimal,
    "amount": read_decimal,
    "fact": read_fact,
    "day": read_day,
    "slugs": read_slugs,
}
