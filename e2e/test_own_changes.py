"""What somebody changes beside a record stands in its timeline at once, and is not told to them as news."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

MINUTES_BEHIND = "2020-01-01T00:00:00"


def test_own_changes_are_no_news_and_those_of_others_are(browse: Browse, api: httpx.Client) -> None:
    vehicle = add_vehicle(api)
    person = browse("fleet.manager@demo.test")
    page = person.page
    page.clock.set_fixed_time(MINUTES_BEHIND)  # nothing may depend on the clock of somebody's computer
    person.go(f"/vehicles/{vehicle['id']}")
    timeline, news = page.locator("#timeline"), page.locator(".live-note p")
    page.get_by_label("Add a tag").fill("hail-damage")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(toast(page, "Tag added")).to_be_visible()
    expect(timeline.locator("li").first).to_contain_text("hail-damage")
    page.get_by_label("Note", exact=True).fill("Dents on the roof")
    page.get_by_role("button", name="Add note").click()
    expect(timeline.locator("li").first).to_contain_text("Note")
    page.wait_for_timeout(1_500)
    expect(news).to_be_hidden()
    person.look("record-own-changes")

    api.post(f"vehicles/{vehicle['id']}/tags", json={"name": "vip"}).raise_for_status()
    expect(news).to_contain_text("changed this just now")
