"""How money and moments look in answers."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar, Union

import msgspec
from msgspec import UNSET, UnsetType

from app.kit.money import Money, exponent

Id = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
Timestamp = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Day = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date"})]


T = TypeVar("T")
Maybe = Union[T, UnsetType]  # noqa: UP007 - a generic alias
"""A field that is absent when there is no value."""


class MoneyValue(msgspec.Struct, frozen=True):
    """An amount with its currency's own scale, and the ISO 4217 code."""

    amount: str
    currency: str

    def to_money(self) -> Money:
        """Raises MoneyError when the amount does not fit the currency."""
        return Money.parse(self.amount, self.currency)


def money_value(minor: int | None, currency: str | None) -> MoneyValue | None:
    """Minor units and a code from the database as they are shown outside."""
    if minor is None or currency is None:
        return None
    places = exponent(currency)
    if places == 0:
        return MoneyValue(str(minor), currency)
    sign, digits = ("-", -minor) if minor < 0 else ("", minor)
    whole, part = divmod(digits, 10**places)
    return MoneyValue(f"{sign}{whole}.{part:0{places}d}", currency)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with six digits, as the read path gives it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


__all__ = ["UNSET", "Day", "Id", "Maybe", "MoneyValue", "Timestamp", "UnsetType", "money_value", "timestamp"]
