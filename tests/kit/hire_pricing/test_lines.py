"""Terms as lines of text: what people type, and what is written of terms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.hire_pricing import lines
from app.kit.hire_pricing.terms import BlockTerms, BracketTerms, ExtraTerms, Per, SeasonTerms, TierTerms

days = st.integers(1, 3_660)
prices = st.integers(0, 10**6).map(lambda minor: f"{minor // 100}.{minor % 100:02}")
blocks = st.lists(st.builds(BlockTerms, days, prices), min_size=1, max_size=5)
brackets = st.lists(st.builds(BracketTerms, days, prices, st.none() | days), min_size=1, max_size=5)
codes = st.from_regex(r"\A[A-Z][A-Z0-9_-]{0,8}\Z")


class TestRoundTrip:
    @settings(deadline=None)
    @given(blocks, brackets, st.dates(), st.dates())
    def test_of_prices_and_seasons(self, made, bracketed, first, last):
        assert lines.read_blocks(lines.write_blocks(made)) == made
        assert lines.read_brackets(lines.write_brackets(bracketed)) == bracketed
        by_block, by_bracket = SeasonTerms(first, last, blocks=made), SeasonTerms(first, last, brackets=bracketed)
        assert lines.read_seasons(lines.write_seasons([by_block]), by_bracket=False) == [by_block]
        assert lines.read_seasons(lines.write_seasons([by_bracket]), by_bracket=True) == [by_bracket]

    @settings(deadline=None)
    @given(
        st.lists(st.builds(ExtraTerms, codes, st.sampled_from(Per), prices, st.none() | prices)),
        st.lists(st.builds(TierTerms, st.integers(0, 9_999), prices, st.none() | st.integers(0, 9_999))),
    )
    def test_of_extras_and_tiers(self, extras, tiers):
        assert lines.read_extras(lines.write_extras(extras)) == extras
        assert lines.read_tiers(lines.write_tiers(tiers)) == tiers


class TestTyped:
    @pytest.mark.parametrize("line", ["7 450.00", "7 days 450.00", "7d 450.00", "7\t450.00", "7: 450.00", "7 = 450.00"])
    def test_blocks_may_be_short(self, line):
        assert lines.read_blocks(f"\n{line}\n") == [BlockTerms(7, "450.00")]

    @pytest.mark.parametrize("line", ["GPS 7.00 per day", "GPS 7.00/day", "GPS 7.00 day", "GPS: 7.00 a DAY"])
    def test_extras_may_be_short(self, line):
        assert lines.read_extras(line) == [ExtraTerms("GPS", Per.DAY, "7.00")]

    @pytest.mark.parametrize(
        ("read", "text", "number"),
        [
            (lines.read_blocks, "1 day 78\nseven 450", 2),
            (lines.read_blocks, "1-2 days 78", 1),
            (lines.read_blocks, "\n\n0 days 78", 3),
            (lines.read_blocks, "99999999999999 days 78", 1),
            (lines.read_blocks, "7450", 1),
            (lines.read_brackets, "1-2 40\n9999+ 20", 2),
            (lines.read_tiers, "0-100 km half", 1),
            (lines.read_extras, "GPS 7.00 per week", 1),
            (lambda text: lines.read_seasons(text, by_bracket=False), "2026-02-30 to 2026-03-09: 1 day 9", 1),
            (lambda text: lines.read_seasons(text, by_bracket=False), "July to August: 1 day 9", 1),
            (lambda text: lines.read_seasons(text, by_bracket=False), "2026-07-01 to 2026-08-31: 1-2 days 9", 1),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named(self, read, text, number):
        with pytest.raises(lines.LineError) as refused:
            read(text)
        assert refused.value.number == number
