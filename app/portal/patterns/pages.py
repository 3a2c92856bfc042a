"""What the page of patterns needs to know."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Patterns:
    """A moment, for the macros that show one."""

    now: datetime
