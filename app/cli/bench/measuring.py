"""Rounds of two sides in turn, and what they come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any, Literal

import msgspec

Better = Literal["more", "less"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: both medians, the ratio with its least and greatest round, and what was aimed at."""

    what: str
    ours: str
    theirs: str
    ratio: float
    least: float
    most: float
    target: str = ""
    is_met: bool | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one bench found, as it is kept and shown."""

    name: str
    title: str
    method: str
    lines: list[Line]
    notes: list[str] = []


class Target(msgspec.Struct, frozen=True):
    """A bound on a ratio."""

    bound: float
    better: Better = "more"

    def __str__(self) -> str:
        return f"{'>=' if self.better == 'more' else '<='} {self.bound:g}x"

    def is_met_by(self, ratio: float) -> bool:
        rounded = round(ratio, 2)
        return rounded >= self.bound if self.better == "more" else rounded <= self.bound


def compare(
    what: str, ours: list[float], theirs: list[float], unit: str, target: Target | None = None, *, digits: int = 0
) -> Line:
    """Two sides measured in turn: the ratio is the median of the rounds' own ratios, so that a drift falls out."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    ratio = median(ratios)
    return Line(
        what=what,
        ours=f"{median(ours):,.{digits}f} {unit}".strip(),
        theirs=f"{median(theirs):,.{digits}f} {unit}".strip(),
        ratio=ratio,
        least=min(ratios),
        most=max(ratios),
        target=str(target) if target else "",
        is_met=target.is_met_by(ratio) if target else None,
    )


async def in_turn(sides: Mapping[str, Callable[[], Awaitable[Any]]], rounds: int) -> dict[str, list[Any]]:
    """A-B-A-B: every round measures each side once, so that what else the machine does falls on all of them."""
    found: dict[str, list[Any]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            found[name].append(await measure())
    return found


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
