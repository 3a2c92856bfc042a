"""Card numbers as test cards have them: the ranges of many issuers, a right check digit, written as people write."""

import random
from collections.abc import Iterator

ISSUERS = (
    ("visa", ("4",), 16), ("visa old", ("4",), 13), ("visa long", ("4",), 19),
    ("mastercard", ("51", "52", "53", "54", "55", "2221", "2300", "2650", "2719"), 16),
    ("amex", ("34", "37"), 15), ("diners", ("300", "305", "36", "38", "39"), 14),
    ("discover", ("6011", "644", "65"), 16), ("jcb", ("3528", "3589"), 16),
    ("unionpay", ("620", "628"), 16), ("unionpay long", ("624",), 19), ("maestro", ("5018", "6304", "6759"), 16),
)  # fmt: skip
SENTENCES = (
    "{}", "card {}", "paid with {} yesterday", "Card no.{}, exp 12/27", "({})", "{} 12/27 123", "kaart: {}!",
    "room 2 {} please", "first line\n{}\nlast line", "pan={};", "“{}”", "Visa {}/Mastercard",
)  # fmt: skip
GROUPS = {13: (4, 4, 4, 1), 14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3)}
SEPARATORS = ("", "", " ", "-", "\N{NO-BREAK SPACE}", "\N{EN DASH}", ".", "  ")


def check_digit(digits: str) -> str:
    """Luhn's (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def grouped(number: str, separator: str) -> str:
    parts, at = [], 0
    for size in GROUPS[len(number)]:
        parts.append(number[at : at + size])
        at += size
    return separator.join(parts)


def card_numbers(count: int, seed: int = 20261126) -> Iterator[tuple[str, str]]:
    """(the digits, a text that holds them), the issuers, groupings and sentences in turn."""
    chance = random.Random(seed)  # noqa: S311
    for place in range(count):
        _, prefixes, length = ISSUERS[place % len(ISSUERS)]
        prefix = chance.choice(prefixes)
        body = prefix + "".join(chance.choices("0123456789", k=length - 1 - len(prefix)))
        number = body + check_digit(body)
        text = grouped(number, chance.choice(SEPARATORS))
        yield number, chance.choice(SENTENCES).format(text)
