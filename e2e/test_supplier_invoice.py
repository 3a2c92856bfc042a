"""A supplier's invoice: imported, matched, explained, accepted by two where it is much, disputed by letter."""

import csv
import io

import httpx
from playwright.sync_api import Page, expect

from app.cli.processes import wait_until
from e2e.conftest import Browse
from e2e.looking import HEIGHTS, WIDE
from e2e.people import toast
from e2e.stack import Stack

WORK_MILLISECONDS = 40_000
NUMBER = "AU-2029-1"


def reserve(stack: Stack, pickup: str, back: str) -> str:
    """A confirmed hire with the company, at a price that may be net; its reference."""
    with stack.api("fleet.manager@demo.test") as api:
        hire = {"pickup": {"location": "HEL", "local": pickup}, "return": {"location": "HEL", "local": back}}
        found = api.post("supplier-searches", json=hire).raise_for_status().json()["items"]
        offer = next(item for item in found if item["supplier"] == "aurora" and not item["is_on_request"])
        body = hire | {"supplier": "aurora", "key": offer["key"], "expected": offer["total"], "surname": "Laine"}
        made = api.post("supplier-reservations", json=body).raise_for_status().json()
        address = f"supplier-reservations/{made['id']}"
        assert wait_until(lambda: api.get(address).json()["state"] == "confirmed", seconds=30)
        return made["reference"]


def invoice_of(stack: Stack, references: list[str]) -> bytes:
    """What the company bills: the first hire a day too long, the second right, and one that nobody has."""
    url = f"{stack.settings.sandbox_url}/suppliers/aurora/control/invoice"
    asked = {"number": NUMBER, "country": "FI", "wrong": ["extra_day", "right"]}
    rows = list(csv.reader(io.StringIO(httpx.get(url, params=asked).raise_for_status().text)))
    kept = [rows[0], *(row for row in rows if row[2] in references), rows[-1]]
    output = io.StringIO(newline="")
    csv.writer(output).writerows(kept)
    return output.getvalue().encode()


COLUMNS = {
    "Invoice": "invoice_number", "Confirmation": "supplier_number", "Your reference": "our_reference",
    "Driver": "driver", "Pick-up": "pickup_on", "Drop-off": "return_on", "Days": "days", "Text": "description",
    "Total": "amount.amount", "Currency": "amount.currency", "VAT %": "tax_percent",
}  # fmt: skip


def import_it(page: Page, content: bytes) -> None:
    page.get_by_role("link", name="Import an invoice").click()
    page.get_by_label("File").set_input_files({"name": "aurora.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Columns of", timeout=WORK_MILLISECONDS)
    for column, field in COLUMNS.items():
        page.get_by_role("combobox", name=column, exact=True).select_option(field)
    page.get_by_label("Supplier, code").fill("aurora")
    page.get_by_label("Market").select_option("FI")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 3 rows").click(timeout=WORK_MILLISECONDS)
    expect(page.get_by_text("Every row is in.")).to_be_visible(timeout=WORK_MILLISECONDS)


def test_import_match_accept_and_dispute(browse: Browse, stack: Stack) -> None:
    references = [
        reserve(stack, "2029-09-03T10:00", "2029-09-06T10:00"), reserve(stack, "2029-09-10T10:00", "2029-09-12T10:00"),
    ]  # fmt: skip
    clerk = browse("fleet@demo.test")
    page = clerk.go("/supplier-invoices")
    clerk.look("supplier-invoices")
    import_it(page, invoice_of(stack, references))

    clerk.go("/supplier-invoices")
    page.get_by_role("link", name=NUMBER).click()
    lines = page.get_by_role("table", name="Lines")
    expect(lines.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("table", name="Why it differs")).to_contain_text("Extra day")
    expect(page.get_by_role("table", name="Why it differs")).to_contain_text("Unknown reservation")
    clerk.look("supplier-invoice")

    lines.get_by_role("row").filter(has_text="Unknown reservation").get_by_role(
        "button", name="Ask for consent"
    ).click()
    expect(toast(page, "Waits for somebody else to agree")).to_be_visible()

    lines.get_by_role("row").filter(has_text="Extra day").get_by_role("link", name="Dispute").click()
    clerk.look("supplier-invoice-line")
    page.get_by_label("What the supplier is told required").fill("The car was back at ten, as agreed")
    page.get_by_role("button", name="Dispute").click()
    expect(toast(page, "disputed")).to_be_visible()
    page.get_by_role("link", name="Letter").click()
    expect(page.get_by_role("table", name="Disputed lines")).to_contain_text("The car was back at ten")
    clerk.look("supplier-letter")


def test_the_boards_of_the_supply_desk(browse: Browse) -> None:
    boss = browse("fleet.manager@demo.test")
    page = boss.go("/suppliers/health?window=7d")
    expect(page.get_by_role("table", name="Suppliers")).to_contain_text("Sunway Cars")
    boss.look("supplier-health")
    board = page.get_by_role("region", name="Suppliers", exact=True)
    for width in HEIGHTS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        assert board.evaluate("box => box.scrollWidth <= box.clientWidth"), width
    page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})
    page.get_by_role("table", name="Suppliers").get_by_role("link", name="Sunway Cars").click()
    expect(page.get_by_role("table", name="By operation")).to_be_visible()
    boss.look("supplier-health-one")
    boss.go("/suppliers/capabilities")
    boss.look("supplier-capabilities")
    page = boss.go("/suppliers")
    page.get_by_role("link", name="Nordrive").click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("heading", name="Connection to Nordrive")).to_be_visible()
    expect(page.get_by_text("Tallinn, airport terminal")).to_be_visible()
    boss.look("supplier-connection")
    page.get_by_role("link", name="partner call", exact=True).click()
    page.get_by_role("link", name="Send again").click()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It answers the same as then.")).to_be_visible()
    boss.look("supplier-replay")
