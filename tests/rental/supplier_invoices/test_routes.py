"""Invoices as pages and API: totals per cause, the letter, and what others may not see."""

import re
from datetime import timedelta

import pytest

from app.core import clock
from app.rental.supplier_invoices import pages
from tests.factories.suppliers import make_reservation, make_supplier


@pytest.fixture
async def reserved(session, settings):
    supplier = await make_supplier(session, settings, "baltic")
    made = [await make_reservation(session, supplier, pickup_at=clock.now() + timedelta(days=9)) for _ in range(3)]
    await session.commit()
    return made


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def invoice(api_for, reserved):
    """Three lines: right, an extra day, and one of nobody."""
    numbers = [each.supplier_number for each in reserved]
    lines = [
        {"supplier_number": numbers[0], "amount": money("120.00")},
        {"supplier_number": numbers[1], "amount": money("160.00"), "days": 4},
        {"supplier_number": "XX0", "amount": money("99.00"), "driver": "NOBODY/NEMO"},
    ]
    body = {"supplier": "baltic", "number": "2026-7", "market": "EE", "issued_on": "2026-09-30", "lines": lines}
    made = await (await api_for("fleet_clerk")).post("/supplier-invoices", json=body)
    assert made.status_code == 201, made.text
    return made.json()


class TestApi:
    async def test_takes_in_matches_and_explains(self, api_for, invoice):
        api = await api_for("fleet_clerk")
        assert (invoice["lines"], invoice["open_lines"]) == (3, 2)
        found = (await api.get(f"/supplier-invoices/{invoice['id']}")).json()
        assert found["invoice"] == invoice
        assert [(each["cause"], each["amount"]["amount"]) for each in found["causes"]] == [
            ("unknown_reservation", "99.00"), ("extra_day", "40.00"),
        ]  # fmt: skip
        items = (await api.get(f"/supplier-invoice-lines?invoice={invoice['id']}&total=true")).json()
        assert items["total"] == 3
        assert [item["state"] for item in items["items"]] == ["open", "open", "agreed"]
        assert items["items"][1]["parts"] == [{"cause": "extra_day", "minor": 4_000}]

    async def test_decides_line_by_line(self, api_for, invoice):
        api = await api_for("fleet_clerk")
        items = (await api.get(f"/supplier-invoice-lines?invoice={invoice['id']}")).json()["items"]
        nobody, extra, _ = items
        accepted = await api.post(f"/supplier-invoice-lines/{extra['id']}/acceptance", json={"reason": "It was late"})
        assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
        assert (await api.get(f"/supplier-invoice-lines/{extra['id']}")).json() == accepted.json()
        waits = await api.post(f"/supplier-invoice-lines/{nobody['id']}/acceptance", json={})
        assert waits.status_code == 202
        refused = await api.post(f"/supplier-invoice-lines/{extra['id']}/dispute", json={"reason": "No"})
        assert (refused.status_code, refused.json()["state"]) == (409, "accepted")

    async def test_names_the_line_that_is_wrong(self, api_for, reserved):
        lines = [{"supplier_number": "BA1", "amount": money("1.00")}, {"amount": money("1.00")}]
        body = {"supplier": "baltic", "number": "8", "market": "EE", "lines": lines}
        refused = await (await api_for("fleet_clerk")).post("/supplier-invoices", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/lines/1/supplier_number"
        twice = body | {"lines": lines[:1]}
        api = await api_for("fleet_clerk")
        assert (await api.post("/supplier-invoices", json=twice)).status_code == 201
        assert (await api.post("/supplier-invoices", json=twice)).status_code == 409

    async def test_is_of_ones_own_markets_and_roles(self, api_for, client_for, invoice):
        foreign = await api_for("fleet_clerk", markets=["LV"])
        assert (await foreign.get(f"/supplier-invoices/{invoice['id']}")).status_code == 404
        assert (await foreign.get("/supplier-invoice-lines")).json()["items"] == []
        auditor = await client_for("auditor")
        assert (await auditor.get(f"/supplier-invoices/{invoice['id']}")).status_code == 200
        assert (await auditor.post(f"/supplier-invoices/{invoice['id']}/matching")).status_code == 403
        assert (await (await api_for("credit_officer")).get("/supplier-invoices")).status_code == 403


class TestPages:
    async def test_shows_why_and_writes_the_letter(self, client_for, api_for, invoice):
        client, api = await client_for("fleet_clerk"), await api_for("fleet_clerk")
        address = f"/supplier-invoices/{invoice['id']}"
        assert "2026-7" in (await client.get("/supplier-invoices")).text
        page = (await client.get(address)).text
        assert "Extra day" in page
        assert "Unknown reservation" in page
        assert "379.00 EUR" in page
        items = (await api.get(f"/supplier-invoice-lines?invoice={invoice['id']}")).json()["items"]
        line = f"/supplier-invoice-lines/{items[1]['id']}"
        assert "charged for more days than agreed" in (await client.get(line)).text
        refused = await client.post(f"{line}/dispute", data={})
        assert refused.status_code == 422
        assert "Say what the supplier is told" in refused.text
        assert (await client.post(f"{line}/dispute", data={"reason": "Back on time"})).status_code == 303
        letter = (await client.get(f"{address}/letter")).text
        assert "Back on time" in letter
        assert "In dispute: 40.00 EUR. We shall pay 240.00 EUR." in letter
        text = await client.get(f"{address}/letter?format=text")
        assert text.headers["content-type"].startswith("text/plain")
        assert "billed 160.00 EUR, agreed 120.00 EUR, difference 40.00 EUR" in text.text

    async def test_lines_are_worked_on_together(self, client_for, invoice):
        page = (await (await client_for("fleet_clerk")).get("/supplier-invoice-lines?state=open")).text
        assert "Accept" in page
        assert "Dispute" in page
        assert "Extra day" in page

    async def test_what_an_invoice_comes_to_is_of_all_its_lines(self, client_for, api_for, reserved, monkeypatch):
        """However many a page shows: the sums, the causes and the letter are whole."""
        monkeypatch.setattr(pages, "SHOWN_LINES", 3)
        monkeypatch.setattr(pages, "FIRST_LINES", 3)
        api, client = await api_for("fleet_clerk"), await client_for("fleet_clerk")
        lines = [{"supplier_number": f"XX{number}", "amount": money("10.00")} for number in range(8)]
        body = {"supplier": "baltic", "number": "2026-20000", "market": "EE", "lines": lines}
        made = (await api.post("/supplier-invoices", json=body)).raise_for_status().json()
        address = f"/supplier-invoices/{made['id']}"
        items = (await api.get(f"/supplier-invoice-lines?invoice={made['id']}")).json()["items"]
        for item in items[:7]:
            answer = await api.post(f"/supplier-invoice-lines/{item['id']}/dispute", json={"reason": "Not ours"})
            assert answer.status_code == 200
        page = (await client.get(address)).text
        assert "80.00 EUR" in page
        causes = (await api.get(address)).json()["causes"]
        assert [(each["lines"], each["amount"]["amount"]) for each in causes] == [(8, "80.00")]
        found, href = [], f"{address}/letter"
        while href:
            letter = (await client.get(href)).text
            assert "In dispute: 70.00 EUR. We shall pay 0.00 EUR." in letter
            found += re.findall(r'scope="row">(XX\d)<', letter)
            href = next(iter(re.findall(rf'href="({address}/letter\?cursor=[^"]+)"', letter)), "")
        assert sorted(found) == [f"XX{number}" for number in range(8) if f"XX{number}" != items[7]["supplier_number"]]
        whole = (await client.get(f"{address}/letter?format=text")).text
        assert whole.count("- XX") == 7
