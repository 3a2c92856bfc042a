from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.vehicles import rules
from app.rental.vehicles.rules import MOVES, PeriodKind, Refusal, VehicleState

NOON = datetime(2026, 6, 29, 12, tzinfo=UTC)
LEGAL = {
    ("commissioning", "ordered", "in_service"),
    ("block", "in_service", "blocked"),
    ("block_removal", "blocked", "in_service"),
    ("maintenance", "in_service", "in_maintenance"),
    ("maintenance", "blocked", "in_maintenance"),
    ("maintenance_removal", "in_maintenance", "in_service"),
    ("transfer", "in_service", "in_transit"),
    ("arrival", "in_transit", "in_service"),
    ("sale_listing", "in_service", "for_sale"),
    ("sale_listing_removal", "for_sale", "in_service"),
    ("retirement", "ordered", "retired"),
    ("retirement", "in_service", "retired"),
    ("retirement", "blocked", "retired"),
    ("retirement", "in_maintenance", "retired"),
    ("retirement", "for_sale", "retired"),
}


@dataclass
class Stretch:
    kind: PeriodKind
    starts_at: datetime
    ends_at: datetime | None


def stretch(start, end, kind=PeriodKind.BLOCK):
    return Stretch(kind, NOON + timedelta(hours=start), None if end is None else NOON + timedelta(hours=end))


class TestMoves:
    @pytest.mark.parametrize(("move", "state"), list(product(MOVES, VehicleState)))
    def test_every_pair(self, move, state):
        legal = any((move, state) == pair[:2] for pair in LEGAL)
        assert rules.can_move(move, state) == (None if legal else Refusal.ILLEGAL_STATE)
        assert (move in [allowed.name for allowed in rules.allowed_moves(state)]) is legal

    def test_lead_where_the_table_says(self):
        assert {(m.name, state.value, m.to_state.value) for m in MOVES.values() for state in m.from_states} == LEGAL

    def test_only_bookings_reach_or_leave_a_hire(self):
        assert rules.allowed_moves(VehicleState.ON_HIRE) == []
        assert VehicleState.ON_HIRE not in {move.to_state for move in MOVES.values()}

    def test_an_opened_period_gives_the_state_of_the_move(self):
        for move in MOVES.values():
            if move.opens:
                assert rules.PERIOD_STATES[move.opens] == move.to_state
            else:
                assert move.to_state in rules.BASE_STATES

    def test_every_move_closes_the_period_it_comes_from(self):
        for move, state in product(MOVES.values(), rules.PERIOD_STATES.items()):
            if state[1] in move.from_states:
                assert state[0] in move.closes

    def test_period_kinds(self):
        assert MOVES["maintenance"].period_kind is PeriodKind.MAINTENANCE
        assert MOVES["arrival"].period_kind is PeriodKind.TRANSFER
        assert MOVES["retirement"].period_kind is None


class TestStateAt:
    @pytest.mark.parametrize(
        ("start", "end", "state"),
        [(0, 1, "blocked"), (-1, 0, "in_service"), (1, 2, "in_service"), (-5, None, "blocked"), (0, 0, "in_service")],
    )
    def test_follows_the_period_that_covers_now(self, start, end, state):
        assert rules.state_at([stretch(start, end)], NOON, VehicleState.IN_SERVICE) == state

    @pytest.mark.parametrize("kind", list(PeriodKind))
    def test_each_kind_has_its_state(self, kind):
        assert rules.state_at([stretch(0, 1, kind)], NOON, VehicleState.IN_SERVICE) == rules.PERIOD_STATES[kind]

    @pytest.mark.parametrize("base", [VehicleState.ORDERED, VehicleState.RETIRED])
    def test_vehicles_out_of_service_have_no_other_state(self, base):
        assert rules.state_at([stretch(-1, None)], NOON, base) is base

    def test_next_change(self):
        periods = [stretch(-2, 3), stretch(5, None)]
        assert rules.next_change(periods, NOON) == NOON + timedelta(hours=3)
        assert rules.next_change(periods, NOON + timedelta(hours=3)) == NOON + timedelta(hours=5)
        assert rules.next_change(periods, NOON + timedelta(hours=5)) is None


