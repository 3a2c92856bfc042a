"""Saved views in the JSON API."""

import pytest

VIEW = {"list_key": "vehicles", "name": "Blocked", "filters": {"state": ["blocked"]}, "sort": "plate"}


async def saved(api, **fields) -> tuple[str, str]:
    """A view's address and its ETag."""
    answer = await api.post("/saved-views", json=VIEW | fields)
    assert answer.status_code == 201, answer.text
    return f"/saved-views/{answer.json()['id']}", answer.headers["etag"]


class TestSavedViews:
    async def test_saves_lists_changes_and_deletes(self, api_for):
        api = await api_for("fleet_manager")
        address, etag = await saved(api, columns=["plate", "state"], is_default=True)
        (item,) = (await api.get("/saved-views?list_key=vehicles")).json()["items"]
        assert item["query"] == "state=blocked&sort=plate"
        assert item["columns"] == ["plate", "state"]
        assert item["is_default"] is True
        assert item["problems"] == []
        answer = await api.patch(address, json={"name": "Held", "is_shared": True}, headers={"if-match": etag})
        assert answer.status_code == 200, answer.text
        assert answer.json()["is_shared"] is True
        assert answer.json()["filters"] == {"state": ["blocked"]}
        stale = await api.patch(address, json={"name": "Again"}, headers={"if-match": etag})
        assert stale.status_code == 412
        assert (await api.delete(address)).status_code == 428
        assert (await api.delete(address, headers={"if-match": answer.headers["etag"]})).status_code == 204
        assert (await api.get(address)).status_code == 404

    async def test_the_query_asks_the_list_itself(self, api_for):
        api = await api_for("fleet_clerk")
        address, _ = await saved(api)
        query = (await api.get(address)).json()["query"]
        assert (await api.get(f"/vehicles?{query}")).status_code == 200

    async def test_a_repeated_creation_has_one_effect(self, api_for):
        api = await api_for("fleet_clerk")
        key = {"idempotency-key": "save-once"}
        first, second = (
            await api.post("/saved-views", json=VIEW, headers=key),
            await api.post("/saved-views", json=VIEW, headers=key),
        )
        assert first.json() == second.json()
        assert second.headers["idempotency-replayed"] == "true"

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"filters": {"state": ["melted"]}}, "state"),
            ({"sort": "smell"}, "sort"),
            ({"columns": ["aroma"]}, "columns"),
            ({"name": ""}, "name"),
        ],
    )
    async def test_what_the_list_does_not_know_is_named(self, api_for, fields, name):
        api = await api_for("fleet_clerk")
        answer = await api.post("/saved-views", json=VIEW | fields)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].strip("/") == name

    async def test_foreign_views_lists_and_sharing(self, api_for):
        clerk, manager = await api_for("fleet_clerk"), await api_for("fleet_manager")
        address, etag = await saved(clerk)
        assert (await manager.get(address)).status_code == 404
        assert (await manager.patch(address, json={"name": "x"}, headers={"if-match": etag})).status_code == 404
        assert (await clerk.patch(address, json={"is_shared": True}, headers={"if-match": etag})).status_code == 403
        shared, shared_etag = await saved(manager, name="Ours", is_shared=True)
        assert (await clerk.get(shared)).json()["can_edit"] is False
        assert (await clerk.delete(shared, headers={"if-match": shared_etag})).status_code == 403
        assert (await clerk.get("/saved-views?list_key=applications")).status_code == 403
        assert (await clerk.get("/saved-views?list_key=submarines")).status_code == 404
