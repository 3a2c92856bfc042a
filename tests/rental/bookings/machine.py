"""Bookings as a model sees them, and the random work that is tried on them and on the model alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import AppError
from app.kit.acriss import is_known
from app.kit.fee_windows import fee_at
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.rules import DUE
from app.rental.bookings import queries, services
from app.rental.bookings.models import Booking
from app.rental.bookings.rules import BookingState, Source
from app.rental.bookings.services import hires, standing_in
from app.rental.suppliers.services import offering, reservations, searching
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.settling import settle
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.services import Reading
from tests.factories.rental import make_booking

B = BookingState
OURS = {
    "assign": {B.CONFIRMED: B.CONFIRMED, B.ON_HIRE: B.ON_HIRE},
    "remove": {B.CONFIRMED: B.CONFIRMED},
    "amend": {B.CONFIRMED: B.CONFIRMED},
    "upgrade": {B.CONFIRMED: B.CONFIRMED},
    "walk": {B.CONFIRMED: B.CONFIRMED},
    "walk_out": {B.CONFIRMED: B.CANCELLED},
    "extend": {B.ON_HIRE: B.ON_HIRE},
    "check_out": {B.CONFIRMED: B.ON_HIRE, B.NO_SHOW: B.ON_HIRE},
    "check_in": {B.ON_HIRE: B.RETURNED},
    "cancel": {B.CONFIRMED: B.CANCELLED},
    "miss": {B.CONFIRMED: B.NO_SHOW},
    "close": {B.NO_SHOW: B.CLOSED, B.RETURNED: B.CLOSED, B.DISPUTED: B.CLOSED},
    "dispute": {B.RETURNED: B.DISPUTED, B.CLOSED: B.DISPUTED},
}
"""What can be done with a booking of our own fleet in which state, and what it is then: written for the test alone."""
THEIRS = {
    "amend": {B.CONFIRMED: B.AMEND_PENDING},
    "cancel": {B.CONFIRMED: B.CANCEL_PENDING, B.UNKNOWN: B.CANCEL_PENDING, B.ON_REQUEST: B.ON_REQUEST},
    **{name: OURS[name] for name in ("miss", "close", "dispute")},
}
"""The same of a supplier's car; everything else waits for the supplier, who is asked by `settle`."""
FAULTS = {
    B.SUBMITTING: ("book", (None, None, "on_request", "lost", "overbooked", "drift")),
    B.AMEND_PENDING: ("amend", (None, "lost")),
    B.CANCEL_PENDING: ("cancel", (None, None, "lost")),
}
WORK = (
    "book", "book", "book_theirs", "assign", "assign", "remove", "amend", "amend", "upgrade", "walk", "walk_out",
    "extend", "check_out", "check_out", "check_in", "cancel", "miss", "close", "waive", "dispute", "settle", "settle",
    "settle", "decide", "wait", "wait",
)  # fmt: skip
COMPANY, BRANCH = "nordrive", "ee-tll-apt"


@dataclass(frozen=True)
class Snapshot:
    """All of a booking that a refused change must leave alone."""

    state: BookingState
    class_code: str
    vehicle_id: Any
    pickup: tuple[str, datetime]
    back: tuple[str, datetime]
    total: Money
    windows: tuple[Any, ...]
    fee: Money | None
    number: int

    @classmethod
    def of(cls, booking: Booking) -> "Snapshot":
        return cls(
            booking.state, booking.class_code, booking.vehicle_id,
            (booking.pickup_location, booking.pickup_at), (booking.return_location, booking.return_at),
            booking.total, tuple(booking.windows), booking.fee, booking.terms_number,
        )  # fmt: skip

    def due(self, moment: datetime) -> Money:
        """What cancelling costs."""
        return fee_at(self.total, self.windows, moment)


