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


def reserve(stack: Stack, code: str = "nordrive", at: str = "TLL", state: str = "unknown") -> str:
    """A reservation with a company, at a price that may be net; its reference."""
    with stack.api("fleet.manager@demo.test") as api:
        hire = {"pickup": {"location": at, "local": PICKUP}, "return": {"location": at, "local": BACK}}
        found = api.post("supplier-searches", json=hire).raise_for_status().json()["items"]
        offer = next(item for item in found if item["supplier"] == code)
        body = hire | {"supplier": code, "key": offer["key"], "expected": offer["total"], "surname": "Kask"}
        made = api.post("supplier-reservations", json=body).raise_for_status().json()
        address = f"supplier-reservations/{made['id']}"
        assert wait_until(lambda: api.get(address).json()["state"] == state, seconds=30)
        return made["reference"]


def test_from_a_lost_answer_to_settled(browse: Browse, stack: Stack, nordrive: httpx.Client) -> None:
    nordrive.post("faults", json={"operation": "book", "fault": "lost", "times": 1}).raise_for_status()
    nordrive.post("faults", json={"operation": "retrieve", "fault": "error"}).raise_for_status()
    reference = reserve(stack)
    (real,) = [each for each in nordrive.get("reservations").json() if each["client_reference"] == reference]

    clerk = browse("fleet@demo.test")
    clerk.expect(422)
    page = clerk.page
    clerk.go("/limbo")
    row = page.get_by_role("row").filter(has_text=reference)
    expect(row).to_contain_text("Not known")
    expect(row).to_contain_text("Sun 6 May 10:00")  # Nordrive itself lets go for nothing until a day before
    clerk.look("limbo")
    row.locator("summary").click()
    expect(row).to_contain_text(re.compile("book, Lost: the connection broke"))
    row.get_by_role("button", name="Ask now").click()
    expect(toast(page, f"The supplier is asked about {reference}")).to_be_visible()

    page.get_by_role("row").filter(has_text=reference).get_by_role("link", name=reference).click()
    expect(page.get_by_role("table", name="Partner calls")).to_contain_text("Failed")
    page.locator("#moves").get_by_role("button", name="Settle by hand").click()
    settling = page.locator("#dialog-outcome")
    settling.get_by_label("It is required").select_option("Confirmed")
    settling.get_by_label("Their number").fill(real["number"])
    settling.get_by_label("What they said required").fill("Read out by their desk on the telephone")
    settling.get_by_role("button", name="Settle by hand").click()
    expect(settling.get_by_role("alert")).to_be_focused()
    clerk.look("settling-refused")
    settling.get_by_label("Who said it required").fill("Liis, reservation desk")
    settling.get_by_role("button", name="Settle by hand").click()
    expect(toast(page, f"{reference} is confirmed")).to_be_visible()
    expect(page.get_by_text(real["number"]).first).to_be_visible()

    clerk.go("/limbo")
    expect(page.get_by_role("row").filter(has_text=reference)).to_have_count(0)


def test_what_no_machine_does_is_done_by_telephone(browse: Browse, stack: Stack) -> None:
    """A company that cannot cancel: a task with the number to call and the words to say, and the answer kept."""
    reference = reserve(stack, "sunway", "VNO", "confirmed")
    clerk = browse("fleet@demo.test")
    page = clerk.page
    clerk.go(f"/supplier-reservations?reference={reference}")
    page.get_by_role("row").get_by_role("link", name=reference, exact=True).click()
    page.locator("#moves").get_by_role("button", name="Cancel with the supplier").click()
    cancelling = page.locator("#dialog-cancellation")
    cancelling.get_by_label("Reason required").fill("The party became smaller")
    cancelling.get_by_role("button", name="Cancel with the supplier").click()
    expect(toast(page, "The supplier is asked to cancel")).to_be_visible()
    call = page.get_by_role("region", name="By hand: Cancel")
    expect(call.get_by_role("link", name="+370 5 200 0118")).to_be_visible()
    expect(call).to_contain_text("Please cancel reservation SU")
    expect(call).to_contain_text(reference)

    task = page.get_by_role("link", name=f"{reference}: settle with the supplier")
    assert wait_until(lambda: page.reload() is not None and task.count() > 0, seconds=30)
    clerk.look("by-hand")
    page.locator("#moves").get_by_role("button", name="Settle by hand").click()
    settling = page.locator("#dialog-outcome")
    settling.get_by_label("It is required").select_option("Cancelled")
    settling.get_by_label("Who said it required").fill("Jonas, reservation desk")
    settling.get_by_label("What they said required").fill("Cancelled, nothing to pay")
    settling.get_by_role("button", name="Settle by hand").click()
    expect(toast(page, f"{reference} is cancelled")).to_be_visible()
    expect(page.get_by_text("Jonas, reservation desk said on").first).to_be_visible()
    expect(call).to_have_count(0)
    expect(task).to_have_count(0)
