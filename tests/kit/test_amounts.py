import pytest

from app.kit.amounts import read_minor


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("15000", 1_500_000), ("15,000", 1_500_000), ("15.000", 1_500_000), ("15 000", 1_500_000),
        ("15.000,50", 1_500_050), ("15,000.50", 1_500_050), ("15 000,5", 1_500_050), ("15\u00a0000.50", 1_500_050),
        ("1.234.567", 123_456_700), ("1,234,567.8", 123_456_780), ("0.5", 50), ("0,05", 5), ("12'500", 1_250_000),
        ("7", 700),
    ],
)  # fmt: skip
def test_reads_what_people_type(typed, minor):
    assert read_minor(typed) == minor


@pytest.mark.parametrize(
    "typed", ["", "abc", "-5", "1.2.3", "15,00,000", "15.000,505", "12.", ",5", "1e5", "15.0000", "1,2,3.4", "٣"]
)
def test_refuses_what_is_no_amount(typed):
    with pytest.raises(ValueError, match="such as 15000"):
        read_minor(typed)
