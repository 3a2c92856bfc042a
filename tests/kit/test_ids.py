from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import ids

serials = st.integers(0, len(ids.ALPHABET) ** 5 - 1)


def test_new_ids_are_version_7_and_in_order():
    made = [ids.new_id() for _ in range(50)]
    assert {key.version for key in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == 50


moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, moments)
def test_ids_of_moments_compare_as_their_moments(one, other):
    later = max(one, other)
    assert ids.id_at(later).version == 7
    assert ids.first_id_at(later) <= ids.id_at(later) < ids.first_id_at(later + timedelta(microseconds=1))
    if one != other:
        assert (ids.id_at(one) < ids.id_at(other)) == (one < other)


class TestReference:
    def test_new_ones_are_well_formed(self):
        for _ in range(200):
            reference = ids.new_reference("AP")
            assert len(reference) == 9
            assert ids.is_reference(reference)
            assert ids.is_reference(reference, "AP")
            assert not ids.is_reference(reference, "BK")

    def test_serials_never_clash(self):
        made = {ids.reference_of("AP", serial) for serial in range(50_000)}
        assert len(made) == 50_000

    @pytest.mark.parametrize("serial", [-1, len(ids.ALPHABET) ** 5])
    def test_refuses_serials_it_has_no_room_for(self, serial):
        with pytest.raises(ValueError, match="outside"):
            ids.reference_of("AP", serial)

    @given(serials, st.integers(3, 8), st.sampled_from(ids.ALPHABET))
    def test_shows_one_wrong_character(self, serial, place, mark):
        reference = ids.reference_of("AP", serial)
        wrong = reference[:place] + mark + reference[place + 1 :]
        assert ids.is_reference(wrong) == (wrong == reference)

    @given(serials, st.integers(3, 7))
    def test_shows_a_swapped_pair(self, serial, place):
        reference = ids.reference_of("AP", serial)
        swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
        assert ids.is_reference(swapped) == (swapped == reference)

    @pytest.mark.parametrize("text", ["", "AP", "AP-", "AP-O0I1LZ", "7F3K9Q", "AP-222222\n", "ap-222222"])
    def test_refuses(self, text):
        assert not ids.is_reference(text)

    def test_reads_what_people_type(self):
        reference = ids.reference_of("AP", 4711)
        assert ids.normalise_reference(f" {reference.lower()} ") == reference
        assert ids.normalise_reference(reference, "BK") is None
        assert ids.normalise_reference("octavia") is None
