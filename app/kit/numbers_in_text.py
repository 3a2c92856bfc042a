"""Card numbers and personal identity numbers in free text: they belong into sealed fields, never into words."""

import re
from typing import Any, Final, Literal

from stdnum import luhn
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
CARD_NUMBER: Final = r"(^|[^0-9A-Za-z+-])[2-6][0-9]{3}([ -]?[0-9]{4}){3}([^0-9A-Za-z+-]|$)"
"""Sixteen digits in fours, standing alone; also a pattern of the database."""
WORDS: Final[dict[Found, str]] = {
    "card": "This looks like a card number. Leave it out: cards are kept by the payment provider, never in text",
    "identity": "This looks like a personal identity number. Keep it in the customer's own field, where it is sealed",
}

_SCHEMES: Final[tuple[Any, ...]] = (ik, asmens, hetu, pvn, fodselsnummer, pesel, personnummer)
_PERSONAL: Final = re.compile(
    r"(?<![0-9A-Za-z+-])(?:[1-6][0-9]{10}|[0-9]{6}[-+A][0-9]{3}[0-9A-Y]{1,2}|(?:19|20)[0-9]{10})(?![0-9A-Za-z+-])"
)
_LONG: Final = re.compile(r"(?<![0-9A-Za-z+.,-])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z-])")
_ISSUERS: Final = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|35[0-9]{14}"
    r"|62[0-9]{14,17}|(?:5[0678]|6[0-9])[0-9]{14,17}"
)
"""Lengths and first digits of the card schemes (ISO/IEC 7812): a number of another shape is no card's."""


def find_number(text: str) -> Found | None:
    """What the text gives away: a number that is right by its check digit, not merely long."""
    if any(_is_card(match.group()) for match in _LONG.finditer(text)):
        return "card"
    if any(_is_personal(match.group()) for match in _PERSONAL.finditer(text)):
        return "identity"
    return None


def number_problem(text: str) -> str | None:
    """What to tell the person who wrote it, or None."""
    found = find_number(text)
    return WORDS[found] if found else None


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return bool(_ISSUERS.fullmatch(digits)) and luhn.is_valid(digits)


def _is_personal(text: str) -> bool:
    return any(scheme.is_valid(text) for scheme in _SCHEMES)
