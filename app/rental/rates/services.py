"""What can be done with rates: writing a version, asking for it, putting it in force, finding what prices a hire."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.approvals import Asked
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, IllegalState, InvalidFields, StaleVersion
from app.core.read_pool import ReadPool
from app.desk.approvals.models import Approval
from app.kit.hire_pricing import card_lines
from app.kit.hire_pricing.card_prices import Card, CardHire, card_of, price_by_card, read_card
from app.kit.hire_pricing.card_terms import CardTerms, Snapshot
from app.kit.hire_pricing.prices import HirePrice
from app.kit.problems import Problem
from app.rental.rates import approvals, queries, rules
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.queries import CardOnDay, DatedCard
from app.rental.rates.rules import VersionState

FIELD_LABELS = {
    "valid_from": "In force from",
    "active_number": "Version in force",
    "state": "State",
    **card_lines.LABELS,
}


class CardExists(AlreadyThere):
    code = "card_exists"
    title = "There is a rate card for these hires already"


class NoDraft(IllegalState):
    code = "no_draft"
    title = "The rate card has no draft"


def try_rate(trial: rules.Trial) -> HirePrice:
    """The price of a hire by a rate that need not be kept anywhere. Raises InvalidFields."""
    price = rules.try_rate(trial)
    if isinstance(price, list):
        raise InvalidFields(price)
    return price


async def create_card(
    session: AsyncSession, *, fields: Mapping[str, Any], terms: CardTerms, valid_from: date, actor: Actor
) -> RateCard:
    """A card with its first draft. Raises InvalidFields, CardExists."""
    problems = rules.check_card(fields)
    market = fields.get("market") or ""
    if not problems and not actor.sees(market=market):
        problems.append(Problem("market", "out_of_scope", "Not one of your markets"))
    if problems:
        raise InvalidFields(problems)
    scope: dict[str, Any] = {
        "market": market,
        "brand": fields.get("brand") or "",
        "acriss": str(fields["acriss"]).strip().upper(),
        "branches": ",".join(sorted(set(fields.get("branches") or ()))),
    }
    currency = rules.currency_of(market)
    _check_draft(terms, currency, valid_from)
    if same := await queries.find_same(session, **scope):
        raise CardExists(f"{same.name} is for them; write a new version of it.")
    card = RateCard(name=fields["name"].strip(), currency=currency, **scope)
    session.add(card)
    await session.flush()
    await _write_draft(session, card, terms, valid_from, actor)
    await record(session, "rate_card.created", card, actor=actor, changes={"acriss": (None, card.acriss)})
    return card


async def find_card_for(
    session: AsyncSession, *, market: str, acriss: str, brand: str = "", branches: str = ""
) -> RateCard | None:
    """The card for exactly these hires."""
    return await queries.find_same(session, market=market, brand=brand, acriss=acriss, branches=branches)


async def save_draft(
    session: AsyncSession,
    card_id: UUID,
    *,
    terms: CardTerms,
    valid_from: date,
    version: int | None = None,
    actor: Actor,
) -> RateCard:
    """Write the draft of the next version, a new one when there is none. Raises InvalidFields, StaleVersion."""
    card = await queries.lock_card(session, card_id, actor)
    if version is not None and card.version != version:
        raise StaleVersion
    _check_draft(terms, card.currency, valid_from)
    is_new = card.draft_number is None
    changes = _differences(await _base_of(session, card), terms, valid_from)
    await _write_draft(session, card, terms, valid_from, actor)
    if changes or is_new:
        await record(session, "rate_card.drafted", card, actor=actor, changes=changes)
        await approvals.void_changed(session, card, actor=actor)
    return card


async def discard_draft(session: AsyncSession, card_id: UUID, *, actor: Actor) -> RateCard:
    """Give the draft up. Raises NoDraft."""
    card = await queries.lock_card(session, card_id, actor)
    draft = await _draft_of(session, card)
    draft.state = VersionState.DISCARDED
    number, card.draft_number, card.draft_digest = card.draft_number, None, ""
    await record(session, "rate_card.draft_discarded", card, actor=actor, facts={"number": number})
    await approvals.void_changed(session, card, actor=actor)
    return card


async def request_activation(session: AsyncSession, card_id: UUID, *, why: str = "", actor: Actor) -> Approval:
    """Ask for the draft to come into force once somebody else agrees. Raises NoDraft, InvalidFields."""
    card = await queries.lock_card(session, card_id, actor)
    draft = await _draft_of(session, card)
    _refuse_past(draft.valid_from)
    before = await _active_of(session, card)
    changes = _differences(before, draft.card_terms, draft.valid_from)
    return await approvals.request_activation(session, card, changes=changes, why=why, actor=actor)


async def carry_out_activation(session: AsyncSession, asked: Asked, actor: Actor) -> RateCard:
    """Put the draft that was agreed to in force from its date, or from today when that is over by now."""
    card = await queries.lock_card(session, asked.subject_id, actor)
    draft = await _draft_of(session, card)
    if draft.number != asked.payload["number"] or card.draft_digest != asked.payload["digest"]:
        raise IllegalState("The draft is another one by now.", state=draft.state)
    today = clock.today()
    draft.valid_from = max(draft.valid_from, today)
    versions = await queries.list_versions(session, card.id)
    by_number = {version.number: version for version in versions}
    for after in rules.succeed(versions, draft.valid_from):
        by_number[after.number].valid_until = after.valid_until
        if after.is_over:
            by_number[after.number].state = VersionState.SUPERSEDED
    draft.state = VersionState.APPROVED
    draft.approved_by_name, draft.approved_at = actor.name, clock.now()
    card.draft_number, card.draft_digest = None, ""
    facts = {"number": draft.number}
    changes = {"valid_from": (None, draft.valid_from)}
    _follow(card, versions, today)
    await record(session, "rate_card.approved", card, actor=actor, changes=changes, facts=facts)
    return card


async def follow_dates(session: AsyncSession, card_id: UUID) -> RateCard:
    """Let the states of a card's versions be what their dates say."""
    card = await queries.lock_card(session, card_id, SYSTEM)
    before = card.active_number
    versions = await queries.list_versions(session, card.id)
    if _follow(card, versions, clock.today()):
        changes = {"active_number": (before, card.active_number)}
        await record(session, "rate_card.followed", card, actor=SYSTEM, changes=changes)
    return card


