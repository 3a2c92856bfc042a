"""Amounts as people type them: `15000`, `15,000`, `15.000,50`, `15 000.50`."""

import re

PLACES = 2
_BLANKS = re.compile(r"[\s\u00a0\u202f'\u2019]")
_SHAPE = re.compile(r"[0-9]+|[0-9]{1,3}(?:[.,][0-9]{3})+")


def read_minor(text: str) -> int:
    """The amount in hundredths. The last mark parts the cents when another kind stands before it, or when other than
    three digits follow it; else marks group thousands. Raises ValueError.
    """
    plain = _BLANKS.sub("", text)
    mark = max(plain.rfind("."), plain.rfind(","))
    whole, cents = plain, ""
    if mark >= 0:
        before, after = plain[:mark], plain[mark + 1 :]
        other = "," if plain[mark] == "." else "."
        if other in before or (plain[mark] not in before and len(after) != 3):
            whole, cents = before, after
    marks = set(whole) & {".", ","}
    if (
        not _SHAPE.fullmatch(whole)
        or len(marks) > 1
        or not re.fullmatch(r"[0-9]{0,2}", cents)
        or (mark >= 0 and not plain[mark + 1 :])
    ):
        raise ValueError("Enter an amount such as 15000 or 15,000.50")
    return int(re.sub(r"[.,]", "", whole)) * 10**PLACES + int(cents.ljust(PLACES, "0") or 0)
