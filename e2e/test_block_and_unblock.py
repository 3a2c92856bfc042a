"""A vehicle is taken out of hire with a reason, and given back; with scripts and without."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

EMAIL = "fleet@demo.test"
REASON = "Stone chip in the windscreen"


class TestBlockAndUnblock:
    def test_asks_for_a_reason_in_a_dialog_and_keeps_it_in_the_timeline(
        self, browse: Browse, api: httpx.Client
    ) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("button", name="Block", exact=True).click()
        dialog = page.get_by_role("dialog", name="Block")
        expect(dialog).to_be_visible()
        person.look("vehicle-block")

        person.expect(422)
        dialog.get_by_role("button", name="Block", exact=True).click()
        expect(dialog.get_by_role("alert")).to_be_focused()
        person.look("vehicle-block-refused")
        dialog.get_by_label("Reason").fill(REASON)
        dialog.get_by_role("button", name="Block", exact=True).click()

        expect(toast(page, "Vehicle blocked")).to_be_visible()
        expect(page.locator(".page-head .state").first).to_have_text("Blocked")
        expect(page.locator("#timeline li").first).to_contain_text(REASON)
        expect(page.locator("#timeline li").first).to_contain_text("Mari Kask")
        expect(page.locator("#periods tbody tr")).to_contain_text(REASON)
        person.look("vehicle-blocked")

        page.get_by_role("button", name="End the block").click()
        expect(toast(page, "Block ended")).to_be_visible()
        expect(page.locator(".page-head .state").first).to_have_text("In service")
        assert api.get(f"vehicles/{vehicle['id']}").json()["state"] == "in_service"

    def test_is_taken_back_from_the_toast(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("button", name="Block", exact=True).click()
        dialog = page.get_by_role("dialog", name="Block")
        dialog.get_by_label("Reason").fill(REASON)
        dialog.get_by_role("button", name="Block", exact=True).click()
        toast(page, "Vehicle blocked").get_by_role("button", name="Undo").click()
        expect(toast(page, "Undone")).to_be_visible()
        expect(page.locator(".page-head .state").first).to_have_text("In service")

        page.locator("#field-odometer_km a").click()
        page.locator("#field-odometer_km input[name=odometer_km]").fill("12600")
        page.locator("#field-odometer_km").get_by_role("button", name="Save").click()
        saved = toast(page, "Saved")
        expect(saved).to_be_visible()
        saved.get_by_role("button", name="Undo").click()
        expect(toast(page, "Undone")).to_be_visible()
        expect(page.locator("#field-odometer_km")).to_contain_text("12,500 km")

    def test_cancel_and_escape_leave_everything_as_it_is(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        page = browse(EMAIL).go(f"/vehicles/{vehicle['id']}")
        opener = page.get_by_role("button", name="Block", exact=True)
        dialog = page.get_by_role("dialog", name="Block")
        for leave in (lambda: page.keyboard.press("Escape"), dialog.get_by_role("button", name="Cancel").click):
            opener.click()
            expect(dialog).to_be_visible()
            leave()
            expect(dialog).to_be_hidden()
            expect(opener).to_be_focused()
        assert api.get(f"vehicles/{vehicle['id']}").json()["state"] == "in_service"

    def test_works_as_plain_forms_without_scripts(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL, scripts=False)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("button", name="Block", exact=True).click()
        dialog = page.get_by_role("dialog", name="Block")
        person.expect(422)
        dialog.get_by_role("button", name="Block", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_role("button", name="Block", exact=True).click()
        expect(page.locator(".page-head .state").first).to_have_text("Blocked")
        expect(page.locator("#toasts .toast-note")).to_contain_text("Vehicle blocked")
        expect(page.locator("#timeline li").first).to_contain_text(REASON)
        page.get_by_role("button", name="End the block").click()
        expect(page.locator(".page-head .state").first).to_have_text("In service")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".page-head .state").first).to_have_text("Blocked")
        assert api.get(f"vehicles/{vehicle['id']}").json()["state"] == "blocked"
