"""What a note may hold, who is named in it, and what changed between two of its versions."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.kit.numbers_in_text import number_problem

LONGEST_TEXT = 10_000
MOST_PINNED = 5
MOST_MENTIONS = 20
_AFTER_NAME = re.compile(r"[\w@]")
_WORDS = re.compile(r"\s+|[^\s]+")


class Person(NamedTuple):
    """Somebody who may be named: `@Name`, or `@address` where two share a name."""

    id: str
    name: str
    email: str


class Piece(NamedTuple):
    """A run of text that stayed, went or came."""

    kind: str
    text: str


def text_problem(text: str) -> str | None:
    """Why this cannot be a note, or None."""
    if not text.strip():
        return "Write something"
    if len(text) > LONGEST_TEXT:
        return f"At most {LONGEST_TEXT:,} characters"
    if any(ord(mark) < 32 and mark not in "\n\r\t" for mark in text):
        return "Has control characters"
    return number_problem(text)


def mentioned(text: str, people: Iterable[Person]) -> dict[str, Person]:
    """Who is named in the text, by the words that name them: the longest name that fits wins."""
    by_word: dict[str, Person] = {}
    for person in people:
        by_word.setdefault(person.name.casefold(), person)
        by_word.setdefault(person.email.casefold(), person)
    words = sorted(by_word, key=len, reverse=True)
    found: dict[str, Person] = {}
    folded = text.casefold()
    for place in (match.start() for match in re.finditer(r"(?<![\w@])@", folded)):
        word = next((word for word in words if _stands_at(folded, place + 1, word)), None)
        if word and len(found) < MOST_MENTIONS:
            found[word] = by_word[word]
    return found


def _stands_at(text: str, place: int, word: str) -> bool:
    end = place + len(word)
    return text.startswith(word, place) and (end >= len(text) or not _AFTER_NAME.match(text[end]))


def difference(before: str, after: str) -> Sequence[Piece]:
    """The words that went and came between two versions."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for kind, first, last, start, stop in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[first:last])))
            continue
        if first < last:
            pieces.append(Piece("gone", "".join(old[first:last])))
        if start < stop:
            pieces.append(Piece("new", "".join(new[start:stop])))
    return pieces
