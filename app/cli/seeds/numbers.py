"""Numbers that people are known by: identity numbers, IBANs and phones, right by their schemes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from stdnum.ee.ik import calc_check_digit as baltic_check_digit
from stdnum.lv.pvn import calc_check_digit_pers as latvian_check_digit
from stdnum.no.fodselsnummer import calc_check_digit1, calc_check_digit2
from stdnum.pl.pesel import calc_check_digit as polish_check_digit

_HETU_MARKS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_DNI_MARKS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_CENTURY: Final = 2000


def estonian(born_on: date, is_woman: bool, serial: int) -> str:
    """Isikukood and the Lithuanian asmens kodas: sex and century, YYMMDD, serial, check digit."""
    body = f"{1 + 2 * (born_on.year // 100 - 18) + is_woman}{born_on:%y%m%d}{serial % 1000:03d}"
    return body + baltic_check_digit(body + "0")


def latvian(born_on: date, is_woman: bool, serial: int) -> str:  # noqa: ARG001 - the scheme does not tell sex
    """Personas kods of the form with a date: DDMMYY, century, serial, check digit."""
    body = f"{born_on:%d%m%y}{born_on.year // 100 - 18}{serial % 1000:03d}"
    return body + latvian_check_digit(body)


def finnish(born_on: date, is_woman: bool, serial: int) -> str:
    """Henkilötunnus: DDMMYY, sign of the century, serial that is even for women, check character."""
    individual = 2 + serial % 449 * 2 - (0 if is_woman else -1)
    mark = _HETU_MARKS[int(f"{born_on:%d%m%y}{individual:03d}") % 31]
    return f"{born_on:%d%m%y}{'A' if born_on.year >= _CENTURY else '-'}{individual:03d}{mark}"


def swedish(born_on: date, is_woman: bool, serial: int) -> str:
    """Personnummer in twelve digits; the check digit is Luhn's over the last nine."""
    individual = f"{serial % 499 * 2 + (0 if is_woman else 1):03d}"
    digits = f"{born_on:%y%m%d}{individual}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    total = sum(value // 10 + value % 10 for value in doubled)
    return f"{born_on:%Y%m%d}{individual}{-total % 10}"


def norwegian(born_on: date, is_woman: bool, serial: int) -> str | None:
    """Fødselsnummer with two check digits; some serials have none."""
    individual = (500 if born_on.year >= _CENTURY else 0) + serial % 249 * 2 + (0 if is_woman else 1)
    first = f"{born_on:%d%m%y}{individual:03d}"
    second = first + calc_check_digit1(first + "00")
    number = second + calc_check_digit2(second + "0")
    return number if len(number) == len("01010112345") and number.isdigit() else None


def danish(born_on: date, is_woman: bool, serial: int) -> str:
    """CPR number: DDMMYY and four digits that tell century and sex."""
    century = 4 if born_on.year >= _CENTURY else serial % 4
    return f"{born_on:%d%m%y}{century}{serial % 100:02d}{serial % 5 * 2 + (0 if is_woman else 1)}"


def polish(born_on: date, is_woman: bool, serial: int) -> str:
    """PESEL: the month of this century is 20 higher."""
    month = born_on.month + (20 if born_on.year >= _CENTURY else 0)
    body = f"{born_on:%y}{month:02d}{born_on:%d}{serial % 1000:03d}{serial % 5 * 2 + (0 if is_woman else 1)}"
    return body + polish_check_digit(body)


def czech(born_on: date, is_woman: bool, serial: int) -> str:
    """Rodné číslo: women's month is 50 higher; the whole number divides by 11."""
    body = f"{born_on:%y}{born_on.month + 50 * is_woman:02d}{born_on:%d}{serial % 1000:03d}"
    return f"{body}{int(body) % 11 % 10}"


def spanish(born_on: date, is_woman: bool, serial: int) -> str:  # noqa: ARG001 - the number tells nothing about the person
    """DNI: eight digits and a letter."""
    number = (born_on.toordinal() * 137 + serial * 10_007) % 90_000_000 + 10_000_000
    return f"{number}{_DNI_MARKS[number % 23]}"


def croatian(born_on: date, is_woman: bool, serial: int) -> str:  # noqa: ARG001 - the number tells nothing about the person
    """OIB: ten digits and a check digit by ISO 7064 mod 11, 10."""
    body = f"{(born_on.toordinal() * 7_919 + serial * 104_729) % 10_000_000_000:010d}"
    return body + _mod_11_10(body)


def german(born_on: date, is_woman: bool, serial: int) -> str:  # noqa: ARG001 - the number tells nothing about the person
    """Steuer-Identifikationsnummer: of the first ten digits one comes twice; check digit by ISO 7064 mod 11, 10."""
    rest = born_on.toordinal() * 1_009 + serial * 7_919
    digits = list("123456789")
    chosen: list[str] = []
    while digits:
        rest, place = divmod(rest + len(digits) * 101, len(digits))
        chosen.append(digits.pop(place))
    body = "".join(chosen)
    body += body[serial % 9]
    return body + _mod_11_10(body)


def _mod_11_10(body: str) -> str:
    check = 5
    for digit in body:
        check = (((check or 10) * 2) % 11 + int(digit)) % 10
    return str((1 - ((check or 10) * 2) % 11) % 10)


IDENTITY_NUMBERS: Final[dict[str, Callable[[date, bool, int], str | None]]] = {
    "EE": estonian, "LT": estonian, "LV": latvian, "FI": finnish, "SE": swedish, "NO": norwegian, "DK": danish,
    "PL": polish, "CZ": czech, "ES": spanish, "HR": croatian, "DE": german,
}  # fmt: skip
_ACCOUNTS: Final = {
    "EE": ("2200", 12), "LT": ("73000", 11), "LV": ("HABA", 13), "FI": ("1745", 10), "SE": ("500", 17),
    "NO": ("8601", 7),
    "DK": ("3000", 10), "PL": ("10201026", 16), "CZ": ("0800", 16), "ES": ("21000418", 12), "HR": ("2360000", 10),
    "DE": ("50040000", 10),
}  # fmt: skip
"""The bank's part of an IBAN and how many digits follow."""
_MOBILES: Final = {
    "EE": ("+3725", 1_000_000, 8_999_999), "LV": ("+37129", 100_000, 999_999), "LT": ("+3706", 100_000, 9_299_999),
    "FI": ("+35840", 1_000_000, 9_999_999), "SE": ("+4670", 2_000_000, 9_999_999), "NO": ("+4790", 100_000, 999_999),
    "DK": ("+4520", 100_000, 999_999), "PL": ("+4860", 1_000_000, 9_999_999), "CZ": ("+42060", 1_000_000, 8_999_999),
    "ES": ("+346", 10_000_000, 59_999_999), "HR": ("+38591", 1_000_000, 9_999_999), "DE": ("+49151", 10_000_000,
    65_999_999),
}  # fmt: skip
"""Beginning of a mobile number, and the range of what follows."""


def iban_of(market: str, number: int) -> str:
    """An IBAN with the right check digits (ISO 13616: mod 97 over letters as 10 to 35)."""
    bank, length = _ACCOUNTS[market]
    account = f"{bank}{number % 10**length:0{length}d}"
    digits = "".join(str(int(mark, 36)) for mark in f"{account}{market}00")
    return f"{market}{98 - int(digits) % 97:02d}{account}"


def phone_of(market: str, number: float) -> str:
    """A mobile number in E.164; `number` from 0 to 1 chooses it."""
    beginning, least, most = _MOBILES[market]
    width = len(str(most))
    return f"{beginning}{least + int(number * (most - least)):0{width}d}"
