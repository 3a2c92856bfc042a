"""What a tag may be called: small letters and digits of any alphabet, words joined by hyphens."""

import re
import unicodedata
from enum import StrEnum

MANAGE = "tags.manage"
MOST_PER_RECORD = 20
LONGEST_NAME = 60
NAME = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*")
_BETWEEN_WORDS = re.compile(r"[\s,;]+")


class TagState(StrEnum):
    """A tag that is being merged or deleted is offered no more, while its records are gone through."""

    ACTIVE = "active"
    MERGING = "merging"
    DELETING = "deleting"


def normalise(text: str) -> str:
    """A name as it is kept: ` #Hail  Damage` -> `hail-damage`."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return _BETWEEN_WORDS.sub("-", folded.strip().lstrip("#").strip())


def name_problem(name: str) -> str | None:
    """Why a normalised name cannot be a tag, or None."""
    if not name:
        return "Type a word"
    if len(name) > LONGEST_NAME:
        return f"At most {LONGEST_NAME} characters"
    if not NAME.fullmatch(name):
        return "Letters and digits, words joined by hyphens"
    return None
