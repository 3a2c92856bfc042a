"""Tags on record pages and in the API."""

from uuid import uuid4

import pytest

from app.core.actor import SYSTEM
from app.desk.tags.services import add_tag
from tests.factories.desk import make_customer
from tests.factories.rental import make_location, make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#tags-panel"}


class TestPages:
    async def test_the_record_page_shows_them_with_their_lists(self, client_for, session):
        vehicle = await make_vehicle(session)
        await add_tag(session, vehicle, "hail-damage", actor=SYSTEM)
        page = (await (await client_for("fleet_manager")).get(f"/vehicles/{vehicle.id}")).text
        assert 'href="/vehicles?tag=hail-damage"' in page
        assert "Remove the tag hail-damage" in page
        only = (await (await client_for("auditor")).get(f"/vehicles/{vehicle.id}")).text
        assert 'href="/vehicles?tag=hail-damage"' in only
        assert "Remove the tag" not in only

    async def test_htmx_gets_the_panel_and_a_plain_form_the_page(self, client_for, session):
        vehicle = await make_vehicle(session)
        manager, address = await client_for("fleet_manager"), f"/records/vehicle/{vehicle.id}/tags"
        shown = await manager.post(address, data={"name": "Winter tyres"}, headers=PARTIAL)
        assert shown.status_code == 200
        assert shown.text.lstrip().startswith('<section class="panel" id="tags-panel">')
        assert "winter-tyres" in shown.text
        plain = await manager.post(f"{address}/removal", data={"name": "winter-tyres"})
        assert (plain.status_code, plain.headers["location"]) == (303, f"/vehicles/{vehicle.id}#tags-panel")
        assert "winter-tyres" not in (await manager.get(address)).text

    async def test_what_is_refused_is_said_beside_the_field(self, client_for, session):
        vehicle = await make_vehicle(session)
        manager = await client_for("fleet_manager")
        answer = await manager.post(
            f"/records/vehicle/{vehicle.id}/tags", data={"name": "<img src=x onerror=alert(1)>"}, headers=PARTIAL
        )
        assert answer.status_code == 422
        assert "words joined by hyphens" in answer.text
        assert "<img" not in answer.text

    async def test_names_are_offered_while_typing(self, client_for, session):
        vehicle = await make_vehicle(session)
        for name in ("hail-damage", "hail-repaired", "vip"):
            await add_tag(session, vehicle, name, actor=SYSTEM)
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get(f"/records/vehicle/{vehicle.id}/tags/names?name=Hail")
        assert [part for part in ("hail-damage", "hail-repaired", "vip") if part in answer.text] == [
            "hail-damage",
            "hail-repaired",
        ]

    async def test_nobody_reaches_a_record_that_they_may_not_see(self, client_for, session):
        await make_location(session, "TAG")
        vehicle, customer = await make_vehicle(session, location="TAG"), await make_customer(session)
        elsewhere = await client_for("fleet_manager", markets=["LV"], branches=None)
        for address in (f"/records/vehicle/{vehicle.id}", f"/records/customer/{customer.id}"):
            assert (await elsewhere.get(f"{address}/tags")).status_code == 404
            assert (await elsewhere.get(f"{address}/tags/names")).status_code == 404
            assert (await elsewhere.post(f"{address}/tags", data={"name": "x"})).status_code == 404
            assert (await elsewhere.post(f"{address}/tags/removal", data={"name": "x"})).status_code == 404
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get(f"/records/application/{uuid4()}/tags")).status_code == 404
        assert (await clerk.get(f"/records/nothing/{uuid4()}/tags")).status_code == 404
        assert (await clerk.get(f"/records/job/{uuid4()}/tags")).status_code == 404
        auditor = await client_for("auditor")
        assert (await auditor.post(f"/records/vehicle/{vehicle.id}/tags", data={"name": "x"})).status_code == 403

    async def test_lists_are_filtered_by_the_address(self, client_for, session):
        tagged, other = await make_vehicle(session, model="Tagged"), await make_vehicle(session, model="Other")
        await add_tag(session, tagged, "vip", actor=SYSTEM)
        page = (await (await client_for("fleet_clerk")).get("/vehicles?tag=vip")).text
        assert str(tagged.id) in page
        assert str(other.id) not in page


class TestApi:
    async def test_tags_are_part_of_the_record(self, api_for, session):
        vehicle = await make_vehicle(session)
        manager = await api_for("fleet_manager")
        address = f"/vehicles/{vehicle.id}/tags"
        before = await manager.get(address)
        assert before.json() == {"items": []}
        added = await manager.post(address, json={"name": "Hail damage"}, headers={"if-match": before.headers["etag"]})
        assert (added.status_code, added.json()) == (200, {"items": ["hail-damage"]})
        record = await manager.get(f"/vehicles/{vehicle.id}")
        assert record.json()["tags"] == ["hail-damage"]
        assert record.headers["etag"] == added.headers["etag"] != before.headers["etag"]
        assert (await manager.get(address, headers={"if-none-match": added.headers["etag"]})).status_code == 304
        stale = await manager.delete(f"{address}/hail-damage", headers={"if-match": before.headers["etag"]})
        assert stale.status_code == 412
        assert (await manager.delete(f"{address}/hail-damage")).json() == {"items": []}
        listed = await manager.get("/vehicles", params={"tag": "hail-damage"})
        assert listed.json()["items"] == []

    async def test_the_vocabulary_is_offered_to_those_who_see_the_kind(self, api_for, session):
        vehicle = await make_vehicle(session)
        await add_tag(session, vehicle, "hail", actor=SYSTEM)
        clerk, officer = await api_for("fleet_clerk"), await api_for("credit_officer")
        assert (await clerk.get("/tags?kind=vehicle&beginning=ha")).json() == {"items": ["hail"]}
        assert (await officer.get("/tags?kind=customer")).json() == {"items": []}
        assert (await clerk.get("/tags?kind=application")).status_code == 404
        assert (await clerk.get("/tags?kind=job")).status_code == 404
        assert (await clerk.get("/tags")).status_code == 400

    @pytest.mark.parametrize("kind", ["vehicles", "customers", "applications"])
    async def test_a_foreign_record_is_not_there(self, api_for, kind):
        officer = await api_for("credit_officer", markets=["LV"])
        assert (await officer.get(f"/{kind}/{uuid4()}/tags")).status_code == 404
        assert (await officer.post(f"/{kind}/{uuid4()}/tags", json={"name": "x"})).status_code == 404

    async def test_applications_given_their_tags_are_found_by_them(self, api_for):
        officer = await api_for("credit_officer")
        body = {
            "market": "EE", "product": "personal_loan", "term_months": 48, "tags": ["vip"],
            "amount": {"amount": "5000.00", "currency": "EUR"},
        }  # fmt: skip
        made = (await officer.post("/applications", json=body)).json()
        assert [item["id"] for item in (await officer.get("/applications?tag=vip")).json()["items"]] == [made["id"]]
        changed = await officer.patch(
            f"/applications/{made['id']}", json={"tags": ["urgent"]}, headers={"if-match": f'"{made["version"]}"'}
        )
        assert changed.json()["tags"] == ["urgent"]
        assert (await officer.get("/applications?tag=vip")).json()["items"] == []
        assert len((await officer.get("/applications?tag=urgent")).json()["items"]) == 1
