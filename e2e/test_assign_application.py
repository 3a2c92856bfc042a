"""An application is taken, given to a colleague, and many are given at once."""

import httpx
from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import created


def add_application(api: httpx.Client) -> dict[str, str]:
    amount = {"amount": "9000.00", "currency": "EUR"}
    return created(
        api, "applications", {"market": "EE", "product": "personal_loan", "amount": amount, "term_months": 36}
    )


def test_is_taken_given_on_and_told(browse: Browse, api: httpx.Client) -> None:
    application = add_application(api)
    officer, manager = browse("credit@demo.test"), browse("credit.manager@demo.test")
    page = officer.go(f"/applications/{application['id']}")
    panel = page.locator("#assignment")
    expect(panel).to_contain_text("Nobody yet")
    panel.get_by_role("button", name="Take it").click()
    expect(toast(page, "It is yours")).to_be_visible()
    expect(panel).to_contain_text("Liis Tamm")

    panel.get_by_role("button", name="Give to somebody").click()
    dialog = page.get_by_role("dialog", name=f"Assign {application['reference']}")
    officer.look("application-assign")
    officer.expect(422)
    dialog.get_by_role("button", name="Assign", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    dialog.get_by_label("To").select_option(label="Andres Mägi")
    dialog.get_by_label("Note for them").fill("Knows the employer")
    dialog.get_by_role("button", name="Assign", exact=True).click()
    expect(panel).to_contain_text("Andres Mägi")
    expect(panel.get_by_role("button")).to_have_count(0)

    page = manager.go("/notifications")
    expect(page.get_by_text(f"{application['reference']} is yours").first).to_be_visible()
    manager.go("/applications")
    page.get_by_role("link", name="Mine", exact=True).click()
    expect(page.locator("tbody")).to_contain_text(application["reference"])
    manager.look("applications-mine")
