"""Terms as lines of text, one term a line, as people type and paste them; and the same terms written again.

Blocks `7 days 450.00`, brackets `3-6 days 25.00` and `7+ days 20.00`, seasons `2026-07-01 to 2026-08-31: 1 day 120.00,
7 days 700.00`, extras `GPS 7.00 per day, at most 60.00`, tiers `0-100 km 0.50` and `101+ km 1.00`. Words between number
and price may be left out, and a tab or a colon does as well as a blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from app.kit.hire_pricing.days import MAX_DAYS
from app.kit.hire_pricing.terms import (
    MAX_KM,
    BlockTerms,
    BracketTerms,
    ExtraTerms,
    Per,
    SeasonTerms,
    TierTerms,
)

Term = TypeVar("Term")

_UNIT = r"(?:\s*(?:days?|d|km)\b)?"
_RANGE = re.compile(rf"(\d+)(?:\s*(?:-|\u2013|to)\s*(\d+)|\s*(\+))?{_UNIT}\s*[\s:=]\s*([0-9.]+)", re.ASCII)
_SEASON = re.compile(r"(\S+)\s*(?:to|-|\u2013|\s)\s*(\d{4}-\d\d-\d\d)\s*:?\s+(.+)", re.ASCII)
_EXTRA = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9_-]{0,23})\s*[\s:=]\s*([0-9.]+)(?:\s*(?:per|a|/)\s*|\s+)(day|hire)"
    r"(?:\s*,?\s*(?:at most|max)\s*([0-9.]+))?",
    re.ASCII | re.IGNORECASE,
)  # fmt: skip


class LineError(ValueError):
    """A line that cannot be read; `number` counts from 1."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(f"Line {number}: {detail}")
        self.number = number


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1."""
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def read_blocks(text: str) -> list[BlockTerms]:
    """Raises LineError."""
    return read_lines(text, _block)


def read_brackets(text: str) -> list[BracketTerms]:
    """Raises LineError."""
    return read_lines(text, _bracket)


def read_tiers(text: str) -> list[TierTerms]:
    """Raises LineError."""
    return read_lines(text, _tier)


def read_extras(text: str) -> list[ExtraTerms]:
    """Raises LineError."""
    return read_lines(text, _extra)


def read_seasons(text: str, *, by_bracket: bool) -> list[SeasonTerms]:
    """Raises LineError."""
    return read_lines(text, lambda line: _season(line, by_bracket=by_bracket))


def write_blocks(terms: Sequence[BlockTerms], between: str = "\n") -> str:
    return between.join(f"{_days(str(each.days))} {each.price}" for each in terms)


def write_brackets(terms: Sequence[BracketTerms], between: str = "\n") -> str:
    return between.join(f"{_days(_range(each.from_days, each.to_days))} {each.price_per_day}" for each in terms)


def write_seasons(terms: Sequence[SeasonTerms]) -> str:
    return "\n".join(
        f"{each.starts_on} to {each.ends_on}: "
        + (write_brackets(each.brackets, ", ") if each.brackets else write_blocks(each.blocks or (), ", "))
        for each in terms
    )


def write_extras(terms: Sequence[ExtraTerms]) -> str:
    return "\n".join(
        f"{each.code} {each.price} per {each.per.value}" + (f", at most {each.cap}" if each.cap is not None else "")
        for each in terms
    )


def write_tiers(terms: Sequence[TierTerms]) -> str:
    return "\n".join(f"{_range(each.from_km, each.to_km)} km {each.price_per_km}" for each in terms)


def read_lines(text: str, read: Callable[[str], Term]) -> list[Term]:
    """Each line that is not blank, read; what `read` refuses with ValueError becomes a LineError."""
    found: list[Term] = []
    for number, line in lines_of(text):
        try:
            found.append(read(line))
        except ValueError as error:
            raise LineError(number, str(error)) from None
    return found


def _block(line: str) -> BlockTerms:
    first, last, price = _matched(line, "a block such as 7 days 450.00")
    if last != first:
        raise ValueError("A block has one number of days, such as 7 days 450.00")
    return BlockTerms(within(first, 1, MAX_DAYS), price)


def _bracket(line: str) -> BracketTerms:
    first, last, price = _matched(line, "a bracket such as 3-6 days 25.00, or 7+ days 20.00")
    return BracketTerms(within(first, 1, MAX_DAYS), price, last if last is None else within(last, 1, MAX_DAYS))


def _tier(line: str) -> TierTerms:
    first, last, price = _matched(line, "a tier such as 0-100 km 0.50, or 101+ km 1.00")
    return TierTerms(within(first, 0, MAX_KM), price, last if last is None else within(last, 0, MAX_KM))


def _extra(line: str) -> ExtraTerms:
    found = _EXTRA.fullmatch(line)
    if found is None:
        raise ValueError("Not an extra such as GPS 7.00 per day, at most 60.00")
    code, price, per, cap = found.groups()
    return ExtraTerms(code, Per(per.lower()), price, cap)


def _season(line: str, *, by_bracket: bool) -> SeasonTerms:
    found = _SEASON.fullmatch(line)
    if found is None:
        raise ValueError("Not a season such as 2026-07-01 to 2026-08-31: 1 day 120.00")
    first, last, prices = found.groups()
    parts = re.split(r"\s*[,;]\s*", prices.strip(" ,;"))
    starts_on, ends_on = _date(first), _date(last)
    if by_bracket:
        return SeasonTerms(starts_on, ends_on, brackets=list(map(_bracket, parts)))
    return SeasonTerms(starts_on, ends_on, blocks=list(map(_block, parts)))


def _matched(line: str, shape: str) -> tuple[int, int | None, str]:
    found = _RANGE.fullmatch(line)
    if found is None:
        raise ValueError(f"Not {shape}")
    first, last, is_open, price = found.groups()
    return _number(first), None if is_open else _number(last or first), price


def _number(digits: str) -> int:
    if len(digits) > 9:
        raise ValueError(f"{digits[:12]} is too large")
    return int(digits)


def within(number: int, least: int, most: int) -> int:
    """The number. Raises ValueError when it is out of the range."""
    if not least <= number <= most:
        raise ValueError(f"{number} is not from {least:,} to {most:,}")
    return number


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:20]} is not a date such as 2026-07-01") from None


def _days(number: str) -> str:
    return f"{number} day" if number == "1" else f"{number} days"


def _range(first: int, last: int | None) -> str:
    return f"{first}+" if last is None else str(first) if last == first else f"{first}-{last}"
