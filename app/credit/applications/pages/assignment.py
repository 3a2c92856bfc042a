"""Whose work an application is, and to whom it can be given."""

from dataclasses import dataclass

from app.core.actor import Actor
from app.credit.applications.forms import NOBODY, AssignmentForm
from app.credit.applications.models import Application
from app.credit.applications.rules import can_assign
from app.credit.applications.services.assignment import ASSIGN, LEAD, WORK
from app.desk.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Assignment:
    """The panel: who has it, whether the reader may take it, and the form that gives it to somebody."""

    application: Application
    holder: str
    is_mine: bool
    can_take: bool
    can_assign: bool
    people: list[tuple[str, str]]
    me: str
    form: AssignmentForm


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """The form that was refused."""

    application: Application
    assignment: Assignment


def assignment(
    application: Application,
    holder: Staff | None,
    people: list[Staff],
    actor: Actor,
    form: AssignmentForm | None = None,
) -> Assignment:
    """What the actor may do about whose work it is; `people` are those who could have it."""
    is_mine = holder is not None and holder.id == actor.id
    refusal = can_assign(application.state, is_others=holder is not None and not is_mine, leads=actor.may(LEAD))
    may = actor.may(ASSIGN) and refusal is None
    choices = [(str(one.id), one.name) for one in people if holder is None or one.id != holder.id]
    return Assignment(
        application=application,
        holder=holder.name if holder else "",
        is_mine=is_mine,
        can_take=may and not is_mine and actor.may(WORK),
        can_assign=may,
        people=[*choices, *([(NOBODY, "Nobody")] if holder else [])],
        me=str(actor.id),
        form=form or AssignmentForm.of({}),
    )
