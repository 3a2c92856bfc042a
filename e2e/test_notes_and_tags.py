"""What people say beside a record: a note with a colleague's name, changed and taken back, and tags that lists know."""

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle

MANAGER, CLERK = "fleet.manager@demo.test", "fleet@demo.test"
TEXT = "**Stone chip**, driver's side.\n\n- photos are in the file\n\n"


def write(page: Page) -> None:
    """The text with a name that is taken from the list by keyboard."""
    area = page.get_by_label("Note", exact=True)
    area.fill(TEXT)
    area.press("Control+End")
    area.press_sequentially("@mar")
    option = page.get_by_role("option", name="Mari Kask")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(area).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")


class TestNotes:
    def test_a_note_from_the_first_word_to_its_removal(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person, colleague = browse(MANAGER), browse(CLERK)
        page = person.go(f"/vehicles/{vehicle['id']}")
        expect(page.get_by_text("No notes yet.")).to_be_visible()
        write(page)
        person.look("note-mention")
        area, notes = page.get_by_label("Note", exact=True), page.locator(".note")
        area.press("Enter")
        expect(area).to_have_value(f"{TEXT}@Mari Kask ")
        area.press_sequentially("please book it.")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator(".note-preview strong")).to_have_text("Stone chip")
        expect(area).to_be_focused()
        area.press("Control+Enter")
        expect(toast(page, "Note added")).to_be_visible()
        expect(notes.locator(".mention")).to_have_text("@Mari Kask")
        colleague.go("/notifications")
        expect(colleague.page.get_by_text("Henrik Saar named you beside Saab 900").first).to_be_visible()

        page.get_by_role("button", name="Pin", exact=True).click()
        expect(notes.get_by_text("pinned")).to_be_visible()
        expect(page.get_by_role("button", name="Unpin")).to_be_focused()
        person.look("note-pinned")
        notes.get_by_role("link", name="Edit").click()
        area.fill(TEXT.replace("driver's", "passenger's"))
        page.get_by_role("button", name="Save").click()
        notes.get_by_role("link", name="edited").click()
        newest = page.locator(".note-difference").first
        expect(newest.locator("ins").first).to_have_text("passenger's")
        expect(newest.locator("del").first).to_have_text("driver's")
        person.look("note-history")

        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted by Henrik Saar.")).to_be_focused()
        expect(notes.get_by_role("link")).to_have_count(0)


class TestTags:
    def test_a_tag_leads_to_the_list_and_goes_again(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(MANAGER)
        page = person.go(f"/vehicles/{vehicle['id']}")
        name, word = page.get_by_label("Add a tag"), f"for-{vehicle['id'][-12:]}-and-nothing-else-in-the-world"
        person.expect(422)
        name.fill("!!!")
        name.press("Enter")
        expect(page.get_by_text("Letters and digits, words joined by hyphens")).to_be_visible()
        name.fill(word)
        name.press("Enter")
        expect(toast(page, "Tag added")).to_be_visible()
        expect(name).to_be_focused()
        person.look("tags")
        page.get_by_role("link", name=word).click()
        expect(page.locator("table[data-rows] tbody tr")).to_have_count(1)
        page = person.go(f"/vehicles/{vehicle['id']}")
        page.get_by_role("button", name=f"Remove the tag {word}").click()
        expect(page.locator(".tag")).to_have_count(0)
