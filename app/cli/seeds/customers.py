"""Customers as rows: people and companies with sealed numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, table_of
from app.cli.seeds.numbers import IDENTITY_NUMBERS, iban_of, phone_of
from app.cli.seeds.people import MARKETS_OF_CREDIT, company_name, names_of, plain
from app.cli.seeds.tags import tags_of
from app.core.crypto import encrypt, keyed_hash
from app.desk.customers.models import Customer
from app.desk.customers.services import CustomerKeys
from app.kit.identifiers import mask
from app.kit.markets import MARKETS

CUSTOMER: Final[Table] = table_of(Customer, binary=("identity_number_sealed", "iban_sealed"))
COMPANY_SHARE: Final = 0.1
_DAYS_OF_BIRTH: Final = 19_500
_YOUNGEST_DAYS: Final = 6_800
_BIRTH_STEP: Final = 7_919
"""A prime, so that people who follow each other were not born on days that follow each other."""


@dataclass(frozen=True, slots=True)
class CustomerNumbering:
    """What a seed decides for all its customers."""

    seed: str
    slot: int
    source: str | None
    keys: CustomerKeys
    ids: SeededIds = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", SeededIds(self.seed, "customer"))


def make_customer(
    random: Random, numbering: CustomerNumbering, number: int, now: datetime, market: str | None = None
) -> dict[str, Any]:
    """The customer of this number. What is sealed differs from time to time, because its nonce is random."""
    draw = random.random
    market = market or MARKETS_OF_CREDIT.draw(draw())
    names = names_of(market)
    is_woman = draw() < 0.48
    given = names.given[is_woman][int(draw() * len(names.given[is_woman]))]
    family = names.family[is_woman][int(draw() * len(names.family[is_woman]))]
    is_company = draw() < COMPANY_SHARE
    customer_id = numbering.ids.text(number)
    serial = number + numbering.slot * 31
    born_on = None if is_company else _born_on(now.date(), serial)
    identity = (
        f"{10_000_000 + serial * 7 % 89_999_999}" if born_on is None else _identity(market, born_on, is_woman, serial)
    )
    company = company_name(market, family, draw()) if is_company else None
    created_at = now - timedelta(days=draw() * 75 + 1, seconds=draw() * 80_000)
    return {
        "id": customer_id,
        "version": 1,
        "created_at": created_at,
        "updated_at": created_at,
        "market": market,
        "kind": "company" if is_company else "person",
        "name": company or f"{given} {family}",
        "given_name": None if is_company else given,
        "family_name": None if is_company else family,
        "company_name": company,
        "born_on": born_on,
        "email": _email(given, family, company, number),
        "phone": phone_of(market, draw()),
        "address": _address(random, market),
        "language": "ru" if market == "EE" and draw() < 0.25 else MARKETS[market].language,
        "tags": tags_of("customer", number),
        "source": numbering.source,
        "source_key": str(number) if numbering.source else None,
        "source_fields": "{}",
        **_sealed(numbering.keys, customer_id, market, identity, iban_of(market, serial * 7_654_321 + 1_234_567)),
    }


def _sealed(keys: CustomerKeys, customer_id: str, market: str, identity: str | None, iban: str) -> dict[str, Any]:
    """The numbers as the service keeps them: sealed for this customer, masked, and the first one hashed."""
    return {
        "identity_number_sealed": encrypt(keys.sealing[0], identity, f"customer.identity_number/{customer_id}")
        if identity
        else None,
        "identity_number_masked": mask(identity) if identity else None,
        "identity_number_hash": keyed_hash(keys.hashing[0], f"identity_number:{market}:{identity}")
        if identity
        else None,
        "iban_sealed": encrypt(keys.sealing[0], iban, f"customer.iban/{customer_id}"),
        "iban_masked": mask(iban),
    }


def _born_on(today: date, serial: int) -> date:
    return today.replace(month=1, day=1) - timedelta(days=_YOUNGEST_DAYS + serial * _BIRTH_STEP % _DAYS_OF_BIRTH)


def _identity(market: str, born_on: date, is_woman: bool, serial: int) -> str | None:
    make = IDENTITY_NUMBERS[market]
    first = serial // _DAYS_OF_BIRTH + serial * 13
    return next((number for attempt in range(20) if (number := make(born_on, is_woman, first + attempt))), None)


def _email(given: str, family: str, company: str | None, number: int) -> str:
    """An address under the names that are kept free for examples (RFC 2606): no mail can reach a stranger."""
    if company:
        return f"office@{plain(company)}{number}.example"
    return f"{plain(given)}.{plain(family)}{number}@example.com"


def _address(random: Random, market: str) -> dict[str, str]:
    draw = random.random
    names = names_of(market)
    town, code = names.towns[int(draw() * len(names.towns))]
    street = names.streets[int(draw() * len(names.streets))]
    house = f"{1 + int(draw() * 98)}" + (f"-{1 + int(draw() * 60)}" if draw() < 0.45 else "")
    return {
        "street": f"{street} {house}",
        "postal_code": code.replace("#", str(int(draw() * 10))),
        "city": town,
        "country": market,
    }
