"""Beginning and changing applications, and the moves of their state machine."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import Changes, apply, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, AppError, Forbidden, IllegalState, InvalidFields, StaleVersion
from app.credit.applications import queries, rules
from app.credit.applications.models import Application
from app.credit.applications.rules import MOVES, ApplicationState, Missing
from app.desk.customers import services as customers
from app.desk.customers.models import Customer
from app.desk.tags import services as tags
from app.desk.tasks import services as tasks
from app.kit.ids import new_reference
from app.kit.money import Money
from app.kit.problems import Problem

PREFIX = "AP"
LINKS = ("customer_id", "co_applicant_id", "previous_id")
LONGEST_REASON = 500
LONGEST_NOTE = 5_000
FIELD_LABELS = {
    "amount_minor": "Amount",
    "customer_id": "Applicant",
    "co_applicant_id": "Co-applicant",
    "previous_id": "Earlier application",
    "assignee_id": "Assigned to",
    "information_items": "Asked for",
    "information_due_on": "Due",
    "term_months": "Term, months",
}
ACTIONS = {
    "submission": "application.submitted",
    "screening": "application.screening_begun",
    "review": "application.review_begun",
    "information_request": "application.information_requested",
    "information": "application.information_received",
    "rejection": "application.rejected",
    "withdrawal": "application.withdrawn",
    "expiry": "application.expired",
}
REVIEW_TASK = "application_review"
_ENDS_WAITING = frozenset({"review", "rejection", "withdrawal", "expiry"})
_NEEDS_REASON = frozenset({"rejection", "withdrawal"})
_DECIDES = _NEEDS_REASON | {"expiry"}


class NotComplete(AppError):
    """The market asks for more before an application can be submitted; `missing` lists it."""

    code = "incomplete"
    status = 422
    title = "Something is missing"


async def create_application(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, application_id: UUID | None = None
) -> Application:
    """Begin a draft. Raises InvalidFields; Conflict when the id is taken."""
    given = {name: value for name, value in fields.items() if value is not None}
    _refuse(rules.check_application(given, is_new=True, today=clock.today()))
    values = _columns(given)
    _refuse_outside(values["market"], actor)
    application = Application(
        **values, reference=await _free_reference(session), state=ApplicationState.DRAFT, created_by=actor.id
    )
    if application_id is not None:
        if await session.get(Application, application_id):
            raise AlreadyThere("An application with this id exists.")
        application.id = application_id
    _refuse(await _check_links(session, application, values, actor))
    session.add(application)
    await tags.link_tags(session, application, application.tags, actor=actor)
    changes = {name: (None, value) for name, value in values.items() if value not in (None, [], {})}
    shown = await _for_people(session, changes, application)
    await record(session, "application.created", application, actor=actor, changes=shown)
    return application


async def update_application(
    session: AsyncSession, application_id: UUID, *, fields: Mapping[str, Any], actor: Actor, version: int | None = None
) -> Application:
    """Change the given fields; None clears one. Raises StaleVersion, IllegalState once it went to lenders."""
    application = await queries.lock_application(session, application_id, actor)
    if version is not None and version != application.version:
        raise StaleVersion("Somebody else has changed this application.", extra={"etag": application.etag})
    if rules.can_edit(application.state):
        raise IllegalState(f"The application is {_words(application.state)}.", state=application.state)
    links: dict[str, Any] = {name: getattr(application, name) for name in ("customer_id", "co_applicant_id")}
    _refuse(rules.check_application({**links, **fields}, is_new=False, today=clock.today()))
    values = _columns(fields)
    _refuse_outside(values.get("market", application.market), actor)
    _refuse(await _check_links(session, application, values, actor))
    changed = apply(application, values)
    if not changed:
        return application
    if "tags" in changed:
        await tags.link_tags(session, application, application.tags, actor=actor)
    shown = await _for_people(session, changed, application)
    await record(session, "application.updated", application, actor=actor, changes=shown)
    return application


async def move_application(
    session: AsyncSession, application_id: UUID, move: str, *, fields: Mapping[str, Any], actor: Actor
) -> Application:
    """Make one of the moves of the state machine.

    `fields`: reason (rejection, withdrawal), items and due_on (information_request), note (information). Raises
    IllegalState with the present state, InvalidFields, and NotComplete with what is missing at submission.
    """
    application = await queries.lock_application(session, application_id, actor)
    wanted, before = MOVES[move], application.state
    if rules.can_move(move, before):
        raise IllegalState(f"The application is {_words(before)}.", state=before)
    _refuse(_check_move(move, fields))
    changes: dict[str, tuple[Any, Any]] = {"state": (before, wanted.to_state)}
    if move == "submission":
        await _refuse_incomplete(session, application)
        application.submitted_at = clock.now()
    if move == "information_request":
        due_on: date = fields.get("due_on") or clock.today() + timedelta(days=rules.INFORMATION_REQUEST_DAYS)
        asked = {"information_items": [item.strip() for item in fields["items"]], "information_due_on": due_on}
        changes |= apply(application, asked)
    if move == "information":
        application.information_due_on = None
    why = str(fields.get("reason") or fields.get("note") or "").strip() or None
    if move in _DECIDES:
        application.decided_at, application.decided_reason = clock.now(), why
    application.state = wanted.to_state
    await record(session, ACTIONS[move], application, actor=actor, why=why, changes=changes)
    await _follow_with_tasks(session, application, move, actor)
    return application


async def _follow_with_tasks(session: AsyncSession, application: Application, move: str, actor: Actor) -> None:
    """A submitted application is work for the credit team until its review begins, or it ends otherwise."""
    about = (application.record_kind, application.id)
    if move == "submission":
        title = f"Review {application.reference}"
        key = f"{REVIEW_TASK}:{application.id}"
        await tasks.create_task(session, kind=REVIEW_TASK, title=title, subject=about, unique_key=key, actor=actor)
    elif move in _ENDS_WAITING:
        why = f"The application is {_words(application.state)}."
        await tasks.settle_tasks(session, about, REVIEW_TASK, why=why, actor=actor)


async def expire_application(session: AsyncSession, application_id: UUID) -> Application | None:
    """End an application whose information did not come in time; None when it came meanwhile."""
    application = await queries.lock_application(session, application_id, SYSTEM)
    is_due = rules.is_overdue(application.information_due_on, clock.today())
    if rules.can_move("expiry", application.state) or not is_due:
        return None
    reason = "The information that was asked for did not come in time."
    return await move_application(session, application_id, "expiry", fields={"reason": reason}, actor=SYSTEM)


async def list_missing(session: AsyncSession, application: Application) -> list[Missing]:
    """What the application lacks to be submitted in its market."""
    applicant = await session.get(Customer, application.customer_id) if application.customer_id else None
    known = (
        applicant.model_dump(include={"kind", "born_on", "identity_number_masked", "email", "phone"})
        if applicant
        else None
    )
    facts = application.model_dump(
        include={"product", "term_months", "purpose", "customer_id", "household", "employment"}
    )
    facts |= {"amount": application.amount, "debts": application.debts, "consents": application.consents}
    return rules.missing(facts, application.market, applicant=known)


async def _refuse_incomplete(session: AsyncSession, application: Application) -> None:
    found = await list_missing(session, application)
    if found:
        raise NotComplete(
            "; ".join(one.detail for one in found),
            extra={"missing": [{"field": one.field, "detail": one.detail} for one in found]},
            problems=[Problem(one.field, "missing", one.detail) for one in found],
        )


def _check_move(move: str, fields: Mapping[str, Any]) -> list[Problem]:
    if move == "information_request":
        return rules.check_information_request(fields, today=clock.today())
    name, longest = ("note", LONGEST_NOTE) if move == "information" else ("reason", LONGEST_REASON)
    text = str(fields.get(name) or "").strip()
    if move in _NEEDS_REASON and not text:
        return [Problem(name, "required", "Say why")]
    return [Problem(name, "too_long", f"At most {longest:,} characters")] if len(text) > longest else []


async def _check_links(
    session: AsyncSession, application: Application, values: Mapping[str, Any], actor: Actor
) -> list[Problem]:
    """An applicant is a customer of the same market that the actor may see; an earlier application likewise."""
    problems: list[Problem] = []
    market = values.get("market", application.market)
    for name in LINKS:
        wanted: UUID | None = values.get(name) or (None if name in values else getattr(application, name))
        if wanted is None or (name not in values and market == application.market):
            continue
        if name == "previous_id":
            found = await queries.find_application(session, wanted, actor)
        else:
            found = await customers.find_customer(session, wanted, actor)
        if found is None or found.id == application.id:
            problems.append(Problem(name, "unknown", "There is none with this id"))
        elif found.market != market:
            problems.append(Problem(name, "other_market", f"This one belongs to {found.market}, not to {market}"))
    return problems


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Checked field values as column values; nested facts as JSON without what is absent."""
    values = {name: value.strip() or None if isinstance(value, str) else value for name, value in fields.items()}
    if "amount" in values:
        amount: Any = values.pop("amount")
        values["amount_minor"], values["amount_currency"] = amount.minor, amount.currency
    if values.get("product"):
        values["product"] = rules.Product(values["product"])
    for name in LINKS:
        if isinstance(values.get(name), str):
            values[name] = UUID(values[name])
    for name in ("household", "employment"):
        if name in values:
            values[name] = _stored(values[name] or {})
    for name in ("debts", "consents", "tags"):
        if name in values:
            values[name] = _stored(values[name] or [])
    return values


