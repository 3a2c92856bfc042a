"""Identifiers that other people issue: VIN, plate, phone, IBAN, e-mail address."""

from __future__ import annotations

import re
import unicodedata

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_CHECKED = re.compile(r"[12345L]|7[F-Z0]")
_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "012345678912345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_EMAIL_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_EMAIL = 254
_LONGEST_EMAIL_LOCAL = 64
_LONGEST_PHONE_TEXT = 40
_LONGEST_IBAN_TEXT = 60


def normalise_vin(text: str) -> str:
    """Capitals without spaces and hyphens."""
    return re.sub(r"[\s-]", "", text).upper()


def vin_problem(vin: str) -> str | None:
    """Why a normalised VIN is wrong (ISO 3779), or None.

    The check digit is looked at only where the scheme has one: North America (49 CFR 565) and China (GB 16735).
    """
    if len(vin) != 17:
        return f"A VIN has 17 characters, this has {len(vin)}"
    if not _VIN.fullmatch(vin):
        wrong = next(mark for mark in vin if mark not in _VIN_VALUES)
        return f"A VIN has digits and letters without I, O and Q; this has {wrong}"
    if _VIN_CHECKED.match(vin) and vin[8] != vin_check_digit(vin):
        return f"The check digit (9th character) is {vin[8]} and should be {vin_check_digit(vin)}"
    return None


def vin_check_digit(vin: str) -> str:
    """The 9th character that 17 allowed characters call for (49 CFR 565.15)."""
    total = sum(weight * int(_VIN_VALUES[mark]) for weight, mark in zip(_VIN_WEIGHTS, vin, strict=True))
    return "0123456789X"[total % 11]


def normalise_plate(text: str) -> str:
    """The form in which plates are compared: capitals, letters and digits only ("986 vvk" -> "986VVK")."""
    return "".join(mark for mark in unicodedata.normalize("NFKC", text).upper() if mark.isalnum())


def normalise_phone(text: str, country: str | None) -> str | None:
    """E.164 of a valid number, read as in the country (ISO 3166 alpha-2) unless it starts with +, or None."""
    import phonenumbers  # large, and needed only where somebody writes a number

    if len(text) > _LONGEST_PHONE_TEXT:
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_iban(text: str) -> str | None:
    """The IBAN without spaces when its country, length and check digits are right (ISO 13616), or None."""
    from schwifty import IBAN  # it reads the banks of the world when it is imported
    from schwifty.exceptions import SchwiftyException

    if len(text) > _LONGEST_IBAN_TEXT:
        return None
    try:
        return str(IBAN("".join(text.split()).upper()))
    except (SchwiftyException, ValueError):
        return None


def normalise_email(text: str) -> str | None:
    """The address in lower case when it has the shape of one that mail can reach, or None."""
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or len(local) > _LONGEST_EMAIL_LOCAL or not _EMAIL_LOCAL.fullmatch(local):
        return None
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = domain.split(".")
    if len(labels) < 2 or not all(_DOMAIN_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    address = f"{local}@{domain}"
    return address if len(address) <= _LONGEST_EMAIL else None


def mask(text: str, keep: int = 4) -> str:
    """The last characters behind four dots; nothing of a text too short to hide the rest of it."""
    return f"••••{text[-keep:]}" if keep > 0 and len(text) >= 2 * keep else "••••"
