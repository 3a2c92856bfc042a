"""A booking is dragged on the planner: onto a taken vehicle, onto a free one, by its end, and by keyboard."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle, created

EMAIL = "fleet@demo.test"
CLASS = "NBAQ"
"""A class that no car of the demo has."""


def add_booking(
    api: httpx.Client, customer: dict[str, Any], days: int, vehicle: dict[str, Any] | None, class_code: str = CLASS
) -> dict[str, Any]:
    day = datetime.now(UTC).date() + timedelta(days=3)
    body = {
        "customer_id": customer["id"],
        "driver": {"name": customer["name"]},
        "pickup": {"location": "TLL", "local": f"{day}T10:00"},
        "return": {"location": "TLL", "local": f"{day + timedelta(days=days)}T10:00"},
        "class_code": class_code,
    }
    return created(api, "bookings", body | ({"vehicle_id": vehicle["id"]} if vehicle else {}))


def bar(page: Page, booking: dict[str, Any]) -> Locator:
    return page.locator(f"#bar-{booking['id']}")


def lane(page: Page, vehicle: dict[str, Any]) -> Locator:
    return page.locator(f".lane[data-vehicle='{vehicle['id']}']")


def drag(page: Page, moved: Locator, target: Locator, *, from_end: bool = False, by: float = 0) -> None:
    """From the middle of a bar, or from its end, to the height of a lane, with steps between as a hand makes them."""
    moved.scroll_into_view_if_needed()
    box, aim = moved.bounding_box(), target.bounding_box()
    assert box
    assert aim
    x = box["x"] + (box["width"] - 3 if from_end else box["width"] / 2)
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x + by / 2 + 6, box["y"] + box["height"] / 2, steps=3)
    page.mouse.move(x + by, aim["y"] + aim["height"] / 2, steps=5)


class TestDragOnPlanner:
    def test_with_a_conflict(self, browse: Browse, api: httpx.Client) -> None:
        first, second = (add_vehicle(api, acriss=CLASS) for _ in range(2))
        customer = add_customer(api)
        taken = add_booking(api, customer, 5, first)
        waiting = add_booking(api, customer, 3, None)
        person = browse(EMAIL)
        page = person.go(f"/planner?branch=TLL&class={CLASS}")
        expect(bar(page, taken)).to_be_visible()
        person.look("planner")

        drag(page, bar(page, waiting), lane(page, first))
        page.mouse.up()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The vehicle is taken at that time: by a booking from")
        expect(dialog.get_by_role("button", name="Save the move")).to_have_count(0)
        person.look("planner-conflict")
        dialog.get_by_role("link", name="Back").click()
        expect(dialog).to_be_hidden()

        drag(page, bar(page, waiting), lane(page, second))
        page.keyboard.press("Escape")
        page.mouse.up()
        expect(page.get_by_role("dialog")).to_be_hidden()

        drag(page, bar(page, waiting), lane(page, second))
        page.mouse.up()
        expect(dialog).to_contain_text("The price stays.")
        person.look("planner-move")
        dialog.get_by_role("button", name="Save the move").click()
        expect(toast(page, "moved")).to_be_visible()
        expect(lane(page, second).locator(f"#bar-{waiting['id']}")).to_be_visible()

        day = page.locator(".days span").first.bounding_box()
        assert day
        drag(page, bar(page, waiting), lane(page, second), from_end=True, by=day["width"])
        page.mouse.up()
        expect(dialog).to_contain_text("49.00 EUR dearer.")
        longer = bar(page, waiting).get_attribute("data-ends") or ""
        dialog.get_by_role("button", name="Save the move").click()
        expect(bar(page, waiting)).not_to_have_attribute("data-ends", longer)

        self._by_keyboard(page, waiting)
        page = person.go(f"/planner?branch=TLL&class={CLASS}&show=table")
        page.get_by_role("link", name=f"Move {waiting['reference']}").click()
        expect(page.get_by_role("button", name="Try it")).to_be_visible()
        person.look("planner-move-page")

    def _by_keyboard(self, page: Page, waiting: dict[str, Any]) -> None:
        """Lift it, two columns of two hours later, and put it back without asking; then ask and save."""
        bar(page, waiting).focus()
        page.keyboard.press("m")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-planner-says]")).to_contain_text(" 12:00 - ")
        page.keyboard.press("Escape")
        expect(page.locator("[data-moving]")).to_have_count(0)
        page.keyboard.press("m")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("12:00")
        before = bar(page, waiting).get_attribute("data-starts") or ""
        dialog.get_by_role("button", name="Save the move").click()
        expect(bar(page, waiting)).not_to_have_attribute("data-starts", before)
