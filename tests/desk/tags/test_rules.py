import pytest

from app.desk.tags.rules import LONGEST_NAME, name_problem, normalise


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" Hail  Damage ", "hail-damage"),
        ("#VIP", "vip"),
        ("Nädal", "nädal"),
        ("STRASSE", "strasse"),
        ("call_back", "call_back"),
        ("a, b", "a-b"),
        ("e\u0301t\u00e9", "\u00e9t\u00e9"),
        ("\uff21\uff22", "ab"),
    ],
)
def test_names_are_kept_in_one_form(typed, name):
    assert normalise(typed) == name
    assert name_problem(name) is None
    assert normalise(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a--b", "<b>", "a/b", "a b", "x" * (LONGEST_NAME + 1), "a\u202eb", "a'b", "a&b", "..", "#"]
)
def test_what_is_no_word_is_refused(name):
    assert name_problem(name)
