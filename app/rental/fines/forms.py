"""The forms of fines and tolls."""

from datetime import datetime
from typing import Any, ClassVar

from app.core.forms import Form
from app.kit.money import Money
from app.rental.fines.rules import FineKind


class FineForm(Form):
    """What an authority sent."""

    money: ClassVar[frozenset[str]] = frozenset({"amount", "fee"})

    kind: FineKind = FineKind.FINE
    plate: str | None = None
    happened_local: datetime | None = None
    location: str | None = None
    authority: str | None = None
    authority_reference: str | None = None
    place: str | None = None
    amount: Money | None = None
    fee: Money | None = None
    note: str | None = None

    def fields(self) -> dict[str, Any]:
        """What was typed; a fee that was left empty is the usual one."""
        return {name: value for name, value in self.values().items() if value is not None}


class ReasonForm(Form):
    """Why."""

    reason: str | None = None
