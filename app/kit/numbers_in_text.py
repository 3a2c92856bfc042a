"""Card numbers and personal identity numbers in free text: they belong into sealed fields, never into words."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal
from urllib.parse import unquote_plus

from stdnum import iban, luhn
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer

Found = Literal["card", "identity"]

PERSONAL_NUMBER: Final = (
    r"(^|[^0-9A-Za-z+-])([1-6][0-9]{10}|[0-9]{6}[-+A][0-9]{3}[0-9A-Y]{1,2}|(19|20)[0-9]{10})([^0-9A-Za-z+-]|$)"
)
"""The shapes of Baltic, Nordic and Polish identity numbers, standing alone; also a pattern of the database."""
CARD_NUMBER: Final = r"(^|[^0-9A-Za-z+])[2-6]([ ._/-]{0,2}[0-9]){12,18}([^0-9A-Za-z]|$)"
"""Thirteen to nineteen digits, also in groups, standing alone; also a pattern of the database."""
WORDS: Final[dict[Found, str]] = {
    "card": "This looks like a card number. Leave it out: cards are kept by the payment provider, never in text",
    "identity": "This looks like a personal identity number. Keep it in the customer's own field, where it is sealed",
}
MASKS: Final[dict[Found, str]] = {"card": "[card number]", "identity": "[identity number]"}

_SCHEMES: Final[tuple[Any, ...]] = (ik, asmens, hetu, pvn, fodselsnummer, pesel, personnummer)
_PERSONAL: Final = re.compile(
    r"(?<![0-9A-Za-z+-])(?:[1-6][0-9]{10}|[0-9]{6}[-+A][0-9]{3}[0-9A-Y]{1,2}|(?:19|20)[0-9]{10})(?![0-9A-Za-z+-])"
)
_RUN: Final = re.compile(
    r"(?<![0-9A-Za-z+])(?<![0-9A-Za-z]-)[0-9](?:[ \t\n\r._/-]{0,2}[0-9]){12,}(?![0-9A-Za-z]|-[0-9A-Za-z])"
)
"""Digits with single marks between them that are long enough to hold a card number."""
_ISSUERS: Final = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-59]|[689][0-9])[0-9]{11}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|35[0-9]{14}"
    r"|62[0-9]{14,17}|(?:5[0678]|6[0-9])[0-9]{14,17}"
)
"""Lengths and first digits of the card schemes (ISO/IEC 7812): a number of another shape is no card's."""
_PRINTED: Final = frozenset({(4, 6, 5), (4, 6, 4)})
"""How cards of fifteen and fourteen digits are grouped; the others stand in fours."""
_SHORTEST, _LONGEST = 13, 19
_IBAN: Final = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?:[ ]?[0-9A-Z]{4}){2,7}(?:[ ]?[0-9A-Z]{1,3})?(?![0-9A-Za-z])"
)
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")


def find_number(text: str) -> Found | None:
    """What the text gives away: a number that is right by its check digit, not merely long."""
    if find_card(text):
        return "card"
    if any(_is_personal(match.group()) for match in _PERSONAL.finditer(text)):
        return "identity"
    return None


def find_card(text: str) -> bool:
    """Whether a card number stands in the text, however it is grouped, also in an address's query."""
    if len(text) < _SHORTEST:
        return False
    plain = _plain(text)
    if any(_has_card(run) for run in _RUN.finditer(plain)):
        return True
    return "=" in text and ("%" in text or "+" in text) and find_card(unquote_plus(text).replace("=", " "))


def number_problem(text: str) -> str | None:
    """What to tell the person who wrote it, or None."""
    found = find_number(text)
    return WORDS[found] if found else None


def masked(text: str) -> str:
    """The text without the numbers that it gives away, as logs may hold it."""
    if len(text) < 10 or find_number(text) is None:
        return text
    text = _RUN.sub(lambda run: MASKS["card"] if _has_card(run) else run.group(), _plain(text))
    return _PERSONAL.sub(lambda match: MASKS["identity"] if _is_personal(match.group()) else match.group(), text)


def _plain(text: str) -> str:
    """Without marks that cannot be seen, foreign digits and dashes as ours, and account numbers left out."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
        text = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    return _IBAN.sub(lambda found: "" if iban.is_valid(found.group()) else found.group(), text)


def _has_card(run: re.Match[str]) -> bool:
    groups, marks = re.findall("[0-9]+", run.group()), re.split("[0-9]+", run.group())
    return any(
        _is_card("".join(groups[first:last]))
        for first, last in _windows([len(group) for group in groups])
        if not (last - first == 1 and marks[first] == ".")  # the fraction of a number
    )


def _windows(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring groups that could be one number: as printed on cards, or all in ones, twos, fours or eights."""
    for first in range(len(sizes)):
        length = 0
        for last in range(first, len(sizes)):
            length += sizes[last]
            if length > _LONGEST:
                break
            if length >= _SHORTEST and _is_printed(sizes[first : last + 1], is_whole=len(sizes) == last - first + 1):
                yield first, last + 1


def _is_printed(sizes: Sequence[int], *, is_whole: bool) -> bool:
    if len(sizes) == 1 or tuple(sizes) in _PRINTED:
        return True
    is_even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    return is_even and (sizes[0] in (4, 8) or (is_whole and sizes[0] in (1, 2)))


def _is_card(digits: str) -> bool:
    return bool(_ISSUERS.fullmatch(digits)) and luhn.is_valid(digits)


def _is_personal(text: str) -> bool:
    return any(scheme.is_valid(text) for scheme in _SCHEMES)
