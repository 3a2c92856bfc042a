"""An application from its first lines to review, with information asked for and given."""

import httpx
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import Browse
from e2e.people import Person, toast
from e2e.records import add_customer

EMAIL = "credit@demo.test"


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#field-{name}")


def expect_state(page: Page, words: str) -> None:
    expect(page.locator(".page-head .state").first).to_have_text(words)


class TestApplicationToReview:
    def test_says_what_is_missing_and_goes_through_to_review_and_back(self, browse: Browse, api: httpx.Client) -> None:
        customer = add_customer(api)
        person = browse(EMAIL)
        self.begin_a_draft(person)
        self.submit_too_early(person.page)
        self.complete(person, customer["family_name"])
        self.pass_to_review(person)
        self.ask_for_information(person)
        self.receive_information(person.page)
        key = person.page.url.split("/")[-2]
        assert api.get(f"applications/{key}").json()["state"] == "in_review"

    def begin_a_draft(self, person: Person) -> None:
        page = person.go("/applications")
        page.get_by_role("link", name="New application").click()
        person.expect(422)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_focused()
        person.look("application-new-refused")
        field(page, "market").select_option("EE")
        field(page, "product").select_option("car_finance")
        field(page, "amount").fill("15000")
        field(page, "term_months").fill("60")
        page.get_by_role("button", name="Save").click()
        expect_state(page, "Draft")
        expect(page.locator("#missing")).to_contain_text("The applicant")
        expect(page.locator("#missing")).to_contain_text("consent to a credit check")
        person.look("application-draft")

    def submit_too_early(self, page: Page) -> None:
        page.get_by_role("button", name="Submit", exact=True).click()
        refusal = page.locator("#toasts .toast-note[data-tone=act]")
        expect(refusal).to_contain_text("The applicant")
        expect(refusal).to_contain_text("What the money is for")
        expect_state(page, "Draft")

    def complete(self, person: Person, family_name: str) -> None:
        page = person.page
        page.get_by_role("link", name="Edit", exact=True).click()
        field(page, "purpose").fill("A used estate car")
        field(page, "applicant").press_sequentially(family_name, delay=10)
        expect(page.get_by_role("radio", name=family_name)).to_be_checked()
        field(page, "household-housing").select_option("rent")
        field(page, "employment-kind").select_option("permanent")
        field(page, "employment-net_income_per_month").fill("2100")
        page.get_by_label("Credit check").check()
        field(page, "consent_text_version").fill("ee-3")
        field(page, "consent_channel").fill("phone")
        person.look("application-edit")
        page.get_by_role("button", name="Save").click()
        expect(toast(page, "Saved")).to_be_visible()
        expect(page.locator("#missing")).to_contain_text("Nothing")

    def pass_to_review(self, person: Person) -> None:
        page = person.page
        steps = {"Submit": "Submitted", "Begin screening": "Screening", "Pass to review": "In review"}
        for button, words in steps.items():
            page.get_by_role("button", name=button, exact=True).click()
            expect_state(page, words)
        page.get_by_role("link", name="Review", exact=True).click()
        expect(page.locator("#affordability")).to_contain_text("%")
        person.look("application-review")

    def ask_for_information(self, person: Person) -> None:
        page = person.page
        page.get_by_role("button", name="Ask for information").click()
        dialog = page.get_by_role("dialog", name="Ask for information")
        dialog.get_by_role("button", name="Ask for information").click()
        expect(dialog.get_by_role("alert")).to_be_focused()
        dialog.get_by_label("Payslips of the last three months").check()
        dialog.get_by_label("Something else").fill("Offer of the dealer")
        person.look("application-ask")
        dialog.get_by_role("button", name="Ask for information").click()
        expect_state(page, "Information asked")
        asked = page.get_by_role("heading", name="Asked for").locator("xpath=ancestor::section")
        expect(asked).to_contain_text("Offer of the dealer")
        person.look("application-info-requested")

    def receive_information(self, page: Page) -> None:
        page.get_by_role("button", name="Information received").click()
        dialog = page.get_by_role("dialog", name="Information received")
        dialog.get_by_label("Offer of the dealer").check()
        dialog.get_by_label("Note").fill("By mail this morning")
        dialog.get_by_role("button", name="Information received").click()
        expect_state(page, "In review")
        expect(page.locator("#timeline li").first).to_contain_text("By mail this morning")
        expect(page.locator("#timeline")).to_contain_text("Liis Tamm")

    def test_a_clerk_of_the_fleet_sees_no_applications(self, browse: Browse) -> None:
        person = browse("fleet@demo.test")
        page = person.go("/")
        expect(page.get_by_role("link", name="Applications")).to_have_count(0)
        person.expect(403)
        answer = page.goto("/applications")
        assert answer
        assert answer.status == 403
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        person.look("error-403")
