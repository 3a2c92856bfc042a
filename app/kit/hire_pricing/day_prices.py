"""What so many days in a row cost: by the cheapest cover of blocks, or by the bracket that holds their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from app.kit.hire_pricing.days import NoPrice


@dataclass(frozen=True, slots=True)
class Block:
    """So many days for one price."""

    days: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """The price of each day when the hire has from `from_days` to `to_days` days, both included; None is no end."""

    from_days: int
    to_days: int | None
    price_minor: int


@dataclass(frozen=True, slots=True)
class Part:
    """`count` times `days` days at a price."""

    count: int
    days: int
    price_minor: int


class DayPrices(Protocol):
    """The cost of a run of days within a hire of `length` days, and what it is made of."""

    def cost(self, days: int, length: int) -> int: ...

    def parts(self, days: int, length: int) -> list[Part]: ...


class Blocks:
    """The cheapest set of blocks that covers at least so many days, any number of each.

    T(0) = 0, T(d) = min over the blocks of price + T(max(0, d - days)): the table grows as far as it is asked for.
    """

    __slots__ = ("_blocks", "_table")

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = _worth_taking(blocks)
        self._table: tuple[list[int], list[Block | None]] = ([0], [None])

    def cost(self, days: int, length: int = 0) -> int:
        del length
        return self._grown(days)[0][days]

    def parts(self, days: int, length: int = 0) -> list[Part]:
        """The blocks of the cheapest cover, the longest first."""
        del length
        taken = self._grown(days)[1]
        counts: dict[Block, int] = {}
        while days > 0:
            block = taken[days]
            assert block is not None
            counts[block] = counts.get(block, 0) + 1
            days -= block.days
        ordered = sorted(counts, key=lambda block: -block.days)
        return [Part(counts[block], block.days, block.price_minor) for block in ordered]

    def _grown(self, days: int) -> tuple[list[int], list[Block | None]]:
        costs, taken = self._table
        if days < len(costs):
            return self._table
        costs, taken = list(costs), list(taken)
        for day in range(len(costs), days + 1):
            least, best = -1, None
            for block in self._blocks:
                cost = block.price_minor + (costs[day - block.days] if block.days < day else 0)
                if best is None or cost < least:
                    least, best = cost, block
            costs.append(least)
            taken.append(best)
        self._table = costs, taken
        return self._table


class Brackets:
    """Days times the price of the bracket that holds the length of the whole hire."""

    __slots__ = ("_brackets", "_field")

    def __init__(self, brackets: Sequence[Bracket], field: str) -> None:
        self._brackets = brackets
        self._field = field

    def cost(self, days: int, length: int) -> int:
        return days * self._price(length)

    def parts(self, days: int, length: int) -> list[Part]:
        return [Part(days, 1, self._price(length))]

    def _price(self, length: int) -> int:
        for bracket in self._brackets:
            if bracket.from_days <= length and (bracket.to_days is None or length <= bracket.to_days):
                return bracket.price_minor
        raise NoPrice(self._field, f"No bracket holds a hire of {length} {'day' if length == 1 else 'days'}")


def overlapping(brackets: Sequence[Bracket]) -> bool:
    """Whether a number of days lies in two of the brackets."""
    ordered = sorted(brackets, key=lambda bracket: bracket.from_days)
    return any(one.to_days is None or one.to_days >= next_one.from_days for one, next_one in pairwise(ordered))


def _worth_taking(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without those that another one of at least as many days undercuts; the longest first."""
    kept: list[Block] = []
    for block in sorted(blocks, key=lambda block: (-block.days, block.price_minor)):
        if not kept or block.price_minor < kept[-1].price_minor:
            kept.append(block)
    return kept
