"""Two people at once: what one changes the other sees without asking, and nothing moves under their hands."""

import re

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

MANAGER, CLERK = "fleet.manager@demo.test", "fleet@demo.test"


class TestLiveUpdates:
    def test_a_list_a_record_and_the_bell_follow(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        first, second = browse(MANAGER), browse(CLERK)
        theirs, ours = first.go(f"/vehicles/{vehicle['id']}"), second.go("/vehicles")
        row = ours.locator(f"#vehicle-{vehicle['id']}")
        expect(row.locator("[data-state]")).to_have_text("In service")
        place = ours.locator("table[data-rows] tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)")

        theirs.get_by_role("button", name="Block", exact=True).click()
        dialog = theirs.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("Scratch on the door")
        dialog.get_by_role("button", name="Block", exact=True).click()
        expect(toast(theirs, "Vehicle blocked")).to_be_visible()

        expect(row.locator("[data-state]")).to_have_text("Blocked")
        pill = ours.locator("[data-live-pill]")
        expect(pill).to_have_text("1 changed")
        fresh = add_vehicle(api)
        expect(pill).to_contain_text("1 new")
        assert place == ours.locator("table[data-rows] tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)")
        second.look("vehicles-live")
        pill.click()
        expect(ours.locator(f"#vehicle-{fresh['id']}")).to_be_visible()
        expect(pill).to_be_hidden()

    def test_a_form_that_is_edited_stays_as_it_is(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, colour="red")
        person = browse(CLERK)
        page = person.go(f"/vehicles/{vehicle['id']}/edit")
        page.get_by_label("Colour").fill("green")
        headers = {"if-match": api.get(f"vehicles/{vehicle['id']}").headers["etag"]}
        api.patch(f"vehicles/{vehicle['id']}", json={"seats": 4}, headers=headers).raise_for_status()
        expect(page.get_by_text("changed this while you are here")).to_be_visible()
        expect(page.get_by_label("Colour")).to_have_value("green")
        person.look("vehicle-edit-live")
        page = person.go(f"/vehicles/{vehicle['id']}")
        expect(page.get_by_text("changed this just now")).to_be_hidden()
        headers = {"if-match": api.get(f"vehicles/{vehicle['id']}").headers["etag"]}
        api.patch(f"vehicles/{vehicle['id']}", json={"seats": 5}, headers=headers).raise_for_status()
        expect(page.get_by_text("changed this just now")).to_be_visible()

    def test_the_bell_counts_up_and_down(self, browse: Browse) -> None:
        person, same = browse(MANAGER), browse(MANAGER)
        page, other = person.go("/vehicles"), same.go("/vehicles")
        bell = page.locator("[data-bell]")
        unread = int((bell.get_attribute("aria-label") or "").split()[1])
        bell.click()
        menu = page.locator("#bell")
        unread_ones = menu.get_by_role("button", name=re.compile("^Mark as read: "))
        expect(unread_ones.first).to_be_visible()
        person.look("bell")
        unread_ones.last.click()
        for one in (bell, other.locator("[data-bell]")):
            expect(one).to_have_accessible_name(f"Notifications, {unread - 1} unread")
        newest = menu.get_by_role("listitem").first.get_by_role("link").first
        address = newest.get_attribute("href") or ""
        newest.click()
        expect(page).to_have_url(re.compile(re.escape(address)))
        page = person.go("/notifications")
        page.locator(".page-head").get_by_role("button", name="Mark all as read").click()
        expect(toast(page, "Everything is marked as read")).to_be_visible()
        expect(other.locator("[data-bell]")).to_have_accessible_name("Notifications")
        person.look("notifications")
