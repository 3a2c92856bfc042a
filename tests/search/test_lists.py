import random
from datetime import UTC, datetime

import pytest

from search.bulk import Write
from search.errors import BadCursor, UnknownField
from search.indexes import Indexes
from search.lists import ListQuery, Sort, search_list
from search.query import Between, Grant, Stage, Terms
from tests.search.samples import VEHICLES, vehicle

ALL = (Grant("vehicles.view"),)
FUELS = ("petrol", "diesel", "electric")
STATES = ("available", "rented", "in_workshop", "retired")
MAKES = ("Opel", "Audi", "Fiat", "Ford")
COUNT = 240


def fleet():
    """Vehicles whose facets are spread evenly: 12 combinations of state and fuel, 20 vehicles each."""
    shuffled = list(range(COUNT))
    random.Random(20260901).shuffle(shuffled)  # noqa: S311
    for n in shuffled:
        fields = {} if n % 10 == 0 else {"available_on": f"2026-09-{1 + n % 28:02}"}
        yield vehicle(
            f"v-{n:03}",
            f"{MAKES[n % 4]} Model",
            f"{n:03} CAR",
            f"WAUZZZ8V0KA{n:06}",
            fuel=FUELS[n % 3],
            state=STATES[n // 3 % 4],
            branch=["TLL1", "TRT1"] if n % 2 else ["TLL1"],
            market="FI" if n >= 200 else "EE",
            odometer_km=n // 7 * 1_000,
            updated_at=f"2026-08-{1 + n % 28:02}T08:00:00Z",
            **fields,
        )


@pytest.fixture(scope="module")
async def listed(indexes: Indexes) -> Indexes:
    outcome = await indexes.write(VEHICLES, list(fleet()))
    assert outcome.written == COUNT
    await indexes.refresh(VEHICLES)
    return indexes


def counts(page, name: str) -> dict[str, int]:
    return {facet.value: facet.count for facet in page.facets[name]}


class TestFacets:
    async def test_count_everything(self, listed: Indexes):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, facets=("state", "fuel", "market")))
        assert counts(page, "state") == dict.fromkeys(STATES, 60)
        assert counts(page, "fuel") == dict.fromkeys(FUELS, 80)
        assert counts(page, "market") == {"EE": 200, "FI": 40}
        assert (page.total, page.is_capped, page.partial) == (COUNT, False, False)

    async def test_a_selection_narrows_the_other_facets_only(self, listed: Indexes):
        selected = {"state": ("rented",), "fuel": ("diesel", "petrol")}
        page = await search_list(
            listed, VEHICLES, ListQuery(grants=ALL, facets=("state", "fuel", "market"), selected=selected)
        )
        assert page.total == 40
        assert counts(page, "state") == dict.fromkeys(STATES, 40)
        assert counts(page, "fuel") == dict.fromkeys(FUELS, 20)
        assert sum(counts(page, "market").values()) == 40
        assert {facet.value for facet in page.facets["fuel"] if facet.is_selected} == {"diesel", "petrol"}

    async def test_a_selected_value_stays_when_nothing_has_it(self, listed: Indexes):
        query = ListQuery(grants=ALL, facets=("state", "fuel"), selected={"fuel": ("steam",)})
        page = await search_list(listed, VEHICLES, query)
        assert page.total == 0
        assert counts(page, "fuel")["steam"] == 0
        assert counts(page, "fuel")["diesel"] == 80

    async def test_an_empty_selection_does_not_loosen_the_words(self, listed: Indexes):
        query = ListQuery(grants=ALL, text="audi", facets=("fuel",), selected={"fuel": ("steam",)})
        page = await search_list(listed, VEHICLES, query)
        assert (page.stage, page.total) == (Stage.STRICT, 0)
        assert sum(counts(page, "fuel").values()) == 60

    async def test_respect_the_scope(self, listed: Indexes):
        grants = (Grant("vehicles.view", frozenset({"FI"}), frozenset({"TRT1"})),)
        page = await search_list(listed, VEHICLES, ListQuery(grants=grants, facets=("market", "branch")))
        assert page.total == 20
        assert counts(page, "market") == {"FI": 20}

    @pytest.mark.parametrize(
        "query",
        [
            ListQuery(grants=ALL, facets=("title",)),
            ListQuery(grants=ALL, selected={"nonsense": ("x",)}),
            ListQuery(grants=ALL, filters=(Terms("_id", ("x",)),)),
            ListQuery(grants=ALL, sort=Sort("idents")),
        ],
    )
    async def test_refuse_unknown_fields(self, listed: Indexes, query):
        with pytest.raises(UnknownField):
            await search_list(listed, VEHICLES, query)


