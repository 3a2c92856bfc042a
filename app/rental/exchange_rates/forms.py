"""What is typed or uploaded to enter rates."""

from datetime import date
from typing import Any

from litestar.datastructures import UploadFile

from app.core.forms import Form
from app.kit.problems import Problem
from app.rental.exchange_rates.rules import BRIDGE, read_lines

MOST_BYTES = 64 * 1024


class SheetForm(Form):
    """A day, where the rates come from, and one rate a line; a file is read as the lines are."""

    valid_from: date | None = None
    source: str | None = None
    base_currency: str | None = None
    lines: str | None = None
    file: Any = None

    async def take_file(self) -> None:
        """Put an uploaded file's lines where the typed ones are, so that they can be seen and put right."""
        if not isinstance(self.file, UploadFile) or not self.file.filename:
            return
        content = await self.file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            self.refuse("file", "At most 64 kB: one rate a line")
            return
        self.raw["lines"] = content.decode("utf-8-sig", errors="replace")

    def fields(self) -> dict[str, Any]:
        """As services take them; lines that are no rates are refused beside the field."""
        rates, problems = read_lines(self.text("lines"), (self.base_currency or BRIDGE).upper())
        if problems:
            self.refuse("lines", "; ".join(problem.detail for problem in problems[:5]))
        elif not rates:
            self.refuse("lines", "Enter one rate a line, such as SEK 11.0240")
        return {"valid_from": self.valid_from, "source": self.source, "rates": rates}

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what a service refused beside the fields."""
        for problem in problems:
            name = "lines" if problem.field.startswith("rates") else problem.field
            told = self.errors.get(name, "")
            if problem.detail not in told:
                self.errors[name] = f"{told}; {problem.detail}" if told else problem.detail
