"""Times in buckets that grow by the eighth root of two: percentiles of any number of calls, to within a tenth."""

from __future__ import annotations

import math
from collections.abc import Mapping

PER_OCTAVE = 8
LAST = 160
"""Beyond this bucket (about 17 minutes) nothing is told apart."""


def bucket_of(milliseconds: int) -> int:
    """The bucket of a time: 0 up to 1 ms, and so on by the eighth root of two."""
    return min(LAST, math.ceil(math.log2(milliseconds) * PER_OCTAVE - 1e-9)) if milliseconds > 1 else 0


def upper_bound(bucket: int) -> int:
    """The longest time of a bucket, in milliseconds."""
    return math.floor(2 ** (bucket / PER_OCTAVE) + 1e-9)


def percentile(counts: Mapping[int, int], percent: int) -> int:
    """By nearest rank, as the upper bound of the bucket; 0 of nothing."""
    rank = math.ceil(sum(counts.values()) * percent / 100)
    passed = 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        if passed >= rank and passed:
            return upper_bound(bucket)
    return 0
