"""Two people reach for the same task: one has it, and the other is told who."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle, created


def test_one_has_it_and_the_other_sees_who(browse: Browse, api: httpx.Client) -> None:
    subject = {"subject_kind": "vehicle", "subject_id": add_vehicle(api)["id"]}
    task = created(api, "tasks", {"kind": "vehicle_check", "title": "Look at the tow bar"} | subject)
    quick, slow = browse("fleet@demo.test"), browse("fleet.manager@demo.test")
    for person in (quick, slow):
        expect(person.go(f"/tasks/{task['id']}").get_by_role("button", name="Take it")).to_be_visible()
    slow.expect(409)
    quick.page.get_by_role("button", name="Take it").click(no_wait_after=True)
    expect(toast(quick.page, "It is yours")).to_be_visible()
    slow.page.get_by_role("button", name="Take it").click()
    expect(toast(slow.page, "Mari Kask has this task")).to_be_visible()
    expect(slow.page.locator(".live-note")).to_contain_text("Mari Kask changed this just now")
    slow.look("task-taken-by-another")
    slow.page.locator(".live-note").get_by_role("link", name="Reload").click()
    facts = slow.page.locator("dl.facts").first
    expect(facts).to_contain_text("Mari Kask")
    expect(slow.page.get_by_role("button", name="Take it")).to_have_count(0)
    assert api.get(f"tasks/{task['id']}").json()["assignee_name"] == "Mari Kask"
