"""Which field values a customer may have, what they are called, and by what a second record of them is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

from app.kit.checks import Checks
from app.kit.identifiers import normalise_email, normalise_iban, normalise_phone
from app.kit.markets import MARKETS
from app.kit.problems import Problem

MAX_AGE_YEARS = 120
LONGEST_IDENTITY_NUMBER = 30

_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER = re.compile(r"[A-Z0-9]{4,30}", re.ASCII)
_SEPARATORS = re.compile(r"[\s./-]")
_NAMES = ("given_name", "family_name")
_ADDRESS = {"street": 200, "postal_code": 16, "city": 100, "region": 100}
_PERSONAL_NUMBERS = {
    "AT": "at.tin",
    "BE": "be.nn",
    "BG": "bg.egn",
    "CH": "ch.ssn",
    "CZ": "cz.rc",
    "DE": "de.idnr",
    "DK": "dk.cpr",
    "EE": "ee.ik",
    "ES": "es.nif",
    "FI": "fi.hetu",
    "FR": "fr.nir",
    "GR": "gr.amka",
    "HR": "hr.oib",
    "IE": "ie.pps",
    "IT": "it.codicefiscale",
    "LT": "lt.asmens",
    "LV": "lv.pvn",
    "MX": "mx.curp",
    "NL": "nl.bsn",
    "NO": "no.fodselsnummer",
    "PL": "pl.pesel",
    "PT": "pt.nif",
    "RO": "ro.cnp",
    "SE": "se.personnummer",
    "SI": "si.emso",
    "SK": "sk.rc",
}
"""The scheme of a person's number by market; in the others any 4 to 30 letters and digits are taken."""


class CustomerKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


def kind_of(fields: Mapping[str, Any]) -> str:
    """The kind given, otherwise a company when only a company's name is there."""
    kind = fields.get("kind")
    if isinstance(kind, str) and kind:
        return kind
    is_company = bool(fields.get("company_name")) and not any(fields.get(name) for name in _NAMES)
    return CustomerKind.COMPANY if is_company else CustomerKind.PERSON


def check_customer(
    fields: Mapping[str, Any], *, is_new: bool, today: date, current: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Problems of the given fields; `current` holds the fields of the record that they change."""
    checks = Checks(fields)
    before = current or {}
    after = {**before, **fields}
    checks.required("market", is_new=is_new)
    market = checks.market() if "market" in fields else before.get("market")
    checks.choice("kind", tuple(CustomerKind))
    for name in (*_NAMES, "company_name"):
        checks.text(name, 120)
    if is_new or current is not None:
        _check_named(checks, after)
    checks.day("born_on", _years_before(today, MAX_AGE_YEARS), today)
    email = checks.text("email", 254)
    if email is not None and normalise_email(email) is None:
        checks.refuse("email", "malformed", "Not an e-mail address")
    phone = checks.text("phone", 40)
    if phone is not None and normalise_phone(phone, _phone_region(market)) is None:
        checks.refuse("phone", "malformed", "Not a phone number that exists; abroad begins with + and the country")
    iban = checks.text("iban", 60)
    if iban is not None and normalise_iban(iban) is None:
        checks.refuse("iban", "malformed", "Not an IBAN, or a digit is wrong")
    checks.text("language", 2, _LANGUAGE, "Two small letters such as et")
    _check_identity_number(checks, market, kind_of(after))
    if address := checks.group("address"):
        for name, longest in _ADDRESS.items():
            address.text(name, longest)
        address.text("country", 2, _COUNTRY, "Two capitals of ISO 3166")
    return checks.problems


def _check_named(checks: Checks, after: Mapping[str, Any]) -> None:
    names = Checks(after)
    if kind_of(after) == CustomerKind.COMPANY:
        if names.value("company_name") is None:
            checks.refuse("company_name", "required", "A company has a name")
    elif all(names.value(name) is None for name in _NAMES):
        checks.refuse("family_name", "required", "A person has a given or a family name")


def _check_identity_number(checks: Checks, market: str | None, kind: str | None) -> None:
    number = checks.text("identity_number", LONGEST_IDENTITY_NUMBER)
    if number is not None and normalise_identity_number(number, market, kind) is None:
        checks.refuse("identity_number", "malformed", f"Not an identity number of {market or 'the market'}")


def normalise_identity_number(text: str, market: str | None, kind: str | None = CustomerKind.PERSON) -> str | None:
    """The number without separators when it is right, or None (a Swedish one in twelve digits).

    A person's number is checked by the scheme of the market (length, date, check digit); a company's by shape alone.
    """
    scheme = _PERSONAL_NUMBERS.get(market or "") if kind != CustomerKind.COMPANY else None
    if scheme is None:
        bare = _SEPARATORS.sub("", text).upper()
        return bare if _NUMBER.fullmatch(bare) else None
    module: Any = import_module(f"stdnum.{scheme}")
    try:
        number = cast("str", module.validate(text))
        if market == "SE":  # 880320-0016, 8803200016 and 19880320-0016 are one number
            number = f"{module.get_birth_date(number).year // 100}{re.sub(r'[+-]', '', number)[-10:]}"
    except (ValueError, IndexError):  # every error of the package is a ValueError; odd text may run out of digits
        return None
    is_latvian_company = market == "LV" and number[0] > "3"  # the scheme also knows the numbers of companies
    return None if is_latvian_company else number


def normalise_customer(fields: Mapping[str, Any], *, market: str | None) -> dict[str, Any]:
    """Checked fields as they are stored: e-mail in lower case, E.164, IBAN and identity number without separators."""
    stored: dict[str, Any] = {
        name: value.strip() or None if isinstance(value, str) else value for name, value in fields.items()
    }
    if stored.get("email"):
        stored["email"] = normalise_email(stored["email"])
    if stored.get("phone"):
        stored["phone"] = normalise_phone(stored["phone"], _phone_region(market))
    if stored.get("iban"):
        stored["iban"] = normalise_iban(stored["iban"])
    if stored.get("identity_number"):
        stored["identity_number"] = normalise_identity_number(stored["identity_number"], market, kind_of(fields))
    return stored


def display_name(
    *,
    kind: str,
    given_name: str | None = None,
    family_name: str | None = None,
    company_name: str | None = None,
) -> str:
    if kind == CustomerKind.COMPANY:
        return company_name or ""
    return " ".join(name for name in (given_name, family_name) if name)


@dataclass(frozen=True, slots=True)
class DedupeKey:
    """Something that two records of one customer share; an identity number is to be hashed before it is kept."""

    kind: str
    value: str


def dedupe_keys(fields: Mapping[str, Any], *, market: str | None) -> list[DedupeKey]:
    """The keys of checked fields: identity number with its market, e-mail and phone, as far as they are there."""
    stored = normalise_customer(fields, market=market)
    keys: list[DedupeKey] = []
    if stored.get("identity_number"):
        keys.append(DedupeKey("identity_number", f"{market}:{stored['identity_number']}"))
    keys += [DedupeKey(name, stored[name]) for name in ("email", "phone") if stored.get(name)]
    return keys


def _phone_region(market: str | None) -> str | None:
    return MARKETS[market].phone_region if market in MARKETS else None


def _years_before(today: date, years: int) -> date:
    return date(today.year - years, today.month, min(today.day, 28))
