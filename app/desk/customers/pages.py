"""What customer pages show, and in which words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.actor import Actor
from app.core.columns import Column
from app.core.conflicts import Conflict
from app.core.lists import Frame, RecordList
from app.core.previews import Preview
from app.desk.customers.forms import ADDRESS, CustomerForm
from app.desk.customers.models import Customer
from app.desk.customers.queries import SPEC
from app.desk.customers.schemas import KIND_WORDS, CustomerItem
from app.desk.customers.services import Duplicate
from app.desk.records.services import Beside
from app.kit.markets import MARKETS

LIST = RecordList(
    key="customers",
    title="Customers",
    path="/customers",
    spec=SPEC,
    columns=(
        Column("name", "Name", "name", is_fixed=True),
        Column("kind", "Kind"),
        Column("identity_number", "Identity number", css="mono"),
        Column("email", "E-mail"),
        Column("phone", "Phone", css="mono"),
        Column("city", "City", align="wide"),
        Column("market", "Market"),
        Column("updated", "Changed", "updated_at", css="faint"),
        Column("born", "Born", is_default=False),
        Column("street", "Street", is_default=False),
        Column("postal_code", "Postal code", css="mono", is_default=False),
        Column("iban", "IBAN", css="mono", is_default=False),
        Column("language", "Language", is_default=False),
        Column("created", "Added", "created_at", css="faint", is_default=False),
    ),
    cells="desk/customers/_cells.html",
    kind="customer",
    hint="Name, e-mail, phone, city",
    is_selectable=True,
)
VIEWS = (("All", {}), ("People", {"kind": "person"}), ("Companies", {"kind": "company"}))
REASONS = {"identity_number": "the same identity number", "email": "the same e-mail", "phone": "the same phone number"}
LANGUAGES = tuple(sorted({market.language for market in MARKETS.values()}))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    id: str
    name: str
    item: CustomerItem
    kind: str


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
    beside: Beside
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


async def preview(_session: Any, customer: Customer, actor: Actor) -> Preview:
    """A customer at a glance."""
    facts = [
        ("E-mail", customer.email or ""), ("Phone", customer.phone or ""), ("Address", address_in_words(customer)),
        ("Identity number", customer.identity_number_masked or ""), ("Market", MARKETS[customer.market].name),
    ]  # fmt: skip
    offered = [
        ("Applications", f"/applications?customer_id={customer.id}", "applications.view"),
        ("New application", f"/applications/new?customer_id={customer.id}", "applications.edit"),
        ("Edit", f"/customers/{customer.id}/edit", "customers.edit"),
    ]
    moves = [(label, href) for label, href, permission in offered if actor.may(permission)]
    return Preview(customer.name, state=KIND_WORDS[customer.kind], facts=facts, moves=moves)


def row(item: CustomerItem) -> Row:
    """A line of the list."""
    return Row(item.id, item.name, item, KIND_WORDS[item.kind])


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
