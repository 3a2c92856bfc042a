"""The search engine goes away and comes back: nobody is stopped, everybody is told, nothing is lost."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from app.cli.processes import wait_until
from e2e.conftest import Browse
from e2e.people import toast
from e2e.records import add_vehicle, wait_until_found
from e2e.stack import Stack

EMAIL = "fleet.manager@demo.test"
ROWS = "#list-results tbody tr"
NOTICE = "The search engine is away"
BACK_SECONDS = 45


@pytest.fixture
def mended(stack: Stack) -> Iterator[Stack]:
    """The portal, whose line to the search engine is whole again for the next test."""
    yield stack
    stack.search_line.mend()
    health = httpx.Client(base_url=stack.address, timeout=5)
    with health:
        assert wait_until(lambda: health.get("/health/ready").json()["search"] == "up", seconds=BACK_SECONDS)


class TestSearchEngineAway:
    def test_pages_answer_with_a_notice_and_catch_up_by_themselves(
        self, browse: Browse, api: httpx.Client, mended: Stack
    ) -> None:
        vehicle = add_vehicle(api)
        wait_until_found(api, vehicle["plate"], vehicle["id"])
        person = browse(EMAIL)
        mended.search_line.cut()

        page = person.go("/vehicles")
        expect(page.locator(ROWS).first).to_be_visible()
        page = person.go(f"/vehicles?q={vehicle['plate'][:5]}")
        expect(page.get_by_text(NOTICE)).to_be_visible()
        expect(page.locator(ROWS).filter(has_text=vehicle["plate"])).to_have_count(1)
        person.look("vehicles-search-away")
        page.keyboard.press("/")
        page.keyboard.type(vehicle["plate"], delay=20)
        finder = page.get_by_role("dialog", name="Find")
        expect(finder.get_by_text(NOTICE)).to_be_visible()
        expect(finder.get_by_role("option").first).to_contain_text(vehicle["plate"])
        person.look("finder-search-away")

        page = person.go(f"/vehicles/{vehicle['id']}/edit")
        page.get_by_label("Model").fill("Viggen Hereafter")
        page.get_by_role("button", name="Save").click()
        expect(toast(page, "Saved")).to_be_visible()
        ready = httpx.get(f"{mended.address}/health/ready")
        assert (ready.status_code, ready.json()["search"]) == (200, "down")

        mended.search_line.mend()
        wait_until_found(api, "hereafter", vehicle["id"])
        page = person.go("/vehicles?q=hereafter")
        expect(page.locator(ROWS)).to_have_count(1)
        expect(page.get_by_text(NOTICE)).to_have_count(0)
