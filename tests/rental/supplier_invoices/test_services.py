"""Lines matched, explained, accepted, disputed, and accepted by two where the difference is large."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.rental.supplier_invoices import queries, services
from app.rental.supplier_invoices.models import SupplierInvoiceLine
from app.rental.supplier_invoices.rules import Cause, LineState, MatchedBy
from app.rental.supplier_invoices.services import LineIsThere
from app.rental.suppliers.rules import ReservationState
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.by_hand import settle_by_hand
from tests.factories.suppliers import make_reservation, make_supplier

DAY = timedelta(days=1)


@pytest.fixture
async def supplier(session, settings):
    return await make_supplier(session, settings, "baltic")


@pytest.fixture
async def invoice(session, supplier):
    fields = {"supplier": "baltic", "invoice_number": "2026-7", "market": "EE", "amount": Money(0, "EUR")}
    return await services.open_invoice(session, fields=fields, actor=SYSTEM)


@pytest.fixture
def bill(session, invoice):
    """Adds a line and gives it back."""
    keys = iter(range(100))

    async def add(minor: int, **fields) -> SupplierInvoiceLine:
        given = {"amount": Money(minor, fields.pop("currency", "EUR"))} | fields
        return await services.add_line(session, invoice, str(next(keys)), fields=given, actor=SYSTEM)

    return add


async def reserve(session, supplier, state=ReservationState.CONFIRMED, **values):
    return await make_reservation(session, supplier, state, pickup_at=clock.now() + 9 * DAY, **values)


class TestMatch:
    async def test_by_their_number_our_reference_then_name_and_dates(self, session, supplier, bill):
        made = await reserve(session, supplier, surname="Ozoliņa", given_name="Ilze")
        by_number = await bill(12_000, supplier_number=made.supplier_number, our_reference="SR-NOBODY")
        assert (by_number.reservation_id, by_number.matched_by) == (made.id, MatchedBy.NUMBER)
        by_reference = await bill(12_000, supplier_number="unknown", our_reference=made.reference)
        assert (by_reference.reservation_id, by_reference.matched_by) == (made.id, MatchedBy.REFERENCE)
        named = await bill(12_000, driver="OZOLINA/ILZE MRS", pickup_on=made.pickup_local.date())
        assert (named.reservation_id, named.matched_by) == (made.id, MatchedBy.NAME_AND_DATES)

    async def test_two_of_one_name_are_none(self, session, supplier, bill):
        for _ in range(2):
            made = await reserve(session, supplier)
        line = await bill(12_000, driver="Kask", pickup_on=made.pickup_local.date())
        assert (line.matched_by, line.cause) == (MatchedBy.NOTHING, Cause.UNKNOWN_RESERVATION)

    async def test_other_markets_and_suppliers_are_not_looked_at(self, session, settings, supplier, bill):
        other = await make_supplier(session, settings, "nordrive")
        foreign = await reserve(session, supplier, market="LV")
        theirs = await reserve(session, other)
        assert (await bill(12_000, supplier_number=foreign.supplier_number)).reservation_id is None
        assert (await bill(12_000, supplier_number=theirs.supplier_number)).reservation_id is None


class TestExplain:
    async def test_what_was_agreed_needs_nobody(self, session, supplier, bill):
        made = await reserve(session, supplier)
        line = await bill(12_000, supplier_number=made.supplier_number)
        assert (line.state, line.cause, line.parts) == (LineState.AGREED, None, [])

    async def test_by_the_fees_that_the_supplier_usually_takes(self, session, supplier, bill):
        one_way = {"code": "ONE_WAY", "words": "One way", "amount": {"amount": "45.00", "currency": "EUR"}}
        await reserve(session, supplier, offer={"lines": [one_way]})
        made = await reserve(session, supplier)
        line = await bill(16_500, supplier_number=made.supplier_number)
        assert (line.cause, line.expected_minor, line.state) == (Cause.ONE_WAY, 12_000, LineState.OPEN)

    async def test_tax_of_the_line_or_of_the_country(self, session, supplier, bill):
        made = [await reserve(session, supplier) for _ in range(2)]
        line = await bill(14_640, supplier_number=made[0].supplier_number, tax_percent=Decimal(22))
        assert line.cause is Cause.TAX_BASE
        assert (await bill(14_880, supplier_number=made[1].supplier_number)).cause is Cause.TAX_BASE

    async def test_billed_twice(self, session, supplier, bill, invoice):
        made = await reserve(session, supplier)
        first = await bill(12_000, supplier_number=made.supplier_number)
        again = await bill(12_000, our_reference=made.reference)
        assert (first.cause, again.cause) == (None, Cause.DUPLICATE)
        assert again.expected_minor == 0

    async def test_cancelled_but_charged(self, session, supplier, bill):
        free = await reserve(session, supplier)
        await reservations.request_cancellation(session, free.id, reason="Flight", actor=SYSTEM)
        await settle_by_hand(session, free.id, outcome=ReservationState.CANCELLED, reason="By telephone", actor=SYSTEM)
        assert free.fee_minor == 0
        assert (await bill(12_000, supplier_number=free.supplier_number)).cause is Cause.CANCELLED
        late = await make_reservation(session, supplier, pickup_at=clock.now() + DAY)
        await reservations.request_cancellation(session, late.id, reason="Flight", actor=SYSTEM)
        await settle_by_hand(session, late.id, outcome=ReservationState.CANCELLED, reason="By telephone", actor=SYSTEM)
        line = await bill(6_000, supplier_number=late.supplier_number)
        assert (late.fee_minor, line.state, line.expected_minor) == (6_000, LineState.AGREED, 6_000)

    async def test_matching_again_finds_what_came_later(self, session, supplier, bill, invoice):
        line = await bill(12_000, our_reference="SR-LATER")
        assert line.cause is Cause.UNKNOWN_RESERVATION
        await reserve(session, supplier, reference="SR-LATER")
        ids = await queries.list_open_ids(session, invoice.id, limit=10)
        assert await services.match_again(session, invoice.id, ids, actor=SYSTEM) == 1
        assert await services.match_again(session, invoice.id, ids, actor=SYSTEM) == 0
        assert line.state is LineState.AGREED


class TestKeep:
    async def test_the_same_line_again_is_refused(self, session, supplier, invoice):
        fields = {"amount": Money(1, "EUR"), "supplier_number": "BA1"}
        await services.add_line(session, invoice, "1", fields=fields, actor=SYSTEM)
        with pytest.raises(LineIsThere):
            await services.add_line(session, invoice, "1", fields=fields, actor=SYSTEM)

    @pytest.mark.parametrize(("changes", "field"), [({"supplier": "nobody"}, "supplier"), ({"market": "LV"}, "market")])
    async def test_an_invoice_is_of_one_supplier_and_market(self, session, invoice, changes, field):
        fields = {"supplier": "baltic", "invoice_number": "2026-7", "market": "EE", "amount": Money(0, "EUR")}
        with pytest.raises(InvalidFields) as caught:
            await services.open_invoice(session, fields=fields | changes, actor=SYSTEM)
        assert [problem.field for problem in caught.value.problems] == [field]


class TestDecide:
    async def test_a_small_difference_is_accepted_by_one(self, session, supplier, bill):
        line = await bill(4_000, supplier_number="unknown")
        accepted = await services.accept_line(session, line.id, reason="", actor=SYSTEM)
        assert (accepted.waits, line.state, line.decided_by) == (None, LineState.ACCEPTED, "Forecourt")
        with pytest.raises(IllegalState):
            await services.dispute_line(session, line.id, reason="No", actor=SYSTEM)

    async def test_a_dispute_needs_its_reason_and_may_be_given_up(self, session, supplier, bill):
        line = await bill(4_000, supplier_number="unknown")
        with pytest.raises(InvalidFields):
            await services.dispute_line(session, line.id, reason=" ", actor=SYSTEM)
        await services.dispute_line(session, line.id, reason="We know no such hire", actor=SYSTEM)
        assert line.state is LineState.DISPUTED
        await services.accept_line(session, line.id, reason="Found it", actor=SYSTEM)
        assert line.state is LineState.ACCEPTED

    async def test_a_disputed_line_does_not_make_the_next_one_a_duplicate(self, session, supplier, bill):
        made = await reserve(session, supplier)
        line = await bill(13_000, supplier_number=made.supplier_number)
        await services.dispute_line(session, line.id, reason="Too much", actor=SYSTEM)
        assert (await bill(12_000, supplier_number=made.supplier_number)).state is LineState.AGREED

    async def test_a_large_one_takes_two(self, session, client_for, supplier, bill, invoice):
        line = await bill(9_900, supplier_number="unknown")
        await session.commit()
        clerk, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        assert "Ask for consent" in (await clerk.get(f"/supplier-invoices/{invoice.id}")).text
        asked = await clerk.post(f"/supplier-invoice-lines/{line.id}/acceptance", data={"reason": "They are right"})
        assert asked.status_code == 303
        (approval,) = (await session.execute(select(Approval))).scalars()
        assert (await session.get(SupplierInvoiceLine, line.id, populate_existing=True)).state is LineState.OPEN
        fields = {"confirmation": approval.reference, "version": approval.version}
        assert (await boss.post(f"/approvals/{approval.id}/approval", data=fields)).status_code == 303
        assert (await session.get(SupplierInvoiceLine, line.id, populate_existing=True)).state is LineState.ACCEPTED
