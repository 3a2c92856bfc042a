"""Kilometres of a hire: how many are included, and what those above cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class TierMode(StrEnum):
    GRADUATED = "graduated"
    """Each kilometre at the price of its own tier."""
    MATCHING = "matching"
    """All of them at the price of the tier that holds their number."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of each kilometre up to `to_km`, which is included; the last tier goes on without limit."""

    to_km: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class MileagePlan:
    """Kilometres included per day up to a cap (None: no such limit), and the price of those above."""

    per_day: int | None
    cap: int | None
    price_minor: int = 0
    tiers: tuple[Tier, ...] = ()
    mode: TierMode = TierMode.GRADUATED

    def included(self, days: int) -> int:
        """How many kilometres so many days include; none when nothing is said."""
        limits = [
            limit for limit in (None if self.per_day is None else self.per_day * days, self.cap) if limit is not None
        ]
        return min(limits, default=0)

    def cost(self, km: int) -> list[tuple[int, int]]:
        """So many kilometres above the included as pairs of number and price."""
        if not self.tiers:
            return [(km, self.price_minor)] if km else []
        if self.mode is TierMode.MATCHING:
            return [(km, _holding(self.tiers, km).price_minor)] if km else []
        found: list[tuple[int, int]] = []
        below = 0
        for tier in self.tiers:
            upto = km if tier is self.tiers[-1] else min(km, tier.to_km)
            if upto > below:
                found.append((upto - below, tier.price_minor))
                below = upto
        return found


def _holding(tiers: Sequence[Tier], km: int) -> Tier:
    return next((tier for tier in tiers[:-1] if km <= tier.to_km), tiers[-1])
