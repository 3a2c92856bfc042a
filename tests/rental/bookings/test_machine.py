"""The life of bookings against a model: whatever is tried, in whatever order, everything that holds holds after it."""

from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from random import Random

import pytest
import time_machine

from app.core import clock
from app.core.errors import AppError, IllegalState
from app.kit.money import Money
from app.rental.bookings.rules import FOLLOWING, BookingState, Source
from app.rental.occupancy import services as occupancy
from tests.factories.desk import make_customer
from tests.factories.rental import HOURS, make_location, make_vehicle
from tests.factories.suppliers import make_supplier
from tests.rental.bookings.machine import BRANCH, COMPANY, OURS, THEIRS, WORK, Machine, Snapshot, begin_of

B = BookingState
STEPS, MOST_ASKED = 80, 6
LEAST_DONE = 10
"""Of the kinds of work and of suppliers' answers, how many each run has to meet to be worth something."""
HELD = frozenset({B.CONFIRMED, B.AMEND_PENDING, B.CANCEL_PENDING, B.ON_HIRE})
WAITING = frozenset({B.SUBMITTING, B.UNKNOWN, B.AMEND_PENDING, B.CANCEL_PENDING})
AT_THE_SUPPLIER = {
    B.CONFIRMED: {"confirmed"}, B.ON_REQUEST: {"on_request"}, B.CANCELLED: {"cancelled"},
    B.CANCELLED_BY_SUPPLIER: {"cancelled"}, B.REJECTED: {"cancelled"},
}  # fmt: skip


def follows(before: BookingState, after: BookingState) -> bool:
    """Whether the table leads there, at once or through one state that a move passes."""
    return after is before or after in FOLLOWING[before] or any(after in FOLLOWING[one] for one in FOLLOWING[before])


class Checked:
    """A machine whose every step is held against the model."""

    def __init__(self, machine):
        self.machine, self.session = machine, machine.session
        self.fees: dict[object, Money | None] = {}
        self.kept: dict[object, dict] = {}
        self.done: set[str] = set()

    async def step(self, what: str) -> None:
        machine = self.machine
        if what == "wait":
            machine.wait()
        elif what == "book":
            with suppress(AppError):
                async with self.session.begin_nested():
                    await machine.book()
                self.done.add(what)
        elif what == "book_theirs":
            await machine.book_theirs()
            self.done.add(what)
        elif what in ("settle", "decide") and (booking_id := machine.pick(Source.SUPPLIER)):
            await (self.settled(booking_id) if what == "settle" else machine.decide(booking_id))
        elif what == "waive" and (booking_id := machine.pick()):
            await machine.waive(booking_id)
        elif what in OURS and (booking_id := machine.pick()):
            await self.tried(what, booking_id)
        await self.session.commit()

    async def tried(self, what: str, booking_id: object) -> None:
        """Try it: where the model says no it is refused, and what is refused changes nothing."""
        booking = await self.machine.read(booking_id)
        before, now = Snapshot.of(booking), clock.now()
        table = OURS if booking.source is Source.OWN else THEIRS
        expected = table.get(what, {}).get(before.state)
        refused: AppError | None = None
        intent = await self.machine.stand_in(booking) if what == "walk_out" else None
        try:
            async with self.session.begin_nested():
                await self.machine.do(what, booking, intent)
        except AppError as error:
            refused = error
        after = Snapshot.of(await self.machine.read(booking_id))
        if refused is not None:
            assert after == before, f"{what} was refused and changed something"
            may_be_illegal = what in ("assign", "check_out", "close") or booking.source is Source.SUPPLIER
            assert expected is None or may_be_illegal or not isinstance(refused, IllegalState), f"{what}: {refused}"
            return
        assert after.state is expected, f"{what} from {before.state} led to {after.state}"
        self.done.add(f"{what}_theirs" if booking.source is Source.SUPPLIER else what)
        if what in ("cancel", "miss"):
            is_promised = before.state is not B.ON_REQUEST
            self.fees[booking_id] = before.due(now) if is_promised else Money(0, "EUR")
        elif what == "walk_out":
            self.fees[booking_id] = Money(0, "EUR")
        elif what == "check_out":
            self.fees[booking_id] = None
        elif what == "amend" and booking.source is Source.OWN:
            assert after.due(now) >= before.due(now), "a change made cancelling cheaper"
        elif what in ("upgrade", "walk"):
            assert (after.total, after.vehicle_id) == (before.total, None)

    async def settled(self, booking_id: object, *, with_faults: bool = True) -> None:
        """The supplier is asked: booking, reservation and the supplier's own record agree."""
        before = Snapshot.of(await self.machine.read(booking_id))
        booking = await self.machine.settle(booking_id, with_faults=with_faults)
        after = Snapshot.of(booking)
        assert follows(before.state, after.state), f"{before.state} led to {after.state}"
        real = await self.machine.real(booking_id)
        assert len(real) <= 1, "reserved twice"
        wanted = AT_THE_SUPPLIER.get(after.state)
        if wanted and booking_id not in self.machine.decided and (real or after.state is not B.REJECTED):
            assert {each["state"] for each in real} <= wanted, f"{after.state}, but the supplier has {real}"
        if after.state is B.CANCELLED_BY_SUPPLIER:
            self.fees[booking_id] = Money(0, "EUR")
        elif after.state is B.CONFIRMED and before.state is not B.CONFIRMED:
            self.fees[booking_id] = None
        if after.state in (B.CONFIRMED, B.UNKNOWN) and before.state is B.AMEND_PENDING:
            self.done.add(f"amended_to_{after.state}")
        self.done.add(after.state.value)

    async def come_to_rest(self, booking) -> None:
        """Ask until nothing is open: then the supplier's own record says the same, whatever it had decided."""
        if booking.source is Source.OWN:
            return
        for _ in range(MOST_ASKED):
            if (await self.machine.read(booking.id)).state in WAITING:
                self.machine.wait(1)
                await self.settled(booking.id, with_faults=False)
                await self.session.commit()
        assert (await self.machine.read(booking.id)).state not in WAITING
        self.machine.decided.discard(booking.id)
        await self.settled(booking.id, with_faults=False)

    async def check(self) -> None:
        """Everything that has to hold, whatever happened."""
        stretches: dict[object, list[tuple[datetime, datetime]]] = {}
        for booking in self.machine.made:
            seen = await self.machine.read(booking.id)
            lines = [Money.parse(*line["amount"].values()) for line in seen.price_lines]
            assert sum(line.minor for line in lines) == seen.total_minor
            assert {line.currency for line in lines} <= {seen.total_currency}
            assert seen.fee == self.fees.get(seen.id), f"{seen.state}: the fee moved"
            terms = await self.machine.terms(seen.id)
            assert sorted(terms) == list(range(1, seen.terms_number))
            assert all(terms[number] == kept for number, kept in self.kept.get(seen.id, {}).items()), "history changed"
            self.kept[seen.id] = terms
            hold = await occupancy.find_hold(self.session, seen.id)
            assert (hold is not None) == (seen.source is Source.OWN and seen.state in HELD)
            if hold:
                shown = (seen.vehicle_id, seen.class_code, seen.pickup_at, seen.return_at)
                assert (hold.vehicle_id, hold.class_code, hold.starts_at, hold.ends_at) == shown
                stretches.setdefault(hold.vehicle_id, []).append((hold.starts_at, hold.free_at))
        stretches.pop(None, None)
        for taken in stretches.values():
            assert all(first[1] <= second[0] for first, second in pairwise(sorted(taken))), "a vehicle is held twice"


