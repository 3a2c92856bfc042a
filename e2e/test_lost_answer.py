"""A supplier that loses its answer: from the reservation over the limbo desk to what people settle by telephone."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from app.cli.processes import wait_until
from e2e.conftest import Browse
from e2e.people import toast
from e2e.stack import Stack

PICKUP, BACK = "2029-05-07T10:00", "2029-05-10T10:00"


@pytest.fixture
def nordrive(stack: Stack) -> Iterator[httpx.Client]:
    """The company behind the portal's back: its faults, and what it really has."""
    with httpx.Client(base_url=f"{stack.settings.sandbox_url}/suppliers/nordrive/control/") as control:
        control.delete("faults")
        yield control
        control.delete("faults")


def reserve(stack: Stack) -> str:
    """A reservation with the company; its reference."""
    with stack.api("fleet@demo.test") as api:
        hire = {"pickup": {"location": "TLL", "local": PICKUP}, "return": {"location": "TLL", "local": BACK}}
        found = api.post("supplier-searches", json=hire).raise_for_status().json()["items"]
        offer = next(item for item in found if item["supplier"] == "nordrive")
        body = hire | {"supplier": "nordrive", "key": offer["key"], "expected": offer["total"], "surname": "Kask"}
        made = api.post("supplier-reservations", json=body).raise_for_status().json()
        address = f"supplier-reservations/{made['id']}"
        assert wait_until(lambda: api.get(address).json()["state"] == "unknown", seconds=30)
        return made["reference"]


def test_from_a_lost_answer_to_settled(browse: Browse, stack: Stack, nordrive: httpx.Client) -> None:
    nordrive.post("faults", json={"operation": "book", "fault": "lost", "times": 1}).raise_for_status()
    nordrive.post("faults", json={"operation": "retrieve", "fault": "error"}).raise_for_status()
    reference = reserve(stack)
    (real,) = [each for each in nordrive.get("reservations").json() if each["client_reference"] == reference]

    clerk = browse("fleet@demo.test")
    page = clerk.page
    clerk.go("/limbo")
    row = page.get_by_role("row").filter(has_text=reference)
    expect(row).to_contain_text("Not known")
    expect(row).to_contain_text("Sat 5 May 10:00")
    clerk.look("limbo")
    row.locator("summary").click()
    expect(row).to_contain_text(re.compile("book, Lost: the connection broke"))
    row.get_by_role("button", name="Ask now").click()
    expect(toast(page, f"The supplier is asked about {reference}")).to_be_visible()

    page.get_by_role("row").filter(has_text=reference).get_by_role("link", name=reference).click()
    expect(page.get_by_role("table", name="Partner calls")).to_contain_text("Failed")
    page.get_by_label("It is required").select_option("Confirmed")
    page.get_by_label("Their number").fill(real["number"])
    page.get_by_label("How you know required").fill("Read out by their desk on the telephone")
    page.get_by_role("button", name="Settle by hand").click()
    expect(toast(page, f"{reference} is confirmed")).to_be_visible()
    expect(page.get_by_text(real["number"]).first).to_be_visible()

    clerk.go("/limbo")
    expect(page.get_by_role("row").filter(has_text=reference)).to_have_count(0)
