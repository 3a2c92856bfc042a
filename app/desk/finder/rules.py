"""Whether a typed text names a page or an action."""

from __future__ import annotations

import re
from enum import IntEnum

_WORDS = re.compile(r"\w+")


class Likeness(IntEnum):
    """How well a text fits a title: not, by the beginnings of its words, or because it names the title."""

    NONE = 0
    BEGINS = 1
    NAMES = 2


def likeness(text: str, title: str) -> Likeness:
    """Compare a text with a title, word by word in any order.

    A text names a title when all its words are words of the title; of several words the last may be half typed. One
    half-typed word only begins it, so that `audi` finds cars before the audit trail.
    """
    typed, known = _WORDS.findall(text.casefold()), _WORDS.findall(title.casefold())
    if not typed or not all(any(word.startswith(part) for word in known) for part in typed):
        return Likeness.NONE
    surely_meant = typed[:-1] if len(typed) > 1 else typed
    return Likeness.NAMES if all(part in known for part in surely_meant) else Likeness.BEGINS
