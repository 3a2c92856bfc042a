"""The form of a list's columns."""

from typing import ClassVar, Literal

from pydantic import Field

from app.core.forms import Form
from app.desk.preferences.rules import DEFAULT_PAGE_SIZE, STEPS, Density, moved


class LayoutForm(Form):
    """Columns in their order and which are shown, density and page size. `do` is the button: save, show, standard,
    or `up:KEY` and `down:KEY`, which only move a column in the form.
    """

    many: ClassVar[frozenset[str]] = frozenset({"order", "shown"})

    order: list[str] = Field(default_factory=list, max_length=100)
    shown: list[str] = Field(default_factory=list, max_length=100)
    density: Density = Density.COMPACT
    page_size: Literal["25", "50", "100", "200"] = "50"
    query: str = Field(default="", max_length=4000)
    do: str = Field(default="save", max_length=60)

    @property
    def step(self) -> tuple[str, str]:
        """The direction and the column of a button that moves one; empty for others."""
        direction, _, key = self.do.partition(":")
        return (direction, key) if direction in STEPS else ("", "")

    @property
    def ordered(self) -> list[str]:
        """All columns in the order of the form, after the step."""
        direction, key = self.step
        return moved(self.order, key, STEPS[direction]) if direction else list(self.order)

    @property
    def chosen_columns(self) -> list[str]:
        """The ticked columns in the order of the form."""
        return [key for key in self.ordered if key in self.shown]

    @property
    def size(self) -> int:
        return int(self.page_size or DEFAULT_PAGE_SIZE)
