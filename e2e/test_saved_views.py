"""A list is filtered, kept as a view, opened first, given other columns, and looked through from its drawer."""

import re

from playwright.sync_api import Page, expect

from e2e.conftest import Browse

EMAIL = "fleet.manager@demo.test"
NAME = "Cars to sell"
ROWS = "#list-results tbody tr"


def heads(page: Page) -> list[str]:
    """The columns by their words, without selection and preview."""
    words = page.locator("#list-results thead th:not(.pick, .peek)").all_inner_texts()
    return [word.strip() for word in words]


def test_a_view_is_saved_opened_first_and_given_up(browse: Browse) -> None:
    person = browse(EMAIL)
    page = person.go("/vehicles?state=for_sale&sort=-odometer_km")
    page.get_by_role("link", name="Save as view").click()
    form = page.locator("#view-form")
    expect(form.get_by_label("Name")).to_be_focused()
    person.look("view-new")
    form.get_by_label("Name").fill(NAME)
    form.get_by_label("Open the list with this view, for me").check()
    page.keyboard.press("Control+Enter")
    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name=NAME)
    expect(tab).to_have_attribute("aria-current", re.compile("page|true"))

    page = person.go("/vehicles")
    expect(tab).to_have_attribute("aria-current", re.compile("page|true"))
    expect(page.locator("#filter-state .chip-value")).to_have_text("For sale")
    person.look("view-first")

    page.get_by_role("columnheader", name="Day price").get_by_role("link").click()
    expect(page.get_by_text(f"{NAME}: changed")).to_be_visible()
    person.look("view-changed")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text(f"{NAME}: changed")).to_be_hidden()
    page = person.go("/vehicles")
    expect(page.get_by_role("columnheader", name="Day price")).to_have_attribute("aria-sort", "ascending")

    page.get_by_role("link", name="All views").click()
    row = page.get_by_role("row", name=re.compile(NAME))
    expect(row).to_contain_text("opens first")
    person.look("views")
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    page = person.go("/vehicles")
    expect(page.locator("#filter-state .chip-value")).to_have_text("any")


def test_columns_are_chosen_and_ordered(browse: Browse) -> None:
    person = browse(EMAIL)
    page = person.go("/vehicles")
    usual = heads(page)
    page.get_by_role("link", name="Columns", exact=True).click()
    form = page.locator("#layout-form")
    form.get_by_role("checkbox", name="Colour").check()
    form.get_by_role("checkbox", name="Class").uncheck()
    form.get_by_role("button", name="Move up: Branch").click()
    expect(form.get_by_role("button", name="Move up: Branch")).to_be_focused()
    expect(form.get_by_role("checkbox", name="Colour")).to_be_checked()
    person.look("columns")
    form.get_by_role("button", name="Keep for me").click()
    expect(page.get_by_role("columnheader", name="Colour")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Class")).to_have_count(0)
    chosen = heads(page)
    assert chosen[0] == "Vehicle"
    page = person.go("/vehicles")
    assert heads(page) == chosen
    person.look("columns-chosen")

    page.get_by_role("link", name="Columns", exact=True).click()
    form.get_by_role("button", name="Standard").click()
    expect(page.get_by_role("columnheader", name="Colour")).to_have_count(0)
    assert heads(page) == usual


def test_the_drawer_follows_the_keys_and_gives_the_focus_back(browse: Browse) -> None:
    person = browse(EMAIL)
    page = person.go("/vehicles?sort=plate")
    drawer, row = page.get_by_role("complementary", name="Preview"), page.locator(ROWS)
    expect(drawer).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(drawer).to_have_attribute("data-row", row.nth(0).get_attribute("id") or "")
    expect(row.nth(0).get_by_role("link").first).to_be_focused()
    expect(page).to_have_url(re.compile("peek="))
    person.look("drawer")

    page.keyboard.press("j")
    expect(drawer).to_have_attribute("data-row", row.nth(1).get_attribute("id") or "")
    expect(row.nth(1).get_by_role("link").first).to_be_focused()
    page.reload()
    expect(drawer).to_have_attribute("data-row", row.nth(1).get_attribute("id") or "")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page).not_to_have_url(re.compile("peek="))
    expect(row.nth(1).get_by_role("link").first).to_be_focused()
    page.keyboard.press("Space")
    expect(drawer).to_be_visible()
    drawer.get_by_role("link", name="Open vehicle").click()
    expect(page).to_have_url(re.compile(r"/vehicles/[0-9a-f-]{36}$"))


def test_the_drawer_is_a_page_without_scripts(browse: Browse) -> None:
    page = browse(EMAIL, scripts=False).go("/vehicles?state=in_service&sort=plate")
    page.locator(ROWS).first.get_by_role("link", name=re.compile("^Preview ")).click()
    drawer = page.get_by_role("complementary", name="Preview")
    expect(drawer.get_by_role("link", name="Open vehicle")).to_be_visible()
    drawer.get_by_role("link", name="Close the preview").click()
    expect(page).to_have_url(re.compile(r"/vehicles\?state=in_service&sort=plate$"))
