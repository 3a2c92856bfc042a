"""Several vehicles are blocked at once, one of them in vain; and all that match a list are taken along as a file."""

import secrets
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import Browse
from e2e.records import add_vehicle

EMAIL = "fleet@demo.test"
REASON = "Recall of the front airbag"


class TestBulkBlock:
    def test_one_is_refused_and_done_when_tried_again(self, browse: Browse, api: httpx.Client) -> None:
        make = new_make()
        cars = [add_vehicle(api, make=make) for _ in range(3)]
        person = browse(EMAIL)
        page = person.go(f"/vehicles?make={make}")
        for car in cars:
            row(page, car["plate"]).locator(".pick input").check()
        bar = page.get_by_role("form", name="Selected rows")
        expect(bar.get_by_role("status")).to_have_text("3 selected")
        person.look("bulk-selected")
        bar.get_by_role("button", name="Block", exact=True).click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Block: 3 vehicles")
        person.expect(422)
        page.get_by_role("button", name="Show what would happen").click()
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_role("button", name="Show what would happen").click()
        expect(page.locator("#bulk-draft")).to_contain_text("Would be done")
        person.look("bulk-preview")

        api.post(f"vehicles/{cars[1]['id']}/block", json={"reason": "Glass"}).raise_for_status()
        page.get_by_role("button", name="Block: 3 vehicles").click()
        state = page.locator("#bulk-state")
        expect(state.locator(".state")).to_have_text("Done")
        expect(page.locator("#list-results tbody tr")).to_have_count(3)
        refused = row(page, cars[1]["plate"])
        expect(refused).to_contain_text("Refused")
        expect(refused).to_contain_text("The vehicle is blocked.")
        person.look("bulk-done")
        assert [api.get(f"vehicles/{car['id']}").json()["state"] for car in cars] == ["blocked"] * 3

        api.delete(f"vehicles/{cars[1]['id']}/block").raise_for_status()
        state.get_by_role("button", name="Try the refused again (1)").click()
        expect(row(page, cars[1]["plate"])).to_contain_text("Done")
        expect(state.get_by_role("button", name="Try the refused again")).to_have_count(0)
        assert api.get(f"vehicles/{cars[1]['id']}").json()["state"] == "blocked"
        refused.get_by_role("link").click()
        expect(page.locator("#timeline li").first).to_contain_text(REASON)

    def test_clearing_unticks_the_rows(self, browse: Browse, api: httpx.Client) -> None:
        make = new_make()
        cars = [add_vehicle(api, make=make) for _ in range(2)]
        page = browse(EMAIL).go(f"/vehicles?make={make}")
        bar = page.get_by_role("form", name="Selected rows")
        expect(bar).to_be_hidden()
        page.get_by_label("Select all on this page").check()
        expect(bar.get_by_role("status")).to_have_text("2 selected")
        bar.get_by_role("button", name="Clear").click()
        expect(bar).to_be_hidden()
        expect(page.get_by_label("Select all on this page")).not_to_be_checked()
        expect(row(page, cars[0]["plate"]).locator(".pick input")).not_to_be_checked()

    def test_works_as_plain_forms_without_scripts(self, browse: Browse, api: httpx.Client) -> None:
        make = new_make()
        car = add_vehicle(api, make=make)
        page = browse(EMAIL, scripts=False).go(f"/vehicles?make={make}")
        row(page, car["plate"]).locator(".pick input").check()
        page.get_by_role("button", name="Block", exact=True).click()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_role("button", name="Show what would happen").click()
        page.get_by_role("button", name="Block: 1 vehicle").click()
        expect(page.locator("#bulk-state")).to_be_visible()
        until(page, lambda: page.locator("#bulk-state .state").inner_text() == "Done")
        expect(row(page, car["plate"])).to_contain_text("Done")


class TestExport:
    def test_all_that_match_leave_in_the_file_whatever_the_page_shows(
        self, browse: Browse, api: httpx.Client, tmp_path: Path
    ) -> None:
        make = new_make()
        plates = {add_vehicle(api, make=make)["plate"] for _ in range(3)}
        person = browse(EMAIL)
        page = person.go(f"/vehicles?make={make}&limit=2")
        row(page, "").first.locator(".pick input").check()
        bar = page.get_by_role("form", name="Selected rows")
        bar.get_by_label("All 3 that match").check()
        expect(bar.get_by_role("status")).to_have_text("3 selected")
        with page.expect_download() as leaving:
            bar.get_by_role("button", name="Export").click()
        assert leaving.value.suggested_filename.endswith(".xlsx")

        page.locator("summary", has_text="Export").click()
        person.look("export-menu", checked=set())  # the open menu covers what is below it
        with page.expect_download() as leaving:
            page.get_by_role("button", name="CSV").first.click()
        kept = tmp_path / "vehicles.csv"
        leaving.value.save_as(kept)
        lines = kept.read_text("utf-8-sig").splitlines()
        assert len(lines) == 1 + len(plates)
        assert all(any(plate in line for line in lines) for plate in plates)

        person.go("/exports")
        expect(page.locator("tbody tr").first).to_contain_text(make)
        person.look("exports")


def new_make() -> str:
    """A make that no other test has, so that the list shows the test's own vehicles."""
    return f"Proov{secrets.randbelow(10**6):06d}"


def row(page: Page, text: str) -> Locator:
    return page.locator("tbody tr", has_text=text)


def until(page: Page, is_there: Callable[[], bool]) -> None:
    """Look again, as somebody without scripts does."""
    for _ in range(40):
        if is_there():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"{page.url} did not come to its end")
