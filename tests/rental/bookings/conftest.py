"""Somebody who books suppliers' cars, against the record of the sandbox."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.desk.tasks.models import Task
from app.rental.bookings import services
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState
from app.rental.supplier_terms.services.selling import sell_now
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Wanted, plan_search, search
from app.rental.suppliers.services.settling import settle
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_location
from tests.factories.suppliers import make_supplier, make_terms
from tests.rental.suppliers.hires import next_hire

B = BookingState
BRANCH = {"baltic": "TLLA01", "nordrive": "ee-tll-apt", "sunway": "TLL-1"}


class Counter:
    """Somebody who books a supplier's car, and the worker that settles it."""

    def __init__(self, session, database, partners, settings, companies):
        self.session, self.database, self.partners, self.settings = session, database, partners, settings
        self.companies = companies
        self.suppliers = {}

    async def book(self, code="nordrive", walks=None, free_hours=None, line=None, **values) -> Booking:
        self.company = self.companies[code]
        if code not in self.suppliers:
            made = await make_supplier(self.session, self.settings, code, {BRANCH[code]: "TLL"}, **values)
            self.suppliers[code] = made
            if line is not None:
                await make_terms(self.session, made, line)
        supplier = self.supplier = self.suppliers[code]
        self.pickup, self.back = next_hire()
        plan = await plan_search(self.session, self.settings, Wanted("TLL", self.pickup, "TLL", self.back, 35), SYSTEM)
        await self.session.commit()
        offers = (await search(self.partners, plan)).offers
        found = next(each for each in offers if each.supplier_id == supplier.id)
        self.offer = replace(found.offer, free_hours=free_hours)
        intent = Intent(supplier.id, "EE", "TLL", "TLL", "Europe/Tallinn", found.hire, self.offer, "Kask", "Mari")
        if walks is not None:
            sold = await sell_now(self.session, supplier.id, "EE", self.offer)
            booking = await services.walk_booking(
                self.session, walks, supplier=intent, expected=sold.offer.total, reason="Nothing left", actor=SYSTEM
            )
            return await self._kept(booking)
        customer = await make_customer(self.session)
        fields = {
            "customer_id": customer.id,
            "driver": {"name": "Mari Kask"},
            "pickup": {"location": "TLL", "local": self.pickup},
            "back": {"location": "TLL", "local": self.back},
            "class_code": found.offer.acriss,
        }
        booking = await services.create_booking(self.session, fields=fields, actor=SYSTEM, supplier=intent)
        return await self._kept(booking)

    async def _kept(self, booking: Booking) -> Booking:
        await self.session.commit()
        self.id = booking.id
        made = await reservations.find_reservation_of(self.session, "booking", booking.id)
        assert made is not None
        self.reservation_id, self.reference = made.id, made.reference
        return booking

    async def settle(self) -> BookingState:
        state = await settle(self.database, self.partners, self.settings, self.reservation_id)
        booking = await self.booking()
        assert booking.state.value == state.value
        return booking.state

    async def booking(self) -> Booking:
        return await self.session.get(Booking, self.id, populate_existing=True)

    async def reservation(self) -> SupplierReservation:
        return await self.session.get(SupplierReservation, self.reservation_id, populate_existing=True)

    async def cancel(self) -> Booking:
        booking = await services.cancel_booking(self.session, self.id, reason="Other plans", actor=SYSTEM)
        await self.session.commit()
        return booking

    async def amend(self, back) -> Booking:
        fields = {"back": {"location": "TLL", "local": back}, "reason": "Stays longer"}
        booking = await services.amend_booking(self.session, self.id, fields=fields, actor=SYSTEM)
        await self.session.commit()
        return booking

    @property
    def real(self) -> list[dict]:
        return self.company.reservations(self.reference)

    async def tasks(self) -> list[str]:
        statement = select(Task.kind).where(Task.subject_id == self.id)
        return list((await self.session.execute(statement)).scalars())


@pytest.fixture
async def counter(session, database, partners, settings_here, companies):
    await make_location(session, "TLL", opening_hours=HOURS)
    return Counter(session, database, partners, settings_here, companies)
