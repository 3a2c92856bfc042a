"""What can be chosen for a list, and moving one entry of an order."""

from collections.abc import Sequence
from enum import StrEnum

PAGE_SIZES = (25, 50, 100, 200)
DEFAULT_PAGE_SIZE = 50
STEPS = {"up": -1, "down": 1}


class Density(StrEnum):
    """How tall the rows are."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


def moved(keys: Sequence[str], key: str, step: int) -> list[str]:
    """The order with one entry moved a step; at the ends it stays."""
    order = list(keys)
    if key not in order:
        return order
    at = order.index(key)
    to = min(max(at + step, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return order
