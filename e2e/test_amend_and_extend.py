"""A hire is amended before it begins and extended while it runs, each time with the price seen before it is saved."""

import re

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle
from e2e.test_book_and_cancel import EMAIL, tomorrow

CLASS = "NCAZ"
"""A class that no other test books."""


class TestAmendAndExtend:
    def test_the_difference_is_seen_before_it_is_saved(self, browse: Browse, api: httpx.Client) -> None:
        add_vehicle(api, acriss=CLASS)
        customer = add_customer(api)
        person = browse(EMAIL)
        page = person.go(f"/bookings/new?customer_id={customer['id']}&driver_name=Mari+Kask&pickup_location=TLL")
        page.locator("#field-pickup_local").fill(tomorrow())
        page.locator("#field-return_local").fill(tomorrow(3))
        page.get_by_label("Class").select_option(CLASS)
        expect(page.locator("#hire-price .price-total")).to_contain_text("147.00 EUR")
        person.look("booking-priced")
        page.get_by_role("button", name="Book").click()

        page.get_by_role("link", name="Amend").click()
        page.locator("#field-return_local").fill(tomorrow(5))
        page.get_by_label("Reason").fill("Stays longer")
        expect(page.locator("#hire-price .price-total")).to_contain_text("98.00 EUR more, now 147.00 EUR")
        person.look("booking-amend")
        page.get_by_role("button", name="Save").click()
        expect(toast(page, "Booking amended")).to_be_visible()
        expect(page.locator("#price")).to_contain_text("245.00 EUR")
        expect(page.locator("#earlier-terms")).to_contain_text("147.00 EUR")
        person.look("booking-amended")

    def test_a_hire_that_runs_is_extended_at_its_own_rate(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/bookings?state=on_hire&market=EE&sort=-return_at")
        page.locator("tbody a[href^='/bookings/']").first.click()
        page.get_by_role("link", name="Change the return").click()
        before = page.locator("#field-return_local").input_value()
        day = int(before[8:10])
        later = f"{before[:8]}{day + 1:02}{before[10:]}" if day < 28 else before[:8] + "28" + before[10:]
        page.locator("#field-return_local").fill(later)
        page.get_by_label("Reason").fill("Missed the ferry")
        expect(page.locator("#hire-price")).to_contain_text(re.compile(r"more, now|No price yet"))
        person.look("booking-extend")
