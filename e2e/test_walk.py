"""A customer that there is no car for is given a supplier's: found, chosen, and told on both bookings."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle
from e2e.test_book_and_cancel import EMAIL, tomorrow

CLASS = "NDAZ"
"""A class that no other test books."""


def test_from_overbooked_to_a_suppliers_car(browse: Browse, api: httpx.Client) -> None:
    add_vehicle(api, acriss=CLASS)
    ends = {"pickup": {"location": "TLL", "local": tomorrow()}, "return": {"location": "TLL", "local": tomorrow(3)}}
    body = {"customer_id": add_customer(api)["id"], "driver": {"name": "Mari Kask"}, "class_code": CLASS, **ends}
    booking = api.post("bookings", json=body).raise_for_status().json()

    person = browse(EMAIL)
    page = person.go(f"/bookings/{booking['id']}")
    page.get_by_role("link", name="Walk the customer").click()
    expect(page.get_by_role("table", name="Of our own fleet")).to_contain_text("worth")
    offers = page.get_by_role("table", name="From a supplier")
    expect(offers).to_be_visible(timeout=15_000)
    person.look("booking-walk")

    offers.get_by_role("radio").first.check()
    page.get_by_label("Reason").fill("Overbooked")
    page.get_by_role("button", name="Walk", exact=True).click()
    expect(toast(page, "takes its place; the supplier is asked")).to_be_visible()
    expect(page.locator("#content")).to_contain_text("Instead of")
    expect(page.locator("#price")).to_contain_text("147.00 EUR")
    person.look("booking-walked")
    page.get_by_role("link", name=booking["reference"]).first.click()
    expect(page.locator("#content")).to_contain_text("Replaced by")
    expect(page.locator(".timeline")).to_contain_text("Walked")
