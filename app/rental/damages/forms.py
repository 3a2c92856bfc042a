"""The forms of a damage case."""

from typing import ClassVar

from app.core.forms import Form
from app.kit.money import Money
from app.rental.damages.rules import Party


class EstimateForm(Form):
    """What it costs and who answers for it."""

    money: ClassVar[frozenset[str]] = frozenset({"amount"})

    amount: Money | None = None
    party: Party | None = None
    words: str | None = None


class ReasonForm(Form):
    """Why."""

    reason: str | None = None
