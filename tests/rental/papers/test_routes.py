"""Papers as pages and as PDF, and invoices without a gap."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from app.core.actor import SYSTEM
from app.core.errors import IllegalState
from app.rental.bookings import services as bookings
from app.rental.handovers.rules import Direction
from app.rental.papers import services
from app.rental.papers.adapters.rendering import to_pdf
from app.settings import Seller
from tests.rental.handovers.conftest import counter, june

__all__ = ["counter", "june"]


def words_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def sold_by_us(runtime, monkeypatch):
    """A company of ours in Estonia that has moved."""
    facts = {"market": "EE", "name": "Forecourt OÜ", "registration_number": "12000000", "vat_number": "EE100000000"}
    before, after = (
        Seller.model_validate(facts | {"address": ["Narva mnt 7", "10117 Tallinn"]}),
        Seller.model_validate(facts | {"address": ["Sadama 25", "10111 Tallinn"], "since": "2026-06-16"}),
    )
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"sellers": (before, after)}))


class TestPapers:
    async def test_voucher_and_signed_agreement_print_and_come_as_pdf(self, client_for, counter):
        booking = await counter.book()
        booking.price_lines = [{**line, "is_tax_inclusive": False} for line in booking.price_lines]
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        base = f"/bookings/{booking.id}"
        assert f'href="{base}/papers/voucher"' in (await clerk.get(base)).text
        voucher = (await clerk.get(f"{base}/papers/voucher")).text
        assert "Show this voucher" in voucher
        assert "At the branch" in voucher
        assert "3 days at 78.00 (plus tax)" in voucher
        await counter.hand_over()
        await counter.session.commit()
        page = (await clerk.get(f"{base}/papers/agreement")).text
        for words in (
            "Rental agreement",
            "Liis Tamm",
            'd="M1 1 L50 40"',
            "42,010 km, full tank (8/8)",
            "3 days at 78.00",
        ):
            assert words in page
        answer = await clerk.get(f"{base}/papers/agreement/pdf")
        assert answer.headers["content-type"] == "application/pdf"
        found = words_of(answer.content)
        assert booking.reference in found
        assert "234.00 EUR" in found
        assert "(plus tax)" in found
        assert (await clerk.get(f"{base}/papers/other")).status_code == 404
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(f"{base}/papers/voucher/pdf")).status_code == 404

    async def test_an_invoice_is_issued_once_after_the_return(self, client_for, counter):
        booking = await counter.book()
        await counter.hand_over()
        with pytest.raises(IllegalState):
            await services.issue_invoice(counter.session, booking.id, actor=SYSTEM)
        counter.clock.move_to(booking.return_at)
        await counter.begin(Direction.IN)
        await counter.fill(fuel=88)
        await counter.complete()
        back = await counter.hire()
        back.price_lines = [{**line, "is_required": False, "is_guaranteed": False} for line in back.price_lines]
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        base = f"/bookings/{booking.id}"
        assert "something is to be billed" in (await clerk.get(base)).text
        assert "Issue an invoice" in (await clerk.get(f"{base}/papers")).text
        made = await clerk.post(f"{base}/invoices")
        assert made.status_code == 303
        assert (await clerk.post(f"{base}/invoices")).status_code == 409
        page = (await clerk.get(f"{base}/papers")).text
        for words in ("EE-2026-000001", "Everything that is owed stands on an invoice", "250.00 EUR"):
            assert words in page
        page = (await clerk.get(made.headers["location"])).text
        for words in ("EE-2026-000001", "Fuel", "16.00 EUR", "250.00 EUR", "VAT 24 %", "48.39 EUR"):
            assert words in page
        assert "3 days at 78.00 (chosen)" in page
        assert "EE-2026-000001" in words_of((await clerk.get(f"{made.headers['location']}/pdf")).content)
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(made.headers["location"])).status_code == 404

    async def test_an_invoice_holds_what_the_law_asks_for(self, client_for, counter, sold_by_us):
        booking = await counter.book()
        await counter.hand_over()
        counter.clock.move_to(booking.return_at)
        await counter.begin(Direction.IN)
        await counter.fill(fuel=88)
        await counter.complete()
        invoice = await services.issue_invoice(counter.session, booking.id, actor=SYSTEM)
        invoice.customer = {"name": "Kask OÜ", "address": ["Turu 2", "51004 Tartu", "EE"]}
        invoice.lines = [*invoice.lines, {**invoice.lines[-1], "words": "Damage", "is_taxed": False}]
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        page, pdf = [(await clerk.get(f"/invoices/{invoice.id}{end}")).content for end in ("", "/pdf")]
        seller = ("Forecourt OÜ", "Narva mnt 7", "10117 Tallinn", "Registration no. 12000000", "VAT no. EE100000000")
        hire = f"{booking.pickup_local:%-d %b %Y} to {booking.return_local:%-d %b %Y}"
        asked = (*seller, "Kask OÜ", "51004 Tartu", invoice.number, hire, "Net at 24 %", "VAT 24 %", "without VAT")
        for words in asked:
            assert words in page.decode(), words
            assert words in words_of(pdf), words
        assert page.decode().count('<td class="money">24 %</td>') == 2
        assert page.decode().count('<td class="money">none</td>') == 1
        agreement = (await clerk.get(f"/bookings/{booking.id}/papers/agreement")).text
        assert "VAT no. EE100000000" in agreement
        assert '<td class="money">24 %</td>' not in agreement

    async def test_what_is_rolled_back_leaves_no_gap(self, counter):
        booking = await counter.book()
        counter.clock.move_to(booking.pickup_at + timedelta(hours=3))
        await bookings.mark_no_show(counter.session, booking.id, reason="Nobody came", actor=SYSTEM)
        nested = await counter.session.begin_nested()
        lost = await services.issue_invoice(counter.session, booking.id, actor=SYSTEM)
        number = lost.number
        await nested.rollback()
        counter.session.expunge_all()
        made = await services.issue_invoice(counter.session, booking.id, actor=SYSTEM)
        assert (made.number, made.gross_minor) == (number, 23_400)


async def test_a_paper_fetches_nothing(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do not print this")
    html = f'<p>Paper</p><img src="file://{secret}"><link rel="stylesheet" href="http://127.0.0.1:9/x.css">'
    assert "do not print" not in words_of(await to_pdf(html))


async def test_a_paper_has_our_own_letters_in_every_script_of_our_markets():
    pdf = await to_pdf("<h1>Invoice</h1><p>Łódź Žižek Šķēde Χρήστος Иван <b>423.00</b></p>")
    assert "Łódź Žižek Šķēde Χρήστος Иван 423.00" in words_of(pdf)
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    assert {"Inter" in font.get_object()["/BaseFont"] for font in fonts} == {True}
