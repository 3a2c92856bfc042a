"""Invoices of suppliers and their lines, in lists and in the JSON API."""

from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType

MOST_LINES = 500


class SupplierInvoiceItem(msgspec.Struct):
    """What a supplier wants to be paid; money is of all lines together."""

    id: Id
    supplier: str
    supplier_name: str
    number: str
    market: str
    issued_on: Day
    currency: str
    lines: int
    open_lines: int
    disputed_lines: int
    billed_minor: int
    expected_minor: int
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SupplierInvoicePage(msgspec.Struct):
    """A page of invoices; `total` comes when it is asked for."""

    items: list[SupplierInvoiceItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class SupplierInvoiceLineItem(msgspec.Struct):
    """One line: what is billed, what it was found to be about, and why it differs.

    `parts` are causes with what each makes of the difference in minor units; `cause` is the largest.
    """

    id: Id
    invoice_id: Id
    invoice_number: str
    supplier: str
    market: str
    supplier_number: str
    our_reference: str
    driver: str
    pickup_on: Maybe[Day]
    return_on: Maybe[Day]
    description: str
    amount: MoneyValue
    expected: MoneyValue
    difference_minor: int
    matched_by: str
    reservation_id: Maybe[Id]
    reservation: Maybe[str]
    cause: Maybe[str]
    parts: list[dict[str, Any]]
    state: str
    reason: str
    decided_by: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class SupplierInvoiceLinePage(msgspec.Struct):
    """A page of lines; `total` comes when it is asked for."""

    items: list[SupplierInvoiceLineItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class NewInvoiceLine(msgspec.Struct, forbid_unknown_fields=True):
    """One line of an invoice: the supplier's number or our reference, or else driver and dates."""

    amount: MoneyValue
    supplier_number: Annotated[str, msgspec.Meta(max_length=64)] | UnsetType = UNSET
    our_reference: Annotated[str, msgspec.Meta(max_length=16)] | UnsetType = UNSET
    driver: Annotated[str, msgspec.Meta(max_length=160)] | UnsetType = UNSET
    pickup_on: date | UnsetType = UNSET
    return_on: date | UnsetType = UNSET
    description: Annotated[str, msgspec.Meta(max_length=300)] | UnsetType = UNSET
    days: Annotated[int, msgspec.Meta(ge=1, le=400)] | UnsetType = UNSET
    tax_percent: Annotated[str, msgspec.Meta(pattern=r"^\d{1,2}(\.\d{1,3})?$", examples=["22"])] | UnsetType = UNSET
    exchange_rate: Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}(\.\d{1,8})?$", examples=["11.5"])] | UnsetType = UNSET
    agreed_rate: Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}(\.\d{1,8})?$", examples=["11.3"])] | UnsetType = UNSET


class NewSupplierInvoice(msgspec.Struct, forbid_unknown_fields=True):
    """An invoice with its lines, which are matched and explained at once. Clients may choose the `id`."""

    supplier: Annotated[str, msgspec.Meta(max_length=32, examples=["baltic"])]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64, examples=["2026-0917"])]
    market: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["EE"])]
    lines: Annotated[list[NewInvoiceLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    issued_on: date | UnsetType = UNSET
    id: UUID | UnsetType = UNSET


class InvoiceMatching(msgspec.Struct):
    """That the lines of an invoice on which nobody has decided are looked at again: how far it is, what came of it.

    `changed` is there once it is done: how many lines came out otherwise. `reason`: why it stopped before.
    """

    EXAMPLE: ClassVar = {
        "id": "01977f3a-8c1e-7c1d-9f2b-1f6f0b7e3a11", "state": "running", "done": 4_200, "total": 20_000,
    }  # fmt: skip

    id: Id
    state: str
    done: int
    total: Maybe[int] = UNSET
    changed: Maybe[int] = UNSET
    reason: Maybe[str] = UNSET


class LineDecision(msgspec.Struct, forbid_unknown_fields=True):
    """Why a line is accepted."""

    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class LineDispute(msgspec.Struct, forbid_unknown_fields=True):
    """What the supplier is told about a line."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class CauseTotal(msgspec.Struct, frozen=True):
    """What one cause makes of all differences."""

    cause: str
    words: str
    lines: int
    amount: MoneyValue


class SupplierInvoiceAnswer(msgspec.Struct, frozen=True):
    """One invoice with what each cause comes to."""

    invoice: SupplierInvoiceItem
    causes: list[CauseTotal]
