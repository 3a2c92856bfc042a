import pytest

from search.finder import find
from search.indexes import Indexes
from search.query import Grant, Stage
from tests.search.samples import EVERYTHING, KINDS, VEHICLES


async def look(indexes: Indexes, text: str, grants=EVERYTHING, kinds=KINDS):
    found = await find(indexes, text, kinds=kinds, grants=grants)
    assert not found.partial
    return found


def ids(found) -> list[str]:
    return [hit.id for group in found.groups for hit in group.hits]


class TestFirstHit:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("skoda octavia", "v-octavia"),
            ("Škoda fab", "v-fabia"),
            ("sko oct", "v-octavia"),
            ("sko wag", "v-octavia"),
            ("skoda combi", "v-octavia"),
            ("octavia estate 2021", "v-octavia"),
            ("vw golf", "v-golf"),
            ("citroen", "v-citroen"),
            ("mercedes benz", "v-mercedes"),
            ("mercedes-be", "v-mercedes"),
            ("vito transporter", "v-mercedes"),
            ("482bkt", "v-octavia"),
            ("482-BKT", "v-octavia"),
            ("482 bk", "v-octavia"),
            ("tü ab 1234", "v-golf"),
            ("TUAB1234", "v-golf"),
            ("tü ab 12", "v-golf"),
            ("WVWZZZ1KZAW000777", "v-golf"),
            ("wvw zzz 1kz aw0 007 77", "v-golf"),
            ("wvwzzz1k", "v-golf"),
            ("000777", "v-golf"),
            ("golf 000777", "v-golf"),
            ("muller", "c-muller"),
            ("Mueller", "c-muller"),
            ("jurgen mul", "c-muller"),
            ("obrien", "c-obrien"),
            ("O\u2019Brien", "c-obrien"),
            ("j.muller@example.org", "c-muller"),
            ("niamh@exam", "c-obrien"),
            ("+372 5123 4567", "c-muller"),
            ("00372 5123 4567", "c-muller"),
            ("5123 4567", "c-muller"),
            ("0861112222", "c-obrien"),
            ("AP-7F3K9Q", "a-tamm"),
            ("ap 7f3k9q", "a-tamm"),
            ("ap7f3", "a-tamm"),
            ("15 000", "a-tamm"),
            ("15,000", "a-tamm"),
            ("15.000 eur", "a-tamm"),
            ("15000", "a-tamm"),
            ("tamm 15 000", "a-tamm"),
            ("mari tamm 48", "a-tamm"),
        ],
    )
    async def test_is(self, sample: Indexes, text, expected):
        found = await look(sample, text)
        assert ids(found)[:1] == [expected]
        assert found.stage is Stage.STRICT

    async def test_whole_title_comes_first(self, sample: Indexes):
        found = await look(sample, "octavia saar")
        assert ids(found) == ["c-octavia"]


class TestStages:
    @pytest.mark.parametrize(
        ("text", "expected"), [("octvaia", "v-octavia"), ("volkswaagen golf", "v-golf"), ("mulller", "c-muller")]
    )
    async def test_misspelt(self, sample: Indexes, text, expected):
        found = await look(sample, text)
        assert ids(found)[0] == expected
        assert found.stage is Stage.FUZZY

    async def test_fuzzy_is_only_a_fallback(self, sample: Indexes):
        assert "v-goal" not in ids(await look(sample, "golf"))
        assert "v-goal" in ids(await look(sample, "golg"))

    async def test_some_of_the_words(self, sample: Indexes):
        found = await look(sample, "skoda octavia convertible")
        assert ids(found)[0] == "v-octavia"
        assert found.stage is Stage.SOME_WORDS

    @pytest.mark.parametrize("text", ["", "   ", "--- ***", "zzzzzz qqqqqq"])
    async def test_nothing(self, sample: Indexes, text):
        found = await look(sample, text)
        assert found.groups == ()
        assert found.exact is None


class TestGroups:
    async def test_are_ordered_by_their_best_hit(self, sample: Indexes):
        found = await look(sample, "octavia")
        assert [group.kind for group in found.groups][-1] == "application"
        scores = [group.hits[0].score for group in found.groups]
        assert scores == sorted(scores, reverse=True)

    async def test_only_the_kinds_asked_for(self, sample: Indexes):
        found = await look(sample, "octavia", kinds=(VEHICLES,))
        assert [group.kind for group in found.groups] == ["vehicle"]

    async def test_segments_show_why(self, sample: Indexes):
        hit = (await look(sample, "octa")).groups[0].hits[0]
        marked = [segment.text for segment in hit.title_segments if segment.is_marked]
        assert marked == ["Octavia"]
        assert "".join(segment.text for segment in hit.title_segments) == hit.title
        assert "".join(segment.text for segment in hit.subtitle_segments) == hit.subtitle

    async def test_segments_mark_identifiers(self, sample: Indexes):
        hit = (await look(sample, "tu ab 12")).groups[0].hits[0]
        assert [(piece.text, piece.is_marked) for piece in hit.reference_segments] == [
            ("TÜ-AB 12", True),
            ("34", False),
        ]


class TestExact:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("AP 7f3k9q", "a-tamm"),
            ("482-bkt", "v-octavia"),
            ("tu ab 1234", "v-golf"),
            ("+372 5123 4567", "c-muller"),
            ("00372 5123 4567", "c-muller"),
            ("a.b@example.org", "c-tamm"),
            ("AB@example.org", "c-kask"),
        ],
    )
    async def test_one_hit_has_the_identifier(self, sample: Indexes, text, expected):
        found = await look(sample, text)
        assert found.exact is not None
        assert found.exact.id == expected

    @pytest.mark.parametrize("text", ["482 bk", "octavia", "000777", "abexampleorg", "482 bkt octavia"])
    async def test_none_has(self, sample: Indexes, text):
        assert (await look(sample, text)).exact is None


HOSTILE = [
    "*",
    "*:*",
    "permission:vehicles.view OR 1=1",
    '"}},{"match_all":{}}',
    "\\",
    "/.*/",
    "market:FI",
    "octavia\n{}\n",
    "{{#toJson}}x{{/toJson}}",
    "<script>alert(1)</script>",
    "_exists_:id",
    "octavia",
    "482bkt",
    "tamm",
    "golg",
]


class TestScope:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize(
        "grants",
        [
            (),
            (Grant("vehicles.edit"),),
            (Grant("vehicles.view", markets=frozenset({"FI"})),),
            (Grant("vehicles.view", markets=frozenset()),),
            (Grant("vehicles.view", branches=frozenset({"TRT1"})), Grant("customers.view", markets=frozenset({"FI"}))),
            (Grant("customers.view", branches=frozenset({"TLL1"})),),
        ],
    )
    async def test_nothing_outside(self, sample: Indexes, text, grants):
        assert ids(await look(sample, text, grants=grants)) == []

    @pytest.mark.parametrize("text", HOSTILE)
    async def test_one_grant_shows_its_own(self, sample: Indexes, text):
        found = await look(sample, text, grants=(Grant("vehicles.view", frozenset({"EE"}), frozenset({"TLL1"})),))
        assert {group.kind for group in found.groups} <= {"vehicle"}

    async def test_the_granted_is_found(self, sample: Indexes):
        grants = (Grant("vehicles.view", frozenset({"EE"}), frozenset({"TLL1", "TRT1"})),)
        assert ids(await look(sample, "octavia", grants=grants)) == ["v-octavia"]
