"""A hire is booked at the counter, given a vehicle, and cancelled with the fee that is told before."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle

EMAIL = "fleet@demo.test"

CLASS = "NBAZ"
"""A class that no car of the demo has."""


def tomorrow(days: int = 0) -> str:
    """Ten in the morning in Tallinn, tomorrow or later, as the input takes it."""
    day = datetime.now(UTC).astimezone(ZoneInfo("Europe/Tallinn")) + timedelta(days=1 + days)
    return f"{day:%Y-%m-%d}T10:00"


class TestBookAndCancel:
    def test_from_the_form_to_the_fee(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, acriss=CLASS)
        customer = add_customer(api)
        person = browse(EMAIL)
        page = person.go("/bookings")
        page.get_by_role("link", name="New booking").click()
        person.look("booking-new")

        person.expect(422)
        page.get_by_role("button", name="Book").click()
        expect(page.get_by_role("alert")).to_be_focused()
        person.look("booking-new-refused")

        page.get_by_label("Customer").fill(customer["name"])
        page.locator(f"#customer-matches input[value='{customer['id']}']").check()
        page.get_by_label("Driver").fill(customer["name"])
        page.get_by_label("Pick-up branch").select_option("TLL")
        page.locator("#field-pickup_local").fill(tomorrow())
        page.locator("#field-return_local").fill(tomorrow(3))
        page.get_by_label("Class").select_option(CLASS)
        page.get_by_role("button", name="Book").click()
        expect(page.locator(".page-head .state").first).to_have_text("Confirmed")
        expect(page.locator("#price")).to_contain_text("3 days at 49.00")
        person.look("booking")

        page.get_by_role("link", name="Assign a vehicle").click()
        person.look("booking-assign")
        page.locator(f"input[value='{vehicle['id']}']").check()
        page.get_by_role("button", name="Assign").click()
        expect(toast(page, "Vehicle assigned")).to_be_visible()
        expect(page.locator("#timeline li").first).to_contain_text(vehicle["plate"])

        page.get_by_role("button", name="Cancel the booking").click()
        dialog = page.get_by_role("dialog", name="Cancel the booking")
        expect(dialog).to_contain_text("Cancelling now costs 73.50 EUR of 147.00 EUR.")
        dialog.get_by_label("Reason").fill("Flight cancelled")
        dialog.get_by_role("button", name="Cancel the booking").click()
        expect(toast(page, "Booking cancelled")).to_be_visible()
        expect(page.locator(".page-head .state").first).to_have_text("Cancelled")
        expect(page.locator("#price")).to_contain_text("73.50 EUR")
        person.look("booking-cancelled")

        page = person.go(f"/customers/{customer['id']}")
        expect(page.locator("#related-booking")).to_contain_text("Cancelled")
        person.look("customer-hires")
