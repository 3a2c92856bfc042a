"""A rate card from a draft to being in force: one person writes and tries it, another one agrees."""

import re

from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast

REFERENCE = re.compile(r"APV-[0-9A-Z]{6}")
WRITER, DECIDER = "rates@demo.test", "fleet.manager@demo.test"


class TestRateCard:
    def test_a_new_version_comes_into_force_by_two_people(self, browse: Browse) -> None:
        writer, decider = browse(WRITER), browse(DECIDER)
        page = writer.go("/rate-cards?market=SE&sort=name")
        writer.look("rate-cards")
        page.get_by_role("link", name="Standard Sweden", exact=True).click()
        expect(page.get_by_role("heading", name="Standard Sweden")).to_be_visible()
        address = page.url
        page.get_by_role("link", name="Write a new version").click()
        prices = page.get_by_label("Prices of days")
        before = page.locator("#rate-result .price-total b").text_content()
        prices.fill("1 day 999.00\n7 days 5555.00")
        expect(page.locator("#rate-result .price-total b")).not_to_have_text(str(before))
        expect(prices).to_be_focused()
        writer.look("rate-card-editor")
        writer.expect(422)
        page.get_by_label("Covers").fill("CDW for nothing")
        page.get_by_role("button", name="Save the draft").click()
        expect(page.get_by_role("alert")).to_contain_text("Line 1: Not a cover")
        page.get_by_label("Covers").fill("CDW included, excess 9000.00")
        page.get_by_role("button", name="Save the draft").click()
        expect(toast(page, "Draft saved")).to_be_visible()

        page.get_by_role("link", name="Version 3", exact=True).click()
        expect(page.locator("#terms")).to_contain_text("7 days 5555.00")
        page.get_by_role("link", name="beside version 2").click()
        expect(page.locator("ins").first).to_be_visible()
        writer.look("rate-card-comparison")
        page.goto(address)
        page.get_by_label("Why, for who decides").fill("Prices of next spring")
        page.get_by_role("button", name="Ask for it to come into force").click()
        expect(toast(page, "Waits for somebody else to agree")).to_be_visible()
        expect(page.locator("#waits")).to_contain_text("Kersti Laur")
        writer.look("rate-card-asked")

        seen = decider.go("/" + address.split("/", 3)[3])
        seen.get_by_role("link", name="Look and decide").click()
        expect(seen.get_by_role("table", name="Before and after")).to_contain_text("7 days 5555.00")
        decider.look("rate-card-approval")
        reference = REFERENCE.search(seen.locator("h1 + .mono").inner_text())
        assert reference is not None
        seen.keyboard.press("a")
        dialog = seen.locator("#dialog-approval")
        dialog.get_by_label(f"Type {reference.group()} to agree").fill(reference.group())
        dialog.get_by_label("Comment").press("Control+Enter")
        expect(toast(seen, "Approved, and done")).to_be_visible()
        page.goto(address)
        row = page.locator("#versions tbody tr").first
        expect(row).to_contain_text("In force")
        expect(row).to_contain_text("Henrik Saar")
        expect(page.locator("#timeline")).to_contain_text("Henrik Saar")
        writer.look("rate-card-in-force")
