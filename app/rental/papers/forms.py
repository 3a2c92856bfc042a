"""The form of a credit note."""

from collections.abc import Sequence

from app.core.errors import InvalidFields
from app.core.forms import Form
from app.kit.money import Money, MoneyError
from app.kit.problems import Problem
from app.rental.papers.services import Credit

AMOUNT = "amount_"
"""Before the number of a line: how much of it is taken back."""


class CreditNoteForm(Form):
    """Why; the amounts are read as they were typed, one for each line."""

    reason: str | None = None

    def credits(self, left: Sequence[Money]) -> list[Credit]:
        """How much of which line; an empty one stays as it is. Raises InvalidFields."""
        found: list[Credit] = []
        problems: list[Problem] = []
        for number, stands in enumerate(left, 1):
            typed = self.text(f"{AMOUNT}{number}").strip()
            try:
                amount = Money.parse(typed.replace(",", ""), stands.currency) if typed else Money.zero(stands.currency)
            except MoneyError as error:
                problems.append(Problem(f"{AMOUNT}{number}", "malformed", str(error)))
                continue
            if amount.minor:
                found.append(Credit(number, amount))
        if not found and not problems:
            problems.append(Problem("reason" if not left else f"{AMOUNT}1", "required", "Say how much is taken back"))
        if problems:
            raise InvalidFields(problems)
        return found

    def take_problems(self, refused: InvalidFields, wanted: Sequence[Credit]) -> None:
        """Show what was refused beside the amounts; the service counts them as they were sent."""
        for problem in refused.problems:
            parts = problem.field.split(".")
            name = f"{AMOUNT}{wanted[int(parts[1])].number}" if parts[0] == "lines" else problem.field
            self.refuse(name, problem.detail)
