"""What bookings cost: by rate cards, by day prices, and again by what they were priced by."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from app.core.actor import SYSTEM
from app.core.errors import IllegalState, InvalidFields
from app.desk.imports import adapters
from app.desk.imports.services import rows
from app.kit.money import Money
from app.rental.bookings import services
from app.rental.bookings.rules import BookingState, Choices
from app.rental.locations import services as locations
from app.rental.occupancy.services import VehicleTaken
from app.rental.vehicles.importers import VEHICLES
from tests.factories.rental import (
    HOURS,
    make_booking,
    make_card_in_force,
    make_fleet,
    make_location,
)

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def june():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def end(day, hour=10, location="TLL"):
    return {"location": location, "local": datetime.fromisoformat(f"2026-06-{day:02}T{hour:02}:00")}


def ends(days=3, **changes):
    return {"pickup": end(10), "back": end(10 + days)} | changes


def driver(age):
    return {"driver": {"name": "Liis Tamm", "born_on": date(2026 - age, 1, 1)}}


def amounts(lines):
    return {line["code"]: line["amount"]["amount"] for line in lines}


def problems_of(refused):
    return [(problem.field, problem.code) for problem in refused.value.problems]


class TestByCard:
    async def test_every_choice_is_a_line_and_the_sum_is_the_total(self, session):
        await make_fleet(session)
        await make_location(session, "RIX", market="EE", opening_hours=HOURS, allows_out_of_hours=True)
        card = await make_card_in_force(session, terms={"tax_percent": "24", "is_tax_included": False})
        choices = {
            "product": "PREPAID",
            "covers": ["CDW"],
            "extras": [{"code": "GPS", "count": 2}],
            "additional_drivers": 1,
        }
        booking = await make_booking(
            session, **ends(back=end(13, 21, "RIX")), **driver(22), choices=choices, class_code="IWMD"
        )
        # Three days and eleven hours, which cost more than a fourth day.
        expected = {
            "TIME": "312.00",
            "ADJUSTMENT": "-24.96",
            "AIRPORT": "37.44",
            "CDW": "48.00",
            "GPS": "56.00",
            "YOUNG_DRIVER": "40.00",
            "ADDITIONAL_DRIVER": "28.00",
            "ONE_WAY": "80.00",
            "OUT_OF_HOURS": "45.00",
            "TAX": "149.16",
        }
        assert amounts(booking.price_lines) == expected
        assert booking.total == Money(77064, "EUR")
        assert booking.rate_snapshot["card"]["card_id"] == str(card.id)
        assert booking.chosen == Choices("", "PREPAID", ("CDW",), (("GPS", 2),), 1)

    async def test_the_card_of_the_brand_and_of_the_branch_goes_first(self, session):
        await make_fleet(session)
        for name, price in (("any", "70.00"), ("branch", "60.00"), ("brand", "50.00")):
            scope = {"branch": {"branches": ["TLL"]}, "brand": {"brand": "Lowcost"}}.get(name, {})
            await make_card_in_force(session, terms={"rate": {"blocks": [{"days": 1, "price": price}]}}, **scope)
        plain = await make_booking(session, **ends(1))
        branded = await make_booking(session, **ends(1), choices={"brand": "Lowcost"})
        assert [amounts(each.price_lines)["TIME"] for each in (plain, branded)] == ["60.00", "50.00"]

    @pytest.mark.parametrize(
        ("guards", "given", "field"),
        [
            ({"min_age": 25}, driver(24), "driver.born_on"),
            ({"advance_hours": 24 * 30}, {}, "pickup.local"),
            ({"pickup_until": "2026-06-09"}, {}, "pickup.local"),
            ({"min_days": 4}, {}, "return.local"),
            ({"max_days": 2}, {}, "return.local"),
            ({"bookable_from": "2026-06-02"}, {}, "class_code"),
            ({"is_one_way_allowed": False}, {"back": end(13, 10, "TAY")}, "return.location"),
        ],
    )
    async def test_a_guard_names_the_field_and_the_card(self, session, guards, given, field):
        await make_fleet(session)
        await make_location(session, "TAY", opening_hours=HOURS)
        await make_card_in_force(session, terms={"guards": guards})
        with pytest.raises(InvalidFields) as refused:
            await make_booking(session, **(ends() | given))
        assert problems_of(refused) == [(field, "not_for_this_hire")]
        assert "by the rate card Intermediate Estonia" in refused.value.problems[0].detail

    @pytest.mark.parametrize(
        ("choices", "field"),
        [
            ({"covers": ["NONE"]}, "choices.covers"),
            ({"product": "GIFT"}, "choices.product"),
            ({"extras": [{"code": "SKI", "count": 1}]}, "choices.extras"),
            ({"covers": ["CDW", "CDW"]}, "choices.covers"),
            ({"extras": [{"code": "GPS", "count": 10}]}, "choices.extras.0.count"),
            ({"additional_drivers": 9}, "choices.additional_drivers"),
        ],
    )
    async def test_a_choice_that_cannot_be_is_named(self, session, choices, field):
        await make_fleet(session)
        await make_card_in_force(session)
        with pytest.raises(InvalidFields) as refused:
            await make_booking(session, choices=choices, **ends())
        assert [name for name, _ in problems_of(refused)] == [field]

    async def test_the_windows_of_the_product_are_frozen(self, session, june):
        await make_fleet(session, 3)
        windows = [{"hours_before": 72, "percent": "12.5"}, {"hours_before": 24, "percent": "50"}]
        products = [{"code": "FLEX", "cancellation": []}, {"code": "SAVER", "cancellation": windows}]
        await make_card_in_force(session, terms={"products": products})
        saver, flexible, plain = [
            await make_booking(session, choices={"product": code}, **ends()) for code in ("SAVER", "FLEX", "")
        ]
        assert [float(window.percent) for window in saver.windows] == [12.5, 50, 100]
        assert [window.until for window in flexible.windows] == [None]
        june.move_to(saver.pickup_at - timedelta(hours=72))
        await services.cancel_booking(session, saver.id, reason="Other plans", actor=SYSTEM)
        june.move_to(saver.pickup_at - timedelta(hours=1))
        for booking in (flexible, plain):
            await services.cancel_booking(session, booking.id, reason="Other plans", actor=SYSTEM)
        total = saver.total.minor
        assert (saver.fee_minor, flexible.fee_minor) == ((total * 125 + 500) // 1000, 0)
        assert plain.fee_minor == (plain.total_minor + 1) // 2

    async def test_a_price_that_was_frozen_is_taken_as_it_is(self, session):
        await make_fleet(session)
        priced = services.Priced(Money(100, "EUR"), [], {"currency": "EUR"}, [{"percent": 10.0, "until": None}])
        booking = await make_booking(session, priced=priced, **ends())
        assert (booking.total, booking.rate_snapshot) == (Money(100, "EUR"), {"currency": "EUR"})
        assert [float(window.percent) for window in booking.windows] == [10]


def handovers(booking, back):
    return locations.HandoverTime(back.location, booking.pickup_local, booking.pickup_at, False), back


class TestAgain:
    async def test_a_hire_that_runs_keeps_the_rate_that_was_agreed(self, session, june):
        cars = await make_fleet(session, 1)
        await make_card_in_force(session, terms={"tax_percent": "0", "airport_percent": None})
        booking = await make_booking(session, vehicle_id=cars[0].id, choices={"covers": ["CDW"]}, **ends())
        await make_card_in_force(
            session, branches=["TLL"], terms={"rate": {"blocks": [{"days": 1, "price": "999.00"}]}}
        )
        booking.state = BookingState.ON_HIRE
        june.move_to(datetime(2026, 6, 12, tzinfo=UTC))
        await services.extend_booking(session, booking.id, fields={"back": end(15), "reason": "Stays"}, actor=SYSTEM)
        assert amounts(booking.price_lines) == {"TIME": "390.00", "CDW": "60.00"}
        places = await locations.by_codes(session, {"TLL"})
        back = locations.judge_handover(places["TLL"], end(12), field="return")
        early = services.price_again(booking, *handovers(booking, back), driven_km=1000)
        assert amounts(early.lines) == {"TIME": "156.00", "CDW": "24.00", "MILEAGE": "240.00"}

    async def test_other_choices_keep_the_rate_and_another_time_takes_the_one_in_force(self, session):
        await make_fleet(session)
        booking = await make_booking(session, **ends())
        await make_card_in_force(session, terms={"tax_percent": "0", "airport_percent": None})
        cover = {"choices": {"covers": ["CDW"]}, "reason": "Wants a cover"}
        with pytest.raises(InvalidFields) as refused:
            await services.amend_booking(session, booking.id, fields=cover, actor=SYSTEM)
        assert problems_of(refused) == [("choices", "unknown_value")]
        await services.amend_booking(session, booking.id, fields=cover | {"back": end(17)}, actor=SYSTEM)
        assert amounts(booking.price_lines) == {"TIME": "450.00", "CDW": "84.00"}
        await make_card_in_force(
            session, branches=["TLL"], terms={"rate": {"blocks": [{"days": 1, "price": "999.00"}]}}
        )
        extra = {"choices": {"extras": [{"code": "GPS", "count": 1}]}, "reason": "Rather this"}
        await services.amend_booking(session, booking.id, fields=extra, actor=SYSTEM)
        assert amounts(booking.price_lines) == {"TIME": "450.00", "GPS": "49.00"}
        assert booking.terms_number == 3


class TestPreview:
    async def test_tells_the_difference_and_changes_nothing(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id, **ends())
        found = await services.preview_change(
            session, booking.id, move="amendment", fields={"back": end(12)}, actor=SYSTEM
        )
        assert (found.before, found.priced.total, found.difference) == (
            Money(23400, "EUR"), Money(15600, "EUR"), Money(-7800, "EUR"),
        )  # fmt: skip
        assert (booking.total_minor, booking.terms_number, list(session.dirty)) == (23400, 1, [])

    async def test_is_refused_as_the_change_itself_is(self, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id, **ends())
        await make_booking(session, vehicle_id=car.id, pickup=end(14), back=end(16))
        for move, change, error in (
            ("amendment", {"back": end(15)}, VehicleTaken),
            ("amendment", {"class_code": "CDMR"}, services.NoPrice),
            ("extension", {"back": end(14)}, IllegalState),
        ):
            with pytest.raises(error):
                await services.preview_change(session, booking.id, move=move, fields=change, actor=SYSTEM)


class TestImportedFleet:
    HEADERS = (
        "", "model_key", "mileage", "engine_power", "fuel", "paint_color", "car_type", "private_parking_available",
        "has_gps", "has_air_conditioning", "automatic_car", "has_getaround_connect", "has_speed_regulator",
        "winter_tires", "rental_price_per_day",
    )  # fmt: skip

    async def test_a_fleet_with_its_own_price_column_is_priced_and_booked(self, session, tmp_path):
        """Rows as the real file has them: no plate, no class code, no branch, and a price of one day in each."""
        await make_location(session, "CDG", market="FR", country="FR", time_zone="Europe/Paris", opening_hours=HOURS)
        path = tmp_path / "cars.csv"
        path.write_text(
            ",".join(self.HEADERS) + "\n"
            "7,Renault,88000,90,diesel,grey,estate,True,True,True,False,False,True,True,83\n"
            "8,Audi,12000,150,diesel,white,estate,False,True,True,False,True,True,False,121\n"
        )
        sheet = adapters.open_sheet(path)
        where, mapping = rows.choose_mapping(VEHICLES, sheet.headers, None)
        assert where == "getaround-cars.toml"
        mapping = replace(mapping, constants={**mapping.constants, "location": "CDG"})
        checked = [rows.check_row(mapping, VEHICLES, row, {}) for row in sheet.rows]
        cars = [
            (await VEHICLES.save(session, one.row, None, source="getaround", actor=SYSTEM)).record for one in checked
        ]
        assert [car.acriss for car in cars] == ["SWMD", "SWMD"]
        hire = {"class_code": "SWMD", "pickup": end(10, 10, "CDG"), "back": end(12, 10, "CDG")}
        by_class = await make_booking(session, **hire)
        assert (by_class.total, by_class.price_lines[0]["explanation"]) == (Money(16600, "EUR"), "2 days at 83.00")
        by_car = await make_booking(session, vehicle_id=cars[1].id, **hire)
        assert (by_car.total, by_car.vehicle_id) == (Money(24200, "EUR"), cars[1].id)