def _stored(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    match value:
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _stored(part) for name, part in value.items() if part not in (None, "")}
        case list():
            return [_stored(part) for part in value]
        case _:
            return value


async def _for_people(session: AsyncSession, changes: Changes, application: Application) -> dict[str, tuple[Any, Any]]:
    """Changes as the audit trail shows them: amounts with their currency, people and applications by their names."""
    shown = {name: pair for name, pair in changes.items() if name not in ("amount_currency", "source_fields")}
    if "amount_minor" in changes or "amount_currency" in changes:
        same = (application.amount_minor, application.amount_minor)
        minors = changes.get("amount_minor", same)
        currencies = changes.get("amount_currency", (application.amount_currency, application.amount_currency))
        before, after = (
            Money(minor, currency) if minor is not None and currency else None
            for minor, currency in zip(minors, currencies, strict=True)
        )
        shown["amount_minor"] = (before, after)
    for name in LINKS:
        if name in changes:
            shown[name] = (await _name(session, name, changes[name][0]), await _name(session, name, changes[name][1]))
    return shown


async def _name(session: AsyncSession, link: str, key: UUID | None) -> str | None:
    if key is None:
        return None
    if link == "previous_id":
        return (await queries.get_application(session, key, SYSTEM)).reference
    found = await customers.find_customer(session, key, SYSTEM)
    return found.name if found else None


async def _free_reference(session: AsyncSession) -> str:
    while await queries.has_reference(session, reference := new_reference(PREFIX)):
        pass
    return reference


def _words(state: ApplicationState) -> str:
    return state.value.replace("_", " ")


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)


def _refuse_outside(market: str, actor: Actor) -> None:
    if actor.markets is not None and market not in actor.markets:
        raise Forbidden("The market is outside your scope.")
