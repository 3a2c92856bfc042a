"""A branch is seen over time, its day is read and taken along, and the figures lead to the rows behind them."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.records import add_customer, add_vehicle
from e2e.test_drag_on_planner import add_booking


class TestBranchDayAndFigures:
    def test_manifest_and_figures(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, acriss="NBAQ")
        booking = add_booking(api, add_customer(api), 2, vehicle)
        day = booking["pickup"]["local"][:10]
        person = browse("fleet@demo.test")
        page = person.go("/planner?branch=TLL")
        expect(page.locator("a.bar").first).to_be_visible()
        person.look("planner-branch")
        page = person.go(f"/manifest?branch=TLL&day={day}")
        expect(page.locator("#manifest-out")).to_contain_text(booking["reference"])
        expect(page.locator("#manifest-out")).to_contain_text(vehicle["plate"])
        person.look("manifest")
        with page.expect_download() as taken:
            page.get_by_role("link", name="CSV").click()
        assert taken.value.suggested_filename == f"manifest-TLL-{day}.csv"

        page = person.go("/rental/figures?by=class")
        expect(page.get_by_role("heading", name="Rental figures")).to_be_visible()
        person.look("figures")
        page.locator("#figures-by").select_option("location")
        expect(page.locator("#figures-results table").last).to_be_visible()
        page.get_by_role("link", name="Overdue now").click()
        expect(page.locator("h1")).to_have_text("Bookings")
