"""How suppliers do: calls by their ends and times, and how far prices moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.kit.histograms import percentile
from app.kit.money import Money
from app.rental.suppliers.rules import ErrorKind

NO_FAULT = frozenset({"answered", ErrorKind.NO_RESULTS.value, ErrorKind.NOT_FOUND.value})
"""What came of calls in which the supplier did its part, also by saying that there is nothing."""


class Window(StrEnum):
    """How far back the health board looks."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"


@dataclass(slots=True)
class Measured:
    """Calls of one supplier, or of one of its operations: times by bucket of `kit.histograms`, ends by kind."""

    times: dict[int, int] = field(default_factory=dict[int, int])
    kinds: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, by: str, key: Any, calls: int) -> None:
        """So many calls of a `kind`, or of a `bucket`."""
        counted: dict[Any, int] = self.kinds if by == "kind" else self.times
        counted[key] = counted.get(key, 0) + calls

    @property
    def calls(self) -> int:
        return sum(self.kinds.values())

    @property
    def errors(self) -> dict[str, int]:
        """What went wrong, the most frequent first."""
        wrong = {kind: calls for kind, calls in self.kinds.items() if kind not in NO_FAULT}
        return dict(sorted(wrong.items(), key=lambda each: (-each[1], each[0])))

    @property
    def p50_ms(self) -> int:
        return percentile(self.times, 50)

    @property
    def p95_ms(self) -> int:
        return percentile(self.times, 95)

    @property
    def answered_percent(self) -> Decimal | None:
        """What share did not fail, to a tenth; nothing without calls."""
        return share(self.calls - sum(self.errors.values()), self.calls)


def share(part: int, whole: int) -> Decimal | None:
    """Per cent, to a tenth."""
    return round(Decimal(part) * 100 / whole, 1) if whole else None


@dataclass(frozen=True, slots=True)
class Drift:
    """How prices moved between two moments: how many were compared, how many had moved, and by how much on average."""

    compared: int = 0
    moved: int = 0
    basis_points: int = 0

    @property
    def mean_percent(self) -> Decimal | None:
        return round(Decimal(self.basis_points) / 100 / self.compared, 2) if self.compared else None


def basis_points(before: Money, after: Money) -> int | None:
    """By how much a price moved, in hundredths of a per cent; nothing for different currencies."""
    if before.currency != after.currency or before.minor == 0:
        return None
    return round((after.minor - before.minor) * 10_000 / before.minor)
