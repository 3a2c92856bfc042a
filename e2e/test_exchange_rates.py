"""Exchange rates from a file: entered by one person, agreed to by another, and then offers are compared by them."""

import re

from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.test_book_and_cancel import tomorrow

REFERENCE = re.compile(r"APV-[0-9A-Z]{6}")
WRITER, DECIDER = "rates@demo.test", "fleet.manager@demo.test"


class TestExchangeRates:
    def test_a_file_counts_once_a_second_person_agrees(self, browse: Browse) -> None:
        writer, decider = browse(WRITER), browse(DECIDER)
        page = writer.go("/exchange-rates")
        writer.look("exchange-rates")
        page.get_by_role("link", name="Enter rates").click()
        writer.expect(422)
        page.get_by_label("Source").fill("Norges Bank")
        page.get_by_label("One rate a line").fill("NOK 11.8\nISK many")
        page.get_by_role("button", name="Enter", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Line 2 is no number: many")
        writer.look("exchange-rates-refused")
        content = b"currency,rate\nISK,148.5\nNOK,11.8\n"
        page.get_by_label("Or a CSV file").set_input_files(
            {"name": "rates.csv", "mimeType": "text/csv", "buffer": content}
        )
        page.get_by_role("button", name="Enter", exact=True).click()
        expect(toast(page, "Waits for somebody else to agree")).to_be_visible()
        expect(page.get_by_role("table")).to_contain_text("148.5")
        writer.look("exchange-rates-sheet")

        seen = decider.go(page.url.split("/", 3)[3].join(("/", "")))
        seen.get_by_role("link", name="Look and decide").click()
        reference = REFERENCE.search(seen.locator("h1 + .mono").inner_text())
        assert reference is not None
        seen.keyboard.press("a")
        dialog = seen.locator("#dialog-approval")
        dialog.get_by_label(f"Type {reference.group()} to agree").fill(reference.group())
        dialog.get_by_label("Comment").press("Control+Enter")
        expect(toast(seen, "Approved, and done")).to_be_visible()
        seen = decider.go("/exchange-rates")
        expect(seen.locator("tr", has_text="1 EUR in ISK")).to_contain_text("Norges Bank")

        seen.goto("/car-searches")
        seen.locator("#field-place").select_option("TLL")
        seen.locator("#field-pickup_local").fill(tomorrow(6))
        seen.locator("#field-return_local").fill(tomorrow(9))
        seen.locator("details summary", has_text="More").click()
        seen.get_by_label("Compare in").fill("ISK")
        seen.get_by_role("button", name="Search").click()
        expect(seen.get_by_text("1 EUR = 148.5 ISK since")).to_be_visible()
        expect(seen.locator("table.offers .money .faint", has_text="ISK").first).to_be_visible()
        decider.look("car-search-compared")
