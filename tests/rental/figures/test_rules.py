"""What figures mean: the identities hold whatever is summed, and delays shrink towards what is known."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.rental.figures import rules
from app.rental.figures.rules import Delays, Figures, hit_share, late_share, prior_late

MINUTES = st.integers(0, 10**9)


class TestFigures:
    @given(rented=st.integers(1, 10**9), available=st.integers(1, 10**9), revenue=st.integers(0, 10**12))
    def test_adr_times_utilisation_is_revpac(self, rented, available, revenue):
        figures = Figures(rented, available, Money(revenue, "EUR"))
        assert figures.exact_adr * figures.utilisation == figures.exact_revpac
        assert figures.exact_adr * figures.rented_days == revenue
        assert abs(figures.revpac.minor - figures.exact_revpac) <= Fraction(1, 2)

    def test_worked_value(self):
        figures = Figures(3 * 1440, 4 * 1440, Money(23_400, "EUR"), cancelled=1, pickups=3)
        assert (rules.percent(figures.utilisation), figures.adr.amount, figures.revpac.amount) == (
            "75 %",
            "78.00",
            "58.50",
        )
        assert rules.percent(figures.cancellation_share) == "25 %"

    def test_nothing_to_divide_by(self):
        figures = Figures()
        assert (figures.utilisation, figures.adr, figures.revpac, rules.percent(figures.no_show_share)) == (
            None,
            None,
            None,
            "",
        )


class TestLateShare:
    @pytest.mark.parametrize(
        ("minutes", "share"),
        [(-2_000, 1.0), (-230, 0.95), (0, 0.575), (9, 0.5), (67, 0.25), (193, 0.10), (1_491, 0.01), (5_000, 0)],
    )
    def test_the_prior_goes_through_its_quantiles(self, minutes, share):
        assert prior_late(minutes) == pytest.approx(share)

    @given(st.integers(-1_500, 3_000), st.integers(-1_500, 3_000))
    def test_later_is_never_likelier(self, one, other):
        delays = Delays(100, {0: 50, 4: 30, 12: 20})
        low, high = sorted((one, other))
        assert late_share(low, delays) >= late_share(high, delays)
        assert 0 <= late_share(high, delays) <= 1

    @given(st.dictionaries(st.integers(-96, 192), st.integers(1, 9)), st.integers(-1_500, 3_000))
    def test_later_counts_whole_quarters(self, by_step, minutes):
        counted = sum(count for step, count in by_step.items() if step * 15 >= minutes)
        assert Delays(sum(by_step.values()), by_step).later_than(minutes) == counted

    def test_ones_own_cases_count_more_the_more_there_are(self):
        always_late = [Delays(count, {8: count}) for count in (0, 30, 3_000)]
        found = [late_share(60, each) for each in always_late]
        assert found[0] == pytest.approx(prior_late(60))
        assert found[1] == pytest.approx((30 + 30 * prior_late(60)) / 60)
        assert found[2] > 0.99

    def test_the_nearest_level_has_the_last_word(self):
        market, own = Delays(3_000, {8: 3_000}), Delays(3_000, {-8: 3_000})
        assert late_share(60, market) > 0.99
        assert late_share(60, market, own) < 0.02


class TestHitShare:
    def test_who_is_late_already_is_likelier_to_hit(self):
        assert hit_share(120, None) == pytest.approx(0.156)
        assert hit_share(120, 60) == pytest.approx(0.156 / 0.268)
        assert hit_share(30, 60) == 1.0