class Machine:
    """A desk that does whatever comes to its mind, with a supplier whose answers get lost."""

    def __init__(self, random, session, database, partners, settings, company, travel, cars, customer):
        self.random, self.session, self.database, self.partners = random, session, database, partners
        self.settings, self.company, self.travel = settings, company, travel
        self.cars, self.customer = cars, customer
        self.made: list[Any] = []
        self.decided: set[Any] = set()
        """Bookings about which the supplier has decided something that it has not told yet."""

    def pick(self, source: Source | None = None) -> Any:
        known = [booking.id for booking in self.made if source in (None, booking.source)]
        return self.random.choice(known) if known else None

    async def read(self, booking_id: Any) -> Booking:
        booking = await self.session.get(Booking, booking_id, populate_existing=True)
        assert booking is not None
        return booking

    def days(self) -> tuple[datetime, datetime]:
        """A hire in the next fortnight, from ten to ten."""
        start = clock.now().replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
        pickup = start + timedelta(days=self.random.randrange(1, 14))
        return pickup, pickup + timedelta(days=self.random.randrange(1, 4))

    def ends(self) -> dict[str, Any]:
        return {
            name: {"location": "TLL", "local": local}
            for name, local in zip(("pickup", "back"), self.days(), strict=True)
        }

    async def book(self) -> None:
        booking = await make_booking(self.session, customer=self.customer, **self.ends())
        self.made.append(booking)

    async def book_theirs(self) -> None:
        pickup, back = self.days()
        intent = await self._intent("TLL", pickup, "TLL", back)
        if intent is not None:
            fields = {
                "customer_id": self.customer.id, "driver": {"name": "Mari Kask"}, "class_code": intent.offer.acriss,
                "pickup": {"location": "TLL", "local": pickup}, "back": {"location": "TLL", "local": back},
            }  # fmt: skip
            booking = await services.create_booking(self.session, fields=fields, actor=SYSTEM, supplier=intent)
            self.made.append(booking)

    async def _intent(self, *ends: Any) -> Intent | None:
        wanted = searching.Wanted(*ends, 35)
        plan = await searching.plan_search(self.session, self.settings, wanted, SYSTEM)
        await self.session.commit()
        found = [each for each in (await searching.search(self.partners, plan)).offers if is_known(each.offer.acriss)]
        if not found:
            return None
        chosen = self.random.choice(found)
        question = offering.question_for(plan, COMPANY)
        offer = await offering.recheck(self.partners, plan, question, chosen.offer.key)
        return Intent(
            question.line.supplier_id, "EE", "TLL", "TLL", "Europe/Tallinn", chosen.hire, offer, "Kask", "Mari"
        )

    async def stand_in(self, booking: Booking) -> Intent | AppError:
        """A supplier's car for a booking of ours, or why there is none; nothing is open while it is asked."""
        try:
            prepared = await standing_in.prepare_walk(self.session, self.settings, booking.id, SYSTEM)
        except AppError as refused:
            return refused
        await self.session.commit()
        found = (await standing_in.ask_suppliers(self.partners, prepared)).offers
        if not found:
            return AppError("no supplier has a car")
        offer = self.random.choice(found).sold.offer
        return await standing_in.intend(
            self.database, self.partners, prepared, supplier=COMPANY, key=offer.key, expected=offer.total
        )

    async def walk_out(self, booking: Booking, intent: Intent | AppError | None) -> None:
        if not isinstance(intent, Intent):
            raise intent or AppError("nothing was asked")
        made = await services.walk_booking(
            self.session, booking.id, supplier=intent, expected=intent.offer.total, reason="Overbooked", actor=SYSTEM
        )
        self.made.append(made)
        assert (made.total, made.replaces_id) == (booking.total, booking.id)

    async def do(self, what: str, booking: Booking, intent: Intent | AppError | None = None) -> None:
        """One piece of work on a booking. Raises what the services raise."""
        session, given = self.session, {"reason": "It is so", "actor": SYSTEM}
        match what:
            case "assign":
                car = self.random.choice(self.cars)
                await services.assign_vehicle(session, booking.id, vehicle_id=car.id, **given)
            case "remove":
                await services.remove_vehicle(session, booking.id, actor=SYSTEM)
            case "amend":
                await services.amend_booking(
                    session, booking.id, fields={**self.ends(), "reason": "Other days"}, actor=SYSTEM
                )
            case "extend":
                local = booking.return_local + timedelta(days=self.random.choice((-1, 1, 2)))
                fields = {"back": {"location": "TLL", "local": local}, "reason": "Stays"}
                await services.extend_booking(session, booking.id, fields=fields, actor=SYSTEM)
            case "upgrade":
                await services.upgrade_booking(session, booking.id, class_code="PDMR", **given)
            case "walk":
                await services.walk_within_fleet(session, booking.id, location="TLL-C", class_code="IWMD", **given)
            case "walk_out":
                await self.walk_out(booking, intent)
            case "check_out":
                await self._check_out(booking)
            case "check_in":
                await hires.end_hire(session, booking.id, returned_at=clock.now(), priced=None, actor=SYSTEM)
                await vehicles.end_hire(
                    session, booking.vehicle_id, location_code="TLL", reading=Reading(0), **given
                )  # fmt: skip
            case _:
                moves: dict[str, Callable[..., Any]] = {
                    "cancel": services.cancel_booking, "miss": services.mark_no_show,
                    "close": services.close_booking, "dispute": services.dispute_booking,
                }  # fmt: skip
                await moves[what](session, booking.id, **given)

    async def _check_out(self, booking: Booking) -> None:
        vehicle_id = booking.vehicle_id
        if vehicle_id is None or not booking.pickup_at <= clock.now() < booking.return_at:
            raise AppError("nobody stands at the counter")
        await hires.start_hire(self.session, booking.id, vehicle_id=vehicle_id, actor=SYSTEM)
        await vehicles.begin_hire(
            self.session, vehicle_id, until=booking.return_at, reading=Reading(0), reason="Hire", actor=SYSTEM
        )

    async def settle(self, booking_id: Any, *, with_faults: bool = True) -> Booking:
        """Have the worker take the reservation a step further, as often as not with an answer that gets lost."""
        booking = await self.read(booking_id)
        reservation = await reservations.find_reservation_of(self.session, "booking", booking_id)
        assert reservation is not None
        operation, faults = FAULTS.get(booking.state, ("", (None,)))
        if with_faults and (fault := self.random.choice(faults)):
            self.company.switch_on(fault, operation, times=1)
        await self.session.commit()
        await settle(self.database, self.partners, self.settings, reservation.id)
        self.company.switch_off()
        return await self.read(booking_id)

    async def decide(self, booking_id: Any) -> None:
        """The people of the supplier answer a request, or cancel what was confirmed."""
        self.decided.add(booking_id)
        for real in await self.real(booking_id):
            if real["state"] == "on_request":
                self.company.decide(real["number"], self.random.choice(("confirmed", "cancelled")))
            elif real["state"] == "confirmed" and self.random.random() < 0.3:
                self.company.decide(real["number"], "cancelled")

    async def real(self, booking_id: Any) -> list[dict[str, Any]]:
        """What the supplier really has for a booking."""
        reservation = await reservations.find_reservation_of(self.session, "booking", booking_id)
        assert reservation is not None
        return self.company.reservations(reservation.reference)

    async def waive(self, booking_id: Any) -> None:
        for charge in await charges.list_about(self.session, "booking", booking_id):
            if charge.state in DUE:
                await charges.waive_charge(self.session, charge.id, reason="Goodwill", actor=SYSTEM)

    async def terms(self, booking_id: Any) -> dict[int, tuple[Money, dict[str, Any]]]:
        return {each.number: (each.total, each.terms) for each in await queries.list_terms(self.session, booking_id)}

    def wait(self, hours: int = 0) -> None:
        self.travel.shift(timedelta(hours=hours or self.random.randrange(1, 30)))


def begin_of(seed: int) -> datetime:
    """A spring of its own, so that the supplier's cars are not those of another run."""
    return datetime(2031 + seed, 4, 1, 6, tzinfo=UTC)
