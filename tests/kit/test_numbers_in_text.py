"""Numbers that belong into sealed fields are found in words, and what only looks like one is not."""

import pytest

from app.kit.numbers_in_text import find_number, number_problem


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "card 4111 1111 1111 1111, thanks",
        "5500-0000-0000-0004.",
        "amex 378282246310005",
        "paid by (2221000000000009)",
        "4222222222222",
        "|4111111111111111|",
        "**4111 1111 1111 1111**",
    ],
)
def test_card_numbers_are_found(text):
    assert find_number(text) == "card"
    assert number_problem(text)


@pytest.mark.parametrize("text", ["38001085718", "Her number is 38001085718.", "hetu 131052-308T", "(38001085718)"])
def test_identity_numbers_are_found(text):
    assert find_number(text) == "identity"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "call +37255512345",
        "4111 1111 1111 1112",
        "VIN TMBJG7NE8E0123458",
        "38001085719",
        "invoice 1234567890123456",
        "84210 km on 2026-06-25",
        "AP-7F3K9Q",
        "0041111111111111111",
        "x4111111111111111",
        "EE382200221020145685",
        "EUR 15,000.00 over 48 months",
    ],
)
def test_what_only_looks_like_one_is_not(text):
    assert find_number(text) is None
