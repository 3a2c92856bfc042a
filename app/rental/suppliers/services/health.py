"""How a supplier does: times and errors of its calls of a day, and what became of its reservations of late."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from app.core import clock
from app.core.db import AsyncSession
from app.core.partners.outcomes import Outcome
from app.desk.exchanges import services as exchanges
from app.desk.exchanges.services import ExchangeLine
from app.rental.suppliers import queries, rules
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.rules import ErrorKind, Measured, ReservationState

MEASURED = timedelta(hours=24)
RESERVATIONS = 200
NO_FAULT = frozenset({ErrorKind.NO_RESULTS.value, ErrorKind.NOT_FOUND.value})
"""Refusals that say that there is nothing: the supplier did its part."""
DECIDED = frozenset({ReservationState.REJECTED, ReservationState.FAILED, ReservationState.CANCELLED_BY_SUPPLIER})

NOT_CONFIRMED = DECIDED | {ReservationState.ON_REQUEST}


@dataclass(frozen=True, slots=True)
class Health:
    """What the board shows of one supplier."""

    operations: list[Measured]
    reservations: int
    confirmed_percent: int | None
    """Of those that were decided, how many were confirmed."""
    drift_percent: Decimal | None
    """The mean move of the price from the offer to the confirmation."""
    last: list[ExchangeLine]


async def health_of(session: AsyncSession, supplier: Supplier) -> Health:
    """Calls of the last 24 hours and the newest 200 reservations."""
    measured = await exchanges.list_measured(session, supplier.partner_key, clock.now() - MEASURED)
    reservations = await queries.list_reservations(session, supplier.id, RESERVATIONS)
    return Health(
        operations=_operations(measured),
        reservations=len(reservations),
        confirmed_percent=_confirmed(reservations),
        drift_percent=_drift(reservations),
        last=await exchanges.list_with(session, supplier.partner_key),
    )


def _operations(measured: Sequence[tuple[str, Outcome, int, str]]) -> list[Measured]:
    times: dict[str, list[int]] = defaultdict(list)
    errors: dict[str, Counter[str]] = defaultdict(Counter)
    for operation, outcome, milliseconds, reason in measured:
        times[operation].append(milliseconds)
        kind = _kind(outcome, reason)
        if kind and kind not in NO_FAULT:
            errors[operation][kind] += 1
    return [rules.measure(operation, times[operation], dict(errors[operation])) for operation in sorted(times)]


def _kind(outcome: Outcome, reason: str) -> str:
    if outcome is Outcome.ANSWERED:
        return ""
    if outcome is Outcome.REFUSED:
        kind = reason.partition(":")[0]
        return kind if kind in set(ErrorKind) else ErrorKind.KNOWN.value
    return outcome.value


def _confirmed(reservations: Sequence[SupplierReservation]) -> int | None:
    decided = [each for each in reservations if each.supplier_number or each.state in DECIDED]
    confirmed = sum(each.state not in NOT_CONFIRMED for each in decided)
    return round(100 * confirmed / len(decided)) if decided else None


def _drift(reservations: Sequence[SupplierReservation]) -> Decimal | None:
    moves = [
        move
        for each in reservations
        if each.confirmed is not None and (move := rules.drift_percent(each.offered, each.confirmed)) is not None
    ]
    return round(sum(moves, Decimal()) / len(moves), 2) if moves else None
