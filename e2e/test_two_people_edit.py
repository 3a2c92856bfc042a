"""Two people edit one vehicle at once: nothing is lost, and the second one chooses field by field."""

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

MANAGER, CLERK = "fleet.manager@demo.test", "fleet@demo.test"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


class TestTwoPeopleEdit:
    def test_the_second_chooses_field_by_field(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, colour="red", seats=5, odometer_km=12_500)
        first, second = browse(MANAGER), browse(CLERK)
        ours, theirs = second.go(f"/vehicles/{vehicle['id']}/edit"), first.go(f"/vehicles/{vehicle['id']}/edit")
        theirs.get_by_label("Colour").fill("green")
        theirs.get_by_label("Odometer").fill("13000")
        theirs.get_by_label("Owner").fill("Lessor One")
        save(theirs)
        expect(toast(theirs, "Saved")).to_be_visible()

        second.expect(409)
        ours.get_by_label("Colour").fill("blue")
        ours.get_by_label("Odometer").fill("12900")
        ours.get_by_label("Seats").fill("4")
        save(ours)
        expect(ours.get_by_text("Somebody saved this vehicle while you were editing.")).to_be_visible()
        rows = ours.locator("table.conflict tbody tr")
        expect(rows).to_have_count(2)
        colour = rows.filter(has_text="Colour")
        expect(colour).to_contain_text("red")
        expect(colour).to_contain_text("green")
        expect(colour).to_contain_text("blue")
        second.look("vehicle-conflict")

        rows.filter(has_text="Odometer").get_by_role("radio", name="theirs").check()
        colour.get_by_role("radio", name="yours").check()
        ours.get_by_role("button", name="Save these").click()
        expect(toast(ours, "Saved")).to_be_visible()
        saved = api.get(f"vehicles/{vehicle['id']}").json()
        assert (saved["colour"], saved["odometer_km"]) == ("blue", 13_000)
        assert (saved["seats"], saved["owner"]) == (4, "Lessor One")

    def test_changes_of_different_fields_are_both_kept(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, colour="red", seats=5)
        person = browse(MANAGER)
        page = person.go(f"/vehicles/{vehicle['id']}/edit")
        headers = {"if-match": api.get(f"vehicles/{vehicle['id']}").headers["etag"]}
        api.patch(f"vehicles/{vehicle['id']}", json={"colour": "black"}, headers=headers).raise_for_status()
        page.get_by_label("Seats").fill("7")
        save(page)
        expect(toast(page, "Saved")).to_be_visible()
        saved = api.get(f"vehicles/{vehicle['id']}").json()
        assert (saved["colour"], saved["seats"]) == ("black", 7)

    def test_a_field_edited_in_place_tells_of_it_too(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api, odometer_km=12_500)
        person = browse(MANAGER)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.locator("#field-odometer_km").get_by_role("link").click()
        headers = {"if-match": api.get(f"vehicles/{vehicle['id']}").headers["etag"]}
        api.patch(f"vehicles/{vehicle['id']}", json={"odometer_km": 12_600}, headers=headers).raise_for_status()
        person.expect(409)
        page.get_by_label("Odometer").fill("12700")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Somebody saved this vehicle while you were editing.")).to_be_visible()
        person.look("vehicle-conflict-in-place")
        page.get_by_role("radio", name="yours").check()
        page.get_by_role("button", name="Save these").click()
        expect(page.locator("#field-odometer_km")).to_have_text("12,700 km")
        assert api.get(f"vehicles/{vehicle['id']}").json()["odometer_km"] == 12_700
