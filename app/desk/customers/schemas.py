"""Customers in the JSON API. Identity number and IBAN come in and go out masked only."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, Timestamp, UnsetType, timestamp
from app.desk.customers.models import Customer

KIND_WORDS = {"person": "Person", "company": "Company"}


class Address(msgspec.Struct, omit_defaults=True):
    """Where somebody lives or a company has its seat."""

    street: Maybe[str] = UNSET
    postal_code: Maybe[str] = UNSET
    city: Maybe[str] = UNSET
    region: Maybe[str] = UNSET
    country: Maybe[str] = UNSET


class AddressFields(msgspec.Struct, forbid_unknown_fields=True):
    """An address as it is sent; it replaces the one that was there."""

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


class DuplicateItem(msgspec.Struct, frozen=True):
    """Another customer who may be the same one; `reason` is identity_number, email or phone."""

    id: Id
    reason: str


class CustomerItem(msgspec.Struct):
    """A customer. `duplicates` is there only in the answer to a creation."""

    id: Id
    market: str
    kind: str
    name: str
    given_name: Maybe[str]
    family_name: Maybe[str]
    company_name: Maybe[str]
    born_on: Maybe[Day]
    identity_number_masked: Maybe[str]
    email: Maybe[str]
    phone: Maybe[str]
    address: Maybe[Address]
    iban_masked: Maybe[str]
    language: Maybe[str]
    tags: list[str]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    duplicates: Maybe[list[DuplicateItem]]

    def __post_init__(self) -> None:
        self.duplicates = UNSET
        if isinstance(self.born_on, date):
            self.born_on = self.born_on.isoformat()
        stored: Any = self.address
        if isinstance(stored, str):
            stored = msgspec.json.decode(stored)
        self.address = msgspec.convert(stored, Address) if stored else UNSET


class CustomerPage(msgspec.Struct):
    """One page of customers."""

    items: list[CustomerItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


def customer_item(customer: Customer) -> CustomerItem:
    """A customer that was just written, as the API shows them."""
    values = {name: getattr(customer, name, None) for name in CustomerItem.__struct_fields__}
    values |= {name: timestamp(getattr(customer, name)) for name in ("created_at", "updated_at")}
    values |= {"id": str(customer.id), "kind": customer.kind.value}
    found: Any = {name: UNSET if value is None else value for name, value in values.items()}
    return CustomerItem(**found)


class CustomerFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may set. In a change, an absent field stays as it is and null clears it."""

    market: str | None | UnsetType = UNSET
    kind: str | None | UnsetType = UNSET
    given_name: str | None | UnsetType = UNSET
    family_name: str | None | UnsetType = UNSET
    company_name: str | None | UnsetType = UNSET
    born_on: date | None | UnsetType = UNSET
    identity_number: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
    address: AddressFields | None | UnsetType = UNSET
    iban: str | None | UnsetType = UNSET
    language: str | None | UnsetType = UNSET
    confirm_duplicate: bool | UnsetType = UNSET


class NewCustomer(CustomerFields, forbid_unknown_fields=True, kw_only=True):
    """A customer to be added; clients may choose the id. `confirm_duplicate`: a known identity number is meant."""

    market: str  # pyright: ignore - required here, unlike in a change
    id: UUID | UnsetType = UNSET
