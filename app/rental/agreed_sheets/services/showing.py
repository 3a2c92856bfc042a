"""What pages show of a sheet, whatever kind of sheet it is."""

from dataclasses import dataclass
from datetime import date

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.desk.approvals.services import EndLine, find_end
from app.kit.agreed_sheets import STATE_WORDS, TONES, SheetState
from app.rental.agreed_sheets.models import Sheet

ENDED = frozenset({SheetState.REJECTED, SheetState.EXPIRED, SheetState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class SheetWords:
    """How sheets of a kind are spoken of, where they are, and who enters them."""

    path: str
    edit: str
    """The permission to enter and withdraw them."""
    withdraw: str
    confirm: str
    later: str
    """What is said where nothing more can happen."""


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The state of a sheet, how it ended if nobody agreed, and what can happen next."""

    state: str
    tone: str
    is_on: bool
    words: SheetWords
    withdrawal: str
    """The address at which it is taken back; empty where it is not."""
    again: tuple[str, str] | None
    """The label and the address of a new one, of a sheet that ended."""
    end: EndLine | None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One sheet of the list."""

    href: str
    valid_from: date
    about: str
    state: str
    tone: str
    is_on: bool
    created_by_name: str
    agreed_by_name: str


async def sheet_head(
    session: AsyncSession, sheet: Sheet, words: SheetWords, *, again: tuple[str, str], actor: Actor
) -> SheetHead:
    """What stands at the top of a sheet's page and beside it."""
    may_edit, has_ended = actor.may(words.edit), sheet.state in ENDED
    may_withdraw = may_edit and sheet.state is SheetState.WAITING
    return SheetHead(
        state=STATE_WORDS[sheet.state.value],
        tone=TONES.get(sheet.state.value, ""),
        is_on=sheet.state is SheetState.IN_FORCE,
        words=words,
        withdrawal=f"{words.path}/{sheet.id}/withdrawal" if may_withdraw else "",
        again=again if may_edit and has_ended else None,
        end=await find_end(session, sheet, actor) if has_ended else None,
    )


def sheet_line(sheet: Sheet, words: SheetWords, about: str) -> SheetLine:
    """A sheet as the list shows it; `about` is what tells it from others of its day."""
    return SheetLine(
        href=f"{words.path}/{sheet.id}",
        valid_from=sheet.valid_from,
        about=about,
        state=STATE_WORDS[sheet.state.value],
        tone=TONES.get(sheet.state.value, ""),
        is_on=sheet.state is SheetState.IN_FORCE,
        created_by_name=sheet.created_by_name,
        agreed_by_name=sheet.agreed_by_name,
    )
