"""Reserving, against the record of the sandbox: whatever is lost on the way, there is one reservation or none."""

import asyncio
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.core.jobs.context import LeaseLost
from app.core.jobs.models import Job
from app.desk.tasks.models import Task
from app.kit.money import Money
from app.rental.suppliers import rules
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import Operation, ReservationState
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.by_hand import settle_by_hand
from app.rental.suppliers.services.reservations import Intent, PriceMoved
from app.rental.suppliers.services.searching import Wanted, plan_search, search
from app.rental.suppliers.services.settling import settle
from tests.factories.rental import make_location
from tests.factories.suppliers import make_supplier
from tests.rental.suppliers.hires import next_hire

S = ReservationState
BRANCH = {"baltic": "TLLA01", "nordrive": "ee-tll-apt", "sunway": "TLL-1"}


class Desk:
    """Somebody who reserves with one company, and the worker that settles it."""

    def __init__(self, session, database, partners, settings, companies):
        self.session, self.database, self.partners, self.settings = session, database, partners, settings
        self.companies = companies
        self.code = ""

    async def reserve(self, code: str = "nordrive", **values) -> SupplierReservation:
        self.code = code
        self.supplier = await make_supplier(self.session, self.settings, code, {BRANCH[code]: "TLL"}, **values)
        pickup, back = next_hire()
        plan = await plan_search(self.session, self.settings, Wanted("TLL", pickup, "TLL", back, 35), SYSTEM)
        await self.session.commit()
        found = (await search(self.partners, plan)).offers[0]
        intent = Intent(self.supplier.id, "EE", "TLL", "TLL", "Europe/Tallinn", found.hire, found.offer, "Kask", "Mari")
        made = await reservations.submit_reservation(self.session, intent, expected=found.offer.total, actor=SYSTEM)
        await self.session.commit()
        self.id, self.reference = made.id, made.reference
        return made

    async def settle(self, database=None) -> ReservationState:
        return await settle(database or self.database, self.partners, self.settings, self.id)

    async def kept(self) -> SupplierReservation:
        return await self.session.get(SupplierReservation, self.id, populate_existing=True)

    def switch_on(self, fault: str, operation: str, **more) -> None:
        self.companies[self.code].switch_on(fault, operation, **more)

    @property
    def real(self) -> list[dict]:
        """What the company really has of ours."""
        return self.companies[self.code].reservations(self.reference)

    async def tasks(self) -> list[Task]:
        statement = select(Task).where(Task.subject_id == self.id).execution_options(populate_existing=True)
        return list((await self.session.execute(statement)).scalars())


@pytest.fixture
async def desk(session, database, partners, settings_here, companies):
    await make_location(session, "TLL")
    return Desk(session, database, partners, settings_here, companies)


class TestBook:
    async def test_is_confirmed_at_the_price_that_was_offered(self, desk):
        made = await desk.reserve()
        jobs = (await desk.session.execute(select(Job).where(Job.kind == reservations.SETTLE))).scalars().all()
        assert [job.payload for job in jobs] == [{"reservation_id": str(made.id)}]
        assert await desk.settle() is S.CONFIRMED
        kept = await desk.kept()
        (real,) = desk.real
        assert (kept.supplier_number, kept.confirmed_minor) == (real["number"], kept.offered_minor)
        assert kept.next_poll_at is None
        assert await desk.settle() is S.CONFIRMED
        assert len(desk.real) == 1

    async def test_a_price_that_moved_since_is_not_taken_silently(self, desk):
        made = await desk.reserve()
        hire = rules.HireAsk(
            rules.Place(made.pickup_branch, made.pickup_local), rules.Place(made.return_branch, made.return_local), 35
        )
        offer = rules.SupplierOffer(
            "k", "EDMR", "", Money(54825, "EUR"), (), rules.Mileage(None), (), is_on_request=False
        )
        intent = Intent(made.supplier_id, "EE", "TLL", "TLL", "Europe/Tallinn", hire, offer, "Kask")
        with pytest.raises(PriceMoved) as caught:
            await reservations.submit_reservation(desk.session, intent, expected=Money(52962, "EUR"), actor=SYSTEM)
        assert caught.value.extra["total"]["amount"] == "548.25"

    async def test_drift_at_the_confirmation_is_kept(self, desk):
        await desk.reserve()
        desk.switch_on("drift", "book", percent=10, times=1)
        assert await desk.settle() is S.CONFIRMED
        kept = await desk.kept()
        assert kept.confirmed_minor > kept.offered_minor
        assert kept.confirmed_minor == desk.real[0]["total_minor"]

    async def test_what_is_sold_out_is_rejected_with_its_words(self, desk):
        await desk.reserve("baltic")
        desk.switch_on("overbooked", "book", times=1)
        assert await desk.settle() is S.REJECTED
        assert "CAR CLASS NO LONGER AVAILABLE" in (await desk.kept()).reason
        assert desk.real == []

    async def test_a_company_that_is_not_reached_is_tried_again_and_booked_once(self, desk, settings_here):
        await desk.reserve()
        nowhere = settings_here.model_copy(update={"sandbox_url": "http://127.0.0.1:9"})
        assert await settle(desk.database, desk.partners, nowhere, desk.id) is S.SUBMITTING
        kept = await desk.kept()
        assert kept.sent_at is None
        assert kept.next_poll_at is not None
        assert await desk.settle() is S.CONFIRMED
        assert len(desk.real) == 1

    async def test_a_stop_before_it_was_sent_rejects_it(self, desk):
        await desk.reserve()
        desk.supplier.stops = {"EE": "sale"}
        await desk.session.commit()
        assert await desk.settle() is S.REJECTED
        assert desk.real == []