async def rates_on(reads: ReadPool, market: str, day: date) -> list[CardOnDay]:
    """The cards of a market with the versions that price pick-ups of a day, for a search over many classes."""
    return await queries.list_in_force(reads, market, day)


async def rates_between(reads: ReadPool, markets: Sequence[str], first: date, last: date) -> list[DatedCard]:
    """As `rates_on` for every day of a stretch and several markets."""
    return await queries.list_between(reads, markets, first, last)


async def rate_for(
    reads: ReadPool, *, market: str, branch: str, acriss: str, day: date, brand: str = ""
) -> Snapshot | None:
    """What prices a class at a branch on a day of pick-up: a snapshot to keep with the price."""
    found = rules.choose(await rates_on(reads, market, day), branch=branch, code=acriss, brand=brand)
    return found.snapshot if found else None


async def rate_in_force(
    session: AsyncSession, *, market: str, branch: str, acriss: str, day: date, brand: str = ""
) -> Snapshot | None:
    """As `rate_for`, within a unit of work."""
    cards = await queries.list_fitting(session, market, acriss, day)
    found = rules.choose(cards, branch=branch, code=acriss, brand=brand)
    return found.snapshot if found else None


def card_to_price(snapshot: Snapshot) -> Card:
    """The card of a snapshot, whose tables are kept: a version that is in force never changes."""
    return _kept_card(snapshot.card_id, snapshot.version_number, msgspec.json.encode(snapshot))


def price_hire(snapshot: Snapshot, hire: CardHire) -> HirePrice:
    """The price of a hire by what was kept with it, or is to be. Raises NoPrice and UnknownCode."""
    return price_by_card(card_to_price(snapshot), hire)


