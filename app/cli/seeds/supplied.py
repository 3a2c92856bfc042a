"""The demo's bookings of suppliers' cars: some months of them, sold by terms with commission and by net terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import select
from sqlmodel import col

from app.cli.seeds.ids import seeded_id
from app.cli.seeds.rate_cards import DECIDER, WRITER, actor_named
from app.cli.seeds.supplier_terms import EARLIER
from app.cli.seeds.suppliers import MAPPED, MARKETS
from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import because, record
from app.core.db import AsyncSession, Database
from app.desk.customers.models import Customer
from app.kit.agreed_sheets import SheetState
from app.kit.ids import reference_of
from app.kit.money import Money
from app.kit.wall_times import moment_of
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services.supplied import price_sold
from app.rental.bookings.writes import PREFIX
from app.rental.margins import services as margins
from app.rental.supplier_terms import rules as terms
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import Sold
from app.rental.supplier_terms.services.selling import Agreements
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import Mileage, PriceLine, ReservationState, SupplierOffer
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.reservations import frame_fees
from app.sandbox.suppliers.catalogue import COMPANIES, MODELS

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person

FIRST, LAST, EVERY = -92, 58, 4
"""Days from today of the first and the last pick-up, and between two of them."""
AGREED_DAYS: Final = 150
"""So long ago the terms came into force that these were sold by."""
DESKS: Final = (("baltic", "TLLA01"), ("nordrive", "ee-tll-apt"), ("nordrive", "fi-hel-apt"), ("baltic", "RIXA01"))
CARS: Final = (("EDMR", 3_290), ("CDMR", 3_980), ("IWMR", 4_460), ("CDMR", 4_120), ("SFAR", 6_350))
"""A class and what a supplier asks for it a day, in minor units."""
LENGTHS: Final = (2, 3, 3, 4, 5, 7, 10)
LOST: Final = {7: BookingState.CANCELLED, 15: BookingState.NO_SHOW, 22: BookingState.CANCELLED}
"""Which of them came to nothing, by their number."""
NUMBERED_FROM: Final = 900_000
WHY: Final = "Brought over from the former system"


@dataclass(frozen=True, slots=True)
class _Hire:
    """What is decided before its rows are made."""

    number: int
    code: str
    branch: str
    acriss: str
    pickup: datetime
    days: int
    price: Money
    state: BookingState


async def add_supplied(database: Database, people: Sequence[Person]) -> None:
    """Terms of the last months, the hires that were sold by them, and what they earned."""
    writer, decider = [await actor_named(database, people, name) for name in (WRITER, DECIDER)]
    async with database.unit() as session:
        held = await _earlier_terms(session, writer, decider)
        customers = (await session.execute(select(Customer).order_by(col(Customer.id)).limit(200))).scalars().all()
        with because(WHY):
            for hire in _hires(clock.now()):
                market = MARKETS[MAPPED[hire.branch]][0]
                known = [each for each in customers if each.market == market] or customers
                await _add(session, hire, held, known[hire.number % len(known)])
    for month in margins.recent_months():
        async with database.unit() as session:
            await margins.recount_month(session, month)


async def _earlier_terms(session: AsyncSession, writer: Actor, decider: Actor) -> Agreements:
    since = clock.now() - timedelta(days=AGREED_DAYS)
    sheets: list[SupplierTerms] = []
    for code, lines in EARLIER:
        sheet = SupplierTerms(
            id=seeded_id("supplied", "terms", code),
            created_at=since - timedelta(days=2),
            updated_at=since,
            valid_from=since.date(),
            state=SheetState.IN_FORCE,
            created_by=writer.id,
            created_by_name=writer.name,
            agreed_by_name=decider.name,
            agreed_at=since,
            supplier_id=seeded_id("suppliers", "supplier", code),
            currency=COMPANIES[code].currency,
            lines=msgspec.to_builtins(terms.lines_of({"lines": lines})),
            note="As in the year before",
        )
        session.add(sheet)
        changes = {"state": (None, sheet.state), "valid_from": (None, sheet.valid_from)}
        await record(session, "supplier_terms.in_force", sheet, actor=decider, why=WHY, changes=changes)
        sheets.append(sheet)
    return Agreements({sheet.supplier_id: sheet.terms for sheet in sheets})


def _hires(now: datetime) -> list[_Hire]:
    chance = Random(61)  # noqa: S311  # nosec B311 - a demo is not a secret
    found: list[_Hire] = []
    for number, ahead in enumerate(range(FIRST, LAST, EVERY)):
        code, branch = DESKS[number % len(DESKS)]
        acriss, a_day = CARS[chance.randrange(len(CARS))]
        days = LENGTHS[chance.randrange(len(LENGTHS))]
        price = Money(days * (a_day + 10 * chance.randrange(60)), COMPANIES[code].currency)
        pickup = (now + timedelta(days=ahead)).replace(
            hour=9 + number % 8, minute=30 * (number % 2), second=0, microsecond=0, tzinfo=None
        )
        stands = BookingState.CLOSED if ahead + days < 0 else BookingState.CONFIRMED
        if ahead > 0 or ahead + days < 0:
            found.append(_Hire(number, code, branch, acriss, pickup, days, price, LOST.get(number, stands)))
    return found


async def _add(session: AsyncSession, hire: _Hire, held: Agreements, customer: Customer) -> None:
    supplier_id = seeded_id("suppliers", "supplier", hire.code)
    market, _ = MARKETS[MAPPED[hire.branch]]
    line = PriceLine(terms.TIME, f"Time and mileage, {hire.days} days", hire.price)
    model = f"{MODELS[hire.acriss]} or similar"
    offer = SupplierOffer(
        f"former-{hire.number}", hire.acriss, model, hire.price, (line,), Mileage(None), (), is_on_request=False
    )
    booking = _booking(hire, held.sell(supplier_id, market, offer), customer)
    reservation = _reservation(hire, offer, booking)
    session.add_all([booking, reservation])
    await record(session, "booking.created", booking, actor=SYSTEM, changes={"state": (None, booking.state)})
    await record(session, "supplier_reservation.submitted", reservation, actor=SYSTEM)


def _booking(hire: _Hire, sold: Sold, customer: Customer) -> Booking:
    location = MAPPED[hire.branch]
    market, zone = MARKETS[location]
    back = hire.pickup + timedelta(days=hire.days)
    pickup_at, return_at = moment_of(hire.pickup, zone), moment_of(back, zone)
    made_at = min(pickup_at - timedelta(days=18), clock.now() - timedelta(hours=hire.number + 1))
    priced, is_lost = price_sold(sold, pickup_at), hire.number in LOST
    has_left = hire.state is BookingState.CLOSED
    return Booking(
        id=seeded_id("supplied", "booking", str(hire.number)),
        created_at=made_at,
        reference=reference_of(PREFIX, NUMBERED_FROM + hire.number),
        market=market,
        source=Source.SUPPLIER,
        state=hire.state,
        customer_id=customer.id,
        driver_name=customer.name,
        driver_phone=customer.phone,
        driver_email=customer.email,
        pickup_location=location,
        pickup_local=hire.pickup,
        pickup_zone=zone,
        pickup_at=pickup_at,
        return_location=location,
        return_local=back,
        return_zone=zone,
        return_at=return_at,
        class_code=hire.acriss,
        total_minor=priced.total.minor,
        total_currency=priced.total.currency,
        price_lines=priced.lines,
        rate_snapshot=priced.snapshot,
        margin=priced.margin,
        fee_windows=priced.fee_windows or [],
        fee_minor=priced.total.minor // 2 if is_lost else None,
        cancel_requested_at=pickup_at - timedelta(hours=9) if hire.state is BookingState.CANCELLED else None,
        picked_up_at=pickup_at if has_left else None,
        returned_at=return_at if has_left else None,
        supplier_code=hire.code,
        supplier_reference=_number_of(hire),
    )


def _reservation(hire: _Hire, offer: SupplierOffer, booking: Booking) -> SupplierReservation:
    is_cancelled = hire.state is BookingState.CANCELLED
    given, _, family = booking.driver_name.rpartition(" ")
    made = SupplierReservation(
        id=seeded_id("supplied", "reservation", str(hire.number)),
        created_at=booking.created_at,
        reference=reference_of("SR", NUMBERED_FROM + hire.number),
        supplier_id=seeded_id("suppliers", "supplier", hire.code),
        state=ReservationState.CANCELLED if is_cancelled else ReservationState.CONFIRMED,
        market=booking.market,
        pickup_location=booking.pickup_location,
        return_location=booking.return_location,
        pickup_branch=hire.branch,
        return_branch=hire.branch,
        pickup_local=booking.pickup_local,
        return_local=booking.return_local,
        time_zone=booking.pickup_zone,
        surname=family[:100],
        given_name=given[:100],
        driver_age=31 + hire.number % 30,
        acriss=hire.acriss,
        rate_key=offer.key,
        offered_minor=hire.price.minor,
        confirmed_minor=None if is_cancelled else hire.price.minor,
        currency=hire.price.currency,
        offer=reservations.snapshot(offer),
        supplier_number=_number_of(hire),
        fee_minor=hire.price.minor // 2 if is_cancelled else None,
        sent_at=booking.created_at,
        subject_kind=Booking.record_kind,
        subject_id=booking.id,
    )
    frame_fees(made)
    return made


def _number_of(hire: _Hire) -> str:
    return f"{hire.code[:2].upper()}{47_000_000 + 131 * hire.number}"
