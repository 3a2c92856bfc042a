"""When a text names a page."""

import pytest

from app.desk.finder.rules import Likeness, likeness


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("vehicles", "Vehicles", Likeness.NAMES),
        ("New Vehicle", "New vehicle", Likeness.NAMES),
        ("vehicle new", "New vehicle", Likeness.NAMES),
        ("new veh", "New vehicle", Likeness.NAMES),
        ("audi", "Audit trail", Likeness.BEGINS),
        ("tr", "Audit trail", Likeness.BEGINS),
        ("audit tr", "Audit trail", Likeness.NAMES),
        ("aud tr", "Audit trail", Likeness.BEGINS),
        ("rail", "Audit trail", Likeness.NONE),
        ("audit vehicles", "Audit trail", Likeness.NONE),
        ("", "Vehicles", Likeness.NONE),
        ("...", "Vehicles", Likeness.NONE),
    ],
)
def test_likeness(text: str, title: str, expected: Likeness):
    assert likeness(text, title) is expected
