"""How the rows of a kind's list leave in a file: which columns, and what each cell holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from app.core.actor import Actor
from app.core.listing import ListSpec
from app.core.reads import ListRead, Query
from app.core.values import UNSET, MoneyValue
from app.kit.money import exponent
from app.kit.tables import Cell, Head

ColumnKind = Literal["text", "number", "money", "day", "moment", "fact", "words"]


@dataclass(frozen=True, slots=True)
class FileColumn:
    """One column of the file: the attribute of the list's struct it shows, or how its value is made.

    Money fills two columns, the amount and its currency; `words` names the values of a choice. `shown_as` is the key
    of the column of the list page that shows the same, by which a person's choice of columns is followed.
    """

    name: str
    title: str
    kind: ColumnKind = "text"
    shown_as: str = ""
    value: Callable[[Any], Any] | None = None
    words: Mapping[str, str] | None = None

    @property
    def heads(self) -> list[Head]:
        match self.kind:
            case "money":
                return [Head(self.title, "number"), Head(f"{self.title}: currency", "text")]
            case "moment":
                return [Head(f"{self.title} (UTC)", "moment")]
            case "day":
                return [Head(self.title, "day")]
            case "number":
                return [Head(self.title, "number")]
            case _:
                return [Head(self.title, "text")]

    def cells(self, item: Any) -> list[Cell]:
        """The values of one row."""
        found = self.value(item) if self.value else getattr(item, self.name)
        return list(_cells(self, None if found is UNSET else found))


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a kind's list, so that the desk can walk them: to export them, or to do something with many."""

    reads: ListRead[Any]
    spec: ListSpec
    label: Callable[[Any], str]
    """What people call a row."""
    columns: Sequence[FileColumn]
    reader: Callable[[Actor], Actor] = lambda actor: actor
    """As whom the list reads, where its scope is more than markets and branches."""
    narrow: Callable[[Query, Actor], Query] = lambda query, actor: query  # noqa: ARG005
    """What of a question this person may see, where that is more than their scope; the search engine has its grants."""

    def chosen(self, keys: Sequence[str]) -> list[FileColumn]:
        """The columns that a person chose for the list, in their order; all when none of them has a column here."""
        found = [column for key in keys for column in self.columns if (column.shown_as or column.name) == key]
        return found or list(self.columns)

    def heads(self, columns: Sequence[FileColumn] | None = None) -> list[Head]:
        return [head for column in columns or self.columns for head in column.heads]

    def cells(self, item: Any, columns: Sequence[FileColumn] | None = None) -> list[Cell]:
        return [cell for column in columns or self.columns for cell in column.cells(item)]


def _cells(column: FileColumn, value: Any) -> Sequence[Cell]:  # noqa: PLR0911 - one line per kind
    if column.kind == "money":
        return _money_cells(value)
    if value is None:
        return [None]
    match column.kind:
        case "words":
            return [(column.words or {}).get(str(value), str(value))]
        case "fact":
            return ["yes" if value else "no"]
        case "day":
            return [date.fromisoformat(value) if isinstance(value, str) else value]
        case "moment":
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
            return [at.astimezone(UTC)]
        case "number":
            return [value if isinstance(value, int | Decimal) else Decimal(str(value))]
        case _:
            return [", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)]


def _money_cells(value: MoneyValue | None) -> Sequence[Cell]:
    if not value:
        return [None, None]
    return [Decimal(value.amount).quantize(Decimal(1).scaleb(-exponent(value.currency))), value.currency]
