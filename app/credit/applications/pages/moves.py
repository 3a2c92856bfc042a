"""How the moves of an application are offered."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.actor import Actor
from app.credit.applications import rules
from app.credit.applications.forms import MoveForm
from app.credit.applications.models import Application
from app.credit.applications.rules import ApplicationState, Missing, allowed_moves
from app.credit.applications.schemas import (
    STATE_WORDS,
)

USUAL_ITEMS = (
    "Payslips of the last three months",
    "Bank statement of the last three months",
    "Copy of an identity document",
    "Proof of address",
    "Confirmation of employment",
    "Agreements of the loans to be settled",
)


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the application, its button, and what its form asks."""

    slug: str
    label: str
    permission: str
    text: str = ""
    asks: str = ""
    toast: str = ""
    tone: str = ""


MOVE, DECIDE, EDIT = "applications.move", "applications.decide", "applications.edit"

MOVE_WORDS: dict[str, MoveWords] = {
    "submission": MoveWords("submission", "Submit", MOVE, toast="Submitted", tone="primary"),
    "screening": MoveWords("screening", "Begin screening", MOVE, toast="Screening begun", tone="primary"),
    "review": MoveWords("review", "Pass to review", MOVE, toast="In review", tone="primary"),
    "information_request": MoveWords(
        "information-request", "Ask for information", MOVE, toast="Information asked for", asks="items",
        text="The application waits until it comes, or expires after the day.",
    ),
    "information": MoveWords(
        "information", "Information received", MOVE, toast="Back in review", asks="note", tone="primary",
        text="The application goes back to review.",
    ),
    "rejection": MoveWords(
        "rejection", "Reject", DECIDE, toast="Rejected", asks="reason", tone="danger",
        text="A rejected application does not come back.",
    ),
    "withdrawal": MoveWords(
        "withdrawal", "Withdraw", MOVE, toast="Withdrawn", asks="reason",
        text="At the wish of the applicant.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    form: MoveForm


@dataclass(frozen=True, slots=True)
class MovePage:
    """The form of one move, shown again with what was wrong."""

    application: Application
    move: OfferedMove
    items: list[str]


def moves_for(application: Application, actor: Actor) -> list[OfferedMove]:
    """The moves that the state allows and the actor may make."""
    return [
        OfferedMove(move.name, MOVE_WORDS[move.name], MoveForm.of({}))
        for move in allowed_moves(application.state)
        if actor.may(MOVE_WORDS[move.name].permission)
    ]


def withheld_in_words(application: Application, actor: Actor) -> str:
    """What the state would allow but the role does not; or that nothing more can happen."""
    if application.state in rules.TERMINAL:
        return f"This application is {STATE_WORDS[application.state].lower()}; a new try is a new application."
    held = [MOVE_WORDS[move.name] for move in allowed_moves(application.state)]
    labels = [words.label.lower() for words in held if not actor.may(words.permission)]
    return f"Another role may {', '.join(labels)}." if labels else ""


def items_for(application: Application, missing: Sequence[Missing]) -> list[str]:
    """What may be asked for: what is missing first, then the usual papers."""
    if application.state is ApplicationState.INFO_REQUESTED:
        return application.information_items
    return [*(one.detail for one in missing), *USUAL_ITEMS]
