"""A run over many records is stopped on its way: what is done stays done, and the rest can be taken up again."""

import secrets

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse


def test_stops_between_two_records(browse: Browse, api: httpx.Client) -> None:
    tag = f"stopped-{secrets.randbelow(10**6)}"
    person = browse("credit@demo.test")
    page = person.go("/customers")
    page.locator("tbody .pick input").first.check()
    bar = page.get_by_role("form", name="Selected rows")
    page.locator("#bulk-all").check()
    bar.get_by_role("button", name="Add tag").click()
    page.locator("#field-name").fill(tag)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Add tag:").click()
    state = page.locator("#bulk-state")
    expect(state.locator(".state").first).to_have_text("Running")
    state.get_by_role("button", name="Stop").click()
    page.locator("#confirm").get_by_role("button", name="Stop", exact=True).click()
    expect(state.locator(".state").first).to_have_text("Cancelled")
    expect(state).not_to_have_attribute("data-poll", "1000")
    person.look("bulk-stopped")
    done = len(api.get("customers", params={"tag": tag, "limit": 200}).json()["items"])
    page.wait_for_timeout(1_500)
    assert len(api.get("customers", params={"tag": tag, "limit": 200}).json()["items"]) == done
    total = api.get("customers", params={"tag": tag, "limit": 1, "total": "true"}).json()["total"]
    everybody = api.get("customers", params={"limit": 1, "total": "true"}).json()["total"]
    assert 0 < total < everybody
    expect(state).to_contain_text("not reached")
