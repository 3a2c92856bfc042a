"""What a company bills: a CSV of its own record, with lines that are wrong in the ways that desks know."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from app.sandbox.suppliers.ledger import ONE_WAY_MINOR, TAX_PERCENT, YOUNG_MINOR, Ledger, Reservation

HEADERS: Final = (
    "Invoice", "Confirmation", "Your reference", "Driver", "Pick-up", "Drop-off", "Days", "Text", "Total", "Currency",
    "VAT %",
)  # fmt: skip
RIGHT, EXTRA_DAY, ONE_WAY, TAX, YOUNG, DUPLICATE = "right", "extra_day", "one_way", "tax_base", "young", "duplicate"
WRONG: Final = (RIGHT, EXTRA_DAY, ONE_WAY, TAX, YOUNG, DUPLICATE)
NOBODY: Final = "XX00000000"


def invoice(ledger: Ledger, number: str, country: str, kinds: Sequence[str] = WRONG) -> str:
    """Every reservation of a country, each wrong in the next of the kinds; cancelled ones are charged all the same.

    The last line is about a reservation that nobody has. Raises ValueError for a kind that there is not.
    """
    if unknown := set(kinds) - set(WRONG):
        raise ValueError(f"wrong: one of {', '.join(WRONG)}, not {', '.join(sorted(unknown))}")
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(HEADERS)
    billed = [each for each in ledger.reservations.values() if _country(ledger, each) == country]
    for place, reservation in enumerate(billed):
        kind = kinds[place % len(kinds)] if reservation.state == "confirmed" else RIGHT
        lines = [_line(number, reservation, kind)] * (2 if kind == DUPLICATE else 1)
        writer.writerows(lines)
    writer.writerow([number, NOBODY, "", "NOBODY/NEMO", "2026-01-02", "2026-01-04", 2, "Car hire", "99.00", "EUR", 22])
    return output.getvalue()


def _country(ledger: Ledger, reservation: Reservation) -> str:
    branch = ledger.company.branch(reservation.offer.ask.pickup_branch)
    return branch.country if branch else ""


def _line(number: str, reservation: Reservation, kind: str) -> list[Any]:
    offer, ask = reservation.offer, reservation.offer.ask
    days, total, back, text = offer.days, offer.total_minor, ask.return_at, "Car hire"
    match kind:
        case "extra_day":
            total += (2 * offer.time_minor + days) // (2 * days)
            days, back, text = days + 1, back + timedelta(hours=1), "Car hire, late return"
        case "one_way":
            total, text = total + ONE_WAY_MINOR, "Car hire and one way"
        case "tax_base":
            total, text = (total * (100 + TAX_PERCENT) * 2 + 100) // 200, "Car hire plus VAT"
        case "young":
            total, text = total + YOUNG_MINOR * days, "Car hire, young driver"
        case _:
            pass
    driver = f"{reservation.surname}/{reservation.given_name}".upper()
    return [
        number, reservation.number, reservation.client_reference, driver, f"{ask.pickup:%Y-%m-%d}", f"{back:%Y-%m-%d}",
        days, text, f"{total // 100}.{total % 100:02d}", offer.currency, TAX_PERCENT,
    ]  # fmt: skip
