"""What a person typed, as words, possible identifiers and numbers."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_TEXT: Final = 120
MAX_WORDS: Final = 8
MAX_WORD: Final = 40
MAX_WINDOW_WORDS: Final = 6
MAX_NUMBER_WORDS: Final = 3
WINDOW_LENGTHS: Final = range(4, 41)
LONE_WORD: Final = 6
"""From this length one word without a digit is tried as an identifier."""

_SEPARATORS: Final = re.compile(r"[\W_]+")
_EDGES: Final = re.compile(r"^[^\w@+]+|[^\w@]+$")
_NUMBER: Final = re.compile(r"[0-9]{1,3}([., ][0-9]{3})+|[0-9]+")
_FOLDED: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "\u0131": "i",
        "ħ": "h",
        "ŧ": "t",
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """Adjacent words joined without separators, from word `first` to word `last`."""

    first: int
    last: int
    values: tuple[str, ...]

    def covers(self, word: int) -> bool:
        return self.first <= word <= self.last


@dataclass(frozen=True, slots=True)
class Typed:
    """A text split for searching; `windows` may be identifiers, `numbers` are runs of digits."""

    text: str
    words: tuple[str, ...]
    windows: tuple[Window, ...]
    numbers: tuple[Window, ...]


def read_text(text: str) -> Typed:
    """Cap, clean and split what was typed; a text of punctuation alone has no words."""
    printable = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Co"} else char for char in text[:MAX_TEXT])
    clean = " ".join(unicodedata.normalize("NFC", printable).split())
    words = tuple(word[:MAX_WORD] for piece in clean.split() if strip(word := _EDGES.sub("", piece)))[:MAX_WORDS]
    return Typed(clean, words, _windows(words), _numbers(words))


def strip(text: str) -> str:
    """Letters and digits only, as the cluster's `ident` normaliser does first."""
    return _SEPARATORS.sub("", text)


def fold(text: str) -> str:
    """Lower case with Latin accents removed: `TÜ` and `tu` are equal, other scripts stay as they are."""
    return "".join(_base(char) for char in text.lower()).translate(_FOLDED)


def identifier(text: str) -> str:
    """The form in which two spellings of one identifier are equal."""
    return fold(strip(text))


def without_zeros(value: str) -> tuple[str, ...]:
    """The value, and without the leading `00` or `0` that stands before a dialled number."""
    if value.startswith("00"):
        return value, value[2:]
    return (value, value[1:]) if value.startswith("0") else (value,)


def _base(char: str) -> str:
    first = unicodedata.normalize("NFKD", char)[:1]
    return first if first.isascii() else char


def _windows(words: tuple[str, ...]) -> tuple[Window, ...]:
    found: list[Window] = []
    for first in range(len(words)):
        for last in range(first, min(first + MAX_WINDOW_WORDS, len(words))):
            run = words[first : last + 1]
            joined = strip("".join(run))
            holds_sign = any(char.isdigit() or char == "@" for word in run for char in word)
            is_long_word = first == last and len(joined) >= LONE_WORD
            if len(joined) in WINDOW_LENGTHS and (holds_sign or is_long_word):
                values = tuple(value for value in without_zeros(joined) if len(value) in WINDOW_LENGTHS)
                found.append(Window(first, last, values))
    return tuple(found)


def _numbers(words: tuple[str, ...]) -> tuple[Window, ...]:
    found: list[Window] = []
    for first in range(len(words)):
        for last in range(first, min(first + MAX_NUMBER_WORDS, len(words))):
            run = " ".join(word.strip("€$£+") for word in words[first : last + 1])
            if _NUMBER.fullmatch(run):
                found.append(Window(first, last, (re.sub(r"[., ]", "", run),)))
    return tuple(found)
