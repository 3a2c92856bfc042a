"""What is typed to enter terms with a supplier: lines that are added and removed, and a price to try them on."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.errors import InvalidFields
from app.core.forms import Form
from app.kit.cells import CellError, read_decimal
from app.kit.money import Money, MoneyError
from app.rental.supplier_terms.rules import MOST_LINES, OF_COMMISSION, OF_NET, Model, Terms, TermsLine
from app.rental.supplier_terms.schemas import line_item

PERCENTS, AMOUNTS = ("commission_percent", "markup_percent"), ("markup_per_hire", "markup_least")
LINE_FIELDS = ("market", "pattern", "model", *OF_COMMISSION, *OF_NET)
BLANK = {"pattern": "****", "model": Model.NET.value, "step": "0.01"}
TRIAL = {"trial.market": "EE", "trial.class_code": "CDMR", "trial.price": "150.00"}


class TermsForm(Form):
    """From when, why, and lines numbered from 0: `lines.0.pattern`. The supplier is named by its code."""

    supplier: str | None = None
    valid_from: date | None = None
    note: str | None = None

    @classmethod
    def prefilled(cls, supplier: str, day: date, terms: Terms | None) -> "TermsForm":
        """The lines that hold now, to be changed; one blank line where none does."""
        lines = [_typed(line, terms.currency) for line in terms.lines] if terms else [BLANK]
        return cls.of({"supplier": supplier, "valid_from": day, **TRIAL, **_numbered(lines)})

    @property
    def typed_lines(self) -> list[dict[str, str]]:
        """Each line as it was typed."""
        numbers = {name.split(".")[1] for name in self.raw if name.startswith("lines.") and name.count(".") == 2}
        found = sorted(int(number) for number in numbers if number.isdigit() and int(number) <= MOST_LINES)
        return [{name: self.text(f"lines.{number}.{name}").strip() for name in LINE_FIELDS} for number in found]

    def with_line(self) -> "TermsForm":
        """The form with one blank line more."""
        return self._of_lines([*self.typed_lines, BLANK][:MOST_LINES])

    def without_line(self, number: int) -> "TermsForm":
        """The form without a line; the others close up."""
        return self._of_lines([line for place, line in enumerate(self.typed_lines) if place != number])

    def fields(self, currency: str) -> dict[str, Any]:
        """As services take them; what is no number is refused beside its field."""
        lines = [self._read(place, line, currency) for place, line in enumerate(self.typed_lines)]
        return {"supplier": self.supplier, "valid_from": self.valid_from, "note": self.note, "lines": lines}

    def take(self, refused: InvalidFields) -> None:
        """What a service refused beside its field, with the number that its line has on the page."""
        for problem in refused.problems:
            parts = problem.field.split(".")
            where = f"Line {int(parts[1]) + 1}: " if len(parts) > 1 and parts[0] == "lines" else ""
            self.errors.setdefault(problem.field, where + problem.detail)

    def trial(self, currency: str) -> dict[str, Any]:
        """The price to be tried, without what is none."""
        found: dict[str, Any] = {name: self.text(f"trial.{name}").strip() for name in ("market", "class_code")}
        for name in ("price", "time"):
            text = self.text(f"trial.{name}").strip().replace(",", ".")
            found[name] = self._amount(f"trial.{name}", text, currency) if text else None
        return found

    def _read(self, place: int, typed: Mapping[str, str], currency: str) -> dict[str, Any]:
        line: dict[str, Any] = {name: value for name, value in typed.items() if value}
        own = OF_COMMISSION if line.get("model") == Model.COMMISSION else OF_NET
        line = {name: value for name, value in line.items() if name in own or name in ("market", "pattern", "model")}
        for name in PERCENTS:
            if name in line:
                try:
                    line[name] = read_decimal(line[name].removesuffix("%"))
                except CellError:
                    self.refuse(f"lines.{place}.{name}", "Enter a number such as 12.5")
                    del line[name]
        for name in AMOUNTS:
            if name in line:
                line[name] = self._amount(f"lines.{place}.{name}", line[name].replace(",", "."), currency)
        return line

    def _amount(self, name: str, text: str, currency: str) -> Money | None:
        try:
            return Money.parse(text, currency)
        except MoneyError:
            self.refuse(name, f"Enter an amount in {currency} such as 5.00")
            return None

    def _of_lines(self, lines: list[dict[str, str]]) -> "TermsForm":
        kept = {name: value for name, value in self.raw.items() if not name.startswith("lines.")}
        return TermsForm.of({**kept, **_numbered(lines)})


def _numbered(lines: list[dict[str, str]]) -> dict[str, str]:
    return {f"lines.{place}.{name}": value for place, line in enumerate(lines) for name, value in line.items()}


def _typed(line: TermsLine, currency: str) -> dict[str, str]:
    item = line_item(line, currency)
    values = {name: getattr(item, name) for name in LINE_FIELDS}
    return {
        name: value if isinstance(value, str) else value.amount
        for name, value in values.items()
        if hasattr(value, "amount") or isinstance(value, str)
    }
