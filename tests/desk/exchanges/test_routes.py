"""The pages about exchanges: what is found, what is shown, and who may see it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.desk.exchanges import queries, services
from app.desk.exchanges.pages import pretty
from app.kit.ids import id_at
from tests.factories.rental import make_vehicle


async def keep(session, **values) -> PartnerExchange:
    given = {
        "partner": "supplier.baltic", "operation": "search", "outcome": Outcome.ANSWERED, "milliseconds": 41,
        "method": "POST", "url": "https://baltic.example/ota", "market": "EE", "status": 200,
        "request_body": "<OTA_VehAvailRateRQ/>", "response_body": "<OTA_VehAvailRateRS/>",
    }  # fmt: skip
    exchange = PartnerExchange(**(given | values))
    session.add(exchange)
    await session.flush()
    return exchange


def rows(page: str) -> list[str]:
    return re.findall(r'<tr id="exchange-([0-9a-f-]{36})"', page)


class TestIndex:
    @pytest.mark.parametrize("role", ["fleet_clerk", "credit_officer"])
    async def test_is_not_for_everybody(self, client_for, role):
        assert (await (await client_for(role)).get("/exchanges")).status_code == 403

    async def test_filters_by_partner_outcome_correlation_and_text(self, client_for, session):
        first = await keep(session, correlation="job-1")
        second = await keep(
            session, partner="supplier.rest", outcome=Outcome.TIMEOUT, request_body="", response_body='{"id": "R-9%9"}'
        )
        client = await client_for("engineer")
        assert rows((await client.get("/exchanges")).text) == [str(second.id), str(first.id)]
        for query, found in (
            ("partner=supplier.baltic", first), ("outcome=timeout", second), ("correlation=job-1", first),
            ("q=VehAvail", first), ("q=R-9%259", second),
        ):  # fmt: skip
            assert rows((await client.get(f"/exchanges?{query}")).text) == [str(found.id)], query
        assert rows((await client.get("/exchanges?q=nothing-like-it")).text) == []

    async def test_text_is_looked_for_within_the_filters(self, client_for, session, monkeypatch):
        """However many newer ones the filters leave out."""
        monkeypatch.setattr(queries, "NEWEST_SEARCHED", 2)
        kept = await keep(session, response_body="<Number>BA4711</Number>")
        for _ in range(3):
            await keep(session, partner="supplier.rest", response_body="BA4711")
        client = await client_for("engineer")
        assert rows((await client.get("/exchanges?q=BA4711&partner=supplier.baltic")).text) == [str(kept.id)]
        assert len(rows((await client.get("/exchanges?q=BA4711")).text)) == 2
        assert rows((await client.get("/exchanges?q=BA4711&sort=at&outcome=timeout")).text) == []

    async def test_days_begin_and_end_to_the_microsecond(self, client_for, session):
        midnight, least = datetime(2026, 3, 2, tzinfo=UTC), timedelta(microseconds=1)
        first, last, later = [
            await keep(session, id=id_at(at), at=at)
            for at in (midnight - least, midnight, midnight + timedelta(days=1))
        ]
        client = await client_for("engineer")
        for query, found in (
            ("at_before=2026-03-01", [first]), ("at_after=2026-03-02&at_before=2026-03-02", [last]),
            ("at_after=2026-03-03&partner=supplier.baltic", [later]),
        ):  # fmt: skip
            assert rows((await client.get(f"/exchanges?{query}")).text) == [str(each.id) for each in found], query

    async def test_shows_only_ones_own_markets(self, client_for, session):
        kept = await keep(session)
        foreign = await keep(session, market="FI")
        client = await client_for("fleet_manager", markets=["EE"])
        assert rows((await client.get("/exchanges")).text) == [str(kept.id)]
        assert (await client.get(f"/exchanges/{foreign.id}")).status_code == 404
        assert (await client.get(f"/exchanges/{kept.id}")).status_code == 200


class TestShow:
    async def test_shows_both_bodies_with_their_structure(self, client_for, session):
        exchange = await keep(session, request_body='{"a": {"b": 1}}', response_body="<a><b>5 &lt; 6</b></a>")
        page = (await (await client_for("engineer")).get(f"/exchanges/{exchange.id}")).text
        assert "&#34;b&#34;: 1" in page
        assert "&lt;b&gt;5 &amp;lt; 6&lt;/b&gt;" in page

    async def test_hostile_bodies_are_shown_as_they_came(self):
        bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
        assert pretty(bomb) == bomb
        assert pretty("<a><b></a>") == "<a><b></a>"
        assert pretty("{not json") == "{not json"


async def test_a_record_shows_its_own(session):
    vehicle = await make_vehicle(session)
    await keep(session, subject_kind="vehicle", subject_id=vehicle.id, outcome=Outcome.TIMEOUT, reason="no answer")
    await keep(session)
    (line,) = await services.list_about(session, vehicle)
    assert (line.operation, line.outcome, line.tone, line.reason) == ("search", "Timeout", "soon", "no answer")
