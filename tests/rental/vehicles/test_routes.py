"""Vehicle pages: whole, as a fragment, and without permission."""

import re
from html import unescape

from app.core.actor import SYSTEM
from app.desk.tags import services as tags
from app.rental.vehicles import services
from tests.factories.rental import make_location, make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


def offered(html: str, name: str) -> list[str]:
    """The values that a filter's menu has."""
    return re.findall(rf'name="{name}"\s+value="([^"]*)"', html)


class TestList:
    async def test_shows_rows_inside_the_scope_only(self, client_for, session):
        await make_location(session, "TLL")
        await make_location(session, "RIX", market="LV", country="LV")
        await make_vehicle(session, plate="986 VVK", location="TLL")
        await make_vehicle(session, plate="AB-1234", market="LV", location="RIX")
        clerk = await client_for("fleet_clerk", markets=["EE"])
        page = (await clerk.get("/vehicles")).text
        assert "986 VVK" in page
        assert "AB-1234" not in page
        assert "1-1 of 1" in page

    async def test_answers_the_results_alone_to_htmx_with_the_canonical_address(self, client_for, session):
        await make_vehicle(session, plate="986 VVK")
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get(
            "/vehicles?state=in_service&make=", headers=PARTIAL | {"hx-target": "section#list-results"}
        )
        assert answer.text.lstrip().startswith('<section id="list-results"')
        assert answer.headers["hx-push-url"] == "/vehicles?state=in_service"
        assert "HX-Target" in answer.headers["vary"]

    async def test_menus_with_counts_come_when_one_is_open(self, client_for, session):
        await make_vehicle(session, plate="986 VVK")
        clerk = await client_for("fleet_clerk")
        results = PARTIAL | {"hx-target": "section#list-results"}
        later = (await clerk.get("/vehicles?state=in_service&make=Skoda", headers=results)).text
        assert "data-later" in later
        assert offered(later, "state") == ["in_service"]
        assert offered(later, "make") == ["Skoda"]
        opened = (await clerk.get("/vehicles?state=in_service", headers=results | {"x-menus": "open"})).text
        assert "data-later" not in opened
        assert {"in_service", "blocked"} <= set(offered(opened, "state"))

    async def test_what_is_set_is_taken_away_where_it_stands(self, client_for):
        clerk = await client_for("fleet_clerk")
        asked = {"state=blocked", "state=in_service", "make=Skoda", "updated_after=2026-01-01", "plate=986"}
        page = (await clerk.get(f"/vehicles?{'&'.join(sorted(asked))}")).text

        def taken_away(css: str) -> list[set[str]]:
            found = re.findall(rf'<a class="{css}" href="([^"]*)"', page)
            return [asked - set(unescape(href).partition("?")[2].split("&")) for href in found]

        assert taken_away("chip-remove") == [{"state=blocked", "state=in_service"}, {"updated_after=2026-01-01"}]
        assert taken_away("chip") == [{"make=Skoda"}, {"plate=986"}], "without a search engine makes have no menu"

    async def test_each_step_is_one_entry_of_the_history(self, client_for):
        clerk = await client_for("fleet_clerk")
        steps = [
            ("/vehicles", "/vehicles?state=blocked", {"hx-push-url": "/vehicles?state=blocked"}),
            ("/vehicles?state=blocked", "/vehicles?make=&state=blocked", {"hx-push-url": "false"}),
            ("/vehicles?q=octa", "/vehicles?q=octavia", {"hx-replace-url": "/vehicles?q=octavia"}),
            ("/vehicles", "/vehicles?q=octa", {"hx-push-url": "/vehicles?q=octa"}),
            ("/vehicles?q=octa", "/vehicles?q=", {"hx-push-url": "/vehicles"}),
            ("/vehicles?q=octa", "/vehicles?q=octa&sort=plate", {"hx-push-url": "/vehicles?q=octa&sort=plate"}),
        ]
        for shown, asked, expected in steps:
            headers = PARTIAL | {
                "hx-target": "section#list-results",
                "hx-current-url": f"https://forecourt.test{shown}",
            }
            answer = await clerk.get(asked, headers=headers)
            history = {
                name: answer.headers[name] for name in ("hx-push-url", "hx-replace-url") if name in answer.headers
            }
            assert history == expected, (shown, asked)

    async def test_pages_follow_each_other_without_gap_or_repeat(self, client_for, session):
        for number in range(7):
            await make_vehicle(session, plate=f"AAA {number}")
        clerk = await client_for("fleet_clerk")
        address, seen = "/vehicles?limit=3&sort=plate", []
        while address:
            page = (await clerk.get(address)).text
            seen += re.findall(r"AAA \d", page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = following.group(1).replace("&amp;", "&") if following else None
        assert seen == [f"AAA {number}" for number in range(7)]

    async def test_unknown_filters_are_refused(self, client_for):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.get("/vehicles?colr=red")
        assert answer.status_code == 400
        assert "colr" in answer.text

    async def test_without_search_engine_text_finds_plates_and_says_so(self, client_for, session):
        await make_vehicle(session, plate="986 VVK")
        await make_vehicle(session, plate="111 AAA")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/vehicles?q=986v")).text
        assert "986 VVK" in page
        assert "111 AAA" not in page
        assert "search engine is away" in page


class TestShow:
    async def test_offers_only_the_moves_of_state_and_role(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/vehicles/{vehicle.id}")).text
        assert f'action="/vehicles/{vehicle.id}/block"' in page
        assert f'action="/vehicles/{vehicle.id}/retirement"' not in page
        assert "Another role may" in page

    async def test_a_vehicle_outside_the_scope_is_not_there(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk = await client_for("fleet_clerk", markets=["LV"])
        assert (await clerk.get(f"/vehicles/{vehicle.id}")).status_code == 404

    async def test_somebody_who_is_not_signed_in_is_sent_to_sign_in_and_back(self, visitor, session):
        vehicle = await make_vehicle(session)
        answer = await visitor.get(f"/vehicles/{vehicle.id}")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next=%2Fvehicles%2F{vehicle.id}"


class TestCreate:
    async def test_adds_a_vehicle_and_goes_there(self, client_for):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post(
            "/vehicles", data={"make": "Škoda", "market": "EE", "day_price.amount": "78", "day_price.currency": "EUR"}
        )
        assert answer.status_code == 303
        page = (await clerk.get(answer.headers["location"])).text
        assert "Škoda" in page
        assert "78.00 EUR" in page

    async def test_keeps_what_was_typed_and_says_what_is_wrong(self, client_for):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post(
            "/vehicles",
            data={"make": "Škoda", "market": "EE", "year": "19x4", "vin": "123"},
            headers=PARTIAL | {"hx-target": "form#vehicle-form"},
        )
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith("<form")
        assert 'value="19x4"' in answer.text
        assert "whole number" in answer.text

    async def test_sending_a_form_twice_has_one_effect(self, client_for, session):
        clerk = await client_for("fleet_clerk")
        form = {"make": "Volvo", "market": "EE", "_key": "0123456789"}
        first, second = await clerk.post("/vehicles", data=form), await clerk.post("/vehicles", data=form)
        assert first.headers["location"] == second.headers["location"]
        assert (await clerk.get("/vehicles?make=Volvo")).text.count('<tr id="vehicle-') == 1

    async def test_a_credit_officer_adds_no_vehicle(self, client_for):
        officer = await client_for("credit_officer")
        assert (await officer.get("/vehicles/new")).status_code == 403
        assert (await officer.post("/vehicles", data={"make": "Volvo", "market": "EE"})).status_code == 403


class TestUpdate:
    async def test_what_two_people_changed_in_different_fields_is_all_kept(self, client_for, session):
        vehicle = await make_vehicle(session, colour="red")
        clerk = await client_for("fleet_clerk")
        form = form_of((await clerk.get(f"/vehicles/{vehicle.id}/edit")).text)
        await services.update_vehicle(session, vehicle.id, fields={"model": "Superb"}, actor=SYSTEM)
        await session.commit()
        answer = await clerk.post(f"/vehicles/{vehicle.id}/edit", data=form | {"colour": "blue"})
        assert answer.status_code == 303
        await session.refresh(vehicle)
        assert (vehicle.model, vehicle.colour, vehicle.version) == ("Superb", "blue", 3)

    async def test_a_tag_put_on_meanwhile_is_nothing_to_choose_from(self, client_for, session):
        vehicle = await make_vehicle(session, colour="red")
        clerk = await client_for("fleet_clerk")
        form = form_of((await clerk.get(f"/vehicles/{vehicle.id}/edit")).text)
        where = f"/vehicles/{vehicle.id}/fields/odometer_km"
        cell = form_of((await clerk.get(f"{where}/edit", headers=PARTIAL | {"hx-target": "dd#field-odometer_km"})).text)
        await tags.add_tag(session, vehicle, "hail-damage", actor=SYSTEM)
        await session.commit()
        saved = await clerk.post(f"/vehicles/{vehicle.id}/edit", data=form | {"colour": "blue"})
        in_place = await clerk.post(where, data=cell | {"odometer_km": "12700"})
        assert (saved.status_code, in_place.status_code) == (303, 303)
        await session.refresh(vehicle)
        assert (vehicle.colour, vehicle.odometer_km, vehicle.tags) == ("blue", 12_700, ["hail-damage"])

    async def test_the_same_field_is_taken_from_the_side_that_was_chosen(self, client_for, session):
        vehicle = await make_vehicle(session, colour="red")
        clerk = await client_for("fleet_clerk")
        form = form_of((await clerk.get(f"/vehicles/{vehicle.id}/edit")).text)
        await services.update_vehicle(session, vehicle.id, fields={"colour": "green"}, actor=SYSTEM)
        await session.commit()
        answer = await clerk.post(f"/vehicles/{vehicle.id}/edit", data=form | {"colour": "blue", "owner": "Lessor"})
        assert 'name="take.colour"' in answer.text
        assert 'name="take.owner"' not in answer.text
        chosen = form_of(answer.text) | {"take.colour": "theirs"}
        assert (await clerk.post(f"/vehicles/{vehicle.id}/edit", data=chosen)).status_code == 303
        await session.refresh(vehicle)
        assert (vehicle.colour, vehicle.owner) == ("green", "Lessor")


class TestMoves:
    async def test_blocking_asks_for_a_reason(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        refused = await clerk.post(f"/vehicles/{vehicle.id}/block", headers=PARTIAL | {"hx-target": "form#move-block"})
        assert refused.status_code == 422
        assert refused.text.lstrip().startswith('<form id="move-block"')
        assert (await clerk.post(f"/vehicles/{vehicle.id}/block", data={"reason": "Scratched"})).status_code == 303
        page = (await clerk.get(f"/vehicles/{vehicle.id}")).text
        assert "Scratched" in page
        assert "Blocked" in page

    async def test_an_illegal_move_is_a_conflict(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        assert (await clerk.post(f"/vehicles/{vehicle.id}/block/removal")).status_code == 409

    async def test_a_clerk_retires_nothing(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        assert (await clerk.post(f"/vehicles/{vehicle.id}/retirement", data={"reason": "Old"})).status_code == 403


class TestFieldsInPlace:
    async def test_edits_the_odometer_where_it_stands(self, client_for, session):
        vehicle = await make_vehicle(session, odometer_km=100)
        clerk = await client_for("fleet_clerk")
        headers = PARTIAL | {"hx-target": "dd#field-odometer_km"}
        form = (await clerk.get(f"/vehicles/{vehicle.id}/fields/odometer_km/edit", headers=headers)).text
        assert form.lstrip().startswith("<form")
        sent = form_of(form) | {"odometer_km": "134,487"}
        shown = await clerk.post(f"/vehicles/{vehicle.id}/fields/odometer_km", data=sent, headers=headers)
        assert "134,487 km" in shown.text


def form_of(page: str) -> dict[str, str]:
    """Names and values of the inputs and selects of a page's first record form, as a browser would send them."""
    text = page[page.rindex("<form", 0, page.index('name="version"')) :]
    text = text[: text.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="radio"' in tag and "checked" not in tag):
            found[name.group(1)] = unescape(value.group(1)) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        found[name] = unescape(chosen.group(1) or chosen.group(2)) if chosen else ""
    return found


class TestTimeline:
    async def test_shows_mine_or_the_changes_of_state_alone(self, client_for, session):
        vehicle = await make_vehicle(session, colour="red")
        clerk = await client_for("fleet_clerk")
        await clerk.post(f"/vehicles/{vehicle.id}/block", data={"reason": "Scratched"})
        await session.refresh(vehicle)
        await services.update_vehicle(session, vehicle.id, fields={"colour": "blue"}, actor=SYSTEM)
        await session.commit()

        async def shown(address: str) -> list[str]:
            page = (await clerk.get(f"/vehicles/{vehicle.id}{address}")).text
            return re.findall(r"<p>(Created|Updated|Blocked) ", page[page.index('id="timeline"') :])

        assert await shown("") == ["Updated", "Blocked", "Created"]
        assert await shown("?timeline=mine") == ["Blocked"]
        assert await shown("?timeline=states") == ["Blocked"]
