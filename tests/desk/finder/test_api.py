"""`GET /api/v1/search`."""

import pytest

from app.core.runtime import Runtime
from tests.desk.finder.conftest import Fleet


@pytest.fixture
def searching(runtime: Runtime, fleet: Fleet) -> Runtime:
    runtime.search, runtime.indexes = fleet.runtime.search, fleet.runtime.indexes
    return runtime


class TestSearch:
    async def test_items_say_what_was_found_and_why(self, api_for, searching, fleet):
        client = await api_for("admin")
        answer = (await client.get("search", params={"q": "octavia zagreb diesel"})).json()
        item = answer["items"][0]
        assert item["id"] == fleet.ids["octavia_zagreb"]
        assert (item["kind"], item["reference"], item["title"]) == ("vehicle", "ZG 4821-KL", "Škoda Octavia")
        assert item["highlight"]["title"] == "Škoda <mark>Octavia</mark>"
        assert "<mark>Zagreb</mark>" in item["highlight"]["subtitle"]
        assert "reference" not in item["highlight"]
        assert item["score"] > 0
        assert (answer["stage"], answer["partial"], answer["limited"]) == ("strict", False, False)

    async def test_the_exact_record_is_first(self, api_for, searching, fleet):
        client = await api_for("admin")
        items = (await client.get("search", params={"q": "tmblj9nx5py045871"})).json()["items"]
        assert (items[0]["id"], items[0]["exact"]) == (fleet.ids["octavia_combi"], True)

    async def test_by_kind_and_limit(self, api_for, searching):
        client = await api_for("admin")
        items = (await client.get("search", params={"q": "tamm", "kind": "application", "limit": 2})).json()["items"]
        assert [item["kind"] for item in items] == ["application", "application"]
        both = (await client.get("search", params={"q": "tamm", "kind": ["application", "customer"]})).json()["items"]
        assert {item["kind"] for item in both} == {"application", "customer"}

    async def test_finds_nothing_outside_permission_and_scope(self, api_for, searching):
        clerk = await api_for("fleet_clerk")
        assert (await clerk.get("search", params={"q": "tamm", "kind": "application"})).json()["items"] == []
        officer = await api_for("credit_officer", markets=["LV"])
        items = (await officer.get("search", params={"q": "refinancing"})).json()["items"]
        assert {item["title"] for item in items} == {"Jānis Bērziņš"}

    @pytest.mark.parametrize(
        ("parameters", "status"),
        [({}, 422), ({"q": ""}, 422), ({"q": "a", "kind": "ship"}, 422), ({"q": "a", "limit": "0"}, 422),
         ({"q": "a", "limit": "51"}, 422), ({"q": "a", "limit": "x"}, 422), ({"q": "x" * 121}, 422),
         ({"q": "a", "colour": "red"}, 400)],
    )  # fmt: skip
    async def test_refuses_what_it_does_not_know(self, api_for, parameters, status):
        client = await api_for("admin")
        answer = await client.get("search", params=parameters)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/problem+json")

    async def test_says_when_the_search_engine_is_away(self, api_for):
        client = await api_for("admin")
        assert (await client.get("search", params={"q": "octavia"})).json()["limited"] is True
