"""Searching our own fleet: what is offered at which price, and for everything else the reason and what would help."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event

from app.core.actor import SYSTEM
from app.core.changes import record
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.money import Money
from app.rental.locations.services import by_codes
from app.rental.occupancy import services as occupancy
from app.rental.quotes.models import CarSearch
from app.rental.quotes.schemas.searches import NewCarSearch
from app.rental.quotes.services import searching
from app.rental.rates import queries as rate_queries
from app.rental.rates.rules import VersionState
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_rate_card, make_vehicle
from tests.rental.quotes.asks import asked, excluded_of, next_weekday, offers_of


async def search(client, body, status=201):
    answer = await client.post("/car-searches", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def clerk(api_for):
    return await api_for("fleet_clerk", markets=["EE"])


async def put_in_force(session, card):
    """As if two people had agreed long ago."""
    version = (await rate_queries.list_versions(session, card.id))[0]
    version.state, card.draft_number = VersionState.ACTIVE, None
    await record(session, "rate_card.approved", card, actor=SYSTEM)


def terms(**more):
    return msgspec.convert(CardTerms.EXAMPLE | {"airport_percent": None, "guards": {}} | more, CardTerms)


class TestOffers:
    async def test_a_class_has_its_day_price_and_what_is_left(self, session, clerk):
        await make_fleet(session, 2)
        found = await search(clerk, asked())
        assert found["partial"] is False
        (offer,) = offers_of(found)
        assert offer["id"] == "own.TLL.IWMD"
        assert offer["total"] == {"amount": "234.00", "currency": "EUR"}
        assert offer["lines"][0]["explanation"] == "3 days at 78.00"
        assert (offer["left"], offer["model"], offer["bucket"]) == (2, "Škoda Octavia Combi or similar", "estate")
        again = await clerk.get(f"/car-searches/{found['id']}")
        assert again.json()["groups"] == found["groups"]

    async def test_a_rate_card_goes_before_the_day_price_with_all_its_lines(self, session, clerk):
        await make_fleet(session, 1, acriss="CWMD")
        await put_in_force(session, await make_rate_card(session, terms=terms()))
        found = await search(clerk, asked(driver_age=22, promo="PREPAID"))
        (offer,) = offers_of(found)
        assert [line["code"] for line in offer["lines"]] == ["TIME", "ADJUSTMENT", "YOUNG_DRIVER", "TAX"]
        assert offer["rate_card"] == "Compact Estonia"
        assert offer["is_tax_included"] is True
        assert offer["lines"][-1]["is_included"] is True

    async def test_several_branches_are_searched_at_once_and_sorted_by_total(self, session, clerk):
        await make_fleet(session, 1)
        await make_location(session, "TLL-C", opening_hours=HOURS, latitude="59.437", longitude="24.7536")
        await make_vehicle(session, plate="CCC 1", acriss="ECMR", location="TLL-C", day_price=Money(3_000, "EUR"))
        await make_vehicle(session, plate="CCC 2", acriss="IWMD", location="TLL-C", day_price=Money(6_000, "EUR"))
        await make_location(session, "RIX", city="Rīga", country="LV", market="LV", opening_hours=HOURS)
        for pickup in ({"locations": ["TLL", "TLL-C"]}, {"city": "tallinn"}):
            found = await search(clerk, asked(pickup=pickup))
            assert found["locations"] == ["TLL", "TLL-C"]
            assert [group["bucket"] for group in found["groups"]] == ["small", "estate"]
            assert [offer["pickup_location"] for offer in found["groups"][1]["offers"]] == ["TLL-C", "TLL"]
        near = await search(clerk, asked(pickup={"near": {"latitude": 59.43, "longitude": 24.75, "radius_km": 5}}))
        assert near["locations"] == ["TLL-C"]

    async def test_many_branches_cost_no_more_queries_than_one(self, session, database, runtime):
        codes = [f"B{number}" for number in range(6)]
        for code in codes:
            await make_location(session, code, opening_hours=HOURS, kind="city")
            await make_vehicle(session, plate=f"{code} X", acriss="IWMD", location=code)
        statements: list[str] = []

        def count(_connection, _cursor, statement, *_more):
            statements.append(statement)

        async def counted(*wanted):
            body = msgspec.convert(asked(*wanted), NewCarSearch)
            session.expunge_all()
            statements.clear()
            await searching.prepare(session, database.reads, runtime.settings, body, SYSTEM)
            return len(statements)

        event.listen(database.engine.sync_engine, "before_cursor_execute", count)
        try:
            assert await counted(*codes) == await counted(codes[0])
        finally:
            event.remove(database.engine.sync_engine, "before_cursor_execute", count)

    async def test_amounts_in_another_currency_are_compared_by_a_dated_rate_or_shown_last(self, session, clerk):
        await make_fleet(session, 1)
        await make_vehicle(session, plate="CCC 1", acriss="ECMR", location="TLL", day_price=Money(30_000, "SEK"))
        (first, last) = offers_of(await search(clerk, asked()))
        assert (first["class_code"], last["class_code"]) == ("IWMD", "ECMR")
        assert "compared" not in last
        assert "No exchange rate" in last["note"]

    async def test_filters_are_applied_on_the_server(self, session, clerk):
        await make_fleet(session, 1)
        await make_vehicle(session, plate="CCC 1", acriss="ECAR", location="TLL")
        found = await search(clerk, asked(filters={"transmission": "automatic"}))
        assert [offer["class_code"] for offer in offers_of(found)] == ["ECAR"]


class TestWhyNoCars:
    async def test_closed_at_that_hour_and_open_at_another(self, session, clerk):
        await make_fleet(session, 1)
        found = await search(clerk, asked(starts="06:10", ends="10:00"))
        why = excluded_of(found, "IWMD")
        assert why["reason"] == "closed_at_pickup"
        assert "opens on Tue" in why["detail"]
        assert why["change"]["pickup_local"] == f"{next_weekday(1)}T08:00"
        assert why["change"]["words"].endswith("at 08:00, 1 left")
        assert offers_of(await search(clerk, asked(starts="08:00", ends="10:00")))

    async def test_closed_at_the_return_moves_the_return(self, session, clerk):
        await make_fleet(session, 1)
        why = excluded_of(await search(clerk, asked(ends="21:00")), "IWMD")
        assert why["reason"] == "closed_at_return"
        assert why["change"]["return_local"].endswith("T19:30")

    async def test_guards_are_told_with_what_would_satisfy_them(self, session, clerk):
        await make_fleet(session, 1, acriss="CWMD")
        guards = {"min_days": 4, "min_age": 25, "is_one_way_allowed": False}
        await put_in_force(session, await make_rate_card(session, terms=terms(guards=guards)))
        why = excluded_of(await search(clerk, asked(days=3, driver_age=30)), "CWMD")
        assert (why["reason"], why["change"]["words"]) == ("min_days", "return 1 day later, 1 left")
        why = excluded_of(await search(clerk, asked(days=4, driver_age=22)), "CWMD")
        assert (why["reason"], why["change"]["words"]) == ("min_age", "a driver of 25, 1 left")
        both = excluded_of(await search(clerk, asked(days=3, driver_age=22)), "CWMD")
        assert both["change"]["words"] == "return 1 day later, a driver of 25, 1 left"
        await make_location(session, "TLL-C", opening_hours=HOURS)
        why = excluded_of(await search(clerk, asked(days=5, back="TLL-C")), "CWMD")
        assert (why["reason"], why["change"]["return_location"]) == ("is_one_way_allowed", "TLL")

    async def test_sold_out_has_its_numbers_and_a_time_class_or_branch_that_is_free(self, session, clerk):
        (car,) = await make_fleet(session, 1)
        day = next_weekday(1)
        await make_booking(session, vehicle_id=car.id, starts_on=day - timedelta(days=1), days=2)
        why = excluded_of(await search(clerk, asked()), "IWMD")
        assert why["reason"] == "sold_out"
        assert why["numbers"] == {"vehicles": 1, "free": 0, "promised": 0, "overbooking_limit": 0, "occupied": 1}
        assert why["change"]["pickup_local"] == f"{day + timedelta(days=1)}T10:00"
        await make_vehicle(session, plate="CCC 1", acriss="IWAD", location="TLL")
        why = excluded_of(await search(clerk, asked()), "IWMD")
        assert (why["change"]["class_code"], why["change"]["left"]) == ("IWAD", 1)

    async def test_a_branch_nearby_may_have_what_this_one_has_not(self, session, clerk):
        await make_location(session, "TLL", opening_hours=HOURS, latitude="59.4133", longitude="24.8328")
        await make_location(session, "TLL-C", opening_hours=HOURS, latitude="59.437", longitude="24.7536")
        await make_vehicle(session, plate="CCC 1", acriss="ECMR", location="TLL-C")
        why = excluded_of(await search(clerk, asked()), "ECMR")
        assert (why["reason"], why["change"]["words"]) == ("no_vehicle", "pick up at TLL-C, 1 left")

    async def test_the_overbooking_limit_counts(self, session, clerk):
        (car,) = await make_fleet(session, 1)
        day = next_weekday(1)
        await make_booking(session, vehicle_id=car.id, starts_on=day, days=3)
        assert offers_of(await search(clerk, asked())) == []
        location = (await by_codes(session, {"TLL"}))["TLL"]
        await occupancy.set_overbooking_limit(session, location, class_code="IWMD", limit=1, actor=SYSTEM)
        (offer,) = offers_of(await search(clerk, asked()))
        assert offer["left"] == 1

    async def test_a_class_without_any_price_says_so(self, session, clerk):
        await make_fleet(session, 1, day_price=None)
        assert excluded_of(await search(clerk, asked()), "IWMD")["reason"] == "no_price"


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"pickup": {"locations": ["XXX"]}}, "pickup.locations.0"),
            ({"pickup": {"locations": ["TLL"], "city": "Tallinn"}}, "pickup"),
            ({"pickup": {"city": "Atlantis"}}, "pickup.city"),
            ({"back": "XXX"}, "return.location"),
            ({"days": 0}, "return.local"),
            ({"currency": "XXQ"}, "currency"),
            ({"filters": {"classes": ["Q***"]}}, "filters.classes.0"),
        ],
    )
    async def test_names_what_is_wrong(self, session, clerk, change, field):
        await make_fleet(session, 1)
        problem = await search(clerk, asked(**change), 422)
        assert [each["pointer"] for each in problem["errors"]] == ["/" + field.replace(".", "/")]

    async def test_a_local_time_that_the_clocks_skip_is_refused(self, session, clerk):
        await make_fleet(session, 1)
        body = asked()
        body["pickup"]["local"], body["return"]["local"] = "2027-03-28T03:30", "2027-03-30T10:00"
        problem = await search(clerk, body, 422)
        assert problem["errors"][0]["pointer"] == "/pickup/local"

    async def test_other_markets_find_neither_the_branch_nor_the_search(self, session, clerk, api_for):
        await make_fleet(session, 1)
        found = await search(clerk, asked())
        other = await api_for("fleet_clerk", markets=["LV"])
        await search(other, asked(), 422)
        assert (await other.get(f"/car-searches/{found['id']}")).status_code == 404

    async def test_a_search_is_forgotten(self, session, clerk):
        await make_fleet(session, 1)
        found = await search(clerk, asked())
        kept = await session.get_one(CarSearch, found["id"])
        kept.expires_at -= timedelta(hours=1)
        await session.commit()
        assert (await clerk.get(f"/car-searches/{found['id']}")).status_code == 404
