"""What differs between out and in, what it costs, and what is held."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.kit.money import Money
from app.rental.damages.rules import HEIGHT, WIDTH, ZONES, place_of
from app.rental.handovers import rules
from app.rental.handovers.rules import Change, Direction, Filled, Gauges, Leg, Step

DUE = datetime(2026, 6, 13, 7, tzinfo=UTC)


def eur(minor):
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("missing", "is_battery", "minor"),
    [(0, False, 0), (1, False, 1_600), (12, False, 1_600), (13, False, 3_200), (100, False, 12_800), (25, True, 1_200)],
)
def test_started_eighths_and_tenths_are_filled_up(missing, is_battery, minor):
    assert rules.fuel_charge(missing, "EUR", is_battery=is_battery) == eur(minor)


@pytest.mark.parametrize(
    ("covers", "total", "minor"),
    [([], 1_000, 20_000), ([], 23_401, 30_000), ([], 900_000, 450_000), ([30_000, 90_000], 23_400, 90_000)],
)
def test_the_deposit_is_that_of_the_cover_else_follows_the_price(covers, total, minor):
    assert rules.deposit([eur(each) for each in covers], eur(total), 100) == eur(minor)


def test_nothing_comes_back_fuller_than_it_left_for_money():
    leg = Leg(None, Gauges(100, 50), Gauges(450, 100))
    found = rules.difference([leg], DUE, DUE - timedelta(hours=1), is_other_branch=False)
    assert (found.driven_km, found.missing_percent, found.late_minutes) == (350, 0, 0)
    assert rules.difference([leg], DUE, DUE + timedelta(minutes=61), is_other_branch=True).late_minutes == 61


FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))
LEFT = Leg(FIRST, Gauges(100, 100))


@pytest.mark.parametrize(
    ("changes", "last", "driven", "missing"),
    [
        ([], FIRST, [400], [50]),
        ([Change(FIRST, Gauges(300, 75), SECOND, Gauges(450, 100))], SECOND, [200, 50], [25, 50]),
        ([Change(FIRST, Gauges(), SECOND, Gauges(450, 100))], SECOND, [None, 50], [None, 50]),
        ([Change(FIRST, Gauges(300), SECOND, Gauges())], SECOND, [200, None], [None, None]),
        (
            [
                Change(FIRST, Gauges(110, 90), SECOND, Gauges(7, 100)),
                Change(SECOND, Gauges(9, 95), FIRST, Gauges(480, 60)),
            ],
            FIRST,
            [10, 2, 20],
            [10, 5, 10],
        ),
        ([], THIRD, [None, None], [None, None]),
        ([Change(SECOND, Gauges(30, 80), THIRD, Gauges(490, 50))], THIRD, [None, None, 10], [None, None, 0]),
    ],
)
def test_each_vehicle_has_a_part_of_the_hire_by_its_own_odometer(changes, last, driven, missing):
    found = rules.legs(LEFT, changes, last, Gauges(500, 50), is_battery=False)
    assert [leg.driven_km for leg in found] == driven
    assert [leg.missing_percent for leg in found] == missing
    differs = rules.difference(found, DUE, DUE, is_other_branch=False)
    assert differs.driven_km == sum(each or 0 for each in driven)


def test_steps_are_missing_in_their_order():
    nothing = Filled(False, False, False, False, False)
    assert nothing.missing(Direction.OUT) == [
        Step.DRIVER, Step.VEHICLE, Step.CONDITION, Step.DEPOSIT, Step.AGREEMENT,
    ]  # fmt: skip
    assert nothing.missing(Direction.IN) == [Step.CONDITION, Step.AGREEMENT]


@pytest.mark.parametrize(
    "strokes",
    ["x", [[1, 2]], [[[1, 2, 3]]], [[["a", 1]]], [[[601, 1]]], [[[1, -1]]], [[[True, 1]]], [[[1, 1]] * 4_001]],
)
def test_what_is_no_signature_is_refused(strokes):
    assert rules.check_signature(strokes)


def test_a_signature_becomes_a_path():
    assert rules.check_signature([[[1, 1], [2, 2]], [[5, 5]]]) == []
    assert rules.path_of([[[1, 1], [2, 2]], [[5, 5]]]) == "M1 1 L2 2 M5 5 L5 5"


def test_every_zone_lies_in_the_drawing_and_holds_its_middle():
    for key, zone in ZONES.items():
        assert 0 <= zone.x < zone.x + zone.width <= WIDTH, key
        assert 0 <= zone.y < zone.y + zone.height <= HEIGHT, key
        assert place_of(key, None, None) == zone.centre == place_of(key, 10_000, 0)
        assert place_of(key, zone.x, zone.y) == (zone.x, zone.y)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, ["licence_number", "licence_country", "licence_expires_on"]),
        ({"licence_number": "1", "licence_country": "E1", "licence_expires_on": DUE.date()}, ["licence_country"]),
        ({"licence_number": "1", "licence_country": "EE", "licence_expires_on": DUE.date()}, []),
        (
            {"licence_number": "1", "licence_country": "EE", "licence_expires_on": DUE.date() - timedelta(days=1)},
            ["licence_expires_on"],
        ),
    ],
)
def test_papers_are_looked_at(fields, refused):
    assert [problem.field for problem in rules.check_driver(fields, today=DUE.date())] == refused


@pytest.mark.parametrize(
    ("percent", "is_battery", "level"),
    [
        (None, False, ""),
        (0, False, "empty tank (0/8)"),
        (62, False, "5/8 of a tank"),
        (100, False, "full tank (8/8)"),
        (100, True, "100 % of the battery"),
    ],
)
def test_a_level_is_told_as_people_say_it(percent: int | None, is_battery: bool, level: str):
    assert rules.level_in_words(percent, is_battery=is_battery) == level


def test_what_is_missing_is_told_as_a_part():
    assert rules.part_in_words(100, is_battery=False) == "8/8 of a tank"
    assert rules.part_in_words(20, is_battery=True) == "20 % of the battery"
