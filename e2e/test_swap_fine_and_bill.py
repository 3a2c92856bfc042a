"""A hire whose vehicle breaks down: swapped at the counter, a toll of the other one, billed, and credited in part."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person, toast
from e2e.records import add_vehicle
from e2e.test_check_out_and_in import CLASS, EMAIL, agree, book, check_out, settle


def swap(person: Person, page: Page, other: dict[str, str]) -> None:
    page.get_by_role("link", name="Swap the vehicle").click()
    page.locator("#field-vehicle_id").select_option(other["id"])
    page.get_by_role("button", name="Take this one").click()
    page.locator("#field-taken_odometer_km").fill("42310")
    page.locator("#field-taken_fuel").select_option("6")
    page.locator("#field-given_odometer_km").fill("8020")
    page.locator("#field-given_fuel").select_option("8")
    person.look("swap")
    page.get_by_label("Reason").fill("Broke down")
    page.get_by_role("button", name="Swap the vehicle").click()
    expect(toast(page, "Vehicle swapped")).to_be_visible()
    expect(page.locator("#related-handover")).to_contain_text("Broke down")


def record_toll(person: Person, page: Page, other: dict[str, str]) -> None:
    """Of the vehicle that took over, a minute from now."""
    person.go("/fines/new")
    page.locator("#field-kind").select_option("toll")
    page.get_by_label("Plate").fill(other["plate"])
    now = datetime.now(ZoneInfo("Europe/Tallinn")) + timedelta(minutes=1)
    page.get_by_label("When").fill(f"{now:%Y-%m-%dT%H:%M}")
    page.locator("#field-authority").fill("Road operator")
    page.get_by_label("Their reference").fill(other["plate"])
    page.locator("input[name='amount.amount']").fill("9")
    person.look("fine-new")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator(".page-head .state")).to_have_text("Driver known")
    page.get_by_role("button", name="Charge the customer").click()
    expect(page.locator(".page-head .state")).to_have_text("Charged")
    person.look("fine")
    page.get_by_role("link", name="Letter").click()
    person.look("fine-letter")


def check_in_other(page: Page) -> None:
    page.get_by_role("button", name="Check-in").click()
    page.get_by_label("Odometer").fill("8400")
    page.locator("#condition-field-fuel").select_option("8")
    page.get_by_role("button", name="Save the condition").click()
    expect(page.locator("#differences")).to_contain_text("680 km")


class TestSwapFineAndBill:
    def test_to_the_credit_note(self, browse: Browse, api: httpx.Client) -> None:
        other = add_vehicle(api, acriss=CLASS, odometer_km=8_000)
        address = book(api)
        person = browse(EMAIL)
        page = person.go(address)
        check_out(person, page)
        swap(person, page, other)
        record_toll(person, page, other)
        person.go(address)
        check_in_other(page)
        agree(page)
        person.look("check-in-legs")
        page.get_by_role("button", name="Take the vehicle back").click()
        expect(toast(page, "Check-in done")).to_be_visible()
        person.look("booking-before-closing")
        settle(page)
        person.go(f"{address}/papers")
        expect(page.locator("#unbilled")).to_contain_text("Toll")
        person.look("papers")
        page.get_by_role("button", name="Issue an invoice").click()
        expect(page.locator(".paper")).to_contain_text("Handling fee")
        person.look("invoice")
        page.get_by_role("link", name="Credit note").click()
        page.get_by_label("Reason").fill("The tank was full")
        person.look("credit-note-new")
        page.get_by_role("button", name="Issue the credit note").click()
        expect(page.locator(".paper")).to_contain_text("Reverses")
        person.look("credit-note")
        person.go(f"{address}/papers/agreement")
        expect(page.locator(".paper")).to_contain_text("8,020 km")
        person.look("agreement")
