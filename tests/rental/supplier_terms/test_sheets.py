"""Terms with suppliers: nothing is sold by them before somebody else has agreed, and nothing of them ever changes."""

from datetime import timedelta

import pytest

from app.core import clock
from tests.factories.suppliers import make_supplier

PATH, TRIALS = "/supplier-terms", "/supplier-term-trials"
NET = {"pattern": "****", "model": "net", "markup_percent": "10", "step": "0.50"}
SHARE = {"pattern": "C***", "model": "commission", "commission_percent": "15", "base": "time"}


def body(*lines, **more):
    return {"supplier": "nordrive", "valid_from": clock.today().isoformat(), "lines": list(lines) or [NET]} | more


@pytest.fixture
async def supplier(session, settings):
    return await make_supplier(session, settings, "nordrive")


@pytest.fixture
async def manager(api_for, supplier):
    return await api_for("rate_manager")


@pytest.fixture
async def other(api_for):
    return await api_for("fleet_manager")


async def agree(client, made):
    answer = await client.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "As agreed"})
    assert answer.status_code < 300, answer.text


async def shown(client):
    """The lines that hold today, as the page shows them."""
    text = (await client.get("/supplier-terms")).text
    return text[text.index("In force today") :].split('id="sheets"')[0]


class TestSheets:
    async def test_terms_hold_once_somebody_else_has_agreed(self, manager, other, client_for):
        page = await client_for("auditor")
        made = (await manager.post(PATH, json=body())).json()
        assert made["state"] == "waiting"
        assert "None: sold at their price, earns nothing" in await shown(page)
        own = await manager.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "mine"})
        assert own.status_code in (403, 409)
        await agree(other, made)
        assert "net + 10 %, up to 0.50" in await shown(page)
        kept = (await manager.get(f"{PATH}/{made['id']}")).json()
        assert (kept["state"], kept["lines"], kept["supplier"]) == ("in_force", [NET], "nordrive")
        (item,) = (await manager.get(PATH, params={"supplier": "nordrive", "state": "in_force"})).json()["items"]
        assert item == kept

    async def test_a_later_sheet_takes_the_place_from_its_day_on(self, manager, other, client_for):
        page, tomorrow = await client_for("auditor"), (clock.today() + timedelta(days=1)).isoformat()
        await agree(other, (await manager.post(PATH, json=body())).json())
        await agree(other, (await manager.post(PATH, json=body(SHARE, valid_from=tomorrow))).json())
        assert "net + 10 %" in await shown(page)
        await agree(other, (await manager.post(PATH, json=body(NET | {"markup_percent": "12"}))).json())
        assert "net + 12 %" in await shown(page)

    async def test_whoever_decides_sees_what_changes(self, manager, other):
        await agree(other, (await manager.post(PATH, json=body(NET, SHARE))).json())
        made = (await manager.post(PATH, json=body(NET | {"markup_percent": "12"}))).json()
        asked = (await other.get(f"/approvals/{made['approval_id']}")).text
        for words in ("net + 10 %, up to 0.50", "net + 12 %, up to 0.50", "15 % commission of time"):
            assert words in asked

    async def test_what_was_withdrawn_cannot_be_agreed_to(self, manager, other):
        made = (await manager.post(PATH, json=body())).json()
        assert (await manager.post(f"{PATH}/{made['id']}/withdrawal")).json()["state"] == "withdrawn"
        assert (await manager.post(f"{PATH}/{made['id']}/withdrawal")).status_code == 409
        await other.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "yes"})
        assert (await manager.get(f"{PATH}/{made['id']}")).json()["state"] == "withdrawn"

    async def test_the_same_key_enters_them_once(self, manager):
        headers = {"idempotency-key": "terms-once"}
        first = await manager.post(PATH, json=body(), headers=headers)
        again = await manager.post(PATH, json=body(), headers=headers)
        assert again.json()["id"] == first.json()["id"]
        taken = await manager.post(PATH, json=body(id=first.json()["id"]))
        assert taken.status_code == 409

    async def test_wrong_terms_are_named_and_only_some_may_see_them(self, manager, api_for):
        least = {"markup_least": {"amount": "5.00", "currency": "SEK"}}
        refused = (await manager.post(PATH, json=body(NET | least))).json()
        assert refused["errors"][0]["pointer"] == "/lines/0/markup_least"
        unknown = (await manager.post(PATH, json=body(supplier="nobody"))).json()
        assert unknown["errors"][0]["pointer"] == "/supplier"
        clerk = await api_for("fleet_clerk", markets=["EE"])
        assert (await clerk.get(PATH)).status_code == 403
        auditor = await api_for("auditor")
        assert (await auditor.get(PATH)).status_code == 200
        assert (await auditor.post(PATH, json=body())).status_code == 403

    @pytest.mark.parametrize("path", [PATH, "/supplier-reservations", "/supplier-invoices", "/supplier-invoice-lines"])
    async def test_a_code_that_is_no_code_finds_nothing(self, api_for, path):
        found = await (await api_for("admin")).get(path, params={"supplier": "ž\u202e"})
        assert (found.status_code, found.json()["items"]) == (200, [])


