"""A hire at the counter: checked out with a mark and a signature, checked in with a new dent, settled and closed."""

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person, toast
from e2e.records import add_customer, add_vehicle
from e2e.test_book_and_cancel import tomorrow

EMAIL = "fleet.manager@demo.test"
CLASS = "NBAV"
"""A class that no car of the demo has."""


def book(api: httpx.Client) -> str:
    """A booking with its vehicle; answers its address."""
    vehicle = add_vehicle(api, acriss=CLASS, odometer_km=42_000)
    customer = add_customer(api)
    body = {
        "customer_id": customer["id"],
        "driver": {"name": customer["name"]},
        "pickup": {"location": "TLL", "local": tomorrow()},
        "return": {"location": "TLL", "local": tomorrow(3)},
        "class_code": CLASS,
        "vehicle_id": vehicle["id"],
    }
    made = api.post("bookings", json=body)
    assert made.status_code == 201, made.text
    return f"/bookings/{made.json()['id']}"


def sign(page: Page) -> None:
    pad = page.locator("[data-signing] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + 40 + 50 * step, box["y"] + (30 if step % 2 else 80))
    page.mouse.up()


def agree(page: Page) -> None:
    sign(page)
    page.locator("#agreement").get_by_role("checkbox").check()
    page.get_by_role("button", name="Save the agreement").click()
    expect(page.locator(".signature path")).to_be_attached()


def check_out(person: Person, page: Page) -> None:
    page.get_by_role("button", name="Check-out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check-out")
    person.look("check-out")

    page.get_by_label("Licence number").fill("EE1234567")
    page.get_by_label("Issued in").fill("EE")
    page.get_by_label("Valid until").fill("2035-01-01")
    page.get_by_role("button", name="Save the driver").click()
    expect(page.locator(".step-bar a[data-done]").first).to_contain_text("Driver")
    page.get_by_label("Odometer").fill("42010")
    page.locator("#condition-field-fuel").select_option("8")
    page.get_by_role("button", name="Save the condition").click()
    expect(page.locator(".step-bar a[data-done]")).to_have_count(3)

    page.get_by_role("button", name="Front bumper").focus()
    page.keyboard.press("Enter")
    page.locator("#mark-field-kind").select_option("scratch")
    page.get_by_role("button", name="Mark the damage").click()
    expect(page.locator(".mark-list li")).to_contain_text("Front bumper: scratch")

    page.locator("#deposit-field-payment_token").fill("tok_good")
    page.get_by_role("button", name="Hold 200.00 EUR").click()
    expect(page.locator("#deposit")).to_contain_text("Held", timeout=20_000)
    agree(page)
    person.look("check-out-filled")
    page.get_by_role("button", name="Hand the vehicle over").click()
    expect(toast(page, "Check-out done")).to_be_visible()
    expect(page.locator(".page-head .state").first).to_have_text("On hire")


def check_in(person: Person, page: Page) -> None:
    page.get_by_role("button", name="Check-in").click()
    page.get_by_label("Odometer").fill("42500")
    page.locator("#condition-field-fuel").select_option("6")
    page.get_by_role("button", name="Save the condition").click()
    expect(page.locator("#differences")).to_contain_text("2/8 of a tank missing")
    page.get_by_role("button", name="Left front door").click()
    page.locator("#mark-field-kind").select_option("dent")
    page.get_by_role("button", name="Mark the damage").click()
    expect(page.locator("#differences")).to_contain_text("1 new")
    agree(page)
    person.look("check-in")
    page.get_by_role("button", name="Take the vehicle back").click()
    expect(toast(page, "Check-in done")).to_be_visible()
    expect(page.locator(".page-head .state").first).to_have_text("Returned")
    expect(page.locator("#related-damage_case")).to_contain_text("Left front door: dent")


def settle(page: Page) -> None:
    """From the booking: what is due is taken from the deposit, and the provider has answered."""
    page.locator("#related-handover").get_by_role("link", name="Check-in").click()
    page.get_by_role("button", name="Settle with the deposit").click()
    expect(page.get_by_role("button", name="Settle with the deposit")).to_have_count(0)
    expect(page.locator("#charges")).not_to_contain_text("the provider is asked", timeout=15_000)


class TestCheckOutAndIn:
    def test_to_the_closed_hire(self, browse: Browse, api: httpx.Client) -> None:
        address = book(api)
        person = browse(EMAIL)
        page = person.go(address)
        check_out(person, page)
        check_in(person, page)
        expect(page.locator(".before-closing")).to_contain_text("release it, or take what is due from it")
        person.look("booking-returned")

        settle(page)
        expect(page.locator("#charges")).to_contain_text("Fuel")
        person.go(address)
        page.locator("#related-charge").get_by_role("link").first.click()
        person.look("charge")
        person.go(address)
        page.get_by_role("button", name="Close").click()
        dialog = page.get_by_role("dialog", name="Close")
        dialog.get_by_label("Reason").fill("Settled")
        dialog.get_by_role("button", name="Close").click()
        expect(page.locator(".page-head .state").first).to_have_text("Closed")

    def test_steps_work_without_a_script(self, browse: Browse, api: httpx.Client) -> None:
        address = book(api)
        person = browse(EMAIL, scripts=False)
        page = person.go(address)
        page.get_by_role("button", name="Check-out").click()
        page.locator("#mark-field-zone").select_option("roof")
        page.locator("#mark-field-kind").select_option("dent")
        page.get_by_role("button", name="Mark the damage").click()
        expect(page.locator(".mark-list li")).to_contain_text("Roof: dent")
        expect(page.locator("[data-signing]")).to_be_hidden()
