"""Which version and card a hire falls under, which hires a card is for, and what a cancellation costs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.kit.hire_pricing.card_lines import read_products
from app.kit.hire_pricing.card_terms import GuardTerms
from app.kit.hire_pricing.days import HireTime
from app.rental.rates.rules import (
    MOVES,
    Asked,
    CardState,
    VersionState,
    can_move,
    cancellation_percent,
    card_state,
    check_card,
    choose,
    matches_class,
    refusals,
    state_on,
    succeed,
)

D = VersionState.DRAFT
JUNE = date(2026, 6, 1)


@dataclass
class Version:
    number: int
    state: VersionState
    valid_from: date
    valid_until: date | None = None


@dataclass
class ForWhom:
    acriss: str
    brand: str = ""
    branch_codes: tuple[str, ...] = ()


class TestStates:
    def test_only_the_moves_of_the_table_are_possible(self):
        allowed = {
            (D, VersionState.APPROVED),
            (D, VersionState.DISCARDED),
            (VersionState.APPROVED, VersionState.ACTIVE),
            (VersionState.APPROVED, VersionState.SUPERSEDED),
            (VersionState.ACTIVE, VersionState.SUPERSEDED),
        }
        assert {pair for pair in product(VersionState, repeat=2) if can_move(*pair)} == allowed
        assert set(MOVES) == set(VersionState)

    def test_follow_the_dates(self):
        version = Version(1, VersionState.APPROVED, JUNE, date(2026, 7, 1))
        assert state_on(version, date(2026, 5, 31)) is VersionState.APPROVED
        assert state_on(version, JUNE) is VersionState.ACTIVE
        assert state_on(version, date(2026, 7, 1)) is VersionState.SUPERSEDED
        assert state_on(Version(1, D, JUNE), date(2026, 7, 1)) is D

    def test_make_the_state_of_the_card(self):
        active, coming = Version(1, VersionState.ACTIVE, JUNE), Version(2, VersionState.APPROVED, JUNE)
        assert card_state([active, coming]) is CardState.ACTIVE
        assert card_state([coming]) is CardState.SCHEDULED
        assert card_state([Version(1, D, JUNE)]) is CardState.DRAFT

    def test_a_new_version_ends_those_before_and_takes_the_place_of_later_ones(self):
        versions = [
            Version(1, VersionState.SUPERSEDED, date(2025, 1, 1), date(2026, 1, 1)),
            Version(2, VersionState.ACTIVE, date(2026, 1, 1), date(2026, 8, 1)),
            Version(3, VersionState.APPROVED, date(2026, 8, 1)),
            Version(4, D, JUNE),
        ]
        found = {after.number: (after.valid_until, after.is_over) for after in succeed(versions, JUNE)}
        assert found == {2: (JUNE, False), 3: (date(2026, 8, 1), True)}
        assert [after.number for after in succeed(versions, date(2026, 9, 1))] == [3]


class TestChoice:
    CARDS = (
        ForWhom("****"),
        ForWhom("C***"),
        ForWhom("*W**"),
        ForWhom("CW**"),
        ForWhom("C***", branch_codes=("TLL", "TLL-C")),
        ForWhom("C***", brand="Thrift"),
    )

    @pytest.mark.parametrize(
        ("code", "branch", "brand", "chosen"),
        [
            ("EDMR", "RIX", "", 0),
            ("CDMR", "RIX", "", 1),
            ("EWMR", "RIX", "", 2),
            ("CWMR", "RIX", "", 3),
            ("CWMR", "TLL", "", 4),
            ("CDMR", "RIX", "Thrift", 5),
            ("EDMR", "RIX", "Thrift", 0),
        ],
    )
    def test_takes_the_card_that_says_more(self, code, branch, brand, chosen):
        for cards in (self.CARDS, self.CARDS[::-1]):
            assert choose(cards, branch=branch, code=code, brand=brand) is self.CARDS[chosen]

    def test_an_earlier_letter_says_more_than_a_later_one(self):
        assert choose(self.CARDS[1:3], branch="RIX", code="CWMR") is self.CARDS[1]

    def test_may_find_none(self):
        assert choose(self.CARDS[1:2], branch="RIX", code="EDMR") is None
        assert not matches_class("C***", "")


class TestCheck:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"name": ""}, "name"),
            ({"market": "ZZ"}, "market"),
            ({"acriss": "A***"}, "acriss"),
            ({"acriss": "C**"}, "acriss"),
            ({"branches": ["tll"]}, "branches"),
            ({"brand": "<b>"}, "brand"),
        ],
    )
    def test_names_what_is_wrong(self, changed, field):
        given = {"name": "Compact", "market": "EE", "acriss": "C***"}
        assert check_card(given) == []
        assert [problem.field for problem in check_card(given | changed)] == [field]


class TestGuards:
    NOW = datetime.fromisoformat("2026-05-01T09:00")

    def asked(self, **changed) -> Asked:
        given = {"time": HireTime(JUNE, 4, 0), "pickup": datetime.fromisoformat("2026-06-01T10:00"), "booked": self.NOW}
        return Asked(**(given | {"driver_age": 30} | changed))

    @pytest.mark.parametrize(
        ("guards", "changed"),
        [
            ({"bookable_from": date(2026, 5, 2)}, {}),
            ({"bookable_until": date(2026, 4, 30)}, {}),
            ({"pickup_from": date(2026, 6, 2)}, {}),
            ({"pickup_until": date(2026, 5, 31)}, {}),
            ({"advance_hours": 24}, {"booked": datetime.fromisoformat("2026-05-31T10:01")}),
            ({"min_days": 5}, {}),
            ({"max_days": 3}, {}),
            ({"max_days": 4}, {"time": HireTime(JUNE, 4, 60)}),
            ({"is_one_way_allowed": False}, {"is_one_way": True}),
            ({"min_age": 31}, {}),
            ({"max_age": 29}, {}),
        ],
    )
    def test_refuse_by_name(self, guards, changed):
        (problem,) = refusals(GuardTerms(**guards), self.asked(**changed))
        assert problem.field == next(iter(guards))

    def test_let_through_what_they_are_for(self):
        guards = GuardTerms(
            bookable_from=date(2026, 5, 1), bookable_until=date(2026, 5, 1), pickup_from=JUNE, pickup_until=JUNE,
            advance_hours=24, min_days=4, max_days=4, min_age=30, max_age=30,
        )  # fmt: skip
        assert refusals(guards, self.asked(is_one_way=True)) == []
        assert refusals(GuardTerms(min_age=40), self.asked(driver_age=None)) == []


class TestCancellation:
    @pytest.mark.parametrize(("hours", "percent"), [(100, 0), (48, 0), (47.9, 50), (24, 50), (23, 100), (-1, 100)])
    def test_costs_the_share_of_the_window_that_is_kept(self, hours, percent):
        (product,) = read_products("PREPAID: 48 h 0%, 24 h 50%")
        assert cancellation_percent(product, timedelta(hours=hours)) == percent

    def test_costs_nothing_where_no_window_is_said(self):
        (product,) = read_products("FREE")
        assert cancellation_percent(product, timedelta()) == 0
