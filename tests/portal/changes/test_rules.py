"""Where a client stands in the feed of changes."""

from typing import NamedTuple

import pytest

from app.portal.changes.rules import Place, is_gone, latest_of_each, next_kind


class Told(NamedTuple):
    position: int
    kind: str
    record_id: str


class TestNextKind:
    def test_goes_through_the_kinds_and_then_to_the_events(self):
        kinds, place, seen = ["vehicle", "application", "customer"], Place(7), []
        while True:
            place = next_kind(place, kinds)
            if not place.is_in_stock:
                break
            seen.append(place.kind)
            place = place.in_stock_after("an-id")
        assert seen == ["application", "customer", "vehicle"]
        assert place == Place(7)

    def test_without_kinds_there_are_only_events(self):
        assert next_kind(Place(7), []) == Place(7)


class TestIsGone:
    @pytest.mark.parametrize(
        ("position", "oldest", "gone"),
        [(0, 1, False), (4, 5, False), (5, 5, False), (3, 5, True), (0, 2, True), (9, 5, False)],
    )
    def test_when_the_next_event_is_no_longer_there(self, position, oldest, gone):
        assert is_gone(position, oldest) is gone


class TestLatestOfEach:
    def test_keeps_the_last_event_of_each_record_in_order(self):
        events = [Told(1, "vehicle", "a"), Told(2, "vehicle", "b"), Told(3, "customer", "a"), Told(4, "vehicle", "a")]
        assert [event.position for event in latest_of_each(events)] == [2, 3, 4]