class TestOverlaps:
    @pytest.mark.parametrize(
        ("start", "end", "overlapping"),
        [
            (0, 10, False),
            (20, 30, False),
            (0, 11, True),
            (19, 30, True),
            (12, 13, True),
            (0, 30, True),
            (0, None, True),
            (20, None, False),
            (10, 20, True),
        ],
    )
    def test_half_open(self, start, end, overlapping):
        period = stretch(10, 20)
        asked = stretch(start, end)
        assert rules.overlaps([period], asked.starts_at, asked.ends_at) is (period if overlapping else None)

    def test_open_ended_and_empty_periods(self):
        assert rules.overlaps([stretch(10, None)], NOON + timedelta(days=9), None)
        assert rules.overlaps([stretch(10, 10)], NOON, None) is None

    @given(st.tuples(*[st.integers(0, 12)] * 4))
    def test_agrees_with_counting_hours(self, edges):
        first, second = sorted(edges[:2]), sorted(edges[2:])
        shared = set(range(*first)) & set(range(*second))
        asked = stretch(*second)
        if second[0] < second[1]:
            assert bool(rules.overlaps([stretch(*first)], asked.starts_at, asked.ends_at)) == bool(shared)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"reason": "Hail damage"}, []),
        ({"reason": "Hail damage", "starts_at": NOON, "ends_at": NOON + timedelta(hours=1)}, []),
        ({}, ["reason"]),
        ({"reason": "x", "ends_at": NOON}, ["ends_at"]),
        ({"reason": "x", "starts_at": NOON, "ends_at": NOON}, ["ends_at"]),
        ({"reason": "x", "starts_at": NOON - timedelta(days=367)}, ["starts_at"]),
        ({"reason": "x", "starts_at": "tomorrow"}, ["starts_at"]),
    ],
)
def test_check_period(fields, refused):
    assert [problem.field for problem in rules.check_period(fields, now=NOON)] == refused


def test_due_documents_by_urgency():
    today = date(2026, 6, 29)
    documents = {
        "registration": today + timedelta(days=30),
        "insurance": today,
        "inspection": today - timedelta(days=4),
    }
    assert [(fact.document, fact.days, fact.tone) for fact in rules.due(documents, today)] == [
        ("inspection", -4, "act"),
        ("insurance", 0, "soon"),
        ("registration", 30, "soon"),
    ]
    assert rules.due({"registration": today + timedelta(days=31), "insurance": None}, today) == []


@pytest.mark.parametrize(("power_hp", "power_kw"), [(100, 74), (317, 233), (1, 1), (Decimal("101.97"), 75), (0, 0)])
def test_horsepower(power_hp, power_kw):
    assert rules.kw_from_hp(power_hp) == power_kw


@pytest.mark.parametrize(("miles", "km"), [(1, 2), (100, 161), (87_000, 140_013), (0, 0), (Decimal("0.3"), 0)])
def test_miles(miles, km):
    assert rules.km_from_miles(miles) == km


WHOLE = {
    "make": "Škoda",
    "market": "EE",
    "model": "Octavia Combi",
    "year": 2024,
    "fleet_number": "F-100",
    "plate": "986 VVK",
    "vin": "TMBJJ7NE1E0123456",
    "acriss": "cwmd",
    "category": "compact",
    "body_type": "estate",
    "transmission": "manual",
    "fuel": "diesel",
    "air_conditioning": True,
    "seats": 5,
    "doors": 5,
    "bags": 3,
    "power_kw": 85,
    "colour": "grey",
    "odometer_km": 134_487,
    "fuel_level_percent": 100,
    "equipment": ["gps", "winter_tyres"],
    "day_price": Money(7800, "EUR"),
    "home_location": "TLL",
    "location": "RIX-2",
    "registration_expires_on": date(2027, 1, 1),
    "insurance_expires_on": None,
    "inspection_expires_on": date(2027, 1, 1),
    "owner": "Forecourt OÜ",
}


def refused(changes, *, is_new=True):
    problems = rules.check_vehicle({**(WHOLE if is_new else {}), **changes}, is_new=is_new, latest_year=2027)
    return [(problem.field, problem.code) for problem in problems]


