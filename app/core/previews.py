"""A record at a glance, beside the list that it stands in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preview:
    """What a record kind says of one record: its state, main facts, and the moves that come next, each with a link."""

    title: str
    reference: str = ""
    state: str = ""
    tone: str = ""
    is_on: bool = False
    facts: Sequence[tuple[str, str]] = ()
    moves: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Drawer:
    """The panel at the side of a list."""

    preview: Preview
    kind_title: str
    href: str
    row: str
    """The id of the row that it belongs to, which gets the focus back."""
    close_href: str = ""
    timeline: Sequence[Any] = field(default_factory=tuple)
