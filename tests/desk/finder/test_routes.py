"""The search page and the palette: whole, as a fragment, without permission, and without the search engine."""

import re
from html import unescape

import pytest

from app.core.runtime import Runtime
from tests.desk.finder.conftest import Fleet
from tests.factories.rental import make_location, make_vehicle

PALETTE = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "div#palette-results"}
RESULTS = PALETTE | {"hx-target": "section#finder-results"}


def options(text: str) -> list[str]:
    """What the options say, in their order."""
    found = re.findall(r'<a role="option".*?</a>', text, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", option)).split()) for option in found]


def groups(text: str) -> list[str]:
    return re.findall(r'role="group" aria-label="([^"]+)"', text)


def addresses(text: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'id="option-[^"]+"\s+href="([^"]+)"', text)]


@pytest.fixture
def searching(runtime: Runtime, fleet: Fleet) -> Runtime:
    """The application with the indexed fleet."""
    runtime.search, runtime.indexes = fleet.runtime.search, fleet.runtime.indexes
    return runtime


class TestPalette:
    async def test_offers_pages_and_actions_before_anything_is_typed(self, client_for):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/search", headers=PALETTE)
        assert answer.text.lstrip().startswith('<div id="palette-results" role="listbox"')
        assert "New vehicle" in options(answer.text)
        assert "Vehicles Rental" in options(answer.text)
        assert not {"New application", "Audit trail Administration", "Jobs and events Build"} & set(
            options(answer.text)
        )

    async def test_offers_what_the_role_may_do(self, client_for):
        auditor = await client_for("auditor")
        offered = options((await auditor.get("/search", headers=PALETTE)).text)
        assert "Audit trail Administration" in offered
        assert not [option for option in offered if option.startswith("New ")]

    async def test_groups_records_by_kind_with_marks(self, client_for, searching, fleet):
        admin = await client_for("admin")
        page = (await admin.get("/search?q=octavia zagreb", headers=PALETTE)).text
        assert groups(page)[0] == "Vehicles"
        assert "<mark>Octavia</mark>" in page
        assert set(addresses(page)[:2]) == {
            f"/vehicles/{fleet.ids['octavia_zagreb']}",
            f"/vehicles/{fleet.ids['octavia_petrol']}",
        }

    async def test_leads_to_all_of_a_kind(self, client_for, searching):
        admin = await client_for("admin")
        page = (await admin.get("/search?q=diesel", headers=PALETTE)).text
        assert "See all 11" in options(page)
        assert "/vehicles?q=diesel" in addresses(page)

    async def test_the_exact_record_is_the_first_option(self, client_for, searching, fleet):
        admin = await client_for("admin")
        reference = fleet.references["tamm_refinancing"]
        page = (await admin.get("/search", params={"q": reference.lower()}, headers=PALETTE)).text
        assert addresses(page)[0] == f"/applications/{fleet.ids['tamm_refinancing']}"
        assert "exact" in options(page)[0]

    async def test_a_named_page_comes_before_records(self, client_for, searching):
        admin = await client_for("admin")
        assert groups((await admin.get("/search?q=new vehicle", headers=PALETTE)).text)[0] == "Actions"
        assert groups((await admin.get("/search?q=audi", headers=PALETTE)).text)[:2] == ["Vehicles", "Go to"]

    async def test_shows_nothing_outside_the_role(self, client_for, searching):
        clerk = await client_for("fleet_clerk")
        assert groups((await clerk.get("/search?q=tamm", headers=PALETTE)).text) == ["Customers", "Search page"]

    async def test_says_that_nothing_has_all_words(self, client_for, searching):
        admin = await client_for("admin")
        assert "most of them" in (await admin.get("/search?q=octavia zagreb hydrogen", headers=PALETTE)).text
        assert "comes close" in (await admin.get("/search?q=ocatvia", headers=PALETTE)).text

    async def test_escapes_what_was_typed(self, client_for, searching):
        admin = await client_for("admin")
        page = (await admin.get("/search", params={"q": "<script>alert(1)</script>"}, headers=PALETTE)).text
        assert "<script>" not in page
        assert "No record matches" in page


class TestPage:
    async def test_needs_a_sign_in(self, visitor):
        assert (await visitor.get("/search?q=octavia")).status_code in (303, 401)

    async def test_is_a_page_with_the_same_groups(self, client_for, searching):
        admin = await client_for("admin")
        page = (await admin.get("/search?q=octavia")).text
        assert "<title>Search" in page
        assert "<h2>Vehicles</h2>" in page
        assert "<mark>Octavia</mark>" in page

    async def test_answers_the_results_alone_to_htmx(self, client_for, searching):
        admin = await client_for("admin")
        answer = await admin.get("/search?q=octavia", headers=RESULTS)
        assert answer.text.lstrip().startswith('<section id="finder-results"')
        assert answer.headers["hx-push-url"] == "/search?q=octavia"

    async def test_an_exact_identifier_jumps_in(self, client_for, searching, fleet):
        admin = await client_for("admin")
        answer = await admin.get("/search?q=986vvk")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/vehicles/{fleet.ids['octavia_combi']}")
        assert (await admin.get("/search?q=986vvk&show=all")).status_code == 200
        assert (await admin.get("/search?q=986vvk", headers=RESULTS)).status_code == 200

    async def test_a_part_of_an_identifier_does_not(self, client_for, searching):
        admin = await client_for("admin")
        assert (await admin.get("/search?q=986v")).status_code == 200


class TestWithoutTheSearchEngine:
    async def test_answers_from_the_database_and_says_so(self, client_for, session):
        vehicle = await make_vehicle(session, plate="771 KLM")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/search?q=771 k", headers=PALETTE)).text
        assert "The search engine is away" in page
        assert addresses(page)[0] == f"/vehicles/{vehicle.id}"

    async def test_jumps_in_all_the_same(self, client_for, session):
        vehicle = await make_vehicle(session, plate="771 KLM")
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/search?q=771-klm")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/vehicles/{vehicle.id}")

    async def test_keeps_to_the_scope(self, client_for, session):
        await make_location(session, "RIX", market="LV", country="LV")
        await make_vehicle(session, plate="AB-9977", market="LV", location="RIX")
        clerk = await client_for("fleet_clerk", markets=["EE"])
        page = (await clerk.get("/search?q=AB-9977", headers=PALETTE)).text
        assert "No record matches" in page
