"""Saved views on the pages of lists: tabs, the default, what changed, sharing, and views that no longer fit."""

import re
from html import unescape

import pytest

from app.desk.saved_views.models import SavedView
from tests.factories.rental import make_vehicle

LIST = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#list-results"}


async def save(client, name="Blocked ones", query="state=blocked&sort=plate", **fields) -> str:
    """Save a view and return its id."""
    form = {"list_key": "vehicles", "query": query, "name": name, **fields}
    answer = await client.post("/saved-views", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("view=")[2]


def current(page: str) -> str:
    """The tab that is marked."""
    found = re.search(r'<nav class="views".*?</nav>', page, re.DOTALL)
    tab = re.search(r'aria-current="page">(.*?)</a>', found.group(0), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", tab.group(1)).split()) if tab else ""


class TestTabs:
    async def test_opens_with_one_click_and_says_what_it_is_in_the_address(self, client_for, session):
        await make_vehicle(session, plate="AAA 111", state="blocked")
        await make_vehicle(session, plate="BBB 222")
        clerk = await client_for("fleet_clerk")
        view = await save(clerk)
        page = (await clerk.get("/vehicles")).text
        assert f'href="/vehicles?view={view}"' in page
        answer = await clerk.get(f"/vehicles?view={view}", headers=LIST)
        assert "AAA 111" in answer.text
        assert "BBB 222" not in answer.text
        assert current(answer.text) == "Blocked ones"
        assert answer.headers["hx-push-url"] == f"/vehicles?state=blocked&sort=plate&view={view}"

    async def test_is_recognised_by_what_is_shown(self, client_for, session):
        clerk = await client_for("fleet_clerk")
        await save(clerk, query="state=blocked&state=for_sale&sort=plate")
        page = (await clerk.get("/vehicles?sort=plate&state=for_sale&state=blocked")).text
        assert current(page) == "Blocked ones"
        assert current((await clerk.get("/vehicles?state=for_sale")).text) == "For sale"

    async def test_tells_that_it_changed_and_keeps_the_change(self, client_for, session):
        clerk = await client_for("fleet_clerk")
        view = await save(clerk)
        page = (await clerk.get(f"/vehicles?view={view}&state=for_sale&sort=plate")).text
        assert current(page) == "Blocked ones *"
        query = unescape(re.search(r'name="query" value="([^"]*)"', page).group(1))
        version = re.search(r'name="version" value="(\d+)"', page).group(1)
        answer = await clerk.post(f"/saved-views/{view}/query", data={"query": query, "version": version})
        assert answer.status_code == 303
        page = (await clerk.get(f"/vehicles?view={view}")).text
        assert current(page) == "Blocked ones"
        assert '<span class="chip-value">For sale</span>' in page

    async def test_opens_first_for_its_person_alone_and_everything_stays_one_click_away(self, client_for, session):
        await make_vehicle(session, plate="BBB 222")
        clerk, other = await client_for("fleet_clerk"), await client_for("fleet_clerk")
        await save(clerk, is_default="true")
        page = (await clerk.get("/vehicles")).text
        assert current(page) == "Blocked ones"
        assert "BBB 222" not in page
        assert 'href="/vehicles?view=all"' in page
        everything = await clerk.get("/vehicles?view=all", headers=LIST)
        assert "BBB 222" in everything.text
        assert current(everything.text) == "All"
        assert everything.headers["hx-push-url"] == "/vehicles?sort=-updated_at"
        assert current((await other.get("/vehicles")).text) == "All"

    async def test_carries_its_columns(self, client_for, session):
        await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        view = await save(clerk, query="sort=plate&columns=vin,state")
        page = (await clerk.get(f"/vehicles?view={view}")).text
        assert re.search(r"VIN.*State", page[page.index("<thead") : page.index("</thead")], re.DOTALL)
        assert "Odometer" not in page[page.index("<thead") : page.index("</thead")]

    async def test_explains_what_a_view_asks_in_vain_and_shows_the_rest(self, client_for, session):
        await make_vehicle(session, plate="AAA 111", state="blocked")
        clerk = await client_for("fleet_clerk")
        view = await save(clerk)
        stored = await session.get(SavedView, view)
        stored.filters = {"state": ["blocked", "melted"], "smell": ["new"]}
        stored.columns = ["plate", "aroma"]
        await session.commit()
        answer = await clerk.get(f"/vehicles?view={view}")
        assert answer.status_code == 200
        assert "no longer knows" in answer.text
        for part in ("melted", "smell", "aroma"):
            assert part in answer.text
        assert "AAA 111" in answer.text
        assert current(answer.text) == "Blocked ones *"

    async def test_a_view_that_is_gone_leaves_the_rest_of_the_address(self, client_for, session):
        await make_vehicle(session, plate="BBB 222")
        clerk = await client_for("fleet_clerk")
        view = await save(clerk)
        await clerk.post(f"/saved-views/{view}/removal")
        answer = await clerk.get(f"/vehicles?view={view}&state=in_service")
        assert "BBB 222" in answer.text
        assert "The view of this link is gone" in answer.text


class TestCreate:
    async def test_shows_what_it_will_ask(self, client_for):
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/saved-views/new?list=vehicles&query=state%3Dblocked%26sort%3D-plate")).text
        assert "Blocked" in page
        assert "Plate, falling" in page
        assert "Share with everybody" not in page

    @pytest.mark.parametrize("name", ["", "x" * 81])
    async def test_keeps_the_form_when_the_name_is_none(self, client_for, name):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post("/saved-views", data={"list_key": "vehicles", "query": "sort=plate", "name": name})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text

    async def test_one_name_once(self, client_for):
        clerk = await client_for("fleet_clerk")
        await save(clerk)
        answer = await clerk.post(
            "/saved-views", data={"list_key": "vehicles", "query": "sort=plate", "name": "Blocked ones"}
        )
        assert answer.status_code == 422
        assert "has this name already" in answer.text

    async def test_needs_the_permission_of_the_list_and_for_sharing(self, client_for):
        clerk = await client_for("fleet_clerk")
        form = {"list_key": "applications", "query": "", "name": "Mine"}
        assert (await clerk.post("/saved-views", data=form)).status_code == 403
        form = {"list_key": "vehicles", "query": "", "name": "Ours", "is_shared": "true"}
        assert (await clerk.post("/saved-views", data=form)).status_code == 403


class TestSharing:
    async def test_a_shared_view_is_everybodys_tab_and_its_owners_to_change(self, client_for, session):
        manager, clerk = await client_for("fleet_manager"), await client_for("fleet_clerk")
        view = await save(manager, name="Ours", is_shared="true")
        assert ">Ours</a>" in (await clerk.get("/vehicles")).text
        assert (await clerk.get(f"/saved-views/{view}/edit")).status_code == 403
        assert (await clerk.post(f"/saved-views/{view}/removal")).status_code == 403
        auditor = await client_for("auditor")
        assert "Saved view" in (await auditor.get("/audit?action=saved_view.created")).text
        admin = await client_for("admin")
        answer = await admin.post(f"/saved-views/{view}/edit", data={"name": "Everybody's", "version": "1"})
        assert answer.status_code == 303
        assert "Everybody" not in (await clerk.get("/vehicles")).text  # it is private again: the box was not ticked

    async def test_a_private_view_of_somebody_else_is_not_there(self, client_for):
        clerk, other = await client_for("fleet_clerk"), await client_for("admin")
        view = await save(clerk)
        assert "Blocked ones" not in (await other.get("/vehicles")).text
        assert (await other.get(f"/saved-views/{view}/edit")).status_code == 404
        assert (await other.post(f"/saved-views/{view}/query", data={"query": ""})).status_code == 404
        assert (await other.post(f"/saved-views/{view}/removal")).status_code == 404

    async def test_the_page_of_views_orders_them(self, client_for):
        clerk = await client_for("fleet_clerk")
        await save(clerk, name="First")
        second = await save(clerk, name="Second", query="state=for_sale")
        await clerk.post(f"/saved-views/{second}/position", data={"step": "up"})
        page = (await clerk.get("/saved-views?list=vehicles")).text
        assert page.index(">Second<") < page.index(">First<")
        assert "State: For sale" in page

    async def test_two_who_edit_at_once_do_not_overwrite_each_other(self, client_for):
        clerk = await client_for("fleet_clerk")
        view = await save(clerk)
        await clerk.post(f"/saved-views/{view}/edit", data={"name": "Once", "version": "1"})
        answer = await clerk.post(f"/saved-views/{view}/edit", data={"name": "Twice", "version": "1"})
        assert answer.status_code == 412
