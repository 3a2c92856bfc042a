"""Several invoices of one booking, and credit notes that take them back."""

import pytest

from app.core.actor import SYSTEM
from app.core.errors import Conflict, InvalidFields
from app.kit.money import Money
from app.payments.charges import services as charges
from app.payments.charges.rules import Purpose
from app.rental.bookings.services.charging import charged
from app.rental.handovers.rules import Direction
from app.rental.papers import services
from app.rental.papers.services import Credit, NothingToBill
from tests.rental.handovers.conftest import counter, june
from tests.rental.papers.test_routes import words_of

__all__ = ["counter", "june"]


def eur(minor):
    return Money(minor, "EUR")


@pytest.fixture
async def returned(counter):
    """A hire that is over, with fuel to be paid."""
    await counter.book()
    await counter.hand_over()
    counter.clock.move_to(counter.booking.return_at)
    await counter.begin(Direction.IN)
    await counter.fill(fuel=88)
    await counter.complete()
    await counter.session.commit()
    return counter


async def bill(counter):
    return await services.issue_invoice(counter.session, counter.booking.id, actor=SYSTEM)


async def credit(counter, invoice, *wanted, reason="Agreed"):
    return await services.credit_invoice(counter.session, invoice.id, wanted=wanted, reason=reason, actor=SYSTEM)


async def plan(counter, purpose, minor, words=""):
    booking = await counter.hire()
    return await charges.plan_charge(
        counter.session, charged(booking), purpose=purpose, amount=eur(minor), words=words, actor=SYSTEM
    )


class TestInvoices:
    async def test_what_comes_later_stands_on_an_invoice_of_its_own(self, returned):
        first = await bill(returned)
        await plan(returned, Purpose.FINE, 4_000, "Speeding")
        await plan(returned, Purpose.ADMIN_FEE, 2_480)
        second = await bill(returned)
        assert (first.number, second.number) == ("EE-2026-000001", "EE-2026-000002")
        assert [line.words for line in second.billed] == ["Fine", "Handling fee"]
        assert [(str(rate.percent), rate.net.minor, rate.tax.minor) for rate in second.rates] == [
            ("24", 2_000, 480), ("0", 4_000, 0),
        ]  # fmt: skip
        with pytest.raises(NothingToBill):
            await bill(returned)

    async def test_what_was_credited_is_billed_anew_unless_nobody_owes_it_any_more(self, returned):
        first = await bill(returned)
        (fuel,) = [each for each in await returned.charges() if each.purpose is Purpose.FUEL]
        await credit(returned, first)
        await charges.waive_charge(returned.session, fuel.id, reason="It was full", actor=SYSTEM)
        second = await bill(returned)
        assert ([line.words for line in second.billed], second.gross_minor) == (["Hire"], 23_400)


