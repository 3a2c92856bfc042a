"""Rate cards over the JSON API."""

from app.core import clock
from app.kit.hire_pricing.card_terms import CardTerms
from tests.factories.rental import make_rate_card

TERMS = CardTerms.EXAMPLE


def body(**changed):
    given = {"market": "EE", "name": "Compact Estonia", "acriss": "C***", "branches": ["TLL"]}
    return given | {"valid_from": clock.today().isoformat(), "terms": TERMS} | changed


class TestCreation:
    async def test_gives_the_card_and_its_address(self, api_for):
        api = await api_for("rate_manager")
        made = await api.post("/rate-cards", json=body())
        assert made.status_code == 201, made.text
        assert made.json()["branches"] == ["TLL"]
        assert made.json()["draft_number"] == 1
        read = await api.get(f"/rate-cards/{made.json()['id']}")
        assert (read.json(), read.headers["etag"]) == (made.json(), made.headers["etag"])
        listed = await api.get("/rate-cards", params={"acriss": "C***"})
        assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]
        assert (await api.post("/rate-cards", json=body())).status_code == 409

    async def test_names_the_field_that_is_wrong(self, api_for):
        api = await api_for("rate_manager")
        for changed, pointer in (
            ({"terms": TERMS | {"tax_percent": "x"}}, "/terms/tax_percent"),
            ({"terms": TERMS | {"rate": {"blocks": [{"days": 1, "price": "1.001"}]}}}, "/terms/rate/blocks/0/price"),
            ({"terms": TERMS | {"routes": [{"start": "tll", "end": "*", "price": "1"}]}}, "/terms/routes/0/start"),
            ({"valid_from": "2020-01-01"}, "/valid_from"),
            ({"market": "ZZ"}, "/market"),
            ({"acriss": "A***"}, "/acriss"),
        ):
            answer = await api.post("/rate-cards", json=body(**changed))
            assert answer.status_code == 422, changed
            assert pointer in [error["pointer"] for error in answer.json()["errors"]]

    async def test_is_for_rate_managers(self, api_for):
        api = await api_for("fleet_manager")
        assert (await api.post("/rate-cards", json=body())).status_code == 403


class TestDraft:
    async def test_needs_the_version_that_was_read(self, api_for, session):
        card = await make_rate_card(session)
        api = await api_for("rate_manager")
        draft = {"valid_from": clock.today().isoformat(), "terms": TERMS | {"airport_percent": "15"}}
        address = f"/rate-cards/{card.id}/draft"
        assert (await api.put(address, json=draft)).status_code == 428
        assert (await api.put(address, json=draft, headers={"If-Match": '"99"'})).status_code == 412
        saved = await api.put(address, json=draft, headers={"If-Match": card.etag})
        assert saved.status_code == 200, saved.text
        (version,) = (await api.get(f"/rate-cards/{card.id}/versions")).json()["items"]
        assert (version["number"], version["state"]) == (1, "draft")
        assert version["terms"]["airport_percent"] == "15"
        gone = await api.delete(address)
        assert (gone.status_code, "draft_number" in gone.json()) == (200, False)
        assert (await api.delete(address)).json()["code"] == "no_draft"


class TestActivation:
    async def test_answers_the_approval_that_waits(self, api_for, session):
        card = await make_rate_card(session)
        api, boss = await api_for("rate_manager"), await api_for("fleet_manager")
        asked = await api.post(f"/rate-cards/{card.id}/activation", json={"reason": "Summer"})
        assert asked.status_code == 202, asked.text
        assert asked.json()["kind"] == "rate_card.activation"
        address = asked.headers["location"].removeprefix("/api/v1")
        agreed = await boss.post(f"{address}/approval", json={})
        assert agreed.status_code == 201, agreed.text
        read = (await api.get(f"/rate-cards/{card.id}")).json()
        assert (read["state"], read["active_number"], read["active_from"]) == (
            "active",
            1,
            clock.today().isoformat(),
        )
