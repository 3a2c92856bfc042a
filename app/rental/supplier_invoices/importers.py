"""Rows of a supplier's file as lines of its invoice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.importing import Existing, ImportRow, Saved
from app.kit.cells import CellField, read_cells
from app.kit.markets import MARKETS
from app.kit.money import EXPONENTS
from app.kit.problems import Problem
from app.rental.supplier_invoices import rules, services
from app.rental.supplier_invoices.models import SupplierInvoice

SHARED = "supplier_invoice_lines.shared"
_CURRENCIES = tuple((code, code) for code in sorted(EXPONENTS))
_MARKETS = tuple((code, market.name) for code, market in MARKETS.items())
_FIELDS = (
    CellField("supplier", "Supplier, code", is_required=True, is_constant=True),
    CellField("invoice_number", "Invoice number", is_required=True, is_constant=True),
    CellField("market", "Market", "choice", choices=_MARKETS, is_required=True, is_constant=True),
    CellField("issued_on", "Issued on", "day", is_constant=True),
    CellField("supplier_number", "Their number"),
    CellField("our_reference", "Our reference"),
    CellField("driver", "Driver"),
    CellField("pickup_on", "Pick-up on", "day"),
    CellField("return_on", "Return on", "day"),
    CellField("description", "Description"),
    CellField("days", "Days", "whole"),
    CellField("amount.amount", "Amount", "amount", is_required=True),
    CellField(
        "amount.currency", "Currency of the amount", "currency", choices=_CURRENCIES, is_required=True, is_constant=True
    ),
    CellField("tax_percent", "Tax, percent", "decimal", is_constant=True),
    CellField("exchange_rate", "Rate of exchange on the invoice", "decimal", is_constant=True),
    CellField("agreed_rate", "Rate of exchange agreed", "decimal", is_constant=True),
)


@dataclass(slots=True)
class Shared:
    """What the rows of a batch ask for again and again."""

    invoices: dict[tuple[str, str, str], SupplierInvoice] = field(
        default_factory=dict[tuple[str, str, str], SupplierInvoice]
    )
    usual: services.UsualFees = field(default_factory=services.UsualFees)

    async def invoice_of(self, session: AsyncSession, row: ImportRow, actor: Actor) -> SupplierInvoice:
        """The invoice of a row; one that was rolled back with the row that opened it is opened again."""
        supplier, number, market = (str(row.fields[name]) for name in ("supplier", "invoice_number", "market"))
        key = supplier, number, market
        if key not in self.invoices or self.invoices[key] not in session:
            self.invoices[key] = await services.open_invoice(session, fields=row.fields, actor=actor)
        return self.invoices[key]


class InvoiceLineImporter:
    """Lines of suppliers' invoices; the first one of a number makes the invoice."""

    key = "supplier_invoice_lines"
    title = "Lines of a supplier's invoice"
    permission = "supplier_invoices.match"
    list_address = "/supplier-invoice-lines"
    fields: Mapping[str, CellField] = {field.name: field for field in _FIELDS}

    def address(self, record_id: UUID) -> str:
        return f"/supplier-invoice-lines/{record_id}"

    async def menus(self, session: AsyncSession, actor: Actor) -> Mapping[str, Sequence[tuple[str, str]]]:  # noqa: ARG002 - as the protocol calls it
        return {}

    def prepare(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Typed fields of a line and what the rules refuse."""
        values, problems = read_cells(cells, self.fields)
        refused = {self.fields[problem.field].record_field for problem in problems}
        checked = rules.check_line(values)
        return values, problems + [problem for problem in checked if problem.field not in refused]

    async def find_existing(self, session: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, Existing]:  # noqa: ARG002
        """None: a key names a line within its invoice only. A batch begins here, and with it what its rows share."""
        session.info[SHARED] = Shared()
        return {}

    async def save(
        self,
        session: AsyncSession,
        row: ImportRow,
        existing: Existing | None,  # noqa: ARG002 - none is looked for
        *,
        source: str,  # noqa: ARG002 - the invoice's number says whose line it is
        actor: Actor,
    ) -> Saved:
        """Keep a line; one that is there already is refused, so that the same file again adds nothing."""
        shared: Shared = session.info[SHARED]
        invoice = await shared.invoice_of(session, row, actor)
        line = await services.add_line(session, invoice, row.key, fields=row.fields, usual=shared.usual, actor=actor)
        return Saved(line)


LINES = InvoiceLineImporter()
