"""The form that asks for a file."""

from typing import ClassVar
from uuid import UUID

from app.core.errors import MalformedRequest
from app.core.forms import Form
from app.core.selections import MAX_PICKED, Selection
from app.desk.exports.rules import Format
from app.desk.exports.services import Order

MAX_COLUMNS = 100
FILES = {
    "csv": (Format.CSV, False),
    "csv-marked": (Format.CSV, True),
    "xlsx": (Format.XLSX, False),
}
"""The kinds of file; a marked CSV begins with the byte order mark by which spreadsheets know that it is UTF-8."""


class ExportForm(Form):
    """Rows that were ticked, or with `all` the whole list; `file`: the kind, and which columns (`xlsx shown`)."""

    many: ClassVar[frozenset[str]] = frozenset({"id", "column"})

    kind: str = ""
    query: str = ""
    file: str = "csv shown"
    all: bool = False
    id: list[str] = []
    column: list[str] = []

    @property
    def order(self) -> Order:
        """Raises MalformedRequest."""
        name, _, columns = self.file.partition(" ")
        if self.errors or name not in FILES or len(self.id) > MAX_PICKED or len(self.column) > MAX_COLUMNS:
            raise MalformedRequest("Choose the rows and the kind of file.")
        try:
            ids = [] if self.all else [str(UUID(text)) for text in dict.fromkeys(self.id)]
        except ValueError:
            raise MalformedRequest("A selected row has no such id.") from None
        if not ids and not self.all:
            raise MalformedRequest("Select at least one row.")
        file_format, has_mark = FILES[name]
        chosen = [] if columns == "all" else self.column
        return Order(Selection(self.kind, self.query, ids), chosen, file_format, has_mark)
