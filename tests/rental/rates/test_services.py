"""Rate cards from a draft to being in force: by two people, on their dates, and never changed afterwards."""

from datetime import timedelta

import msgspec
import pytest

from app.core import clock
from app.core.actor import SYSTEM
from app.core.errors import Forbidden, InvalidFields, NotFound, StaleVersion
from app.desk.approvals.rules import ApprovalState
from app.desk.approvals.services import deciding
from app.kit.hire_pricing.card_prices import CardHire
from app.kit.hire_pricing.card_terms import CardTerms
from app.kit.hire_pricing.days import HireTime
from app.main import assemble
from app.rental.rates import queries, services
from app.rental.rates.rules import CardState, VersionState
from tests.factories.rental import make_rate_card
from tests.factories.staff import actor_of, make_staff

ASSEMBLY = assemble()
KINDS = ASSEMBLY.approval_kinds
TERMS = msgspec.convert(CardTerms.EXAMPLE, CardTerms)
RAISED = msgspec.structs.replace(TERMS, airport_percent="15")


async def somebody(session, role="rate_manager", **scope):
    return actor_of(await make_staff(session, roles=[role], **scope), ASSEMBLY.permissions)


async def in_force(session, card, actor, *, terms=TERMS, days=0):
    """Write a version, ask for it, and let somebody else agree."""
    start = clock.today() + timedelta(days=days)
    await services.save_draft(session, card.id, terms=terms, valid_from=start, actor=actor)
    waits = await services.request_activation(session, card.id, actor=actor)
    done = await deciding.approve(session, KINDS, waits.id, actor=await somebody(session))
    assert done.state is ApprovalState.EXECUTED, done.note
    return await queries.list_versions(session, card.id)


class TestDraft:
    async def test_begins_with_the_card(self, session):
        card = await make_rate_card(session)
        (version,) = await queries.list_versions(session, card.id)
        assert (card.state, card.currency, card.draft_number) == (CardState.DRAFT, "EUR", 1)
        assert (version.state, version.card_terms) == (VersionState.DRAFT, TERMS)

    async def test_is_refused_where_a_term_cannot_be(self, session):
        with pytest.raises(InvalidFields) as refused:
            await make_rate_card(session, terms=msgspec.structs.replace(TERMS, tax_percent="x"))
        assert [problem.field for problem in refused.value.problems] == ["terms.tax_percent"]
        with pytest.raises(InvalidFields) as refused:
            await make_rate_card(session, valid_from=clock.today() - timedelta(days=1))
        assert [problem.field for problem in refused.value.problems] == ["valid_from"]

    async def test_of_a_second_card_for_the_same_hires_is_refused(self, session):
        await make_rate_card(session, branches=["TLL", "TLL-C"])
        with pytest.raises(services.CardExists):
            await make_rate_card(session, branches=["TLL-C", "TLL"], name="Another")
        await make_rate_card(session, branches=["TLL"])

    async def test_is_refused_outside_of_ones_markets(self, session):
        actor = await somebody(session, markets=["LV"])
        with pytest.raises(InvalidFields):
            await services.create_card(
                session,
                fields={"market": "EE", "name": "X", "acriss": "C***"},
                terms=TERMS,
                valid_from=clock.today(),
                actor=actor,
            )
        card = await make_rate_card(session)
        with pytest.raises(NotFound):
            await services.save_draft(session, card.id, terms=TERMS, valid_from=clock.today(), actor=actor)

    async def test_of_a_card_that_was_changed_meanwhile_is_refused(self, session):
        card = await make_rate_card(session)
        with pytest.raises(StaleVersion):
            await services.save_draft(
                session, card.id, terms=RAISED, valid_from=clock.today(), version=card.version - 1, actor=SYSTEM
            )

    async def test_can_be_given_up(self, session):
        card = await make_rate_card(session)
        await services.discard_draft(session, card.id, actor=SYSTEM)
        (version,) = await queries.list_versions(session, card.id)
        assert (version.state, card.draft_number) == (VersionState.DISCARDED, None)
        with pytest.raises(services.NoDraft):
            await services.discard_draft(session, card.id, actor=SYSTEM)
        with pytest.raises(services.NoDraft):
            await services.request_activation(session, card.id, actor=SYSTEM)


