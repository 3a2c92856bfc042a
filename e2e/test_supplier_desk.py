"""The supply desk: a branch is mapped and then sold, and two people switch a supplier off, and on again."""

from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person, toast

SUPPLIER = "Sunway Cars"
QUERY = "pickup=TLL&pickup_local=2029-03-05T10:00&return_local=2029-03-08T10:00&driver_age=35"


def open_supplier(page: Page) -> None:
    page.goto("/suppliers")
    page.get_by_role("link", name=SUPPLIER).click()
    expect(page.get_by_role("heading", level=1, name=SUPPLIER)).to_be_visible()


def switch(clerk: Person, boss: Person, what: str, reason: str) -> None:
    """One person asks for it on the supplier's page, another agrees."""
    page, desk = clerk.page, boss.page
    open_supplier(page)
    page.get_by_role("button", name="Switch off, or on again").click()
    dialog = page.locator("#dialog-stop")
    dialog.get_by_label("Where required").select_option("Everywhere")
    dialog.get_by_label("What required").select_option(what)
    dialog.get_by_label("Reason required").fill(reason)
    dialog.get_by_role("button", name="Ask for consent").click()
    expect(toast(page, "Waits for somebody else to agree")).to_be_visible()
    page.locator("#waits").get_by_role("link").first.click()
    reference = page.locator("h1 + .mono").inner_text()

    desk.goto(page.url)
    desk.keyboard.press("a")
    consent = desk.locator("#dialog-approval")
    consent.get_by_label(f"Type {reference} to agree").fill(reference.lower())
    consent.get_by_label("Comment").press("Control+Enter")
    expect(toast(desk, "Approved, and done")).to_be_visible()


def test_map_a_branch_search_it_and_switch_it_off_and_on_by_two(browse: Browse) -> None:
    clerk, boss = browse("fleet@demo.test"), browse("fleet.manager@demo.test")
    page, desk = clerk.page, boss.page

    clerk.go(f"/suppliers/search?{QUERY}")
    absent = page.get_by_role("table", name="Who offers nothing, and why").get_by_role("row", name=SUPPLIER)
    expect(absent).to_contain_text("Not mapped")
    clerk.look("supplier-search")

    open_supplier(desk)
    boss.look("supplier")
    desk.get_by_role("link", name="Map them").click()
    row = desk.get_by_role("row", name="Tallinna lennujaam")
    expect(row).to_contain_text("Not mapped")
    boss.look("supplier-branches")
    row.get_by_role("button", name="TLL Tallinn Airport").click()
    expect(toast(desk, "TLL-1 is TLL")).to_be_visible()

    boss.go("/suppliers/branches")
    expect(desk.get_by_role("row").filter(has_text="Tallinna lennujaam")).to_contain_text("Sold")
    boss.look("supplier-desks")

    offered = page.get_by_role("table", name="Offers").get_by_role("row", name=SUPPLIER).first
    clerk.go(f"/suppliers/search?{QUERY}")
    expect(offered).to_contain_text("EUR")

    switch(clerk, boss, "No call at all", "It sells cars that it does not have")
    clerk.go(f"/suppliers/search?{QUERY}")
    expect(absent).to_contain_text("Sale is stopped")
    open_supplier(desk)
    expect(desk.get_by_text("Everywhere: Switched off").first).to_be_visible()
    boss.look("supplier-stopped")

    switch(clerk, boss, "On sale again", "It has its cars again")
    clerk.go(f"/suppliers/search?{QUERY}")
    expect(offered).to_contain_text("EUR")
    open_supplier(desk)
    desk.locator("#content").get_by_role("link", name="Branches", exact=True).click()
    row.get_by_role("button", name="Take off sale").click()
    desk.locator("#confirm").get_by_role("button", name="Take off sale").click()
    expect(row).to_contain_text("Not mapped")
