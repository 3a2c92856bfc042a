"""Two people at one sheet: each sees what the other moves, nothing is torn from a hand; and a sheet that is touched."""

import httpx
from playwright.sync_api import CDPSession, Locator, Page, expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_customer, add_vehicle
from e2e.test_drag_on_planner import add_booking, bar, drag, lane

CLASS = "NBAR"
"""A class that neither the demo nor another test has."""
MINE, THEIRS = "fleet.manager@demo.test", "fleet@demo.test"


class TestTogether:
    def test_one_moves_a_bar_and_the_other_sees_it_while_their_own_stays_in_hand(
        self, browse: Browse, api: httpx.Client
    ) -> None:
        first, second, third = (add_vehicle(api, acriss=CLASS) for _ in range(3))
        customer = add_customer(api)
        moved, held = add_booking(api, customer, 3, first, CLASS), add_booking(api, customer, 3, second, CLASS)
        mine, theirs = browse(MINE), browse(THEIRS)
        sheet = f"/planner?branch=TLL&class={CLASS}"
        ours, other = mine.go(sheet), theirs.go(sheet)
        expect(bar(ours, moved)).to_be_visible()
        expect(bar(other, held)).to_be_visible()

        drag(other, bar(other, held), lane(other, second))
        expect(bar(other, held)).to_have_attribute("data-lifted", "")
        drag(ours, bar(ours, moved), lane(ours, third))
        ours.mouse.up()
        ours.get_by_role("dialog").get_by_role("button", name="Save the move").click()
        expect(toast(ours, "moved")).to_be_visible()
        expect(lane(ours, third).locator(f"#bar-{moved['id']}")).to_be_visible()

        expect(other.locator("#plan-results[data-waits]")).to_be_attached()
        expect(bar(other, held)).to_have_attribute("data-lifted", "")
        expect(lane(other, first).locator(f"#bar-{moved['id']}")).to_be_visible()
        other.keyboard.press("Escape")
        other.mouse.up()
        expect(lane(other, third).locator(f"#bar-{moved['id']}")).to_be_visible()
        expect(bar(other, held)).not_to_have_attribute("data-lifted", "")


class Finger:
    """One finger on a touch screen, by the browser's own input."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)

    def touch(self, kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, start: tuple[float, float], across: float, down: float) -> None:
        """Without holding first, as one scrolls."""
        self.touch("touchStart", *start)
        for part in range(1, 9):
            self.touch("touchMove", start[0] + across * part / 8, start[1] + down * part / 8)
        self.touch("touchEnd")


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class TestTouch:
    def test_a_held_bar_is_moved_and_a_swipe_scrolls(self, browse: Browse, api: httpx.Client) -> None:
        first, second = (add_vehicle(api, acriss="NBAN") for _ in range(2))
        booking = add_booking(api, add_customer(api), 3, first, "NBAN")
        person = browse(THEIRS, has_touch=True)
        page = person.go("/planner?branch=TLL&class=NBAN")
        page.set_viewport_size({"width": 700, "height": 800})
        sheet, finger = page.locator("[data-planner]"), Finger(page)
        bar(page, booking).scroll_into_view_if_needed()
        before = sheet.evaluate("(sheet) => sheet.scrollLeft")
        finger.swipe(middle(bar(page, booking)), -120, 0)
        page.wait_for_function("(before) => document.querySelector('[data-planner]').scrollLeft > before", arg=before)
        expect(page.locator("[data-lifted]")).to_have_count(0)
        expect(page.get_by_role("dialog")).to_be_hidden()

        bar(page, booking).scroll_into_view_if_needed()
        start, aim = middle(bar(page, booking)), middle(lane(page, second))
        finger.touch("touchStart", *start)
        expect(bar(page, booking)).to_have_attribute("data-lifted", "")
        for part in range(1, 6):
            finger.touch("touchMove", start[0] + part, start[1] + (aim[1] - start[1]) * part / 5)
        expect(lane(page, second)).to_have_attribute("data-target", "")
        finger.touch("touchEnd")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The price stays.")
        dialog.get_by_role("button", name="Save the move").click()
        expect(lane(page, second).locator(f"#bar-{booking['id']}")).to_be_attached()
