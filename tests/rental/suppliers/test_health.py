"""The health board: from calls as they are kept to percentiles, errors, drift and charts."""

import importlib.util
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.partners import tallies
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.values import timestamp
from app.kit.money import Money
from app.rental.suppliers import writes
from app.rental.suppliers.rules import ReservationState, measuring
from app.settings import ROOT
from tests.factories.suppliers import make_reservation, make_supplier

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def exchange(code="baltic", **values) -> PartnerExchange:
    given = {
        "partner": f"supplier.{code}", "operation": "search", "outcome": Outcome.ANSWERED, "milliseconds": 100,
        "method": "POST", "url": "/", "market": "EE",
    }  # fmt: skip
    return PartnerExchange(**(given | values))


async def keep(session, exchanges) -> None:
    session.add_all(exchanges)
    await session.flush()
    await tallies.add(session, exchanges)
    await session.commit()


def migration_named(name: str):
    path = next((ROOT / "migrations" / "versions").glob(f"*_{name}.py"))
    migration = importlib.util.module_from_spec(spec := importlib.util.spec_from_file_location(path.stem, path))
    spec.loader.exec_module(migration)
    return migration


@pytest.fixture
async def suppliers(session, settings):
    return [await make_supplier(session, settings, code) for code in ("baltic", "nordrive")]


@pytest.fixture
async def said(session, suppliers):
    now = clock.now()
    fast = [exchange(milliseconds=100 + number) for number in range(90)]
    slow = [exchange(milliseconds=4_000, outcome=Outcome.TIMEOUT, operation="book") for _ in range(10)]
    none = [exchange("nordrive", outcome=Outcome.REFUSED, reason="no_results: NO CARS", market="LV")]
    sold = [exchange("nordrive", outcome=Outcome.REFUSED, reason="sold_out: GONE", market="LV", at=now - 3 * HOUR)]
    await keep(session, [*fast, *slow, *none, *sold])


class TestTallies:
    def test_each_call_counts_once_in_every_span(self):
        rows = tallies.rows_of([exchange(), exchange(), exchange(milliseconds=9_000)])
        assert {row["span"]: 0 for row in rows}.keys() == {"5m", "1h", "6h"}
        assert sum(row["calls"] for row in rows) == 9
        assert len(rows) == 6
        keys = [tuple(row.values())[:7] for row in rows]
        assert keys == sorted(keys)

    def test_with_less_in_it_each_call_counts_once_by_its_end_and_once_by_its_time(self):
        calls = [exchange(), exchange(market=None, operation="book"), exchange(milliseconds=9_000)]
        rolled = tallies.rollups_of(tallies.rows_of(calls))
        for is_counted in (
            lambda row: row["market"] == row["operation"] == "*",
            lambda row: row["market"] == "*" != row["operation"],
            lambda row: row["operation"] == "*" != row["market"],
        ):
            counted = [row for row in rolled if row["span"] == "1h" and is_counted(row)]
            assert sum(row["calls"] for row in counted if row["bucket"] == tallies.NO_BUCKET) == 3
            assert sum(row["calls"] for row in counted if row["kind"] == tallies.ALL) == 3
        assert {row["span"] for row in rolled} == {"1h", "6h"}
        keys = [tuple(row.values())[:7] for row in rolled]
        assert keys == sorted(keys)

    @pytest.mark.parametrize(
        ("outcome", "reason", "kind"),
        [
            (Outcome.ANSWERED, "", "answered"),
            (Outcome.REFUSED, "sold_out: CAR CLASS: GONE", "sold_out"),
            (Outcome.REFUSED, "No: we do not", "refused"),
            (Outcome.REFUSED, "", "refused"),
            (Outcome.TIMEOUT, "no answer within 20 s", "timeout"),
        ],
    )
    def test_kinds(self, outcome, reason, kind):
        assert tallies.kind_of(outcome, reason) == kind

    async def test_are_kept_with_the_exchanges_by_whoever_calls(self, session, partners, suppliers, settings_here):
        from app.rental.suppliers.services.gateway import ask, line_to

        line = line_to(suppliers[0], settings_here)
        await ask(partners, line, line.adapter.locations(), market=None)
        sql = "SELECT span, operation, kind, calls FROM partner_tally ORDER BY span"
        found = (await session.execute(text(sql))).all()
        assert [tuple(row) for row in found] == [(span, "locations", "answered", 1) for span in ("1h", "5m", "6h")]

    async def test_the_migration_counts_as_the_code_does(self, session, said):
        migration = migration_named("partner_tally")
        rows = text("SELECT * FROM partner_tally ORDER BY 1, 2, 3, 4, 5, 6, 7")
        by_code = (await session.execute(rows)).all()
        await session.execute(text("DELETE FROM partner_tally"))
        for slots in migration.SLOTS:
            await session.execute(text(migration.count_what_is_kept(*slots).replace(":", r"\:")))
        assert (await session.execute(rows)).all() == by_code

    async def test_the_migration_rolls_up_as_the_code_does(self, session, said):
        migration = migration_named("exchanges_at_scale")
        rows = text("SELECT * FROM partner_rollup ORDER BY 1, 2, 3, 4, 5, 6, 7")
        by_code = (await session.execute(rows)).all()
        await session.execute(text("DELETE FROM partner_rollup"))
        for market, operation in migration.LESS:
            for kind, bucket in (("kind", "-1"), ("'*'", "bucket")):
                await session.execute(text(migration.roll_up(market, operation, kind, bucket)))
        assert (await session.execute(rows)).all() == by_code

    async def test_old_rows_go(self, session):
        await keep(session, [exchange(at=clock.now() - 2 * DAY)])
        for statement in tallies.PRUNE:
            await session.execute(statement)
        for table in ("partner_tally", "partner_rollup"):
            spans = (await session.execute(text(f"SELECT DISTINCT span FROM {table} ORDER BY span"))).scalars().all()
            assert spans == ["1h", "6h"]


