"""Working through a queue of tasks by keyboard."""

import re

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle, created

WORK = re.compile(r"/tasks/[0-9a-f-]{36}/work$")
LONG = "Compare the mileage of the contract with photos of the dashboard before the invoice"
LENGTHS = range(66, 76, 2)
"""Titles that are cut on a telephone: what is not seen of them must not lie over the links of the next columns."""


def add_task(api: httpx.Client, title: str, vehicle: str, **fields: str) -> dict[str, str]:
    """A check of a vehicle, more urgent than what the demo has."""
    body = {"kind": "vehicle_check", "title": title, "subject_kind": "vehicle", "subject_id": vehicle}
    return created(api, "tasks", body | {"priority": "urgent"} | fields)


def test_take_complete_and_go_on_by_keyboard(browse: Browse, api: httpx.Client) -> None:
    vehicle = add_vehicle(api)["id"]
    add_task(api, "Look at the left mirror", vehicle)
    for length in LENGTHS:
        add_task(api, LONG[:length], vehicle)
    clerk = browse("fleet@demo.test")
    page = clerk.go("/tasks?team=fleet&active=yes")
    expect(page.get_by_role("link", name="Look at the left mirror").first).to_be_visible()
    clerk.look("task-queue")
    page.keyboard.press("n")
    page.wait_for_url(WORK)
    first = page.url
    expect(page.get_by_role("heading", name="What happened to it")).to_be_visible()
    clerk.look("task-work")
    page.keyboard.press("c")
    dialog = page.locator("#dialog-completion")
    expect(dialog).to_be_visible()
    outcome = dialog.get_by_role("radio")
    if outcome.count():
        outcome.first.check()
    dialog.get_by_label("Note").fill("Fixed on site")
    dialog.get_by_label("Note").press("Control+Enter")
    expect(toast(page, "Done")).to_be_visible()
    expect(page).not_to_have_url(first)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Complete, snooze, hand over the task")
