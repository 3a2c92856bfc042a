"""Several vehicles get a tag at once, and the tasks about them go to a colleague."""

import secrets

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.records import add_vehicle, created

MANAGER = "fleet.manager@demo.test"


def select_all(page: Page, action: str) -> None:
    page.get_by_label("Select all on this page").check()
    page.get_by_role("form", name="Selected rows").get_by_role("button", name=action, exact=True).click()


def carry_out(page: Page, action: str) -> None:
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.locator("#bulk-draft")).to_contain_text("Would be done")
    page.get_by_role("button", name=f"{action}:").click()
    expect(page.locator("#bulk-state .state").first).to_have_text("Done")


def test_tags_then_gives_the_tasks_away(browse: Browse, api: httpx.Client) -> None:
    make, tag = f"Proov{secrets.randbelow(10**6):06d}", f"recall-{secrets.randbelow(10**6)}"
    cars = [add_vehicle(api, make=make) for _ in range(2)]
    for car in cars:
        about = {"subject_kind": "vehicle", "subject_id": car["id"]}
        created(api, "tasks", {"kind": "vehicle_check", "title": f"Recall {tag}"} | about)
    person = browse(MANAGER)
    page = person.go(f"/vehicles?make={make}")
    select_all(page, "Add tag")
    page.locator("#field-name").fill(tag)
    person.look("bulk-tag-fields")
    carry_out(page, "Add tag")
    page = person.go(f"/vehicles?tag={tag}")
    expect(page.locator("tbody tr")).to_have_count(2)

    page = person.go(f"/tasks?subject_kind=vehicle&subject_id={cars[0]['id']}&subject_id={cars[1]['id']}")
    expect(page.locator("tbody tr")).to_have_count(2)
    select_all(page, "Give to somebody")
    page.get_by_label("Who is to do them").select_option(label="Mari Kask")
    page.get_by_label("Note").fill("Before the weekend")
    person.look("bulk-task-fields")
    carry_out(page, "Give to somebody")
    person.look("bulk-tasks-done")
    items = api.get("tasks", params={"subject_kind": "vehicle", "subject_id": [car["id"] for car in cars]}).json()[
        "items"
    ]
    assert [item["assignee_name"] for item in items] == ["Mari Kask"] * 2
