"""Four eyes: somebody asks, somebody else is told, sees before and after, and decides."""

import re
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

APPROVAL = re.compile(r"/approvals/[0-9a-f-]{36}$")
REFERENCE = re.compile(r"APV-[0-9A-Z]{6}")


def retire(page: Page, vehicle: dict[str, Any], reason: str) -> None:
    """Ask for a vehicle to be taken out of the fleet."""
    page.goto(f"/vehicles/{vehicle['id']}")
    page.get_by_role("button", name="Retire", exact=True).click()
    dialog = page.locator("#dialog-retirement")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Retire", exact=True).click()
    expect(toast(page, "Waits for somebody else to agree")).to_be_visible()


def test_ask_and_agree(browse: Browse, api: httpx.Client) -> None:
    vehicle = add_vehicle(api)
    maker, boss = browse("admin@demo.test"), browse("fleet.manager@demo.test")
    page, desk = maker.page, boss.page

    retire(page, vehicle, "Hail damage, written off")
    beside = page.locator("#waits")
    expect(beside).to_contain_text("in service to retired")
    maker.look("approval-asked")
    beside.get_by_role("link", name=REFERENCE).click()
    page.wait_for_url(APPROVAL)
    expect(page.get_by_text("You asked for it yourself; somebody else decides.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    maker.look("approval-own")
    address = page.url

    boss.go("/notifications")
    told = desk.get_by_role("link", name=f"asks for consent: retirement of Saab 900 {vehicle['plate']}")
    told.first.click()
    expect(desk).to_have_url(address)
    expect(desk.get_by_role("row", name="State in service retired")).to_be_visible()
    expect(desk.get_by_text("Hail damage, written off").first).to_be_visible()
    boss.look("approval-waiting")
    reference = REFERENCE.search(desk.locator("h1 + .mono").inner_text())
    assert reference is not None
    desk.keyboard.press("a")
    dialog = desk.locator("#dialog-approval")
    dialog.get_by_label(f"Type {reference.group()} to agree").fill(reference.group().lower())
    boss.look("approval-dialog")
    dialog.get_by_label("Comment").fill("The insurer has paid")
    dialog.get_by_label("Comment").press("Control+Enter")
    expect(toast(desk, "Approved, and done")).to_be_visible()
    expect(desk.get_by_text("The insurer has paid").first).to_be_visible()
    boss.look("approval-done")
    assert api.get(f"vehicles/{vehicle['id']}").json()["state"] == "retired"


def test_ask_and_decline(browse: Browse, api: httpx.Client) -> None:
    vehicle = add_vehicle(api)
    maker, boss = browse("admin@demo.test"), browse("fleet.manager@demo.test")
    page, desk = maker.page, boss.page
    retire(page, vehicle, "Too small for families")
    boss.go("/approvals?queue=waiting&sort=-created_at")
    expect(desk.locator("nav.sidebar a", has_text="Approvals").locator(".count")).not_to_be_empty()
    boss.look("approvals-waiting")
    desk.get_by_role("row", name=vehicle["plate"]).get_by_role("link").first.click()
    desk.wait_for_url(APPROVAL)
    desk.keyboard.press("r")
    dialog = desk.locator("#dialog-rejection")
    dialog.get_by_label("Reason").fill("It earns its keep in town")
    dialog.get_by_role("button", name="Reject").click()
    expect(toast(desk, "Rejected")).to_be_visible()
    assert api.get(f"vehicles/{vehicle['id']}").json()["state"] == "in_service"

    maker.go("/approvals?queue=mine")
    row = page.get_by_role("row", name=vehicle["plate"])
    expect(row).to_contain_text("Rejected")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("It earns its keep in town").first).to_be_visible()
    maker.look("approval-rejected")
