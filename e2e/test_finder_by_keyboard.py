"""Everything that the finder finds is reached without a pointer."""

import re

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.records import add_vehicle, wait_until_found

EMAIL = "fleet.manager@demo.test"


def active(page: Page) -> str | None:
    """The option that Enter would open."""
    return page.get_by_role("combobox").get_attribute("aria-activedescendant")


class TestFinderByKeyboard:
    def test_slash_opens_it_and_arrows_and_enter_choose(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/")
        page.keyboard.press("/")
        finder = page.get_by_role("dialog", name="Find")
        box = page.get_by_role("combobox")
        expect(box).to_be_focused()
        expect(finder.get_by_role("option").first).to_be_visible()
        person.look("finder")

        page.keyboard.type("octavia combi", delay=20)
        vehicles = finder.get_by_role("group", name="Vehicles").get_by_role("option")
        expect(vehicles.first).to_contain_text("Octavia Combi")
        expect(vehicles.first).to_have_attribute("aria-selected", "true")
        first = active(page)
        person.look("finder-found")
        page.keyboard.press("ArrowDown")
        expect(vehicles.nth(1)).to_have_attribute("aria-selected", "true")
        second = active(page)
        assert first
        assert second != first
        page.keyboard.press("ArrowUp")
        assert active(page) == first
        page.keyboard.press("ArrowDown")
        href = vehicles.nth(1).get_attribute("href")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"{href}$"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Octavia Combi")

    def test_an_exact_plate_jumps_in(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        plate = vehicle["plate"]
        wait_until_found(api, plate, vehicle["id"])
        page = browse(EMAIL).go("/vehicles")
        page.keyboard.press("Control+k")
        page.keyboard.type(plate.replace(" ", "").lower(), delay=20)
        options = page.get_by_role("dialog", name="Find").get_by_role("option")
        expect(options.first).to_contain_text(plate)
        expect(options.first).to_contain_text("exact")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/vehicles/{vehicle['id']}$"))

        page.goto(f"/search?q={plate}")
        expect(page).to_have_url(re.compile(f"/vehicles/{vehicle['id']}$"))

    def test_offers_the_actions_of_the_person_alone(self, browse: Browse) -> None:
        page = browse(EMAIL).go("/")
        page.keyboard.press("Control+k")
        page.keyboard.type("new vehicle", delay=20)
        expect(page.get_by_role("option").first).to_contain_text("New vehicle")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/vehicles/new$"))

        page = browse("auditor@demo.test").go("/")
        page.keyboard.press("Control+k")
        page.keyboard.type("new vehicle", delay=20)
        expect(page.get_by_role("option", name="Search page for")).to_be_visible()
        expect(page.get_by_role("group", name="Actions")).to_have_count(0)

    def test_escape_closes_it_and_gives_the_focus_back(self, browse: Browse) -> None:
        page = browse(EMAIL).go("/vehicles")
        page.keyboard.press("j")
        row = page.locator("#list-results tbody tr").first.get_by_role("link").first
        expect(row).to_be_focused()
        page.keyboard.press("/")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Find")).to_be_hidden()
        expect(row).to_be_focused()

    def test_is_a_page_without_scripts(self, browse: Browse) -> None:
        page = browse(EMAIL, scripts=False).go("/vehicles")
        page.get_by_role("link", name="Find a booking, plate, customer").click()
        expect(page).to_have_url(re.compile("/search$"))
        page.locator("#filter-q").fill("octavia combi")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Vehicles", level=2)).to_be_visible()
        page.locator("section.found tbody tr").first.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Octavia Combi")
