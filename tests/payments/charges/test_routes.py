"""Charge pages and their API."""

from app.core.actor import SYSTEM
from app.payments.charges import services
from app.payments.charges.rules import ChargeState, Purpose
from tests.factories.rental import make_booking, make_fleet

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


async def charge_of(desk, **values):
    await make_fleet(desk.session)
    booking = await make_booking(desk.session)
    return booking, await desk.plan(subject_id=booking.id, **values)


class TestPages:
    async def test_lists_shows_and_stands_beside_the_booking(self, client_for, desk):
        booking, charge = await charge_of(desk)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        every = "purpose,subject,amount,held,captured,refunded,state,card,branch,updated,words,reason,market"
        assert charge.reference in (await clerk.get(f"/charges?columns={every}&state=planned")).text
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert f'href="/charges/{charge.id}"' in page
        assert "Deposit, 800.00 EUR" in page
        page = (await clerk.get(f"/charges/{charge.id}")).text
        for words in ("Hold on a card", "Another role may waive", f'href="/bookings/{booking.id}"'):
            assert words in page
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(f"/charges/{charge.id}")).status_code == 404

    async def test_holds_and_follows_until_the_provider_has_answered(self, client_for, desk):
        _, charge = await charge_of(desk)
        clerk = await client_for("fleet_clerk")
        address = f"/charges/{charge.id}/hold"
        refused = await clerk.post(address, data={"payment_token": ""}, headers=PARTIAL)
        assert (refused.status_code, "Read the card at the terminal" in refused.text) == (422, True)
        refused = await clerk.post(
            address, data={"payment_token": "tok_a", "amount.amount": "900", "amount.currency": "EUR"}
        )
        assert "At most 800.00 EUR are planned" in refused.text
        assert (await clerk.post(address, data={"payment_token": "tok_a"})).status_code == 303
        page = (await clerk.get(f"/charges/{charge.id}")).text
        assert "Planned, being held" in page
        assert 'data-poll="1000"' in page
        await desk.settle(charge)
        page = (await clerk.get(f"/charges/{charge.id}", headers=PARTIAL | {"hx-target": "div#charge-state"})).text
        assert page.lstrip().startswith('<div id="charge-state"')
        assert "Increase the hold" in page
        assert "data-poll" not in page
        assert (await clerk.post(address, data={"payment_token": "tok_a"})).status_code == 409

    async def test_only_managers_refund_and_waive(self, client_for, desk):
        _, charge = await charge_of(desk, minor=9_000, purpose=Purpose.FUEL)
        clerk, manager = await client_for("fleet_clerk"), await client_for("fleet_manager")
        address = f"/charges/{charge.id}/waiver"
        assert (await clerk.post(address, data={"reason": "x"})).status_code == 403
        assert (await manager.post(address, data={})).status_code == 422
        assert (await manager.post(address, data={"reason": "A good customer"})).status_code == 303
        assert (await desk.kept(charge.id)).state is ChargeState.WAIVED


class TestApi:
    async def test_plans_holds_captures_and_gives_back(self, api_for, desk):
        booking, _ = await charge_of(desk)
        manager = await api_for("fleet_manager")
        body = {
            "subject_kind": "booking", "subject_id": str(booking.id), "purpose": "extra",
            "amount": {"amount": "25.00", "currency": "EUR"}, "words": "Child seat",
        }  # fmt: skip
        made = await manager.post("/charges", json=body)
        assert made.status_code == 201, made.text
        item = made.json()
        assert (item["state"], item["subject_name"]) == ("planned", booking.reference)
        address = f"/charges/{item['id']}"
        taken = await manager.post(f"{address}/capture", json={"payment_token": "tok_good"})
        assert taken.status_code == 201
        charge = await desk.kept(item["id"])
        await desk.settle(charge)
        stale = await manager.post(f"{address}/refund", json={}, headers={"if-match": '"1"'})
        assert stale.status_code in (400, 412, 422)
        refund = {"amount": {"amount": "30.00", "currency": "EUR"}, "reason": "Agreed"}
        refused = await manager.post(f"{address}/refund", json=refund)
        assert (refused.status_code, refused.json()["code"]) == (409, "amount_refused")
        refund["amount"]["amount"] = "5.00"
        asked = await manager.post(f"{address}/refund", json=refund)
        assert (asked.status_code, asked.headers["location"]) == (202, f"/api/v1/approvals/{asked.json()['id']}")
        assert (await desk.operations(charge))[0].kind == "sale"
        other = await api_for("fleet_manager", name="Tiit Saar")
        agreed = await other.post(f"/approvals/{asked.json()['id']}/approval")
        assert agreed.json()["state"] == "executed"
        await desk.settle(charge)
        shown = (await manager.get(address)).json()
        assert (shown["state"], shown["refunded"]["amount"]) == ("captured", "5.00")
        operations = (await manager.get(f"{address}/operations")).json()["items"]
        assert [each["kind"] for each in operations] == ["refund", "sale"]

    async def test_what_cannot_be_charged_for_is_refused(self, api_for, session):
        vehicle, _ = await make_fleet(session)
        clerk = await api_for("fleet_clerk")
        body = {
            "subject_kind": "vehicle", "subject_id": str(vehicle.id), "purpose": "extra",
            "amount": {"amount": "25.00", "currency": "EUR"},
        }  # fmt: skip
        refused = await clerk.post("/charges", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/subject_id")


async def test_the_page_of_what_a_deposit_paid_leads_to_it(client_for, desk):
    deposit = await desk.held()
    fuel = await desk.plan(4_500, Purpose.FUEL)
    await desk.do(services.capture, deposit, amount=fuel.amount, covers=[fuel.id])
    clerk = await client_for("fleet_manager")
    page = (await clerk.get(f"/charges/{fuel.id}")).text
    assert f'href="/charges/{deposit.id}"' in page
    assert "Refund</button>" not in page
    assert deposit.market == "EE"
    assert SYSTEM.name in page
