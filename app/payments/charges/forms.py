"""The form of a charge's moves."""

from typing import ClassVar

from app.core.forms import Form
from app.kit.money import Money


class ChargeForm(Form):
    """On which card, how much, and why; a move takes what it needs."""

    money: ClassVar[frozenset[str]] = frozenset({"amount"})

    payment_token: str | None = None
    amount: Money | None = None
    reason: str | None = None
