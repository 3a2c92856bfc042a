"""Invoices of the demo: of a hire when it is closed, and of what became known after that, as fines do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from pymysql.cursors import Cursor

from app.cli.seeds.accounts import Person
from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, load, table_of
from app.cli.seeds.stories import Event
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.payments.charges.rules import Purpose
from app.payments.charges.services import PURPOSE_WORDS
from app.rental.papers import rules, services
from app.rental.papers.models import Invoice
from app.rental.papers.rules import InvoiceKind, InvoiceLine

INVOICE: Final[Table] = table_of(Invoice)
CLOSED, CHECKED_IN = "booking.closed", "booking.checked_in"
BEFORE_CLOSING: Final = timedelta(minutes=1)
LATER: Final = frozenset({Purpose.FINE, Purpose.TOLL, Purpose.ADMIN_FEE})
"""What is charged on after the hire."""


@dataclass(slots=True)
class _Bill:
    """An invoice without its number."""

    booking: Mapping[str, Any]
    events: list[Event]
    at: datetime
    who: Person
    lines: list[InvoiceLine]
    charges: Sequence[Mapping[str, Any]]


class InvoiceMaker:
    """Makes the invoices of hires that are over, and numbers them in the order in which they were issued."""

    def __init__(self, seed: str, customers: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        self._ids, self._customers, self._now = SeededIds(seed, "invoice"), customers, now
        self._bills: list[_Bill] = []
        self._series: dict[tuple[str, int], int] = {}
        self.rows: list[dict[str, Any]] = []
        self.invoice_of: dict[str, str] = {}
        """The invoice on which a charge stands."""

    def add(self, booking: Mapping[str, Any], events: list[Event], charges: Iterable[Mapping[str, Any]]) -> None:
        """Bill one hire: all of it when it is closed, and later what came later."""
        owed = [each for each in charges if each["purpose"] in services.BESIDES and each["state"] != "waived"]
        closed = next((event for event in events if event.action == CLOSED), None)
        back = next((event for event in events if event.action == CHECKED_IN), None)
        late = [each for each in owed if each["purpose"] in LATER]
        if back is None or not (owed or closed) or not (closed or late):
            return
        hire = services.lines_of_price(booking["price_lines"])
        at = min(closed.at - BEFORE_CLOSING, self._now) if closed else late[0]["created_at"]
        first = [each for each in owed if each["created_at"] <= at]
        self._bill(booking, events, max(at, back.at), back.who, hire, first)
        for moment, several in groupby(
            (each for each in owed if each["created_at"] > at), lambda each: each["created_at"]
        ):
            self._bill(booking, events, moment, back.who, [], list(several))

    def number(self, cursor: Cursor) -> None:
        """Give each its number, after those that the database has, and tell the bookings."""
        cursor.execute("SELECT market, year, last_number FROM invoice_series WHERE kind = 'invoice' FOR UPDATE")
        self._series = {(str(market), int(year)): int(last) for market, year, last in cursor.fetchall()}
        for place, bill in enumerate(sorted(self._bills, key=lambda each: each.at)):
            row = self._row(self._ids.text(place), bill)
            self.rows.append(row)
            self.invoice_of |= {str(charge["id"]): row["id"] for charge in bill.charges}
            facts = {"number": row["number"], "amount": Money(row["gross_minor"], row["currency"])}
            bill.events.append(Event(bill.at, "booking.invoiced", bill.who, facts=facts))

    def load(self, cursor: Cursor) -> int:
        """Load them with the last numbers of their series."""
        cursor.executemany(
            "INSERT INTO invoice_series (market, year, kind, last_number) VALUES (%s, %s, 'invoice', %s) "
            "ON DUPLICATE KEY UPDATE last_number = VALUES(last_number)",
            [(*series, last) for series, last in self._series.items()],
        )
        return load(cursor, INVOICE, self.rows)

    def _bill(
        self,
        booking: Mapping[str, Any],
        events: list[Event],
        at: datetime,
        who: Person,
        hire: list[InvoiceLine],
        charges: Sequence[Mapping[str, Any]],
    ) -> None:
        self._bills.append(_Bill(booking, events, at, who, [*hire, *map(_besides, charges)], charges))

    def _row(self, invoice_id: str, bill: _Bill) -> dict[str, Any]:
        booking = bill.booking
        market, currency = str(booking["market"]), str(booking["total_currency"])
        percent = services.vat_percent(market, booking["rate_snapshot"])
        customer = self._customers[str(booking["customer_id"])]
        day = bill.at.astimezone(ZoneInfo(MARKETS[market].zone)).date()
        number = self._series[market, day.year] = self._series.get((market, day.year), 0) + 1
        return {
            "id": invoice_id,
            "kind": InvoiceKind.INVOICE.value,
            "number": rules.number_of(InvoiceKind.INVOICE, market, day.year, number),
            "refers_to_id": None,
            "reason": "",
            "market": market,
            "booking_id": booking["id"],
            "issued_on": day,
            "issued_at": bill.at,
            "issued_by": bill.who.name,
            "customer": {"name": customer["name"], "address": services.address_lines(customer["address"])},
            "vat_percent": str(percent),
            **services.columns_of(bill.lines, rules.totals(bill.lines, percent, currency), currency),
        }


def _besides(charge: Mapping[str, Any]) -> InvoiceLine:
    purpose = Purpose(charge["purpose"])
    amount = Money(charge["amount_minor"], charge["currency"])
    return InvoiceLine(
        str(charge["id"]), PURPOSE_WORDS[purpose], charge["words"], amount, is_taxed=services.BESIDES[purpose]
    )