@pytest.fixture
async def desk(session, database, partners, settings_here, companies):
    """Two branches near each other, five cars of two classes, one supplier."""
    tallinn = {"latitude": "59.41", "longitude": "24.83"}
    for code in ("TLL", "TLL-C"):
        await make_location(session, code, opening_hours=HOURS, **tallinn)
    cars = [
        await make_vehicle(session, acriss=acriss, location=place, plate=plate)
        for acriss, place, plate in (
            ("IWMD", "TLL", "AAA 1"), ("IWMD", "TLL", "AAA 2"), ("IWMD", "TLL", "AAA 3"), ("IWMD", "TLL-C", "CCC 1"),
            ("PDMR", "TLL", "PPP 1"),
        )
    ]  # fmt: skip
    await make_supplier(session, settings_here, COMPANY, {BRANCH: "TLL"})
    customer = await make_customer(session)
    await session.commit()

    def machine(seed: int, travel) -> Checked:
        random, company = Random(seed), companies[COMPANY]  # noqa: S311 - made-up plans
        return Checked(Machine(random, session, database, partners, settings_here, company, travel, cars, customer))

    return machine


class TestAgainstAModel:
    @pytest.mark.parametrize("seed", range(3))
    async def test_whatever_is_tried_everything_that_holds_holds(self, desk, seed):
        with time_machine.travel(begin_of(seed), tick=False) as travel:
            checked = desk(seed, travel)
            random = checked.machine.random
            for number in range(STEPS):
                await checked.step(random.choice(WORK))
                if number % 10 == 9:
                    await checked.check()
            for booking in list(checked.machine.made):
                await checked.come_to_rest(booking)
            await checked.check()
        assert {"book", "book_theirs", "confirmed"} <= checked.done
        assert len(checked.done) >= LEAST_DONE, sorted(checked.done)
