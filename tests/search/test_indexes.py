import pytest

from search.drift import Held, count_held, list_held
from search.errors import IndexMissing, SearchRefused
from search.finder import find
from search.indexes import Indexes, IndexState
from search.kinds import IndexNames, SearchKind
from tests.search.samples import CUSTOMERS, EVERYTHING, VEHICLES, vehicle

PLAIN = SearchKind("plain")
CHANGED = SearchKind("plain", facets=("colour",))


class TestSearchKind:
    def test_mapping_is_strict_with_its_own_fields(self):
        mapping = VEHICLES.mapping()
        assert mapping["dynamic"] == "strict"
        assert mapping["properties"]["fuel"] == {"type": "keyword"}
        assert mapping["properties"]["odometer_km"]["type"] == "long"
        assert mapping["properties"]["available_on"] == {"type": "date"}

    @pytest.mark.parametrize("name", ["", "Vehicle", "loan-application", "a,b", "*", "x" * 41])
    def test_refuses_names_that_could_address_other_indices(self, name):
        with pytest.raises(ValueError, match="not a name"):
            SearchKind(name)
        with pytest.raises(ValueError, match="not a namespace"):
            IndexNames(name)

    @pytest.mark.parametrize("facets", [("title",), ("state", "state")])
    def test_refuses_a_field_named_twice(self, facets):
        with pytest.raises(ValueError, match="named twice"):
            SearchKind("vehicle", facets=facets)


class TestEnsure:
    async def test_creates_once_and_knows_an_outdated_mapping(self, indexes: Indexes):
        try:
            assert await indexes.ensure(PLAIN) is IndexState.CREATED
            assert await indexes.ensure(PLAIN) is IndexState.CURRENT
            assert await indexes.ensure(CHANGED) is IndexState.OUTDATED
        finally:
            await indexes.drop(PLAIN)

    async def test_settings_are_the_measured_ones(self, indexes: Indexes):
        live = indexes.names.live(VEHICLES)
        answer = await indexes.client.command("GET", f"/{live}/_settings")
        (index,) = (held["settings"]["index"] for held in answer.values())
        assert (index["refresh_interval"], index["codec"], index["gc_deletes"]) == ("500ms", "best_compression", "7d")

    async def test_writing_without_an_index_creates_none(self, indexes: Indexes):
        missing = SearchKind("nowhere")
        with pytest.raises(IndexMissing):
            await indexes.write(missing, [vehicle("v-1", "Opel Astra", "1 A", "W0L00000000000001")])
        assert not await indexes.client.exists(f"/{indexes.names.live(missing)}")

    async def test_searching_without_an_index_is_unavailable(self, indexes: Indexes):
        with pytest.raises(IndexMissing):
            await find(indexes, "octavia", kinds=(SearchKind("nowhere"),), grants=EVERYTHING)

    async def test_a_refusal_is_not_an_absence(self, indexes: Indexes):
        with pytest.raises(SearchRefused) as refused:
            await indexes.client.command("PUT", f"/{indexes.names.live(VEHICLES)}-0", {"settings": {"nonsense": 1}})
        assert refused.value.status == 400


class TestHeld:
    async def test_lists_every_document_with_its_version(self, indexes: Indexes, monkeypatch):
        monkeypatch.setattr("search.drift.PAGE", 4)
        writes = [
            vehicle(f"v-{n:02}", "Opel Astra", f"{n} AST", f"W0L000000000000{n:02}", version=n + 1) for n in range(10)
        ]
        await indexes.write(VEHICLES, writes)
        await indexes.refresh(VEHICLES)
        assert [held async for held in list_held(indexes, VEHICLES)] == [
            Held(f"v-{n:02}", n + 1, is_deleted=False) for n in range(10)
        ]
        assert await count_held(indexes, VEHICLES) == 10
        assert await count_held(indexes, CUSTOMERS) == 0
