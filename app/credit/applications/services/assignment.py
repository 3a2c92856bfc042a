"""Whose work an application is."""

from uuid import UUID

from app.core.actor import Actor
from app.core.area import NotificationKind
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.credit.applications import queries, rules
from app.credit.applications.models import Application
from app.desk.notifications.services import notify
from app.desk.staff.models import Staff
from app.desk.staff.services import people
from app.kit.problems import Problem

ASSIGN, LEAD = "applications.assign", "applications.lead"
WORK = "applications.move"
"""What an assignee has to be allowed."""
ASSIGNED = NotificationKind("application.assigned", "An application is given to me")
LONGEST_NOTE = 500


class ApplicationHeld(Conflict):
    """Somebody else has it; `holder` names them."""

    code = "application_held"
    title = "Somebody else has this application"
    advice = "Nothing was changed. Speak with them, or take another one."


async def assign_application(
    session: AsyncSession, application_id: UUID, *, assignee_id: UUID | None, note: str | None = None, actor: Actor
) -> Application:
    """Make an application somebody's work, or nobody's, and tell them. What is theirs already stays as it is.

    Raises IllegalState once it has ended, ApplicationHeld when another holds it and the actor does not lead,
    InvalidFields for somebody who may not work on it or does not see its market.
    """
    application = await queries.lock_application(session, application_id, actor)
    holder = await find_assignee(session, application)
    is_others = application.assignee_id not in (None, actor.id)
    match rules.can_assign(application.state, is_others=is_others, leads=actor.may(LEAD)):
        case rules.Refusal.ILLEGAL_STATE:
            words = application.state.value.replace("_", " ")
            raise IllegalState(f"The application is {words}.", state=application.state)
        case rules.Refusal.HELD:
            name = holder.name if holder else "Somebody"
            raise ApplicationHeld(f"{name} has this application.", extra={"holder": name})
        case None:
            pass
    if assignee_id == application.assignee_id:
        return application
    person, told = await people.find_person(session, assignee_id) if assignee_id else None, (note or "").strip()
    problems = _check(application, assignee_id, person, told)
    if problems:
        raise InvalidFields(problems)
    application.assignee_id = assignee_id
    changes = {"assignee_id": (holder and holder.name, person and person.name)}
    action = "application.assigned" if person else "application.unassigned"
    await record(session, action, application, actor=actor, why=told or None, changes=changes)
    if person:
        await _tell(session, application, person, told, actor)
    return application


def can_take(application: Application, person: Staff) -> bool:
    """Whether somebody's roles and scope let them work on this application."""
    actor = people.as_actor(person)
    return not person.is_disabled and actor.may(WORK) and queries.is_seen(application, actor)


async def list_assignees(session: AsyncSession) -> list[Staff]:
    """Everybody who works on applications, by name; which ones may be theirs depends on their markets."""
    return await people.list_who_may(session, WORK)


async def find_assignee(session: AsyncSession, application: Application) -> Staff | None:
    """Whose work it is."""
    return await people.find_person(session, application.assignee_id) if application.assignee_id else None


def _check(application: Application, wanted: UUID | None, person: Staff | None, note: str) -> list[Problem]:
    problems: list[Problem] = []
    if wanted and (person is None or person.is_disabled):
        problems.append(Problem("assignee_id", "unknown", "There is nobody active with this id"))
    elif person and not can_take(application, person):
        words = f"{person.name} may not do this, or does not see {application.market}"
        problems.append(Problem("assignee_id", "not_theirs", words))
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("note", "too_long", f"At most {LONGEST_NOTE:,} characters"))
    return problems


async def _tell(session: AsyncSession, application: Application, person: Staff, note: str, actor: Actor) -> None:
    title, about = f"{application.reference} is yours", (application.record_kind, application.id)
    href = f"/applications/{application.id}"
    await notify(session, [person.id], ASSIGNED.key, title=title, body=note, href=href, subject=about, actor=actor)