class TestFilters:
    @pytest.mark.parametrize(
        ("chosen", "total"),
        [
            (Terms("fuel", ("diesel", "electric")), 160),
            (Terms("fuel", ()), 0),
            (Between("odometer_km", at_least=33_000), 9),
            (Between("odometer_km", at_least=1_000, below=3_000), 14),
            (Between("updated_at", below=datetime(2026, 8, 2, tzinfo=UTC)), 9),
            (Terms("market", ("FI",)), 40),
        ],
    )
    async def test_are_typed(self, listed: Indexes, chosen, total):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, filters=(chosen,)))
        assert page.total == total

    async def test_with_text(self, listed: Indexes):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, text="017 car"))
        assert page.ids == ("v-017",)

    async def test_loosened_text_says_so(self, listed: Indexes):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, text="audy model", size=5))
        assert (page.stage, page.total) == (Stage.FUZZY, 60)

    async def test_punctuation_finds_nothing(self, listed: Indexes):
        assert (await search_list(listed, VEHICLES, ListQuery(grants=ALL, text="***"))).total == 0


async def walk(indexes: Indexes, **fields) -> list[str]:
    seen: list[str] = []
    after = None
    for _ in range(COUNT):
        page = await search_list(indexes, VEHICLES, ListQuery(grants=ALL, after=after, **fields))
        seen += page.ids
        after = page.after
        if after is None:
            return seen
    raise AssertionError("the list does not end")


class TestPages:
    @pytest.mark.parametrize("size", [7, 60, 240])
    @pytest.mark.parametrize(
        "sort",
        [
            None,
            Sort("title"),
            Sort("odometer_km", is_descending=True),
            Sort("available_on"),
            Sort("available_on", is_descending=True),
            Sort("reference"),
            Sort("fuel", is_descending=True),
            Sort("_score", is_descending=True),
        ],
    )
    async def test_are_complete_and_without_repeats(self, listed: Indexes, sort, size):
        seen = await walk(listed, sort=sort, size=size)
        assert len(seen) == len(set(seen)) == COUNT

    @pytest.mark.parametrize("text", ["model", "modle"])
    async def test_by_relevance(self, listed: Indexes, text):
        seen = await walk(listed, text=text, size=13)
        assert len(seen) == len(set(seen)) == COUNT

    async def test_keep_to_the_stage_of_the_first_page(self, listed: Indexes):
        first = await search_list(listed, VEHICLES, ListQuery(grants=ALL, text="modle", size=20))
        await listed.write(VEHICLES, [vehicle("v-new", "Modle T", "999 NEW", "WAUZZZ8V0KA999999")])
        await listed.refresh(VEHICLES)
        try:
            second = await search_list(
                listed, VEHICLES, ListQuery(grants=ALL, text="modle", size=20, after=first.after)
            )
        finally:
            await listed.write(VEHICLES, [Write("v-new", 2, None)])
            await listed.refresh(VEHICLES)
        assert (second.stage, len(second.ids)) == (Stage.FUZZY, 20)
        assert set(first.ids).isdisjoint(second.ids)

    async def test_are_in_order(self, listed: Indexes):
        assert await walk(listed, sort=Sort("reference"), size=50) == [f"v-{n:03}" for n in range(COUNT)]

    async def test_keep_to_the_selection(self, listed: Indexes):
        seen = await walk(listed, selected={"fuel": ("diesel",)}, size=9)
        assert sorted(seen) == [f"v-{n:03}" for n in range(COUNT) if n % 3 == 1]

    async def test_an_exact_last_page_has_no_next(self, listed: Indexes):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, size=COUNT))
        assert page.after is None

    @pytest.mark.parametrize("after", ["x", "é", "bm90IGpzb24", "W10", "*" * 50])
    async def test_refuse_a_foreign_cursor(self, listed: Indexes, after):
        with pytest.raises(BadCursor):
            await search_list(listed, VEHICLES, ListQuery(grants=ALL, after=after))

    async def test_refuse_a_cursor_of_another_order(self, listed: Indexes):
        page = await search_list(listed, VEHICLES, ListQuery(grants=ALL, size=5))
        with pytest.raises(BadCursor):
            await search_list(listed, VEHICLES, ListQuery(grants=ALL, sort=Sort("title"), after=page.after))