class TestActivation:
    async def test_takes_two_people(self, session):
        card, writer = await make_rate_card(session), await somebody(session)
        waits = await services.request_activation(session, card.id, why="Summer", actor=writer)
        assert "prices" in waits.changes
        with pytest.raises(Forbidden):
            await deciding.approve(session, KINDS, waits.id, actor=writer)
        with pytest.raises(Forbidden):
            await deciding.approve(session, KINDS, waits.id, actor=await somebody(session, "fleet_clerk"))
        boss = await somebody(session, "fleet_manager")
        await deciding.approve(session, KINDS, waits.id, actor=boss)
        (version,) = await queries.list_versions(session, card.id)
        assert (version.state, version.approved_by_name) == (VersionState.ACTIVE, boss.name)
        assert (card.state, card.active_number, card.draft_number) == (CardState.ACTIVE, 1, None)

    async def test_of_a_draft_that_changed_is_void(self, session):
        card, writer = await make_rate_card(session), await somebody(session)
        waits = await services.request_activation(session, card.id, actor=writer)
        await services.save_draft(session, card.id, terms=RAISED, valid_from=clock.today(), actor=writer)
        assert waits.state is ApprovalState.VOIDED

    async def test_of_a_later_version_waits_for_its_date(self, session, time_machine_at):
        card, writer = await make_rate_card(session), await somebody(session)
        await in_force(session, card, writer)
        second, first = await in_force(session, card, writer, terms=RAISED, days=10)
        start = clock.today() + timedelta(days=10)
        assert (first.state, first.valid_until) == (VersionState.ACTIVE, start)
        assert (second.state, card.next_number, card.active_number) == (VersionState.APPROVED, 2, 1)
        assert card.id not in await queries.list_due_cards(session, start - timedelta(days=1))
        assert card.id in await queries.list_due_cards(session, start)
        with time_machine_at(clock.now() + timedelta(days=10)):
            await services.follow_dates(session, card.id)
        assert (first.state, second.state) == (VersionState.SUPERSEDED, VersionState.ACTIVE)
        assert (card.active_number, card.next_number) == (2, None)

    async def test_leaves_earlier_versions_as_they_were(self, session):
        card, writer = await make_rate_card(session), await somebody(session)
        await in_force(session, card, writer)
        second, first = await in_force(session, card, writer, terms=RAISED)
        assert (first.card_terms, second.card_terms) == (TERMS, RAISED)
        assert first.state is VersionState.SUPERSEDED


class TestRateFor:
    async def test_finds_the_version_of_the_day(self, session, database):
        card, writer = await make_rate_card(session), await somebody(session)
        await in_force(session, card, writer)
        await in_force(session, card, writer, terms=RAISED, days=10)
        await session.commit()
        today = clock.today()
        asked = {"market": "EE", "branch": "TLL", "acriss": "CDMR"}
        found = {
            days: await services.rate_for(database.reads, **asked, day=today + timedelta(days=days))
            for days in (-1, 0, 9, 10, 400)
        }
        numbers = {days: snapshot and snapshot.version_number for days, snapshot in found.items()}
        assert numbers == {-1: None, 0: 1, 9: 1, 10: 2, 400: 2}
        assert await services.rate_for(database.reads, **(asked | {"acriss": "EDMR"}), day=today) is None
        assert await services.rate_for(database.reads, **(asked | {"market": "LV"}), day=today) is None

    async def test_gives_a_snapshot_that_prices_and_is_plain(self, session, database):
        card, writer = await make_rate_card(session), await somebody(session)
        await in_force(session, card, writer)
        await session.commit()
        snapshot = await services.rate_for(database.reads, market="EE", branch="TLL", acriss="CDMR", day=clock.today())
        assert snapshot is not None
        kept = msgspec.json.decode(msgspec.json.encode(snapshot), type=type(snapshot))
        assert kept == snapshot
        hire = CardHire(HireTime(clock.today(), 2, 0), covers=["CDW"])
        price = services.price_hire(kept, hire)
        assert [line.code for line in price.lines] == ["TIME", "CDW", "TAX"]
        assert services.card_to_price(snapshot) is services.card_to_price(kept)

    async def test_does_not_see_drafts(self, session, database):
        await make_rate_card(session)
        await session.commit()
        assert await services.rates_on(database.reads, "EE", clock.today()) == []
