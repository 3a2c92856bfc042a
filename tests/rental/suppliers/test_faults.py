"""Every fault of the sandbox against every operation of both dialects; what really happened is the company's record.

The table in docs/supplier-faults.md says for each fault what is expected here.
"""

import pytest

from app.core.actor import SYSTEM
from app.core.partners.outcomes import PartnerError
from app.rental.suppliers.adapters.interface import SupplierRefused, kind_of
from app.rental.suppliers.rules import POLLS_BEFORE_TASK, ErrorKind, HireAsk, Place, ReservationState
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.gateway import ask, line_to
from app.rental.suppliers.services.reservations import Amendment
from app.rental.suppliers.services.searching import DEADLINE_SECONDS, Wanted, plan_search, search
from app.sandbox.suppliers.faults import AFTER, ANSWER, BEFORE, FAULTS, INSIDE, UNITS
from tests.factories.rental import make_location
from tests.factories.suppliers import make_supplier
from tests.rental.suppliers.hires import next_hire
from tests.rental.suppliers.test_settling import BRANCH, Desk, desk

__all__ = ["desk"]
S = ReservationState
pytestmark = pytest.mark.parametrize("code", ["baltic", "nordrive"])
UNREADABLE = sorted(ANSWER - {"wrong_type", "drip"})
"""Answers of which nobody can tell what they say."""
LOST = sorted([*AFTER, *UNREADABLE])
"""What was asked has happened, and its answer does not tell."""
SOME = sorted([*AFTER, "malformed", "redirect", "wrong_decimals"])
"""Of those, one of each kind: how an answer is read is the same for every operation that follows the booking."""
NOT_DONE = ("error", "busy", "timeout_before")
QUICK = {"seconds": 0, "times": 1}


def test_the_faults_of_the_sandbox_are_all_tried(code):
    """A new fault is a new line of these tables."""
    tried = {*LOST, *NOT_DONE, *SEARCHED, "latency", "wrong_type", "drip", "drift", "on_request", "overbooked"}
    assert tried | {"decline", "clock_skew"} == FAULTS
    assert FAULTS == BEFORE | AFTER | INSIDE | UNITS | ANSWER


SEARCHED = {
    **dict.fromkeys(UNREADABLE, ErrorKind.SYSTEM),
    "error": ErrorKind.SYSTEM, "busy": ErrorKind.SYSTEM, "error_after": ErrorKind.SYSTEM, "lost": ErrorKind.SYSTEM,
    "timeout_before": ErrorKind.TIMEOUT, "timeout_after": ErrorKind.TIMEOUT, "latency": ErrorKind.TIMEOUT,
    "drip": ErrorKind.TIMEOUT, "empty": ErrorKind.NO_RESULTS, "partial": None, "twice": None, "wrong_type": None,
    "unit_trap": None,
}  # fmt: skip


