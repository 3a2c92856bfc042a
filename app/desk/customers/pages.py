"""What customer pages show, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.conflicts import Conflict
from app.core.lists import Frame
from app.desk.customers.forms import ADDRESS, CustomerForm
from app.desk.customers.models import Customer
from app.desk.customers.schemas import KIND_WORDS, CustomerItem
from app.desk.customers.services import Duplicate
from app.kit.markets import MARKETS

COLUMNS = (
    ("Name", "name", ""),
    ("Kind", "", ""),
    ("Identity number", "", ""),
    ("E-mail", "", ""),
    ("Phone", "", ""),
    ("City", "", "wide"),
    ("Market", "", ""),
    ("Changed", "updated_at", ""),
)
REASONS = {"identity_number": "the same identity number", "email": "the same e-mail", "phone": "the same phone number"}
LANGUAGES = tuple(sorted({market.language for market in MARKETS.values()}))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, as text."""

    id: str
    name: str
    kind: str
    number: str
    email: str
    phone: str
    city: str
    market: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class CustomerList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool


@dataclass(frozen=True, slots=True)
class Secret:
    """The identity number: masked, or in clear after it was asked for."""

    customer_id: str
    masked: str
    clear: str = ""
    can_reveal: bool = False


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """The record page."""

    customer: Customer
    kind: str
    market: str
    address: str
    secret: Secret
    timeline: Sequence[Any]
    can_edit: bool
    can_apply: bool
    can_see_applications: bool
    source_fields: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Match:
    """A customer who may be the one that is being added."""

    id: str
    name: str
    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerEdit:
    """New and edit: the form, its menus, and who is like it."""

    form: CustomerForm
    customer: Customer | None
    action: str
    cancel_href: str
    markets: list[tuple[str, str]]
    matches: list[Match] = field(default_factory=list[Match])
    kinds: tuple[tuple[str, str], ...] = tuple(KIND_WORDS.items())
    languages: tuple[tuple[str, str], ...] = tuple((code, code) for code in LANGUAGES)


@dataclass(frozen=True, slots=True)
class CustomerConflict:
    """Two people edited at once: choose field by field."""

    customer: Customer
    conflict: Conflict
    action: str


def row(item: CustomerItem) -> Row:
    """A line of the list."""
    return Row(
        id=item.id,
        name=item.name,
        kind=KIND_WORDS[item.kind],
        number=item.identity_number_masked or "",
        email=item.email or "",
        phone=item.phone or "",
        city=(item.address.city or "") if item.address else "",
        market=item.market,
        updated_at=item.updated_at,
    )


def matches_of(found: Sequence[Duplicate]) -> list[Match]:
    """Who is like the customer being typed, and in what."""
    return [
        Match(
            str(duplicate.customer.id),
            duplicate.customer.name,
            ", ".join(
                part for part in (duplicate.customer.market, duplicate.customer.email, duplicate.customer.phone) if part
            ),
            REASONS[duplicate.reason],
        )
        for duplicate in found
    ]


def address_in_words(customer: Customer) -> str:
    """Street, code and city, region, country in one line."""
    street, code, city, region, country = (customer.address.get(part, "") for part in ADDRESS)
    return ", ".join(part for part in (street, f"{code} {city}".strip(), region, country) if part)


def markets_for(scope: frozenset[str] | None) -> list[tuple[str, str]]:
    """The markets of an actor's scope, for a menu."""
    return [(code, market.name) for code, market in MARKETS.items() if scope is None or code in scope]


def source_rows(customer: Customer) -> list[tuple[str, str]]:
    """Columns of the imported file that have no field of their own."""
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in customer.source_fields.items()]
