"""A search at a closed hour tells why each class is missing, and leads to a search that has it."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.records import add_vehicle
from e2e.test_book_and_cancel import tomorrow

EMAIL = "fleet@demo.test"
CLASS = "NFMU"
"""A class that no car of the demo has."""


class TestWhyNoCars:
    def test_a_change_that_was_tried_has_the_car(self, browse: Browse, api: httpx.Client) -> None:
        add_vehicle(api, acriss=CLASS, location="ZAG-C", home_location="ZAG-C", market="HR")
        person = browse(EMAIL)
        page = person.go("/car-searches")
        page.locator("#field-place").select_option("ZAG-C")
        page.locator("#field-pickup_local").fill(tomorrow(6).replace("T10:00", "T03:00"))
        page.locator("#field-return_local").fill(tomorrow(9))
        page.get_by_role("button", name="Search").click()
        why = page.locator("#why tr", has_text=CLASS)
        expect(why).to_contain_text("Closed at the pick-up", timeout=8_000)
        expect(page.get_by_text("Everybody has answered or is late")).to_be_visible(timeout=8_000)
        person.look("why-no-cars")
        why.get_by_role("link").click()
        page.get_by_role("button", name="Search").click()
        expect(page.locator(f"#offer-own-ZAG-C-{CLASS}")).to_be_visible()
