"""Locations in the JSON API."""

from uuid import uuid4

from tests.factories.rental import make_location


class TestListLocations:
    async def test_is_ordered_by_code_inside_the_scope(self, api_for, session):
        for code in ("TLL", "TAY"):
            await make_location(session, code)
        await make_location(session, "RIX", market="LV", country="LV", city="Riga")
        everywhere = await api_for("fleet_clerk")
        page = (await everywhere.get("/locations")).json()
        assert [item["code"] for item in page["items"]] == ["RIX", "TAY", "TLL"]
        assert page["next_cursor"] is None
        market = await api_for("fleet_clerk", markets=["EE"])
        assert [item["code"] for item in (await market.get("/locations")).json()["items"]] == ["TAY", "TLL"]
        branch = await api_for("fleet_clerk", markets=["EE"], branches=["TLL"])
        assert [item["code"] for item in (await branch.get("/locations")).json()["items"]] == ["TLL"]

    async def test_finds_by_text_with_filters_and_pages(self, api_for, session):
        await make_location(session, "TLL", name="Tallinn Airport")
        await make_location(session, "TLL-P", name="Tallinn Port", kind="port")
        await make_location(session, "RIX", market="LV", city="Rīga")
        client = await api_for("fleet_clerk")
        for text in ("riga", "Rīg"):
            found = (await client.get("/locations", params={"q": text})).json()["items"]
            assert [item["code"] for item in found] == ["RIX"]
        ports = (await client.get("/locations", params={"q": "tallinn", "kind": "port", "total": "true"})).json()
        assert ([item["code"] for item in ports["items"]], ports["total"]) == (["TLL-P"], 1)
        first = (await client.get("/locations", params={"q": "tallinn", "limit": 1})).json()
        rest = (
            await client.get("/locations", params={"q": "tallinn", "limit": 1, "cursor": first["next_cursor"]})
        ).json()
        assert [item["code"] for item in first["items"] + rest["items"]] == ["TLL", "TLL-P"]
        other = await client.get("/locations", params={"q": "riga", "limit": 1, "cursor": first["next_cursor"]})
        assert other.status_code == 400


class TestReadLocation:
    async def test_has_hours_position_and_zone(self, api_for, session):
        location = await make_location(session, "TLL", latitude="59.413300", longitude="24.832800")
        client = await api_for("fleet_clerk")
        answer = await client.get(f"/locations/{location.id}")
        found = answer.json()
        assert found["opening_hours"] == {"mon": [["08:00", "18:00"]]}
        assert (found["latitude"], found["longitude"], found["time_zone"]) == (59.4133, 24.8328, "Europe/Tallinn")
        assert answer.headers["etag"] == '"1"'

    async def test_is_not_found_outside_the_scope(self, api_for, session):
        location = await make_location(session, "TLL")
        client = await api_for("fleet_clerk", markets=["LV"])
        assert (await client.get(f"/locations/{location.id}")).status_code == 404
        assert (await client.get(f"/locations/{uuid4()}")).status_code == 404


class TestUpdateLocation:
    async def test_replaces_hours_with_the_etag_that_was_read(self, api_for, session):
        location = await make_location(session, "TLL")
        client = await api_for("fleet_manager")
        hours = {"mon": [["07:00", "19:00"]]}
        sent = {"opening_hours": hours, "allows_out_of_hours": True}
        assert (await client.patch(f"/locations/{location.id}", json=sent)).status_code == 428
        answer = await client.patch(f"/locations/{location.id}", json=sent, headers={"If-Match": '"1"'})
        assert answer.status_code == 200
        assert (answer.json()["opening_hours"], answer.json()["allows_out_of_hours"]) == (hours, True)
        assert answer.headers["etag"] == '"2"'
        stale = await client.patch(f"/locations/{location.id}", json=sent, headers={"If-Match": '"1"'})
        assert stale.status_code == 412

    async def test_names_the_span_that_is_wrong(self, api_for, session):
        location = await make_location(session, "TLL")
        client = await api_for("fleet_manager")
        answer = await client.patch(
            f"/locations/{location.id}", json={"opening_hours": {"mon": [["9", "12"]]}}, headers={"If-Match": "*"}
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/opening_hours/mon/0"

    async def test_clerks_may_not(self, api_for, session):
        location = await make_location(session, "TLL")
        client = await api_for("fleet_clerk")
        answer = await client.patch(f"/locations/{location.id}", json={}, headers={"If-Match": "*"})
        assert answer.status_code == 403