class TestCheckVehicle:
    def test_accepts_a_whole_one_and_the_least(self):
        assert refused({}) == []
        assert rules.check_vehicle({"make": "Fiat", "market": "HR"}, is_new=True, latest_year=2027) == []
        assert refused({"odometer_km": 5}, is_new=False) == []

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("make", "", "required"),
            ("make", "x" * 61, "too_long"),
            ("market", None, "required"),
            ("market", "ZZ", "unknown_value"),
            ("year", 1949, "out_of_range"),
            ("year", 2028, "out_of_range"),
            ("year", "2024", "wrong_type"),
            ("plate", "-", "malformed"),
            ("plate", "1234567890123", "malformed"),
            ("vin", "TMBJJ7NE1E012345O", "malformed"),
            ("vin", "1M8GDM9A1KP042788", "malformed"),
            ("acriss", "AAAA", "malformed"),
            ("category", "big", "unknown_value"),
            ("category", "mini", "contradicts"),
            ("air_conditioning", False, "contradicts"),
            ("air_conditioning", "yes", "wrong_type"),
            ("seats", 0, "out_of_range"),
            ("doors", 10, "out_of_range"),
            ("bags", -1, "out_of_range"),
            ("power_kw", 0, "out_of_range"),
            ("odometer_km", -64, "out_of_range"),
            ("odometer_km", 2_000_001, "out_of_range"),
            ("fuel_level_percent", 101, "out_of_range"),
            ("equipment", "gps", "wrong_type"),
            ("equipment", ["x"] * 61, "too_long"),
            ("day_price", Money(0, "EUR"), "out_of_range"),
            ("day_price", Money(-1, "EUR"), "out_of_range"),
            ("day_price", 78, "wrong_type"),
            ("location", "T L", "malformed"),
            ("inspection_expires_on", "2027-01-01", "wrong_type"),
            ("colour", 5, "wrong_type"),
        ],
    )
    def test_refuses(self, field, value, code):
        assert (field, code) in refused({field: value})

    def test_names_the_entry_of_a_list(self):
        assert refused({"equipment": ["gps", "GPS", "gps"]}) == [
            ("equipment.1", "malformed"),
            ("equipment.2", "repeated"),
        ]

    def test_a_change_may_not_empty_what_is_required(self):
        assert refused({"make": None}, is_new=False) == [("make", "required")]


class TestClassFields:
    def test_a_code_sets_the_parts(self):
        assert rules.class_fields({"acriss": "cwmd"}, {"category": "mini"}) == {
            "acriss": "CWMD",
            "category": "compact",
            "body_type": "estate",
            "transmission": "manual",
            "fuel": "diesel",
            "air_conditioning": True,
        }

    def test_parts_compose_the_code(self):
        current = rules.class_fields({"acriss": "CWMD"}, {})
        assert rules.class_fields({"fuel": "petrol"}, current)["acriss"] == "CWMV"
        assert rules.class_fields({"fuel": None}, current)["acriss"] is None

    def test_some_parts_have_no_code(self):
        changed = rules.class_fields({"fuel": "diesel"}, {})
        assert (changed["acriss"], changed["fuel"], changed["category"]) == (None, "diesel", None)

    def test_other_changes_leave_the_class(self):
        assert rules.class_fields({"odometer_km": 5}, {"acriss": "CWMD"}) == {}

    def test_a_cleared_code_stays_cleared(self):
        current = rules.class_fields({"acriss": "CWMD"}, {})
        assert rules.class_fields({"acriss": None}, current)["acriss"] is None


@pytest.mark.parametrize(
    ("before", "percent", "after"),
    [
        (Money(7800, "EUR"), "5.5", Money(8229, "EUR")),
        (Money(3333, "EUR"), "5", Money(3500, "EUR")),
        (Money(10, "EUR"), "5", Money(11, "EUR")),
        (Money(10, "EUR"), "-5", Money(10, "EUR")),
        (Money(9900, "EUR"), "-50", Money(4950, "EUR")),
        (Money(6500, "JPY"), "3.33", Money(6716, "JPY")),
        (Money(12_345, "BHD"), "10", Money(13_580, "BHD")),
    ],
)
def test_a_price_changes_by_a_part_of_itself_rounded_half_up_once(before, percent, after):
    assert rules.repriced(before, Decimal(percent)) == after


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(10_000, 12_000, False), (10_000, 12_001, True), (10_000, 8_000, False), (10_000, 7_999, True), (1, 1, False)],
)
def test_more_than_a_fifth_either_way_needs_another_person(before, after, expected):
    assert rules.needs_approval(Money(before, "EUR"), Money(after, "EUR")) is expected


@pytest.mark.parametrize(
    ("price", "percent", "refusal"),
    [
        (None, "5", "It has no day price"),
        (Money(10, "EUR"), "1", "The change is less than the smallest coin"),
        (Money(1, "EUR"), "-90", "The price would be out of range"),
        (Money(7800, "EUR"), "5", None),
    ],
)
def test_prices_that_cannot_be_changed(price, percent, refusal):
    assert rules.check_repriced(price, Decimal(percent)) == refusal


def test_a_way_back_leads_exactly_to_what_was_before():
    found = {
        (move, before, after, rules.way_back(move, before, after))
        for move, before, after in product(MOVES, VehicleState, VehicleState)
    }
    assert {(move, before, after, back) for move, before, after, back in found if back and back != "block"} == {
        (move, VehicleState.IN_SERVICE, MOVES[move].to_state, f"{move}_removal") for move in rules.TAKEN_BACK
    }
