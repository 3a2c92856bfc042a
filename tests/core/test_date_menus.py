from datetime import date

from app.core.date_menus import date_menus
from app.core.listing import Filter, ListSpec, read_list_query

SPEC = ListSpec(
    filters=(
        Filter("made_after", "Made after", "moment"),
        Filter("made_before", "Made before", "moment"),
        Filter("due_after", "Due from", "day"),
        Filter("due_before", "Due before", "day"),
        Filter("seen_after", "Seen after", "moment"),
    ),
    sorts=("made",),
    default_sort="made",
)
TODAY = date(2026, 3, 1)


def menus(*parameters):
    return list(date_menus(SPEC, read_list_query(parameters, SPEC), "/things", TODAY))


class TestDateMenus:
    def test_only_pairs_become_one(self):
        assert [(menu.name, menu.label) for menu in menus()] == [("made", "Made"), ("due", "Due")]

    def test_presets_end_where_their_period_does(self):
        made, due = menus()
        hrefs = {preset.label: preset.href for preset in made.presets}
        assert hrefs["Last month"] == "/things?sort=made&made_after=2026-02-01&made_before=2026-03-01"
        assert hrefs["Last 7 days"] == "/things?sort=made&made_after=2026-02-23"
        assert {preset.label: preset.href for preset in due.presets}["Today"].endswith(
            "due_after=2026-03-01&due_before=2026-03-02"
        )

    def test_tells_the_preset_or_the_days(self):
        made, _ = menus(("made_after", "2026-03-01"))
        assert (made.summary, [one.label for one in made.presets if one.is_chosen][:1]) == ("Today", ["Today"])
        made, _ = menus(("made_after", "2026-02-03"), ("made_before", "2026-02-10T12:00:00Z"))
        assert made.summary == "from 3 Feb 2026 before 10 Feb 2026"
        assert (made.after, made.before) == ("2026-02-03", "2026-02-10")