class TestCreditNotes:
    async def test_takes_back_wholly_with_a_number_of_its_own(self, returned):
        invoice = await bill(returned)
        note = await credit(returned, invoice)
        assert (note.number, note.refers_to_id) == ("EE-C-2026-000001", invoice.id)
        assert (note.net_minor, note.tax_minor, note.gross_minor) == (
            -invoice.net_minor, -invoice.tax_minor, -invoice.gross_minor,
        )  # fmt: skip
        with pytest.raises(NothingToBill, match="All of EE-2026-000001 was credited"):
            await credit(returned, invoice)
        with pytest.raises(Conflict, match="not credited"):
            await credit(returned, note)

    async def test_takes_back_in_parts_to_the_last_cent(self, returned):
        invoice = await bill(returned)
        for part in (Credit(2, eur(333)), Credit(1, eur(10_001)), Credit(2, eur(333))):
            await credit(returned, invoice, part)
        last = await credit(returned, invoice)
        assert [(line.number, line.amount.minor) for line in last.billed] == [(1, -13_399), (2, -934)]
        (found,) = await services.list_papers(returned.session, returned.booking.id)
        assert [each.number for each in found.credit_notes] == [f"EE-C-2026-00000{number}" for number in range(1, 5)]
        for name in ("net_minor", "tax_minor", "gross_minor"):
            assert sum(getattr(each, name) for each in (invoice, *found.credit_notes)) == 0

    @pytest.mark.parametrize(
        ("wanted", "fields"),
        [
            ([Credit(3)], ["lines.0.number"]),
            ([Credit(2), Credit(2)], ["lines.1.number"]),
            ([Credit(2, eur(1_601))], ["lines.0.amount"]),
            ([Credit(2, eur(-1))], ["lines.0.amount"]),
            ([Credit(2, Money(1, "SEK"))], ["lines.0.amount"]),
        ],
    )
    async def test_refuses_more_than_stands(self, returned, wanted, fields):
        invoice = await bill(returned)
        with pytest.raises(InvalidFields) as refused:
            await credit(returned, invoice, *wanted)
        assert [problem.field for problem in refused.value.problems] == fields

    async def test_is_made_on_a_page_by_a_manager(self, client_for, returned):
        invoice = await bill(returned)
        await returned.session.commit()
        clerk, manager = await client_for("fleet_clerk"), await client_for("fleet_manager")
        address = f"/invoices/{invoice.id}"
        assert "credit-notes/new" not in (await clerk.get(address)).text
        assert (await clerk.post(f"{address}/credit-notes", data={"reason": "x"})).status_code == 403
        page = (await manager.get(f"{address}/credit-notes/new")).text
        assert ('value="16.00"' in page, "Empty takes nothing back" in page) == (True, True)
        for typed, words in (
            ({"amount_2": "17", "reason": "x"}, "16.00 EUR of this line stand"),
            ({"reason": "x"}, "Say how much is taken back"),
            ({"amount_2": "16.00", "reason": ""}, "Say why"),
        ):
            refused = await manager.post(f"{address}/credit-notes", data=typed)
            assert (refused.status_code, words in refused.text) == (422, True), typed
        made = await manager.post(f"{address}/credit-notes", data={"amount_2": "16.00", "reason": "It was full"})
        page = (await manager.get(made.headers["location"])).text
        for words in ("EE-C-2026-000001", "Reverses", "EE-2026-000001", "It was full", "-16.00 EUR", "-3.10 EUR"):
            assert words in page
        assert "It was full" in words_of((await manager.get(f"{made.headers['location']}/pdf")).content)
        assert made.headers["location"] in (await manager.get(address)).text


class TestApi:
    async def test_lists_bills_credits_and_gives_pdf(self, api_for, returned):
        clerk, manager = await api_for("fleet_clerk"), await api_for("fleet_manager")
        base = f"/bookings/{returned.booking.id}"
        made = await clerk.post(f"{base}/invoices")
        item = made.json()
        assert (made.status_code, made.headers["location"]) == (201, f"/api/v1/invoices/{item['id']}")
        again = await clerk.post(f"{base}/invoices")
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_bill")
        address = f"/invoices/{item['id']}"
        unchanged = await clerk.get(address, headers={"if-none-match": made.headers["etag"]})
        assert unchanged.status_code == 304
        body = {"reason": "It was full", "lines": [{"number": 2, "amount": {"amount": "16.00", "currency": "EUR"}}]}
        assert (await clerk.post(f"{address}/credit-notes", json=body)).status_code == 403
        note = await manager.post(f"{address}/credit-notes", json=body, headers={"if-match": made.headers["etag"]})
        assert (note.status_code, note.json()["lines"][0]["reverses"], note.json()["gross"]["amount"]) == (
            201,
            2,
            "-16.00",
        )
        stale = await manager.post(f"{address}/credit-notes", json=body, headers={"if-match": made.headers["etag"]})
        assert stale.status_code == 412
        more = await manager.post(f"{address}/credit-notes", json=body)
        assert (more.status_code, more.json()["errors"][0]["pointer"]) == (422, "/lines/0/amount")
        shown = (await clerk.get(address)).json()
        assert [line["left"]["amount"] for line in shown["lines"]] == ["234.00", "0.00"]
        assert shown["credit_note_ids"] == [note.json()["id"]]
        papers = (await clerk.get(f"{base}/papers")).json()["items"]
        assert [paper["kind"] for paper in papers] == ["agreement", "voucher", "invoice", "credit_note"]
        for paper in papers:
            pdf = await clerk.get(paper["pdf"].removeprefix("/api/v1"))
            assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        assert (await clerk.get(f"{base}/papers/invoice/pdf")).status_code == 404
        other = await api_for("fleet_manager", markets=["LV"])
        for path in (address, f"{address}/pdf", f"{base}/papers"):
            assert (await other.get(path)).status_code == 404
