"""A rate is tried while it is typed, and the address shows the same to somebody else; with scripts and without."""

from playwright.sync_api import expect

from e2e.conftest import Browse

EMAIL = "rates@demo.test"


class TestTryRate:
    def test_the_price_follows_what_is_typed_and_the_address_tells_it(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.go("/rates/try")
        total = page.locator("#rate-result .price-total b")
        prices, seasons = page.get_by_label("Prices of days"), page.get_by_label("Seasons")
        seasons.fill("")
        page.get_by_label("Hour", exact=True).fill("")
        prices.fill("1 day 100.00")
        prices.press("Enter")
        prices.press_sequentially("6 days 500.00")
        expect(total).to_have_text("572.00")
        expect(prices).to_be_focused()
        person.look("rate-trial")

        prices.fill("1 day a lot")
        expect(page.locator("#rate-result")).to_contain_text("Line 1: Not a block")
        expect(prices).to_be_focused()
        person.look("rate-trial-refused")
        prices.fill("1 day 90.00")
        expect(total).to_have_text("612.00")
        other = browse("fleet@demo.test")
        shown = other.go("/" + page.url.split("/", 3)[3])
        expect(shown.locator("#rate-result .price-total b")).to_have_text("612.00")

    def test_works_as_a_plain_form_without_scripts(self, browse: Browse) -> None:
        page = browse(EMAIL, scripts=False).go("/rates/try")
        page.get_by_label("Seasons").fill("")
        page.get_by_label("Prices of days").fill("1 day 50.00")
        page.get_by_role("button", name="Price it").click()
        expect(page.locator("#rate-result .price-total b")).to_have_text("349.00")
