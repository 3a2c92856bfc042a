"""A whole hire at the counter: searched, quoted, booked, checked out, extended, checked in with a dent, and closed."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle
from e2e.test_book_and_cancel import tomorrow
from e2e.test_check_out_and_in import EMAIL, check_in, check_out, settle

CLASS = "NGAU"
"""A class that no car of the demo has."""


class TestSearchToClosedHire:
    def test_a_customer_comes_and_goes(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, acriss=CLASS, odometer_km=42_000)
        customer = add_customer(api)
        person = browse(EMAIL)
        page = person.go("/car-searches")
        page.get_by_label("Driver's age").fill("30")
        page.locator("#field-place").select_option("TLL")
        page.locator("#field-pickup_local").fill(tomorrow())
        page.locator("#field-return_local").fill(tomorrow(3))
        page.get_by_role("button", name="Search").click()
        page.locator(f"#offer-own-TLL-{CLASS}").get_by_role("link").click()
        page.locator("#dialog").get_by_role("button", name="Quote").click()
        page.get_by_label("Customer").fill(customer["name"])
        page.locator(f"#customer-matches input[value='{customer['id']}']").check()
        page.get_by_label("Driver").fill(customer["name"])
        page.get_by_role("button", name="Book").click()
        expect(page.locator("#price")).to_contain_text("147.00 EUR")

        page.get_by_role("link", name="Assign a vehicle").click()
        page.locator(f"input[value='{vehicle['id']}']").check()
        page.get_by_role("button", name="Assign").click()
        expect(toast(page, "Vehicle assigned")).to_be_visible()
        address = page.url
        check_out(person, page)

        page.get_by_role("link", name="Change the return").click()
        page.locator("#field-return_local").fill(tomorrow(4))
        page.get_by_label("Reason").fill("Missed the ferry")
        expect(page.locator("#hire-price .price-total")).to_contain_text("49.00 EUR more, now 147.00 EUR")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#price")).to_contain_text("196.00 EUR")
        person.look("hire-extended")

        check_in(person, page)
        settle(page)
        page.goto(address)
        page.get_by_role("button", name="Close").click()
        dialog = page.get_by_role("dialog", name="Close")
        dialog.get_by_label("Reason").fill("Settled at the desk")
        dialog.get_by_role("button", name="Close").click()
        expect(page.locator(".page-head .state").first).to_have_text("Closed")
