"""At the counter: cars are searched, offers compared and quoted, and a quote becomes a booking."""

import re

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.records import add_customer, add_vehicle
from e2e.test_book_and_cancel import tomorrow

EMAIL = "fleet@demo.test"
CLASS = "NFAU"
"""A class that no car of the demo has."""


class TestSearchToBooking:
    def test_from_the_line_to_the_booking(self, browse: Browse, api: httpx.Client) -> None:
        add_vehicle(api, acriss=CLASS)
        customer = add_customer(api)
        person = browse(EMAIL)
        page = person.go("/")
        page.keyboard.press("g")
        page.keyboard.press("s")
        expect(page.get_by_role("heading", name="Search cars")).to_be_visible()
        person.look("car-search-new")

        person.expect(422)
        page.get_by_label("Driver's age").fill("9")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("alert")).to_be_focused()
        person.look("car-search-refused")

        page.get_by_label("Driver's age").fill("30")
        page.locator("#field-place").select_option("TLL")
        page.locator("#field-pickup_local").fill(tomorrow(6))
        page.locator("#field-return_local").fill(tomorrow(9))
        page.get_by_role("button", name="Search").click()
        expect(page.locator(f"#offer-own-TLL-{CLASS}")).to_contain_text("147.00 EUR")
        expect(page.get_by_text("Everybody has answered or is late")).to_be_visible(timeout=8_000)
        person.look("car-search")

        page.locator("#filter-source").select_option("own")
        expect(page).to_have_url(re.compile("source=own"))
        rows = page.locator("table.offers tbody tr:not(.bucket)")
        expect(rows.filter(has_not_text="Own fleet")).to_have_count(0)

        for row in (rows.nth(0), rows.nth(1)):
            row.get_by_role("checkbox").check()
        page.get_by_role("button", name="Compare the ticked").click()
        dialog = page.locator("#dialog")
        expect(dialog).to_contain_text("Offers beside each other")
        person.look("car-comparison")
        page.keyboard.press("Escape")

        page.locator(f"#offer-own-TLL-{CLASS}").get_by_role("link").click()
        expect(dialog).to_contain_text("3 days at 49.00")
        person.look("car-offer")
        dialog.get_by_role("button", name="Quote").click()
        expect(page.locator(".countdown")).to_contain_text("14:")
        expect(page.locator("#drift")).to_contain_text("not at all")
        person.look("quote")

        page.get_by_label("Customer").fill(customer["name"])
        page.locator(f"#customer-matches input[value='{customer['id']}']").check()
        page.get_by_label("Driver").fill(customer["name"])
        page.get_by_role("button", name="Book").click()
        expect(page.locator(".page-head .state").first).to_have_text("Confirmed")
        expect(page.locator("#price")).to_contain_text("147.00 EUR")
        page = person.go("/quotes?state=consumed")
        page.locator("#list-results tbody a").first.click()
        expect(page.locator("#moves")).to_contain_text("Booked as")
        person.look("quote-booked")