@lru_cache(maxsize=2_000)
def _kept_card(_card_id: str, _number: int, snapshot: bytes) -> Card:
    return card_of(msgspec.json.decode(snapshot, type=Snapshot))


def _check_draft(terms: CardTerms, currency: str, valid_from: date) -> None:
    found = read_card(terms, currency)
    problems = [_below_terms(problem) for problem in found] if isinstance(found, list) else []
    if problems:
        raise InvalidFields(problems)
    _refuse_past(valid_from)


def _below_terms(problem: Problem) -> Problem:
    return Problem(f"terms.{problem.field}", problem.code, problem.detail)


def _refuse_past(valid_from: date) -> None:
    if valid_from < clock.today():
        raise InvalidFields([Problem("valid_from", "out_of_range", "Is over already")])


async def _write_draft(
    session: AsyncSession, card: RateCard, terms: CardTerms, valid_from: date, actor: Actor
) -> RateCardVersion:
    plain = msgspec.to_builtins(terms)
    draft = await queries.find_version(session, card.id, card.draft_number) if card.draft_number else None
    if draft is None:
        card.newest_number += 1
        card.draft_number = card.newest_number
        draft = RateCardVersion(
            rate_card_id=card.id,
            number=card.newest_number,
            valid_from=valid_from,
            terms=plain,
            made_by_name=actor.name,
            made_at=clock.now(),
        )
        session.add(draft)
    else:
        draft.valid_from, draft.terms = valid_from, plain
        draft.made_by_name, draft.made_at = actor.name, clock.now()
    card.draft_digest = _digest(plain, valid_from)
    await session.flush()
    return draft


def _digest(plain: Any, valid_from: date) -> str:
    return hashlib.sha256(msgspec.json.encode((plain, valid_from), order="sorted")).hexdigest()


async def _draft_of(session: AsyncSession, card: RateCard) -> RateCardVersion:
    draft = await queries.find_version(session, card.id, card.draft_number) if card.draft_number else None
    if draft is None:
        raise NoDraft("Write one first.", state=card.state)
    return draft


async def _active_of(session: AsyncSession, card: RateCard) -> RateCardVersion | None:
    return await queries.find_version(session, card.id, card.active_number) if card.active_number else None


async def _base_of(session: AsyncSession, card: RateCard) -> RateCardVersion | None:
    """What a draft is compared with: itself before, else the version in force."""
    if card.draft_number:
        return await queries.find_version(session, card.id, card.draft_number)
    return await _active_of(session, card)


def _differences(before: RateCardVersion | None, terms: CardTerms, valid_from: date) -> dict[str, tuple[Any, Any]]:
    """What a version changes, in the lines that people read."""
    old = card_lines.write_card(before.card_terms) if before else {}
    new = card_lines.write_card(terms)
    changes: dict[str, tuple[Any, Any]] = {
        name: (old.get(name) or None, text or None) for name, text in new.items() if (old.get(name) or "") != text
    }
    if before is None or before.valid_from != valid_from:
        changes = {"valid_from": (before.valid_from if before else None, valid_from), **changes}
    return changes


def _follow(card: RateCard, versions: Sequence[RateCardVersion], today: date) -> bool:
    """Set the states that the dates give, and what the card tells of its versions; whether anything changed."""
    before = (card.state, card.active_number, card.next_number)
    changed = False
    for version in versions:
        state = rules.state_on(version, today)
        if state is not version.state:
            changed, version.state = True, state
    active = next((each for each in versions if each.state is VersionState.ACTIVE), None)
    coming = [each for each in versions if each.state is VersionState.APPROVED]
    first = min(coming, key=lambda each: each.valid_from, default=None)
    card.state = rules.card_state(versions)
    card.active_number, card.active_from = (active.number, active.valid_from) if active else (None, None)
    card.next_number, card.next_from = (first.number, first.valid_from) if first else (None, None)
    return changed or before != (card.state, card.active_number, card.next_number)
