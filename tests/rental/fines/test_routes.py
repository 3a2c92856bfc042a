"""Fines and tolls: recorded, matched to who had the vehicle, charged on."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.kit.money import Money
from app.payments.charges.rules import Purpose
from app.rental.bookings import services as bookings
from app.rental.fines import services
from app.rental.fines.rules import FineState
from app.rental.fines.services import FineIsThere
from app.rental.handovers.rules import Direction
from app.rental.papers import services as papers
from app.rental.vehicles.models import Vehicle
from tests.rental.handovers.conftest import NOW, counter, june

__all__ = ["counter", "june"]
LOCAL = datetime(2026, 6, 11, 14, 5)  # noqa: DTZ001 - a wall time
TYPED = {
    "kind": "fine", "plate": "aaa 0", "happened_local": "2026-06-11T14:05", "authority": "Police",
    "authority_reference": "2400-26-118", "place": "E263, km 21", "amount.amount": "80", "amount.currency": "EUR",
}  # fmt: skip


@pytest.fixture
async def hire(counter):
    """A hire of 10 to 13 June, 10:00 in Tallinn, that runs."""
    await counter.book()
    await counter.hand_over()
    await counter.session.commit()
    return counter


async def record(hire, number="1", **values):
    fields = {
        "kind": "fine", "plate": "AAA 0", "happened_local": LOCAL, "authority": "Police",
        "authority_reference": number, "amount": Money(8_000, "EUR"),
    }  # fmt: skip
    return await services.record_fine(hire.session, fields=fields | values, actor=SYSTEM)


async def give_back(hire):
    hire.clock.move_to(hire.booking.return_at)
    await hire.begin(Direction.IN)
    await hire.fill(km=42_500)
    await hire.complete()
    await hire.session.commit()


class TestMatching:
    async def test_to_the_hire_that_had_it_by_the_clocks_of_the_branch(self, hire):
        found = await record(hire)
        assert (found.state, found.booking_id, found.driver_name) == (
            FineState.MATCHED, hire.booking.id, "Liis Tamm",
        )  # fmt: skip
        assert (found.happened_at.isoformat(), found.time_zone) == ("2026-06-11T11:05:00+00:00", "Europe/Tallinn")

    async def test_half_open_at_both_ends(self, hire):
        await give_back(hire)
        ends = [(NOW - timedelta(minutes=1), False), (NOW, True), (hire.booking.return_at - timedelta(minutes=1), True)]
        for number, (moment, is_had) in enumerate([*ends, (hire.booking.return_at, False)]):
            local = (moment + timedelta(hours=3)).replace(tzinfo=None)
            found = await record(hire, str(number), happened_local=local)
            assert (found.state is FineState.MATCHED) is is_had, moment

    async def test_follows_swaps_and_looks_again_when_records_were_put_right(self, hire):
        other = (await hire.session.execute(select(Vehicle).where(Vehicle.id != hire.vehicle_id))).scalars().one()
        before = await record(hire, "1", plate=other.plate, happened_local=LOCAL + timedelta(days=1))
        assert (before.state, before.reason) == (FineState.UNMATCHED, "No hire had it then")
        hire.clock.move_to(NOW + timedelta(days=2))
        await bookings.assign_vehicle(
            hire.session, hire.booking.id, vehicle_id=other.id, reason="Broke down", actor=SYSTEM
        )
        first = await record(hire, "2")
        late = await record(hire, "3", happened_local=LOCAL + timedelta(days=1))
        second = await record(hire, "4", plate=other.plate, happened_local=LOCAL + timedelta(days=1))
        assert [each.state for each in (first, late, second)] == [
            FineState.MATCHED, FineState.UNMATCHED, FineState.MATCHED,
        ]  # fmt: skip
        again = await services.match_fine(hire.session, before.id, actor=SYSTEM)
        assert (again.state, again.booking_id, again.reason) == (FineState.MATCHED, hire.booking.id, "")

    async def test_refuses_what_cannot_be_and_what_was_sent_before(self, hire):
        await record(hire)
        with pytest.raises(FineIsThere, match="AAA 0"):
            await record(hire, authority="POLICE")
        wrong = [{"plate": "ZZZ 9"}, {"location": "XXX"}, {"amount": Money(0, "EUR")}, {"fee": Money(1, "SEK")}]
        wrong.append({"happened_local": datetime(2026, 3, 29, 3, 30)})  # noqa: DTZ001 - the clocks skip it
        for number, values in enumerate(wrong, 5):
            with pytest.raises(InvalidFields):
                await record(hire, str(number), **values)


class TestCharging:
    async def test_while_it_runs_it_waits_for_the_end_of_the_hire(self, hire):
        fine = await record(hire)
        await services.charge_fine(hire.session, fine.id, actor=SYSTEM)
        found = {each.purpose: each for each in await hire.charges()}
        assert (found[Purpose.FINE].amount_minor, found[Purpose.ADMIN_FEE].amount_minor) == (8_000, 2_500)
        assert (fine.state, fine.charge_id, fine.invoice_id) == (FineState.CHARGED, found[Purpose.FINE].id, None)
        with pytest.raises(IllegalState):
            await services.charge_fine(hire.session, fine.id, actor=SYSTEM)

    async def test_after_the_hire_it_stands_on_an_invoice_of_its_own(self, hire):
        await give_back(hire)
        first = await papers.issue_invoice(hire.session, hire.booking.id, actor=SYSTEM)
        fine = await record(hire, kind="toll", fee=Money(500, "EUR"))
        await services.charge_fine(hire.session, fine.id, actor=SYSTEM)
        _, second = await papers.list_papers(hire.session, hire.booking.id)
        assert (second.invoice.id, second.invoice.number > first.number) == (fine.invoice_id, True)
        assert [(line.words, line.amount.minor, line.is_taxed) for line in second.invoice.billed] == [
            ("Toll", 8_000, False), ("Handling fee", 500, True),
        ]  # fmt: skip

    async def test_not_while_nobody_is_known(self, hire):
        fine = await record(hire, happened_local=LOCAL - timedelta(days=5))
        with pytest.raises(IllegalState):
            await services.charge_fine(hire.session, fine.id, actor=SYSTEM)
        dropped = await services.drop_fine(hire.session, fine.id, reason="A mechanic drove", actor=SYSTEM)
        assert dropped.state is FineState.DROPPED


class TestPagesAndApi:
    async def test_from_the_letter_of_the_authority_to_the_letter_to_the_customer(self, client_for, hire):
        clerk = await client_for("fleet_clerk")
        refused = await clerk.post("/fines", data=TYPED | {"plate": "ZZZ 1", "amount.amount": ""})
        assert (refused.status_code, 'value="2400-26-118"' in refused.text) == (422, True)
        made = await clerk.post("/fines", data=TYPED)
        assert made.status_code == 303
        address = made.headers["location"]
        again = await clerk.post("/fines", data=TYPED)
        assert "This is recorded already" in again.text
        page = (await clerk.get(address)).text
        for words in ("Driver known", "Liis Tamm", "Charge the customer 105.00 EUR", "E263, km 21", "Europe/Tallinn"):
            assert words in page
        every = "kind,vehicle,happened,place,authority,amount,driver,booking,state,updated,branch,fee,reason,market"
        assert "2400-26-118" in (await clerk.get(f"/fines?columns={every}&state=matched")).text
        assert (await clerk.post(f"{address}/match")).status_code == 303
        assert (await clerk.post(f"{address}/dropping", data={})).status_code == 422
        assert (await clerk.post(f"{address}/charge")).status_code == 303
        letter = (await clerk.get(f"{address}/letter")).text
        for words in ("2400-26-118", "105.00 EUR", "11 Jun 2026 14:05", hire.booking.reference):
            assert words in letter
        assert 'id="related-fine"' in (await clerk.get(f"/bookings/{hire.booking.id}")).text
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(address)).status_code == 404

    async def test_in_the_api(self, api_for, hire):
        clerk = await api_for("fleet_clerk")
        body = {name: value for name, value in TYPED.items() if "." not in name}
        body |= {"amount": {"amount": "80.00", "currency": "EUR"}}
        made = await clerk.post("/fines", json=body)
        item = made.json()
        assert (made.status_code, item["state"], item["booking_reference"]) == (201, "matched", hire.booking.reference)
        again = await clerk.post("/fines", json=body)
        assert (again.status_code, again.json()["code"], again.json()["fine"]) == (409, "duplicate_fine", item["id"])
        wrong = await clerk.post("/fines", json=body | {"happened_local": "yesterday"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/happened_local")
        listed = (await clerk.get("/fines", params={"vehicle_id": str(hire.vehicle_id), "total": "true"})).json()
        assert (listed["total"], listed["items"]) == (1, [item])
        stale = await clerk.post(f"/fines/{item['id']}/charge", headers={"if-match": '"9"'})
        assert stale.status_code == 412
        charged = await clerk.post(f"/fines/{item['id']}/charge", headers={"if-match": made.headers["etag"]})
        assert (charged.status_code, charged.json()["state"]) == (201, "charged")
        dropped = await clerk.post(f"/fines/{item['id']}/dropping", json={"reason": "No"})
        assert (dropped.status_code, dropped.json()["state"]) == (409, "charged")