@pytest.mark.parametrize(("fault", "reason"), list(SEARCHED.items()))
async def test_search(session, settings_here, partners, companies, code, fault, reason):
    """Offers that can be believed, or one reason; never both, and never late."""
    await make_location(session, "TLL")
    await make_supplier(session, settings_here, code, {BRANCH[code]: "TLL"}, search_milliseconds=300)
    pickup, back = next_hire()
    plan = await plan_search(session, settings_here, Wanted("TLL", pickup, "TLL", back, 35), SYSTEM)
    await session.commit()
    whole = await search(partners, plan)
    companies[code].switch_on(fault, "search", seconds=1)
    result = await search(partners, plan)
    assert [each.reason for each in result.absent] == ([reason] if reason else [])
    assert result.milliseconds < DEADLINE_SECONDS * 1000
    assert len({found.offer.key for found in result.offers}) == len(result.offers)
    expected = {"partial": len(whole.offers) // 2}.get(fault, 0 if reason else len(whole.offers))
    assert len(result.offers) == expected


@pytest.mark.parametrize(
    "fault", ["drift", "on_request", "overbooked", "clock_skew", "malformed", "wrong_currency", "error"]
)
async def test_recheck(session, settings_here, partners, companies, code, fault):
    """What was searched is asked again: at another price, on request, gone, expired, or not to be told."""
    line = line_to(await make_supplier(session, settings_here, code), settings_here)
    await session.commit()
    pickup, back = next_hire()
    wanted = HireAsk(Place(BRANCH[code], pickup), Place(BRANCH[code], back), 35)
    before = (await ask(partners, line, line.adapter.search(wanted, seconds=4), market="EE"))[0]
    companies[code].switch_on(fault, "recheck", seconds=0)
    rechecked = ask(partners, line, line.adapter.recheck(before.key, wanted), market="EE")
    if fault in ("drift", "on_request"):
        offer = await rechecked
        assert (offer.total.minor > before.total.minor) == (fault == "drift")
        assert offer.is_on_request == (fault == "on_request")
        return
    with pytest.raises(PartnerError) as caught:
        await rechecked
    gone = {"overbooked": {ErrorKind.SOLD_OUT, ErrorKind.NO_RESULTS}, "clock_skew": {ErrorKind.EXPIRED}}
    assert kind_of(caught.value) in gone.get(fault, {ErrorKind.SYSTEM})
    assert isinstance(caught.value, SupplierRefused) == (fault in gone)


@pytest.mark.parametrize("fault", [*LOST, "wrong_type"])
async def test_book_when_the_answer_does_not_tell(desk: Desk, code, fault):
    """F19, F20: it happened; it is asked about, and booked once."""
    await desk.reserve(code)
    desk.switch_on(fault, "book", **QUICK)
    assert await desk.settle() is (S.CONFIRMED if fault == "wrong_type" else S.UNKNOWN)
    assert await desk.settle() is S.CONFIRMED
    (real,) = desk.real
    kept = await desk.kept()
    assert (kept.supplier_number, kept.confirmed_minor) == (real["number"], real["total_minor"])


@pytest.mark.parametrize("fault", NOT_DONE)
async def test_book_when_nothing_happened(desk: Desk, code, fault):
    """F19: nobody can know; it is never booked a second time, and never failed by itself."""
    await desk.reserve(code)
    desk.switch_on(fault, "book", **QUICK)
    for _ in range(3):
        assert await desk.settle() is S.UNKNOWN
    assert desk.real == []


@pytest.mark.parametrize(
    ("fault", "state"),
    [("on_request", S.ON_REQUEST), ("overbooked", S.REJECTED), ("decline", S.REJECTED), ("clock_skew", S.REJECTED)],
)
async def test_book_when_the_company_decides(desk: Desk, code, fault, state):
    await desk.reserve(code)
    desk.switch_on(fault, "book", times=1)
    assert await desk.settle() is state
    assert [each["state"] for each in desk.real] == (["on_request"] if state is S.ON_REQUEST else [])


async def test_book_in_a_currency_that_stays_wrong_becomes_a_task(desk: Desk, code):
    """300 dollars are not 300 euros: no price is taken from it, and people learn what it says."""
    await desk.reserve(code)
    desk.switch_on("wrong_currency", "*")
    for _ in range(POLLS_BEFORE_TASK + 1):
        assert await desk.settle() is S.UNKNOWN
        desk.partners.lane(line_to(desk.supplier, desk.settings).partner).breaker.heard(is_trouble=False)
    (task,) = await desk.tasks()
    assert "priced in USD, agreed is EUR" in task.details
    assert (await desk.kept()).confirmed_minor is None


@pytest.mark.parametrize("fault", [*SOME, "wrong_type", "decline", *NOT_DONE])
async def test_amend(desk: Desk, code, fault):
    """Whatever is lost, we have the times and the price that the company has."""
    await desk.reserve(code)
    assert await desk.settle() is S.CONFIRMED
    kept = await desk.kept()
    wanted = Amendment(("TLL", "TLL"), kept.pickup_local, kept.return_local.replace(hour=19))
    await reservations.request_amendment(desk.session, desk.id, wanted, reason="A later flight", actor=SYSTEM)
    await desk.session.commit()
    desk.switch_on(fault, "amend", **QUICK)
    state = await desk.settle()
    assert state is (S.CONFIRMED if fault in ("wrong_type", "decline") else S.UNKNOWN)
    assert await desk.settle() is S.CONFIRMED
    kept, (real,) = await desk.kept(), desk.real
    assert kept.return_local.isoformat() == real["return"]
    assert kept.confirmed_minor == real["total_minor"]
    assert real["versions"] == (1 if fault in ("decline", *NOT_DONE) else 2)
    assert kept.amendment is None


@pytest.mark.parametrize("fault", [*SOME, "wrong_type", "decline", *NOT_DONE])
async def test_cancel(desk: Desk, code, fault):
    """Whatever is lost, it is cancelled once, or people talk with the company that refuses."""
    await desk.reserve(code)
    assert await desk.settle() is S.CONFIRMED
    await reservations.request_cancellation(desk.session, desk.id, reason="Flight cancelled", actor=SYSTEM)
    await desk.session.commit()
    desk.switch_on(fault, "cancel", **QUICK)
    state = await desk.settle()
    # In the answer to a cancellation nothing has an amount.
    tells = {"wrong_type": S.CANCELLED, "decline": S.CONFIRMED}
    if fault == "wrong_decimals":
        assert state in (S.CANCEL_PENDING, S.CANCELLED)
    else:
        assert state is tells.get(fault, S.CANCEL_PENDING)
    assert await desk.settle() is (S.CONFIRMED if fault == "decline" else S.CANCELLED)
    assert [each["state"] for each in desk.real] == ["confirmed" if fault == "decline" else "cancelled"]
    assert len(await desk.tasks()) == (fault == "decline")


@pytest.mark.parametrize("fault", [*SOME, "error"])
async def test_retrieve(desk: Desk, code, fault):
    """Asking what became of it may fail as well; it is asked again."""
    await desk.reserve(code)
    desk.switch_on("lost", "book", times=1)
    assert await desk.settle() is S.UNKNOWN
    desk.switch_on(fault, "retrieve", seconds=0, times=3)
    assert await desk.settle() in (S.UNKNOWN, S.CONFIRMED)
    desk.companies[code].switch_off()
    assert await desk.settle() is S.CONFIRMED
    assert len(desk.real) == 1


@pytest.mark.parametrize("fault", ["malformed", "nested", "huge"])
async def test_branches(session, settings_here, partners, companies, code, fault):
    """What cannot be read changes no branch."""
    line = line_to(await make_supplier(session, settings_here, code), settings_here)
    await session.commit()
    companies[code].switch_on(fault, "locations", times=1)
    with pytest.raises(PartnerError) as caught:
        await ask(partners, line, line.adapter.locations(), market=None)
    assert kind_of(caught.value) is ErrorKind.SYSTEM