class TestBoard:
    async def test_percentiles_errors_and_shares(self, api_for, said):
        api = await api_for("fleet_clerk")
        answer = (await api.get("/supplier-health?window=1h")).json()
        baltic, nordrive = answer["items"]
        assert (baltic["supplier"], baltic["measured"]["calls"]) == ("baltic", 100)
        assert 130 <= baltic["measured"]["p50_ms"] <= 170
        assert 3_600 <= baltic["measured"]["p95_ms"] <= 4_400
        assert baltic["measured"]["answered_percent"] == 90.0
        assert baltic["measured"]["errors"] == [
            {"kind": "timeout", "words": "Did not answer in time", "calls": 10}
        ]  # fmt: skip
        assert nordrive["measured"]["errors"] == []
        assert sum(point["calls"] for point in baltic["points"]) == 100
        assert baltic["operations"] == []

    async def test_one_supplier_with_its_operations(self, api_for, said):
        api = await api_for("fleet_clerk")
        (found,) = (await api.get("/supplier-health?window=24h&supplier=nordrive")).json()["items"]
        assert [error["kind"] for error in found["measured"]["errors"]] == ["sold_out"]
        assert [each["operation"] for each in found["operations"]] == ["search"]
        assert len(found["points"]) == 24
        assert (await api.get("/supplier-health?window=24h&supplier=nobody")).json()["items"] == []

    @pytest.mark.parametrize("window", ["1h", "24h", "7d"])
    @pytest.mark.parametrize("market", ["", "&market=LV"])
    async def test_what_is_rolled_up_says_the_same_as_what_is_told_apart(self, api_for, said, window, market):
        """All suppliers are read from the roll-ups, one of them in a market from the tallies themselves."""
        api = await api_for("fleet_clerk")
        for whole in (await api.get(f"/supplier-health?window={window}{market}")).json()["items"]:
            answer = await api.get(f"/supplier-health?window={window}{market}&supplier={whole['supplier']}")
            (one,) = answer.json()["items"]
            assert one["measured"] == whole["measured"]
            assert one.get("last_success_at") == whole.get("last_success_at")
            assert [point["calls"] for point in one["points"]] == [point["calls"] for point in whole["points"]]
            assert sum(each["measured"]["calls"] for each in one["operations"]) == one["measured"]["calls"]

    async def test_the_last_answer_is_told_however_long_ago(self, session, api_for, suppliers):
        long_ago = clock.now() - 20 * DAY
        await keep(session, [exchange(at=long_ago), exchange(outcome=Outcome.FAILED)])
        (found, _) = (await (await api_for("fleet_clerk")).get("/supplier-health?window=1h")).json()["items"]
        assert found["last_success_at"] == timestamp(long_ago)

    async def test_markets_are_ones_own(self, api_for, said):
        own = await api_for("fleet_clerk", markets=["LV"])
        baltic, nordrive = (await own.get("/supplier-health")).json()["items"]
        assert (baltic["measured"]["calls"], nordrive["measured"]["calls"]) == (0, 2)
        foreign = (await own.get("/supplier-health?market=EE")).json()["items"]
        assert [each["measured"]["calls"] for each in foreign] == [0, 0]

    @pytest.mark.parametrize(("query", "pointer"), [("window=2h", "window"), ("market=XX", "market")])
    async def test_refuses_what_it_does_not_know(self, api_for, query, pointer):
        answer = await (await api_for("fleet_clerk")).get(f"/supplier-health?{query}")
        assert answer.status_code == 422
        assert pointer in answer.json()["errors"][0]["pointer"]

    async def test_confirmations_and_drift(self, session, api_for, suppliers):
        baltic, S = suppliers[0], ReservationState  # noqa: N806 - as in the other tests
        pickup = clock.now() + 9 * DAY
        await make_reservation(session, baltic, S.CONFIRMED, pickup_at=pickup, minor=10_000)
        await make_reservation(session, baltic, S.CONFIRMED, pickup_at=pickup, minor=10_000, confirmed_minor=10_300)
        for state in (S.REJECTED, S.UNKNOWN, S.ON_REQUEST):
            await make_reservation(session, baltic, state, pickup_at=pickup)
        slot = tallies.HOURS.slot_of(clock.now())
        for moved_by in (0, 0, 100):
            await writes.add_drift(session, baltic.id, "EE", slot, moved_by)
        await session.commit()
        api = await api_for("fleet_clerk")
        found = (await api.get("/supplier-health?window=24h")).json()["items"][0]
        assert (found["confirmed"], found["decided"], found["confirmed_percent"]) == (2, 3, 66.7)
        assert found["at_confirmation"] == {"compared": 2, "moved": 1, "mean_percent": 1.5}
        assert found["at_recheck"] == {"compared": 3, "moved": 1, "mean_percent": 0.33}

    async def test_the_page_links_every_figure_to_its_exchanges(self, client_for, said):
        admin = await client_for("admin")
        page = (await admin.get("/suppliers/health?window=1h")).text
        assert "Did not answer in time 10" in page
        assert "partner=supplier.baltic&amp;outcome=timeout" in page
        assert "Held off" not in page
        one = (await admin.get("/suppliers/health?window=1h&supplier=baltic")).text
        assert "partner=supplier.baltic&amp;operation=book&amp;outcome=timeout" in one
        assert "<polyline" in one
        assert "As a table" in one
        clerk = await client_for("fleet_clerk")
        assert "/exchanges?" not in (await clerk.get("/suppliers/health?window=1h")).text

    async def test_nothing_was_asked(self, client_for, suppliers):
        page = (await (await client_for("fleet_clerk")).get("/suppliers/health?window=7d&supplier=baltic")).text
        assert "Nobody has asked it anything in this time." in page
        assert (
            "There is none of this name"
            in (await (await client_for("fleet_clerk")).get("/suppliers/health?supplier=x")).text
        )


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ((10_000, "EUR"), (10_354, "EUR"), 354),
        ((10_000, "EUR"), (9_000, "EUR"), -1_000),
        ((0, "EUR"), (1, "EUR"), None),
    ],
)
def test_how_far_a_price_moved(before, after, moved):
    assert measuring.basis_points(Money(*before), Money(*after)) == moved
