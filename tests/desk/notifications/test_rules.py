"""Which channels are on, and which notifications meet."""

from uuid import uuid4

import pytest

from app.desk.notifications.rules import Channels, channels_of, collapse_key, shortened

SOMEBODY = uuid4()


class TestChannels:
    @pytest.mark.parametrize("default", [True, False])
    def test_without_a_choice_the_kind_decides_and_no_mail_is_sent(self, default):
        assert channels_of({}, SOMEBODY, is_on_by_default=default) == Channels(default, by_mail=False)

    def test_a_choice_counts_more_than_the_kind(self):
        chosen = Channels(in_app=False, by_mail=True)
        assert channels_of({SOMEBODY: chosen}, SOMEBODY, is_on_by_default=True) == chosen
        assert channels_of({uuid4(): chosen}, SOMEBODY, is_on_by_default=True).in_app


class TestCollapseKey:
    def test_repeats_about_one_record_meet(self):
        record = ("vehicle", uuid4())
        assert collapse_key(SOMEBODY, "note.added", record) == collapse_key(SOMEBODY, "note.added", record)

    @pytest.mark.parametrize("other", [(uuid4(), "note.added"), (SOMEBODY, "task.assigned")])
    def test_of_other_people_and_kinds_do_not(self, other):
        record = ("vehicle", uuid4())
        assert collapse_key(*other, record) != collapse_key(SOMEBODY, "note.added", record)

    def test_without_a_record_each_stands_alone(self):
        assert collapse_key(SOMEBODY, "job.failed", None) is None


class TestShortened:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("short", "short"),
            ("two\n  lines", "two lines"),
            ("exactly ten", "exactly t…"),
            ("of  10  ...", "of 10 ..."),
        ],
    )
    def test_fits_its_column(self, text, line):
        assert shortened(text, 10) == line
