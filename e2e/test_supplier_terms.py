"""Terms with a supplier: entered by one, agreed to by another; its cars are then sold at the retail price alone."""

import re

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person, toast
from e2e.records import add_customer
from e2e.stack import Stack
from e2e.test_book_and_cancel import tomorrow

REFERENCE = re.compile(r"APV-[0-9A-Z]{6}")
WRITER, DECIDER, CLERK = "rates@demo.test", "fleet.manager@demo.test", "fleet@demo.test"


def enter(writer: Person) -> Page:
    """A line for every class that is net, and one for estates of which we get a share."""
    page = writer.go("/supplier-terms")
    writer.look("supplier-terms")
    page.get_by_role("row", name=re.compile("Aurora")).get_by_role("link", name="New version").click()
    page.get_by_label("Mark-up").fill("20")
    page.get_by_label("Round the total").select_option("1.00")
    page.get_by_label("Their price", exact=True).fill("101.00")
    expect(page.locator("#terms-effect")).to_contain_text("122.00 EUR")
    page.get_by_role("button", name="Add a line").click()
    second = page.get_by_role("group", name="Line 2")
    second.get_by_label("Class or pattern").fill("IW**")
    second.get_by_label("Their price is").select_option("commission")
    expect(second.get_by_label("Mark-up")).to_have_count(0)
    writer.expect(422)
    page.get_by_role("button", name="Ask for consent").click()
    expect(page.get_by_role("alert")).to_be_focused()
    writer.look("supplier-terms-refused")
    second.get_by_label("Commission").fill("12.5")
    page.get_by_label("Class", exact=True).fill("IWMR")
    expect(page.locator("#terms-effect")).to_contain_text("12.5 % commission of time")
    writer.look("supplier-terms-new")
    page.get_by_role("button", name="Ask for consent").click()
    expect(toast(page, "Waits for somebody else to agree")).to_be_visible()
    writer.look("supplier-terms-sheet")
    return page


def agree(decider: Person, address: str) -> None:
    """Whoever decides sees what changes."""
    page = decider.go(address)
    page.get_by_role("link", name="Look and decide").click()
    expect(page.locator("#content")).to_contain_text("net + 20 %, up to 1.00")
    reference = REFERENCE.search(page.locator("h1 + .mono").inner_text())
    assert reference is not None
    page.keyboard.press("a")
    dialog = page.locator("#dialog-approval")
    dialog.get_by_label(f"Type {reference.group()} to agree").fill(reference.group())
    dialog.get_by_label("Comment").press("Control+Enter")
    expect(toast(page, "Approved, and done")).to_be_visible()


def test_from_terms_to_a_car_that_is_sold_by_them(browse: Browse, api: httpx.Client, stack: Stack) -> None:
    customer = add_customer(api)
    writer, decider, clerk = browse(WRITER), browse(DECIDER), browse(CLERK)
    agree(decider, enter(writer).url.removeprefix(stack.address))

    hire = {"pickup": {"location": "HEL", "local": tomorrow(6)}, "return": {"location": "HEL", "local": tomorrow(9)}}
    found = api.post("supplier-searches", json=hire).raise_for_status().json()["items"]
    car = next(
        each
        for each in found
        if each["supplier"] == "aurora" and each["acriss"] != "IWMR" and not each["is_on_request"]
    )
    net = car["total"]["amount"]

    page = clerk.go("/car-searches")
    page.locator("#field-place").select_option("HEL")
    page.locator("#field-pickup_local").fill(hire["pickup"]["local"])
    page.locator("#field-return_local").fill(hire["return"]["local"])
    page.get_by_role("button", name="Search").click()
    row = page.locator("table.offers tr", has_text="Aurora").filter(has_text=car["acriss"])
    expect(row).to_contain_text(".00 EUR", timeout=8_000)
    expect(page.get_by_text("Everybody has answered or is late")).to_be_visible(timeout=8_000)
    retail = row.locator(".money b").inner_text()
    row.get_by_role("link").click()
    page.locator("#dialog").get_by_role("button", name="Quote").click()
    expect(page.locator(".countdown")).to_contain_text("14:")
    expect(page.locator("#price")).to_contain_text(retail)
    expect(page.locator("#margin")).to_have_count(0)
    assert net not in page.locator("#content").inner_text()
    clerk.look("quote-at-retail")
    quote = page.url.removeprefix(stack.address)
    page.get_by_label("Customer").fill(customer["name"])
    page.locator(f"#customer-matches input[value='{customer['id']}']").check()
    page.get_by_label("Driver").fill(customer["name"])
    page.get_by_role("button", name="Book").click()
    expect(page.locator("#supplied")).to_be_visible()
    expect(page.locator("#price")).to_contain_text(retail)
    assert net not in page.locator("#content").inner_text()
    clerk.look("booking-at-retail")

    seen = decider.go(page.url.removeprefix(stack.address))
    expect(seen.locator("#margin")).to_contain_text("****: net + 20 %, up to 1.00")
    expect(seen.locator("#margin")).to_contain_text(net)
    decider.look("booking-margin")
    seen = decider.go(quote)
    expect(seen.locator("#drift")).to_contain_text("What the supplier asked for")
    decider.look("quote-margin")
