"""A clerk finds a vehicle, looks at it, changes it, and comes back to the list as it was."""

import re

import httpx
from playwright.sync_api import Page, Route, expect

from e2e.conftest import Browse
from e2e.looking import HEIGHTS, NARROW
from e2e.people import toast
from e2e.records import add_vehicle, wait_until_found

EMAIL = "fleet.manager@demo.test"
ROWS = "#list-results tbody tr"


def choose(page: Page, menu: str, option: str) -> None:
    """Tick one value of a filter's menu."""
    page.locator(f"#filter-{menu} > summary").click()
    page.locator(f"#filter-{menu}").get_by_label(option, exact=False).first.check()


def odometers(page: Page) -> list[int]:
    texts = page.locator(f"{ROWS} td:nth-child(7)").all_inner_texts()
    return [int(re.sub(r"\D", "", text)) for text in texts if text.strip()]


class TestFindVehicle:
    def test_every_step_is_an_address_and_back_restores_it(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/vehicles")
        all_of_them = page.locator(".filters > .faint").inner_text()
        choose(page, "state", "In service")
        expect(page).to_have_url(re.compile(r"/vehicles\?state=in_service$"))
        expect(page.locator("#filter-state .chip-value")).to_have_text("In service")
        expect(page.locator(".filters > .faint")).not_to_have_text(all_of_them)
        person.look("vehicles-menu")
        page.keyboard.press("Escape")

        page.get_by_role("columnheader", name="Odometer").get_by_role("link").click()
        expect(page.get_by_role("columnheader", name="Odometer")).to_have_attribute("aria-sort", "ascending")
        expect(page).to_have_url(re.compile("sort=odometer_km"))
        assert odometers(page) == sorted(odometers(page))

        box = page.locator("#filter-q")
        box.press_sequentially("octavia combi", delay=20)
        expect(page).to_have_url(re.compile("q=octavia"))
        expect(page.locator(ROWS).first).to_contain_text("Octavia")
        expect(box).to_be_focused()
        expect(box).to_have_value("octavia combi")
        found = page.locator(ROWS).all_inner_texts()
        person.look("vehicles-found")

        page.locator(ROWS).first.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Octavia")
        page.go_back()
        expect(page.locator("#filter-q")).to_have_value("octavia combi")
        expect(page.locator("#filter-state .chip-value")).to_have_text("In service")
        assert page.locator(ROWS).all_inner_texts() == found

        page.go_back()
        expect(page.locator("#filter-q")).to_have_value("")
        expect(page).to_have_url(re.compile("sort=odometer_km"))
        page.go_forward()
        expect(page.locator("#filter-q")).to_have_value("octavia combi")
        expect(page.locator(ROWS).first).to_contain_text("Octavia")

        page.get_by_role("link", name="Clear", exact=True).click()
        expect(page).to_have_url(re.compile(r"/vehicles$"))
        expect(page.locator("#filter-q")).to_have_value("")

    def test_values_are_counted_when_somebody_looks(self, browse: Browse) -> None:
        page = browse(EMAIL).go("/vehicles")
        page.get_by_role("columnheader", name="Odometer").get_by_role("link").click()
        expect(page).to_have_url(re.compile("sort=odometer_km"))
        menu = page.locator("#filter-state")
        expect(menu.get_by_role("checkbox")).to_have_count(0)
        rows = page.locator(ROWS).all_inner_texts()

        menu.locator("summary").press("Enter")
        expect(menu.get_by_label("In service").locator("xpath=../span[@class='count']")).to_have_text(re.compile(r"\d"))
        expect(menu).to_have_attribute("open", "")
        expect(menu.locator("summary")).to_be_focused()
        assert page.locator(ROWS).all_inner_texts() == rows
        expect(page).to_have_url(re.compile("sort=odometer_km"))

        menu.get_by_label("In service").check()
        expect(page).to_have_url(re.compile("state=in_service"))
        expect(menu.get_by_label("Blocked")).to_be_visible()
        expect(menu.get_by_label("In service")).to_be_checked()
        page.keyboard.press("Escape")
        expect(menu).not_to_have_attribute("open", "")
        page.get_by_role("columnheader", name="Odometer").get_by_role("link").click()
        expect(page).to_have_url(re.compile("sort=-odometer_km"))
        expect(menu.locator(".chip-value")).to_have_text("In service")

    def test_narrow_screens_show_what_is_set_and_the_rest_when_asked(self, browse: Browse) -> None:
        person = browse(EMAIL)
        person.page.set_viewport_size({"width": NARROW, "height": HEIGHTS[NARROW]})
        page = person.go("/vehicles?state=in_service")
        state, make = page.locator("#filter-state"), page.locator("#filter-make")
        expect(state).to_be_visible()
        expect(make).to_be_hidden()
        page.locator("#filter-all > summary").press("Enter")
        expect(make).to_be_visible()
        choose(page, "make", "Škoda")
        expect(page).to_have_url(re.compile("make="))
        expect(page.locator("#filter-fuel")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Remove filter State").click()
        expect(page).not_to_have_url(re.compile("state="))
        expect(make).to_be_visible()
        page.locator("#filter-all > summary").click()
        expect(state).to_be_hidden()
        expect(make).to_be_visible()
        person.look("vehicles-narrow")

    def test_says_why_a_list_is_empty_and_how_to_get_out(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/vehicles?q=zzzzqqqqxx")
        expect(page.get_by_text("No vehicle matches")).to_be_visible()
        person.look("vehicles-none")
        page.get_by_role("link", name="Clear all filters").click()
        expect(page.locator(ROWS).first).to_be_visible()
        expect(page).to_have_url(re.compile(r"/vehicles$"))

    def test_shows_that_it_works_and_moves_nothing_meanwhile(self, browse: Browse) -> None:
        page = browse(EMAIL).go("/vehicles")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/vehicles?**", hold)
        head = page.get_by_role("columnheader", name="Odometer")
        busy, table = page.locator("#list-busy"), page.locator("#list-results table")
        place = table.bounding_box()
        expect(busy).to_be_hidden()
        head.get_by_role("link").click()
        expect(busy).to_be_visible()
        assert table.bounding_box() == place
        held[0].continue_()
        expect(head).to_have_attribute("aria-sort", "ascending")
        expect(busy).to_be_hidden()

    def test_says_that_the_server_does_not_answer_and_leaves_the_page(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/vehicles")
        rows = page.locator(ROWS).all_inner_texts()
        head = page.get_by_role("columnheader", name="Odometer")
        person.expect(0)
        person.context.set_offline(True)
        head.get_by_role("link").click()
        expect(toast(page, "The server does not answer")).to_be_visible()
        expect(page).to_have_url(re.compile(r"/vehicles$"))
        assert page.locator(ROWS).all_inner_texts() == rows
        person.context.set_offline(False)
        head.get_by_role("link").click()
        expect(head).to_have_attribute("aria-sort", "ascending")

    def test_ctrl_click_opens_a_tab_and_leaves_the_list(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/vehicles")
        for link in (
            page.locator(ROWS).first.get_by_role("link").first,
            page.get_by_role("columnheader", name="Odometer").get_by_role("link"),
        ):
            with person.context.expect_page() as opened:
                link.click(modifiers=["ControlOrMeta"])
            expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
            opened.value.close()
            expect(page).to_have_url(re.compile(r"/vehicles$"))

    def test_keys_move_along_the_rows_and_tell_what_they_do(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/vehicles")
        row = page.locator(ROWS)
        page.keyboard.press("j")
        expect(row.nth(0).get_by_role("link").first).to_be_focused()
        page.keyboard.press("j")
        expect(row.nth(1).get_by_role("link").first).to_be_focused()
        page.keyboard.press("k")
        expect(row.nth(0).get_by_role("link").first).to_be_focused()

        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(keys).to_be_visible()
        person.look("keys")
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()

        row.nth(0).get_by_role("link").first.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/vehicles/[0-9a-f-]{36}$"))
        page.keyboard.press("e")
        expect(page).to_have_url(re.compile("/edit$"))


class TestEditVehicle:
    def test_keeps_what_was_typed_when_refused_then_saves(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("link", name="Edit", exact=True).click()

        person.expect(422)
        page.get_by_label("Colour").fill("teal")
        page.get_by_label("Year").fill("eighteen")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_label("Year")).to_have_value("eighteen")
        expect(page.get_by_label("Year")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Colour")).to_have_value("teal")
        person.look("vehicle-edit-refused")

        page.get_by_role("alert").get_by_role("link").first.click()
        expect(page.get_by_label("Year")).to_be_focused()
        page.get_by_label("Year").fill("2018")
        page.keyboard.press("Control+Enter")
        expect(toast(page, "Saved")).to_be_visible()
        expect(page.locator("#timeline")).to_contain_text("teal")
        assert api.get(f"vehicles/{vehicle['id']}").json()["colour"] == "teal"

    def test_changes_the_odometer_where_it_stands(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, odometer_km=12_500)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}")
        cell, box = page.locator("#field-odometer_km"), page.get_by_label("Odometer")

        cell.get_by_role("link").click()
        expect(box).to_be_focused()
        person.look("vehicle-odometer")
        box.fill("99999")
        page.keyboard.press("Escape")
        expect(cell).to_have_text("12,500 km")
        expect(cell.get_by_role("link")).to_be_focused()

        person.expect(422)
        page.keyboard.press("Enter")
        expect(box).to_be_focused()
        box.fill("a lot")
        page.keyboard.press("Enter")
        expect(cell.locator(".field-error")).to_be_visible()
        expect(box).to_be_focused()
        expect(box).to_have_value("a lot")
        box.fill("12 750")
        page.keyboard.press("Enter")
        expect(cell).to_have_text("12,750 km")
        expect(cell.get_by_role("link")).to_be_focused()
        assert api.get(f"vehicles/{vehicle['id']}").json()["odometer_km"] == 12_750

    def test_what_was_saved_is_found_by_text(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}/edit")
        page.get_by_label("Model").fill("Sonett Quixote")
        page.get_by_role("button", name="Save").click()
        expect(toast(page, "Saved")).to_be_visible()
        wait_until_found(api, "quixote", vehicle["id"])
        page = person.go("/vehicles?q=quixote")
        expect(page.locator(ROWS)).to_have_count(1)
        expect(page.locator(ROWS)).to_contain_text(vehicle["plate"])
