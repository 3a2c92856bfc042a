"""Candidates for branches, kilometres that look wrong, percentiles, and the table of states."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.kit.histograms import bucket_of
from app.kit.money import Money
from app.rental.suppliers import rules
from app.rental.suppliers.rules import BranchFound, HireAsk, Place, ReservationState, Stop, mapping
from app.rental.suppliers.rules.mapping import Spot
from app.rental.suppliers.rules.measuring import Measured

TLL = Spot("TLL", "Tallinn Airport", "Tallinn", "EE", 59.4133, 24.8328)
HARBOUR = Spot("TLL-P", "Tallinn Harbour", "Tallinn", "EE", 59.443, 24.762)
TARTU = Spot("TAY", "Tartu Airport", "Tartu", "EE", 58.3075, 26.6904)
RIGA = Spot("RIX", "Riga Airport", "Riga", "LV", 56.9236, 23.9711)
PLACES = (TLL, HARBOUR, TARTU, RIGA)


def branch(name: str, *, iata: str = "", at: tuple[str, str] | None = None, city: str = "", country: str = "EE"):
    latitude, longitude = (Decimal(each) for each in at) if at else (None, None)
    return BranchFound("X1", name, city, country, iata, latitude, longitude)


class TestCandidates:
    @pytest.mark.parametrize(
        ("found", "codes"),
        [
            (branch("Lennart Meri", iata="TLL", at=("59.4133", "24.8328")), ["TLL", "TLL-P"]),
            (branch("Old City Harbour", at=("59.4434", "24.7672"), city="Tallinn"), ["TLL-P", "TLL"]),
            (branch("Tartu lennujaam", city="Tartu"), ["TAY"]),
            (branch("Rīga starptautiskā lidosta", city="Rīga", country="LV"), ["RIX"]),
            (branch("Somewhere else"), []),
            (branch("Tallinn", iata="TLL", country="FI"), []),
        ],
    )
    def test_the_likeliest_come_first(self, found, codes):
        assert [each.code for each in mapping.candidates(found, PLACES)][: len(codes) or None] == codes

    def test_code_distance_and_name_make_a_hundred_and_say_so(self):
        (best, *_) = mapping.candidates(branch("Tallinn Airport", iata="TLL", at=("59.4133", "24.8328")), PLACES)
        assert best.score == 100
        assert best.reasons == ("code TLL", "0.0 km away", "name: tallinn")

    def test_distance_is_that_of_the_globe(self):
        (best, *_) = mapping.candidates(branch("X", iata="TLL", at=("59.4434", "24.7672")), (TLL,))
        assert best.kilometres == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize(
    ("stops", "market", "stop"),
    [
        ({}, "EE", None),
        ({"EE": "sale"}, "EE", Stop.SALE),
        ({"EE": "sale"}, "LV", None),
        ({"*": "sale"}, "LV", Stop.SALE),
        ({"*": "sale", "EE": "all"}, "EE", Stop.ALL),
        ({"*": "all", "EE": "sale"}, "EE", Stop.ALL),
    ],
)
def test_the_harder_stop_counts(stops, market, stop):
    assert rules.stop_for(stops, market) is stop


def test_states_move_along_the_table_only():
    allowed = {(before, after) for before, afters in rules.MOVES.items() for after in afters}
    for before in ReservationState:
        for after in ReservationState:
            assert rules.can_move(before, after) is ((before, after) in allowed)
    ends = {before for before, afters in rules.MOVES.items() if not afters}
    assert ends == {
        ReservationState.REJECTED, ReservationState.FAILED, ReservationState.CANCELLED,
        ReservationState.CANCELLED_BY_SUPPLIER,
    }  # fmt: skip
    assert set(rules.MOVES) == set(ReservationState)


def test_polls_come_slower_and_never_stop():
    pauses = [rules.next_poll(polls) for polls in range(12)]
    assert pauses[0] == timedelta(seconds=5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=30)


def test_percentiles_are_of_the_nearest_rank():
    measured = Measured()
    for kind, milliseconds in (("answered", 40), ("answered", 10), ("no_results", 20), ("timeout", 30)):
        measured.add("kind", kind, 1)
        measured.add("bucket", bucket_of(milliseconds), 1)
    assert (measured.calls, measured.answered_percent) == (4, 75)
    assert 20 <= measured.p50_ms <= 22
    assert 40 <= measured.p95_ms <= 44
    assert measured.errors == {"timeout": 1}
    assert Measured().answered_percent is None


def test_days_drift_and_doubt():
    pickup = datetime.fromisoformat("2028-03-01T10:00")
    ask = HireAsk(Place("A", pickup), Place("A", pickup + timedelta(days=2, minutes=1)), 30)
    assert rules.hire_days(ask) == 3
    assert rules.drift_percent(Money(52962, "EUR"), Money(54825, "EUR")) == Decimal("3.52")
    assert rules.drift_percent(Money(100, "EUR"), Money(100, "SEK")) is None
    assert rules.is_doubtful(300, 7)
    assert not rules.is_doubtful(300, 1)
    assert not rules.is_doubtful(2100, 7)
