"""Vehicles in the JSON API."""

from uuid import uuid4

import msgspec
import pytest

from app.core.actor import SYSTEM
from app.kit.ids import new_id
from app.rental.vehicles import queries
from app.rental.vehicles.schemas import item_of
from tests.factories.rental import make_location, make_vehicle

FULL = {
    "make": "Škoda",
    "market": "EE",
    "model": "Octavia Combi",
    "year": 2024,
    "fleet_number": "F-1042",
    "plate": "123 abc",
    "category": "compact",
    "body_type": "estate",
    "transmission": "manual",
    "fuel": "diesel",
    "air_conditioning": True,
    "seats": 5,
    "doors": 5,
    "bags": 3,
    "power_kw": 110,
    "colour": "blue",
    "odometer_km": 84210,
    "fuel_level_percent": 75,
    "equipment": ["tow_bar", "navigation"],
    "day_price": {"amount": "78.00", "currency": "EUR"},
    "insurance_expires_on": "2020-01-31",
    "owner": "Forecourt Fleet",
}


class TestCreateVehicle:
    async def test_answers_the_vehicle_with_its_address_and_etag(self, api_for, session):
        await make_location(session, "TLL")
        client = await api_for("fleet_clerk")
        answer = await client.post("/vehicles", json={**FULL, "home_location": "tll", "location": "TLL"})
        assert answer.status_code == 201, answer.text
        vehicle = answer.json()
        assert answer.headers["location"] == f"/api/v1/vehicles/{vehicle['id']}"
        assert answer.headers["etag"] == '"1"'
        assert vehicle["plate"] == "123 ABC"
        assert vehicle["acriss"] == "CWMD"
        assert "estate" in vehicle["class_words"].lower()
        assert vehicle["day_price"] == {"amount": "78.00", "currency": "EUR"}
        assert (vehicle["state"], vehicle["state_words"]) == ("in_service", "In service")
        assert vehicle["due"][0]["document"] == "insurance"
        assert vehicle["due"][0]["days"] < 0
        assert "vin" not in vehicle
        assert vehicle["created_at"].endswith("Z")
        assert len(vehicle["created_at"]) == 27
        read = await client.get(answer.headers["location"].removeprefix("/api/v1"))
        assert read.json() == vehicle
        assert read.headers["etag"] == answer.headers["etag"]

    async def test_takes_the_id_of_the_client_once(self, api_for):
        client, chosen = await api_for("fleet_clerk"), str(new_id())
        body = {"make": "Kia", "market": "EE", "id": chosen}
        assert (await client.post("/vehicles", json=body)).json()["id"] == chosen
        again = await client.post("/vehicles", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "duplicate")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"make": None}, "/make"),
            ({"market": "XX"}, "/market"),
            ({"year": "2024"}, "/year"),
            ({"year": 1899}, "/year"),
            ({"vin": "1HGCM82633A004353"}, "/vin"),
            ({"fuel": "steam"}, "/fuel"),
            ({"day_price": {"amount": "78.001", "currency": "EUR"}}, "/day_price/amount"),
            ({"day_price": {"amount": "78.00", "currency": "EUX"}}, "/day_price/currency"),
            ({"day_price": {"amount": 78, "currency": "EUR"}}, "/day_price/amount"),
            ({"day_price": {"currency": "EUR"}}, "/day_price/amount"),
            ({"day_price": {"amount": "-1.00", "currency": "EUR"}}, "/day_price"),
            ({"equipment": ["Tow Bar"]}, "/equipment/0"),
            ({"insurance_expires_on": "soon"}, "/insurance_expires_on"),
            ({"location": "NOWHERE"}, "/location"),
            ({"state": "retired"}, "/state"),
            ({"wheels": 4}, "/wheels"),
            ({"id": "my-car"}, "/id"),
            ({"acriss": "CWMD", "fuel": "petrol"}, "/fuel"),
        ],
    )
    async def test_names_what_is_not_acceptable(self, api_for, change, pointer):
        client = await api_for("fleet_clerk")
        answer = await client.post("/vehicles", json=FULL | change)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_names_every_value_at_once(self, api_for):
        client = await api_for("fleet_clerk")
        answer = await client.post("/vehicles", json=FULL | {"year": 1, "seats": 0, "fuel": "steam"})
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/year", "/seats", "/fuel"}

    async def test_a_taken_plate_is_named(self, api_for, session):
        await make_vehicle(session, plate="999 ZZZ")
        client = await api_for("fleet_clerk")
        answer = await client.post("/vehicles", json={"make": "Kia", "market": "EE", "plate": "999-zzz"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/plate")

    async def test_needs_the_permission_and_the_scope(self, api_for):
        body = {"make": "Kia", "market": "EE"}
        officer = await api_for("credit_officer")
        assert (await officer.post("/vehicles", json=body)).status_code == 403
        clerk = await api_for("fleet_clerk", markets=["LV"])
        refused = await clerk.post("/vehicles", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


class TestReadVehicle:
    async def test_is_not_found_outside_the_scope(self, api_for, session):
        vehicle = await make_vehicle(session, market="LV")
        client = await api_for("fleet_clerk", markets=["EE"])
        for vehicle_id in (vehicle.id, uuid4()):
            answer = await client.get(f"/vehicles/{vehicle_id}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get("/vehicles/not-an-id")).status_code == 404

    async def test_is_not_sent_again_when_unchanged(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for tag in (vehicle.etag, f"W/{vehicle.etag}", f'"0", {vehicle.etag}', "*"):
            answer = await client.get(f"/vehicles/{vehicle.id}", headers={"If-None-Match": tag})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == vehicle.etag
        assert (await client.get(f"/vehicles/{vehicle.id}", headers={"If-None-Match": '"0"'})).status_code == 200

    async def test_gives_chosen_fields_only(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        answer = await client.get(f"/vehicles/{vehicle.id}", params={"fields": "id,make,plate"})
        assert answer.json() == {"id": str(vehicle.id), "make": "Škoda"}
        refused = await client.get(f"/vehicles/{vehicle.id}", params={"fields": "id,source_fields"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/fields")

    async def test_is_the_same_alone_in_the_list_and_before_the_commit(self, api_for, session, database):
        await make_location(session, "TLL")
        vehicle = await make_vehicle(
            session, location="TLL", insurance_expires_on=None, air_conditioning=False, seats=5
        )
        sparse = await make_vehicle(session, day_price=None, model=None)
        await session.commit()
        rows = await queries.vehicles.by_ids(database.reads, [str(vehicle.id), str(sparse.id)], SYSTEM)
        assert [item_of(vehicle), item_of(sparse)] == rows
        client = await api_for("fleet_clerk")
        listed = (await client.get("/vehicles", params={"sort": "created_at"})).json()["items"]
        assert listed == [msgspec.to_builtins(row) for row in rows]


class TestUpdateVehicle:
    async def test_needs_the_version_that_was_read(self, api_for, session):
        vehicle = await make_vehicle(session, colour="blue")
        client, path = await api_for("fleet_clerk"), f"/vehicles/{vehicle.id}"
        missing = await client.patch(path, json={"colour": "red"})
        assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
        stale = await client.patch(path, json={"colour": "red"}, headers={"If-Match": '"99"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
        assert stale.json()["etag"] == vehicle.etag
        assert (await client.get(path)).json()["colour"] == "blue"
        changed = await client.patch(path, json={"colour": "red"}, headers={"If-Match": vehicle.etag})
        assert (changed.status_code, changed.json()["colour"]) == (200, "red")
        assert changed.headers["etag"] != '"1"'
        again = await client.patch(path, json={"colour": "green"}, headers={"If-Match": '"1"'})
        assert again.status_code == 412

    async def test_is_a_merge_patch(self, api_for, session):
        vehicle = await make_vehicle(session, colour="blue", seats=5)
        client = await api_for("fleet_clerk")
        answer = await client.patch(
            f"/vehicles/{vehicle.id}",
            content=b'{"colour": null, "model": null, "doors": 3}',
            headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
        )
        assert answer.status_code == 200, answer.text
        vehicle = answer.json()
        assert "colour" not in vehicle
        assert "model" not in vehicle
        assert (vehicle["seats"], vehicle["doors"], vehicle["make"]) == (5, 3, "Škoda")

    async def test_a_large_change_of_price_waits_and_the_rest_is_changed(self, api_for, session):
        vehicle = await make_vehicle(session)
        client, path = await api_for("fleet_clerk"), f"/vehicles/{vehicle.id}"
        change = {"colour": "red", "day_price": {"amount": "101.40", "currency": "EUR"}}
        answer = await client.patch(path, json=change, headers={"If-Match": vehicle.etag})
        asked = answer.json()
        assert (answer.status_code, asked["state"], asked["kind"]) == (202, "pending", "vehicle.price_change")
        assert asked["changes"] == [{"field": "day_price", "before": "78.00 EUR", "after": "101.40 EUR"}]
        assert (await client.get(answer.headers["location"].removeprefix("/api/v1"))).json() == asked
        present = (await client.get(path)).json()
        assert (present["colour"], present["day_price"]["amount"]) == ("red", "78.00")
        small = {"day_price": {"amount": "93.60", "currency": "EUR"}}
        assert (await client.patch(path, json=small, headers={"If-Match": "*"})).status_code == 200

    async def test_refuses_what_cannot_be_cleared_or_set(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for change, pointer in (({"make": None}, "/make"), ({"state": "blocked"}, "/state"), ({"id": "x"}, "/id")):
            answer = await client.patch(f"/vehicles/{vehicle.id}", json=change, headers={"If-Match": "*"})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)

    async def test_nothing_changed_keeps_the_etag(self, api_for, session):
        vehicle = await make_vehicle(session, colour="blue")
        client, before = await api_for("fleet_clerk"), vehicle.etag
        answer = await client.patch(f"/vehicles/{vehicle.id}", json={"colour": "blue"}, headers={"If-Match": before})
        assert (answer.status_code, answer.headers["etag"]) == (200, before)

    async def test_only_by_those_who_may_edit_and_see(self, api_for, session):
        vehicle = await make_vehicle(session)
        headers = {"If-Match": "*"}
        auditor = await api_for("auditor")
        assert (await auditor.patch(f"/vehicles/{vehicle.id}", json={}, headers=headers)).status_code == 403
        elsewhere = await api_for("fleet_clerk", markets=["LV"])
        assert (await elsewhere.patch(f"/vehicles/{vehicle.id}", json={}, headers=headers)).status_code == 404


class TestListVehicles:
    async def test_filters_sorts_and_pages(self, api_for, session):
        for year in (2019, 2020, 2021, 2022):
            await make_vehicle(session, year=year, make="Kia" if year % 2 else "Seat")
        client = await api_for("fleet_clerk")
        page = (await client.get("/vehicles", params={"sort": "-year", "limit": 3})).json()
        assert [item["year"] for item in page["items"]] == [2022, 2021, 2020]
        rest = (
            await client.get("/vehicles", params={"sort": "-year", "limit": 3, "cursor": page["next_cursor"]})
        ).json()
        assert [item["year"] for item in rest["items"]] == [2019]
        assert rest["next_cursor"] is None
        chosen = (await client.get("/vehicles", params={"make": "Kia", "year_min": 2020, "total": "true"})).json()
        assert [item["year"] for item in chosen["items"]] == [2021]
        assert (chosen["total"], chosen["total_is_capped"]) == (1, False)
        several = (await client.get("/vehicles", params=[("make", "Kia"), ("make", "Seat")])).json()
        assert len(several["items"]) == 4
        assert "total" not in several

    async def test_shows_only_the_scope(self, api_for, session):
        await make_location(session, "TLL")
        await make_location(session, "TAY")
        for location in ("TLL", "TAY", None):
            await make_vehicle(session, location=location)
        await make_vehicle(session, market="LV")
        branch = await api_for("fleet_clerk", markets=["EE"], branches=["TLL"])
        assert [item["location"] for item in (await branch.get("/vehicles")).json()["items"]] == ["TLL"]
        market = await api_for("fleet_clerk", markets=["EE"])
        assert len((await market.get("/vehicles")).json()["items"]) == 3

    async def test_gives_chosen_fields_only(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        items = (await client.get("/vehicles", params={"fields": "id,day_price"})).json()["items"]
        assert items == [{"id": str(vehicle.id), "day_price": {"amount": "78.00", "currency": "EUR"}}]

    @pytest.mark.parametrize(
        ("parameters", "status", "named"),
        [
            ({"colr": "red"}, 400, "colr"),
            ({"colr": "red", "stat": "x"}, 400, "colr, stat"),
            ({"state": "flying"}, 422, "/state"),
            ({"limit": "201"}, 422, "/limit"),
            ({"limit": "0"}, 422, "/limit"),
            ({"limit": "ten"}, 422, "/limit"),
            ({"sort": "colour"}, 422, "/sort"),
            ({"year_min": "x"}, 422, "/year_min"),
            ({"due_before": "tomorrow"}, 422, "/due_before"),
            ({"updated_after": "0001-01-01T00:00:00+05:00"}, 422, "/updated_after"),
            ({"total": "maybe"}, 422, "/total"),
            ({"state": ""}, 422, "/state"),
            ({"q": "x" * 121}, 422, "/q"),
            ({"acriss": "CÄ*"}, 422, "/acriss"),
            ({"fields": "secret"}, 422, "/fields"),
        ],
    )
    async def test_names_what_it_does_not_know(self, api_for, parameters, status, named):
        client = await api_for("fleet_clerk")
        answer = await client.get("/vehicles", params=parameters)
        assert answer.status_code == status, answer.text
        problem = answer.json()
        assert named in problem["detail"] if status == 400 else problem["errors"][0]["pointer"] == named

    async def test_letters_that_no_code_has_find_nothing(self, api_for, session):
        await make_vehicle(session, make="Škoda")
        client = await api_for("fleet_clerk")
        for parameters in ({"vin": "ÄÖ"}, {"location": "Ž"}, {"location": ["Ž", "TLL"]}, {"plate": "Ü"}):
            answer = await client.get("/vehicles", params=parameters)
            assert (answer.status_code, answer.json()["items"]) == (200, []), answer.text
        found = (await client.get("/vehicles", params={"q": "škod"})).json()
        assert [item["make"] for item in found["items"]] == ["Škoda"]

    async def test_without_a_search_engine_text_finds_beginnings_and_says_so(self, api_for, session):
        vehicle = await make_vehicle(session, plate="777 QQQ")
        client = await api_for("fleet_clerk")
        page = (await client.get("/vehicles", params={"q": "777q"})).json()
        assert [item["id"] for item in page["items"]] == [str(vehicle.id)]
        assert "search engine is away" in page["notice"]