@pytest.mark.parametrize("code", ["baltic", "nordrive"])
class TestUnknown:
    """F19, F20: the answer is lost before or after the effect; it is never booked twice and never failed by itself."""

    @pytest.mark.parametrize("fault", ["timeout_after", "error_after", "lost", "malformed", "html"])
    async def test_the_effect_is_found_by_asking(self, desk, code, fault):
        await desk.reserve(code)
        desk.switch_on(fault, "book", times=1, seconds=0)
        assert await desk.settle() is S.UNKNOWN
        assert len(desk.real) == 1
        assert await desk.settle() is S.CONFIRMED
        assert len(desk.real) == 1
        kept = await desk.kept()
        assert kept.supplier_number == desk.real[0]["number"]
        assert kept.confirmed_minor == desk.real[0]["total_minor"]
        assert await desk.tasks() == []

    @pytest.mark.parametrize("fault", ["error", "busy"])
    async def test_without_effect_it_stays_unknown_until_people_sign_it_off(self, desk, code, fault):
        await desk.reserve(code)
        desk.switch_on(fault, "book", times=1)
        assert await desk.settle() is S.UNKNOWN
        with pytest.raises(InvalidFields):
            await settle_by_hand(desk.session, desk.id, outcome=S.FAILED, reason="Asked by telephone", actor=SYSTEM)
        for _ in range(rules.POLLS_BEFORE_TASK):
            assert await desk.settle() is S.UNKNOWN
        (task,) = await desk.tasks()
        assert "not_found" in task.details
        assert desk.real == []
        made = await settle_by_hand(
            desk.session, desk.id, outcome=S.FAILED, reason="Asked by telephone: they have nothing", actor=SYSTEM
        )
        assert made.state is S.FAILED
        await desk.session.commit()
        assert not (await desk.tasks())[0].is_unfinished

    async def test_while_the_company_is_away_it_is_asked_again(self, desk, code):
        await desk.reserve(code)
        desk.switch_on("lost", "book", times=1)
        assert await desk.settle() is S.UNKNOWN
        desk.switch_on("error", "retrieve", times=6)
        for _ in range(2):
            assert await desk.settle() is S.UNKNOWN
        desk.companies[code].switch_off()
        desk.partners.lane(_line(desk).partner).breaker.heard(is_trouble=False)
        assert await desk.settle() is S.CONFIRMED
        assert len(desk.real) == 1


def _line(desk):
    from app.rental.suppliers.services.gateway import line_to

    return line_to(desk.supplier, desk.settings)


