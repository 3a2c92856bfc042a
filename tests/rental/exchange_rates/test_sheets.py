"""Sheets of rates: nothing is compared by them before somebody else has agreed, and nothing of them ever changes."""

from datetime import timedelta

import pytest

from app.core import clock

PATH = "/exchange-rate-sheets"


def body(*rates, **more):
    given = [
        dict(zip(("base", "currency", "rate"), rate, strict=True)) for rate in rates or (("EUR", "SEK", "11.0240"),)
    ]
    return {"valid_from": clock.today().isoformat(), "source": "Central bank", "rates": given} | more


@pytest.fixture
async def manager(api_for):
    return await api_for("rate_manager")


@pytest.fixture
async def other(api_for):
    return await api_for("fleet_manager")


async def in_force(client, **on):
    items = (await client.get("/exchange-rates", params=on)).json()["items"]
    return {f"{item['base']}/{item['currency']}": item["rate"] for item in items}


async def agree(client, made):
    answer = await client.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "As published"})
    assert answer.status_code < 300, answer.text


class TestSheets:
    async def test_rates_count_once_somebody_else_has_agreed(self, manager, other, client_for):
        made = (await manager.post(PATH, json=body())).json()
        assert (made["state"], await in_force(manager)) == ("waiting", {})
        asked = await (await client_for(other.staff)).get(f"/approvals/{made['approval_id']}")
        assert ("EUR/SEK" in asked.text, "Eur/sek" in asked.text) == (True, False)
        own = await manager.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "mine"})
        assert own.status_code in (403, 409)
        await agree(other, made)
        assert await in_force(manager) == {"EUR/SEK": "11.024"}
        kept = (await manager.get(f"{PATH}/{made['id']}")).json()
        assert (kept["state"], kept["rates"]) == (
            "in_force", [{"base": "EUR", "currency": "SEK", "rate": "11.024"}],
        )  # fmt: skip

    async def test_a_later_sheet_takes_the_place_from_its_day_on(self, manager, other):
        today = clock.today()
        await agree(other, (await manager.post(PATH, json=body(("EUR", "SEK", "11"), ("EUR", "CZK", "24")))).json())
        tomorrow = (today + timedelta(days=1)).isoformat()
        await agree(other, (await manager.post(PATH, json=body(("EUR", "SEK", "12"), valid_from=tomorrow))).json())
        assert await in_force(manager) == {"EUR/SEK": "11", "EUR/CZK": "24"}
        assert await in_force(manager, on=tomorrow) == {"EUR/SEK": "12", "EUR/CZK": "24"}
        await agree(other, (await manager.post(PATH, json=body(("EUR", "SEK", "11.5")))).json())
        assert (await in_force(manager))["EUR/SEK"] == "11.5"

    async def test_stale_rates_are_told_and_old_ones_are_gone(self, manager, other):
        for days, code in ((10, "SEK"), (70, "CZK")):
            day = (clock.today() - timedelta(days=days)).isoformat()
            await agree(other, (await manager.post(PATH, json=body(("EUR", code, "11"), valid_from=day))).json())
        (item,) = (await manager.get("/exchange-rates")).json()["items"]
        assert (item["currency"], item["is_stale"], item["source"]) == ("SEK", True, "Central bank")

    async def test_what_was_withdrawn_cannot_be_agreed_to(self, manager, other):
        made = (await manager.post(PATH, json=body())).json()
        assert (await manager.post(f"{PATH}/{made['id']}/withdrawal")).json()["state"] == "withdrawn"
        assert (await manager.post(f"{PATH}/{made['id']}/withdrawal")).status_code == 409
        refused = await other.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "yes"})
        assert await in_force(manager) == {}, refused.text

    async def test_wrong_rates_are_named(self, manager, api_for):
        refused = (await manager.post(PATH, json=body(("EUR", "XXX", "11")))).json()
        assert refused["errors"][0]["pointer"] == "/rates/0"
        clerk = await api_for("fleet_clerk", markets=["EE"])
        assert (await clerk.post(PATH, json=body())).status_code == 403
        assert (await clerk.get("/exchange-rates")).status_code == 200


class TestPages:
    async def test_whoever_entered_a_sheet_takes_it_and_its_request_back_with_one_button(self, manager, client_for):
        made = (await manager.post(PATH, json=body())).json()
        page = await client_for(manager.staff)
        address = f"/exchange-rates/{made['id']}"
        shown = (await page.get(address)).text
        assert "Waits for consent" in shown
        assert (shown.count("/withdrawal"), shown.count(f"{address}/withdrawal")) == (2, 2)  # action and hx-post
        assert (await page.post(f"{address}/withdrawal")).status_code == 303
        approval = (await manager.get(f"/approvals/{made['approval_id']}")).json()
        assert approval["state"] == "voided"
        assert 'href="/exchange-rates/new"' in (await page.get(address)).text.split('id="moves"')[1]

    async def test_a_file_is_entered_and_what_is_wrong_is_shown_again(self, client_for):
        page = await client_for("rate_manager")
        typed = {
            "valid_from": clock.today().isoformat(),
            "source": "Bank",
            "base_currency": "EUR",
            "lines": "SEK 11.02\nCZK eleven",
        }
        refused = await page.post("/exchange-rates", data=typed)
        assert refused.status_code == 422
        assert "Line 2 is no number: eleven" in refused.text
        file = {"file": ("rates.csv", b"currency,rate\nSEK,11.02\nCZK,24.6\n", "text/csv")}
        made = await page.post("/exchange-rates", data={**typed, "lines": ""}, files=file)
        assert made.status_code in (204, 303), made.text
        listed = await page.get("/exchange-rates")
        assert "No rate is in force" in listed.text
        assert "Waits for consent" in listed.text
