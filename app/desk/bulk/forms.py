"""The forms of runs: which rows, and what the action asks."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self
from uuid import UUID

from app.core.bulk import BulkAction
from app.core.errors import MalformedRequest
from app.core.forms import Form
from app.core.selections import MAX_PICKED, Selection


class SelectionForm(Form):
    """Rows that were ticked in a list, or with `all` every row that the list's address gives."""

    many: ClassVar[frozenset[str]] = frozenset({"id"})

    kind: str = ""
    action: str = ""
    query: str = ""
    all: bool = False
    id: list[str] = []

    @property
    def selection(self) -> Selection:
        """What was meant. Raises MalformedRequest."""
        if self.errors or len(self.id) > MAX_PICKED:
            raise MalformedRequest(f"Select at most {MAX_PICKED} rows, or all that match.")
        if self.all:
            return Selection(self.kind, self.query)
        try:
            ids = [str(UUID(text)) for text in dict.fromkeys(self.id)]
        except ValueError:
            raise MalformedRequest("A selected row has no such id.") from None
        return Selection(self.kind, self.query, ids)


class StartForm(Form):
    """How many records somebody saw when they said yes."""

    count: int = 0


class RetryForm(Form):
    """Which results are to be taken up again."""

    result: str = ""


class ActionForm(Form):
    """The fields of an action, as they were typed."""

    @classmethod
    def of_action(cls, action: BulkAction, raw: Mapping[str, str]) -> Self:
        """The form with what was answered before."""
        return cls.of({field.name: raw.get(field.name, "") for field in action.fields})

    def given(self, names: Sequence[str]) -> dict[str, str]:
        return {name: self.text(name) for name in names}
