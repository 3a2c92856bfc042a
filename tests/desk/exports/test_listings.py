"""Files have what lists show."""

import pytest

from app.main import AREAS

LISTED = [kind for area in AREAS for kind in area.kinds if kind.listing and kind.record_list]


@pytest.mark.parametrize("kind", LISTED, ids=lambda kind: kind.key)
def test_every_column_of_the_list_has_one_in_the_file(kind):
    given = {column.shown_as or column.name for column in kind.listing.columns}
    assert {column.key for column in kind.record_list.columns} <= given


@pytest.mark.parametrize("kind", LISTED, ids=lambda kind: kind.key)
def test_no_two_columns_of_a_file_have_one_head(kind):
    heads = [head.title for head in kind.listing.heads()]
    assert len(heads) == len(set(heads))