class TestTrials:
    async def test_what_a_price_becomes(self, manager):
        price = {"amount": "149.80", "currency": "EUR"}
        tried = {"lines": [NET, SHARE], "market": "EE", "class_code": "EDMR", "price": price}
        found = (await manager.post(TRIALS, json=tried)).json()
        assert (found["retail"]["amount"], found["markup"]["amount"], found["cost"]) == ("165.00", "15.20", price)
        shared = tried | {"class_code": "CDMR", "time": {"amount": "100.00", "currency": "EUR"}}
        found = (await manager.post(TRIALS, json=shared)).json()
        assert (found["retail"], found["margin"]["amount"], found["line"]["pattern"]) == (price, "15.00", "C***")
        refused = await manager.post(TRIALS, json=tried | {"class_code": "ZZZZ"})
        assert refused.json()["errors"][0]["pointer"] == "/class_code"


class TestEditor:
    TYPED = {
        "supplier": "nordrive", "lines.0.pattern": "c***", "lines.0.model": "net", "lines.0.markup_percent": "12,5",
        "lines.0.step": "0.50", "lines.1.pattern": "****", "lines.1.model": "commission", "lines.1.base": "total",
        "lines.1.commission_percent": "10", "trial.market": "EE", "trial.class_code": "CDMR", "trial.price": "100.00",
    }  # fmt: skip

    def typed(self, **change):
        return self.TYPED | {"valid_from": clock.today().isoformat()} | change

    async def test_lines_are_added_and_removed_and_a_price_is_tried(self, client_for, supplier):
        page = await client_for("rate_manager")
        new = (await page.get("/supplier-terms/new?supplier=nordrive")).text
        assert 'value="****"' in new
        more = (await page.post("/supplier-terms/draft?add=line", data=self.typed())).text
        assert 'name="lines.2.pattern"' in more
        less = (await page.post("/supplier-terms/draft?remove=0", data=self.typed())).text
        assert 'name="lines.1.pattern"' not in less
        assert 'name="lines.0.commission_percent"' in less
        tried = (await page.post("/supplier-terms/trial", data=self.typed())).text
        assert "112.50" in tried
        wrong = (await page.post("/supplier-terms/trial", data=self.typed(**{"trial.class_code": "nothing"}))).text
        assert "Enter a class such as CDMR" in wrong
        assert (await page.get("/supplier-terms/new?supplier=nobody")).status_code == 404

    async def test_what_is_wrong_is_shown_beside_its_field_and_what_is_right_waits(self, client_for, supplier):
        page = await client_for("rate_manager")
        refused = await page.post("/supplier-terms", data=self.typed(**{"lines.0.markup_percent": "much"}))
        assert refused.status_code == 422
        assert "Enter a number such as 12.5" in refused.text
        made = await page.post("/supplier-terms", data=self.typed())
        assert made.status_code in (204, 303), made.text
        listed = (await page.get("/supplier-terms?supplier=nordrive")).text
        assert "Waits for consent" in listed
        sheet = (await page.get(made.headers.get("location") or made.headers["hx-redirect"])).text
        assert "net + 12.5 %, up to 0.50" in sheet
        assert "10 % commission of total without tax" in sheet
