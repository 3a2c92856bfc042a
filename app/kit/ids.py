"""Keys of records: UUIDv7 for machines, short references with a check character for people."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils import compat

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
"""29 characters, a prime, without 0/O, 1/I/L, U/V and Z/2 look-alikes."""

_BODY = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 62
"""Of RFC 9562, section 6.2, method 3: the twelve bits before them hold the fraction of the millisecond."""
_SERIALS = len(ALPHABET) ** _BODY
_SPREAD = 12_345_701
_REFERENCE = re.compile(rf"(?P<prefix>[A-Z]{{2,3}})-(?P<body>[{ALPHABET}]{{{_BODY + 1}}})")


def new_id() -> UUID:
    """A new UUIDv7: unique, and ordered by time of making."""
    return compat.uuid7()


def id_at(moment: datetime) -> UUID:
    """A UUIDv7 of a moment, for what is ordered by its ids: they compare as their moments do, to the microsecond."""
    return UUID(int=first_id_at(moment).int | secrets.randbits(_RANDOM_BITS))


def first_id_at(moment: datetime) -> UUID:
    """Below every id of this moment and later, and above every one before: the edge of a range of ids."""
    milliseconds, rest = divmod(moment - _EPOCH, timedelta(milliseconds=1))
    fraction = rest // timedelta(microseconds=1) * 4096 // 1000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62)


def new_reference(prefix: str) -> str:
    """A random reference such as "AP-7F3K9Q"; unique only by the database's constraint, so repeat on a clash."""
    return _reference(prefix, secrets.randbelow(_SERIALS))


def reference_of(prefix: str, serial: int) -> str:
    """The reference of a running number: no two serials below 20,511,149 give the same one."""
    if not 0 <= serial < _SERIALS:
        raise ValueError(f"serial is outside 0..{_SERIALS - 1}")
    return _reference(prefix, serial * _SPREAD % _SERIALS)


def normalise_reference(text: str, prefix: str | None = None) -> str | None:
    """The reference as we write it, from what a person typed, or None when it is none."""
    candidate = "".join(text.split()).upper()
    return candidate if is_reference(candidate, prefix) else None


def is_reference(text: str, prefix: str | None = None) -> bool:
    """Whether the text is a well-formed reference whose check character is right."""
    match = _REFERENCE.fullmatch(text)
    if match is None or (prefix is not None and match["prefix"] != prefix):
        return False
    return _check_character(match["body"][:-1]) == match["body"][-1]


def _reference(prefix: str, number: int) -> str:
    body = ""
    for _ in range(_BODY):
        number, digit = divmod(number, len(ALPHABET))
        body = ALPHABET[digit] + body
    return f"{prefix}-{body}{_check_character(body)}"


def _check_character(body: str) -> str:
    """Weighted sum modulo 29: a prime and distinct weights show each wrong character and each swapped pair."""
    return ALPHABET[-sum(weight * ALPHABET.index(mark) for weight, mark in enumerate(body, 2)) % len(ALPHABET)]
