"""Which ways of telling somebody are on, and when repeats become one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

KEPT = timedelta(days=90)
LONGEST_TITLE, LONGEST_BODY, LONGEST_HREF = 300, 1_000, 500


class Channels(NamedTuple):
    """How somebody wants to hear of one kind."""

    in_app: bool
    by_mail: bool


def channels_of(chosen: Mapping[UUID, Channels], person: UUID, *, is_on_by_default: bool) -> Channels:
    """What a person chose, else the kind's default; mail comes only to those who asked for it."""
    return chosen.get(person, Channels(is_on_by_default, by_mail=False))


def collapse_key(recipient: UUID, kind: str, subject: tuple[str, UUID] | None) -> str | None:
    """Unread notifications with the same key become one; without a subject each stands alone."""
    return f"{recipient}:{kind}:{subject[0]}:{subject[1]}" if subject else None


def shortened(text: str, longest: int) -> str:
    """One line that fits its column, with an ellipsis for what was cut off."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
