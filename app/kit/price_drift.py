"""What moved between two tellings of one price, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.kit.money import Money

Told = tuple[str, str, Money]
"""A line: its code, its words, its amount."""


@dataclass(frozen=True, slots=True)
class PriceDrift:
    """A line that has another amount than before; one that was not there had nothing."""

    code: str
    words: str
    before: Money
    after: Money


def drift(before: Iterable[Told], after: Iterable[Told]) -> list[PriceDrift]:
    """The lines that moved. Lines of one code are taken together; both tellings are of one currency."""
    old, new = _by_code(before), _by_code(after)
    found: list[PriceDrift] = []
    for code in dict.fromkeys([*old, *new]):
        _, words, amount = new.get(code) or old[code]
        nothing = Money(0, amount.currency)
        first, last = (lines[code][2] if code in lines else nothing for lines in (old, new))
        if first != last:
            found.append(PriceDrift(code, words, first, last))
    return found


def _by_code(lines: Iterable[Told]) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for code, words, amount in lines:
        found[code] = (code, words, found[code][2] + amount if code in found else amount)
    return found
