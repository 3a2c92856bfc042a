"""Exports asked for, followed and fetched by a client."""

import csv
import io

import pytest

from tests.factories.rental import make_location, make_vehicle


@pytest.fixture
async def fleet(session):
    await make_location(session, "TLL")
    cars = [await make_vehicle(session, plate=f"AAA {number}", location="TLL") for number in (1, 2, 3)]
    await session.commit()
    return cars


ASKED = {"kind": "vehicle", "filters": {"state": ["in_service"]}, "sort": "-plate", "columns": ["plate", "state"]}


class TestCreate:
    async def test_is_written_and_fetched(self, api_for, fleet, data_dir, work):
        clerk = await api_for("fleet_clerk")
        made = await clerk.post("/exports", json=ASKED, headers={"idempotency-key": "k1"})
        assert (made.status_code, made.json()["state"], made.json()["total"]) == (201, "writing", 3)
        path = made.headers["location"].removeprefix("/api/v1")
        again = await clerk.post("/exports", json=ASKED, headers={"idempotency-key": "k1"})
        assert again.json()["id"] == made.json()["id"]
        early = await clerk.get(f"{path}/content")
        assert (early.status_code, early.json()["state"]) == (409, "writing")
        await work()
        item = (await clerk.get(path)).json()
        assert (item["state"], item["written"], item["filters"], item["sort"]) == (
            "ready", 3, {"state": ["in_service"]}, "-plate",
        )  # fmt: skip
        file = await clerk.get(f"{path}/content")
        assert file.headers["content-type"].startswith("text/csv")
        assert file.headers["content-disposition"].startswith('attachment; filename="vehicle-')
        lines = list(csv.reader(io.StringIO(file.text, newline="")))
        assert lines == [["Plate", "State"], *(["AAA " + str(number), "In service"] for number in (3, 2, 1))]

    async def test_of_single_rows_as_a_workbook(self, api_for, fleet, data_dir, work):
        clerk = await api_for("fleet_clerk")
        made = await clerk.post("/exports", json={"kind": "vehicle", "ids": [str(fleet[0].id)], "format": "xlsx"})
        await work()
        item = (await clerk.get(f"/exports/{made.json()['id']}")).json()
        assert (item["total"], item["picked"], item["format"]) == (1, 1, "xlsx")
        assert (await clerk.get(f"/exports/{item['id']}/content")).content.startswith(b"PK")

    @pytest.mark.parametrize(
        ("changed", "status"),
        [
            ({"columns": ["wheels"]}, 422),
            ({"filters": {"wheels": ["4"]}}, 400),
            ({"filters": {"state": ["flying"]}}, 422),
            ({"filters": {"state": ["retired"]}}, 422),
            ({"sort": "wheels"}, 422),
            ({"kind": "job"}, 404),
            ({"kind": "nothing"}, 404),
            ({"format": "pdf"}, 422),
            ({"kind": "application", "filters": {}, "sort": "", "columns": []}, 403),
        ],
    )
    async def test_refuses_what_no_list_has(self, api_for, fleet, changed, status):
        clerk = await api_for("fleet_clerk")
        answer = await clerk.post("/exports", json=ASKED | changed)
        assert answer.status_code == status, answer.text


class TestOwn:
    async def test_are_ones_own_alone(self, api_for, fleet, data_dir, work):
        clerk, other = await api_for("fleet_clerk"), await api_for("fleet_manager")
        made = (await clerk.post("/exports", json=ASKED)).json()
        await work()
        assert [item["id"] for item in (await clerk.get("/exports?state=ready")).json()["items"]] == [made["id"]]
        assert (await other.get("/exports")).json()["items"] == []
        assert (await clerk.get("/exports?q=vehicles")).status_code == 400
        for path in ("", "/content"):
            assert (await other.get(f"/exports/{made['id']}{path}")).status_code == 404

    async def test_nothing_new_is_told_without_a_body(self, api_for, fleet, data_dir):
        clerk = await api_for("fleet_clerk")
        made = await clerk.post("/exports", json=ASKED)
        path, etag = f"/exports/{made.json()['id']}", made.headers["etag"]
        assert (await clerk.get(path, headers={"if-none-match": etag})).status_code == 304

    async def test_needs_the_permission(self, api_for, fleet):
        engineer = await api_for("engineer")
        assert (await engineer.post("/exports", json=ASKED)).status_code == 403


class TestWords:
    async def test_pages_say_what_was_asked(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        form = {"kind": "vehicle", "query": "state=in_service&sort=-plate", "file": "csv shown", "all": "true"}
        await clerk.post("/exports", data=form)
        page = (await clerk.get("/exports")).text
        assert "<b>State</b> In service" in page
        assert "<b>Order</b> Plate, descending" in page
        assert "state=in_service" not in page.partition("<tbody>")[2]
