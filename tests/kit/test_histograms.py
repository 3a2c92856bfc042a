"""Percentiles from buckets, against the ordered times."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.kit.histograms import LAST, bucket_of, percentile, upper_bound


@given(st.integers(0, 700_000))
def test_a_time_lies_in_its_bucket(milliseconds):
    bucket = bucket_of(milliseconds)
    assert milliseconds <= upper_bound(bucket) + 1
    assert bucket == 0 or milliseconds > 2 ** ((bucket - 1) / 8) - 1e-6


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=60), st.sampled_from([50, 95, 99]))
def test_percentiles_are_those_of_the_times_to_within_a_tenth(times, percent):
    found = percentile(Counter(map(bucket_of, times)), percent)
    true = sorted(times)[math.ceil(len(times) * percent / 100) - 1]
    assert true * 0.9 - 1 <= found <= true * 1.1 + 1


def test_edges():
    assert percentile({}, 95) == 0
    assert bucket_of(10**9) == LAST
    assert [bucket_of(each) for each in (0, 1, 2, 4)] == [0, 0, 8, 16]
