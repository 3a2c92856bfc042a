"""What moved between two tellings of one price."""

import pytest

from app.kit.money import Money
from app.kit.price_drift import PriceDrift, drift


def told(**amounts):
    return [(code, code.title(), Money(minor, "EUR")) for code, minor in amounts.items()]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (told(TIME=100), told(TIME=100), []),
        (told(TIME=100, FEE=5), told(TIME=110, FEE=5), [("TIME", 100, 110)]),
        (told(TIME=100), told(TIME=100, FEE=5), [("FEE", 0, 5)]),
        (told(TIME=100, FEE=5), told(TIME=100), [("FEE", 5, 0)]),
        (told(FEE=2) + told(FEE=3), told(FEE=5), []),
        ([], told(TIME=1), [("TIME", 0, 1)]),
    ],
)
def test_each_line_that_moved(before, after, moved):
    expected = [PriceDrift(code, code.title(), Money(a, "EUR"), Money(b, "EUR")) for code, a, b in moved]
    assert drift(before, after) == expected