class TestKilled:
    """F2: whoever asked the supplier dies before the answer is kept."""

    @pytest.mark.parametrize("code", ["baltic", "nordrive"])
    async def test_the_next_one_asks_what_became_of_it(self, desk, code):
        await desk.reserve(code)
        units = 0

        async def die_at_the_second(_) -> None:
            nonlocal units
            units += 1
            if units == 2:
                raise LeaseLost

        with pytest.raises(LeaseLost):
            await desk.settle(desk.database.fenced(die_at_the_second))
        assert len(desk.real) == 1
        assert (await desk.kept()).state is S.SUBMITTING
        assert await desk.settle() is S.CONFIRMED
        assert len(desk.real) == 1

    async def test_where_nothing_had_been_sent_people_learn_of_it(self, desk):
        await desk.reserve()

        async def survive(_) -> None:
            return None

        task = asyncio.create_task(desk.settle(desk.database.fenced(survive)))
        desk.switch_on("timeout_before", "book", seconds=1, times=1)
        await asyncio.sleep(0.4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        desk.companies[desk.code].switch_off()
        assert await desk.settle() is S.UNKNOWN
        assert desk.real == []


class TestOnRequest:
    @pytest.mark.parametrize(("theirs", "ours"), [("confirmed", S.CONFIRMED), ("rejected", S.REJECTED)])
    async def test_the_company_decides_and_we_ask(self, desk, theirs, ours):
        await desk.reserve("baltic")
        desk.switch_on("on_request", "book", times=1)
        assert await desk.settle() is S.ON_REQUEST
        assert await desk.settle() is S.ON_REQUEST
        assert (await desk.kept()).next_poll_at is not None
        desk.companies["baltic"].decide(desk.real[0]["number"], theirs)
        assert await desk.settle() is ours
        assert (await desk.kept()).next_poll_at is None

    async def test_people_are_asked_before_it_becomes_dearer(self, desk):
        """However well the company answers: a request that it leaves open is a task in time."""
        made = await desk.reserve("baltic")
        desk.switch_on("on_request", "book", times=1)
        await desk.settle()
        assert await desk.settle() is S.ON_REQUEST
        assert await desk.tasks() == []
        with time_machine.travel(made.pickup_at - timedelta(hours=49), tick=True):
            assert await desk.settle() is S.ON_REQUEST
            assert await desk.settle() is S.ON_REQUEST
        (task,) = await desk.tasks()
        assert "The supplier says on request" in task.details

    async def test_a_cancellation_by_the_company_is_seen_when_asked(self, desk):
        await desk.reserve()
        assert await desk.settle() is S.CONFIRMED
        desk.companies["nordrive"].decide(desk.real[0]["number"], "cancelled")
        assert await desk.settle() is S.CANCELLED_BY_SUPPLIER
        assert await desk.settle() is S.CANCELLED_BY_SUPPLIER


class TestCancel:
    async def cancel(self, desk) -> None:
        await reservations.request_cancellation(desk.session, desk.id, reason="Flight cancelled", actor=SYSTEM)
        await desk.session.commit()

    @pytest.mark.parametrize("fault", ["", "lost", "error_after", "timeout_after"])
    async def test_is_cancelled_once_whatever_is_lost(self, desk, fault):
        await desk.reserve()
        await desk.settle()
        await self.cancel(desk)
        if fault:
            desk.switch_on(fault, "cancel", times=1, seconds=0)
            assert await desk.settle() is S.CANCEL_PENDING
        assert await desk.settle() is S.CANCELLED
        assert [each["state"] for each in desk.real] == ["cancelled"]

    async def test_what_the_company_cannot_do_people_do(self, desk):
        await desk.reserve("sunway", capabilities=[each.value for each in Operation if each is not Operation.CANCEL])
        await desk.settle()
        await self.cancel(desk)
        assert await desk.settle() is S.CANCEL_PENDING
        (task,) = await desk.tasks()
        assert "Sunway Cars cannot cancel by machine." in task.details
        await settle_by_hand(
            desk.session, desk.id, outcome=S.CANCELLED, reason="Confirmed by telephone, Jonas", actor=SYSTEM
        )
        await desk.session.commit()
        assert (await desk.kept()).state is S.CANCELLED
        assert not (await desk.tasks())[0].is_unfinished

    async def test_only_what_can_be_cancelled(self, desk):
        await desk.reserve()
        with pytest.raises(IllegalState) as caught:
            await self.cancel(desk)
        assert caught.value.extra == {"state": "submitting"}


async def test_a_company_that_cannot_find_our_reference_becomes_a_task_at_once(desk):
    await desk.reserve("sunway")
    desk.switch_on("lost", "book", times=1)
    assert await desk.settle() is S.UNKNOWN
    assert await desk.settle() is S.UNKNOWN
    (task,) = await desk.tasks()
    assert "cannot retrieve by ours by machine" in task.details
    assert len(desk.real) == 1
    number = desk.real[0]["number"]
    made = await settle_by_hand(
        desk.session, desk.id, outcome=S.CONFIRMED, number=number, reason="By telephone", actor=SYSTEM
    )
    assert (made.state, made.supplier_number) == (S.CONFIRMED, number)


async def test_many_workers_at_once_book_once(desk):
    """The mark that it was sent decides, not the luck of who comes first."""
    await desk.reserve()
    states = [await desk.settle() for _ in range(4)]
    assert set(states) == {S.CONFIRMED}
    assert desk.companies["nordrive"].reservations(desk.reference) == desk.real
    assert len(desk.real) == 1
