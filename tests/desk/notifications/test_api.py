"""Notifications in the JSON API."""

from uuid import uuid4

import pytest

from app.core.actor import SYSTEM
from app.desk.notifications.services import notify
from tests.factories.desk import make_customer

KIND = "import.finished"


async def tell(session, person, *titles, subject=None):
    for title in titles:
        await notify(session, [person.id], KIND, title=title, href="/vehicles", subject=subject, actor=SYSTEM)
    await session.commit()


async def listed(api, **query):
    return (await api.get("/notifications", params=query)).raise_for_status().json()


class TestList:
    async def test_shows_ones_own_the_newest_first_by_pages(self, api_for, session):
        api, other = await api_for("fleet_clerk"), await api_for("fleet_clerk")
        await tell(session, api.staff, "first", "second", "third")
        await tell(session, other.staff, "of another")
        page = await listed(api, limit=2)
        assert [item["title"] for item in page["items"]] == ["third", "second"]
        assert page["unread"] == 3
        rest = await listed(api, limit=2, cursor=page["next_cursor"])
        assert ([item["title"] for item in rest["items"]], rest["next_cursor"]) == (["first"], None)

    async def test_says_nothing_about_a_record_that_one_does_not_see(self, api_for, session):
        api = await api_for("fleet_clerk", markets=["LV"])
        customer = await make_customer(session)
        await tell(session, api.staff, "About Liis Tamm", subject=("customer", customer.id))
        [item] = (await listed(api))["items"]
        assert item["is_withheld"] is True
        assert "Liis" not in str(item)
        assert (item["href"], "subject_id" in item) == ("", False)

    async def test_refuses_what_is_not_known(self, api_for):
        api = await api_for("fleet_clerk")
        assert (await api.get("/notifications", params={"recipient": "x"})).status_code == 400


class TestReading:
    async def test_of_one(self, api_for, session):
        api = await api_for("fleet_clerk")
        await tell(session, api.staff, "first", "second")
        second, _ = (await listed(api))["items"]
        answer = await api.post(f"/notifications/{second['id']}/reading")
        assert (answer.status_code, answer.json()) == (201, {"unread": 1})
        assert [item["title"] for item in (await listed(api, unread="true"))["items"]] == ["first"]
        assert (await api.post(f"/notifications/{second['id']}/reading")).json() == {"unread": 1}

    async def test_of_anothers_is_not_found(self, api_for, session):
        api, other = await api_for("fleet_clerk"), await api_for("admin")
        await tell(session, other.staff, "theirs")
        [theirs] = (await listed(other))["items"]
        for wrong in (theirs["id"], uuid4()):
            assert (await api.post(f"/notifications/{wrong}/reading")).status_code == 404

    async def test_up_to_what_was_shown(self, api_for, session):
        api = await api_for("fleet_clerk")
        await tell(session, api.staff, "first", "second")
        shown = await listed(api)
        await tell(session, api.staff, "third")
        answer = await api.post("/notification-readings", json={"cursor": shown["read_cursor"]})
        assert answer.json() == {"unread": 1}
        assert (await api.post("/notification-readings", json={})).json() == {"unread": 0}

    async def test_refuses_a_cursor_of_something_else(self, api_for, session):
        api = await api_for("fleet_clerk")
        await tell(session, api.staff, "first", "second")
        cursor = (await listed(api, limit=1))["next_cursor"]
        assert (await api.post("/notification-readings", json={"cursor": cursor})).status_code == 400


class TestSettings:
    async def test_begin_with_each_kinds_default(self, api_for):
        api = await api_for("fleet_clerk")
        found = {item["kind"]: item for item in (await api.get("/notification-settings")).json()["items"]}
        assert (found["import.finished"]["in_app"], found["job.done"]["in_app"]) == (True, False)
        assert not any(item["by_mail"] for item in found.values())

    async def test_are_replaced_and_decide(self, api_for, session):
        api = await api_for("fleet_clerk")
        chosen = {"items": [{"kind": KIND, "in_app": False, "by_mail": False}]}
        assert (await api.put("/notification-settings", json=chosen)).status_code == 200
        await tell(session, api.staff, "not told")
        assert (await listed(api))["items"] == []
        await api.put("/notification-settings", json={"items": []})
        await tell(session, api.staff, "told again")
        assert len((await listed(api))["items"]) == 1

    @pytest.mark.parametrize("kind", ["no.such", ""])
    async def test_refuse_a_kind_that_does_not_exist(self, api_for, kind):
        api = await api_for("fleet_clerk")
        body = {"items": [{"kind": kind, "in_app": True, "by_mail": False}]}
        assert (await api.put("/notification-settings", json=body)).status_code == 422
