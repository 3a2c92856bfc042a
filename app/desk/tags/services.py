"""Tagging records; the names are kept on the record too, so that tagging is a change of the record like any other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.core.actor import Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import Forbidden, InvalidFields
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.core.subjects import Subject
from app.desk.tags import queries, rules, writes
from app.desk.tags.models import RecordTag, Tag
from app.desk.tags.rules import TagState
from app.kit.problems import Problem

EDIT, CREATE = "tags.edit", "tags.create"


def tagged(kind: str, key: Any) -> Any:
    """The filter `tag` of a list of records; `key` is the column of their ids."""
    return queries.Tagged(kind, key)


async def add_tag(session: AsyncSession, subject: Record, name: str, *, actor: Actor) -> Record:
    """Tag a record that the actor may see. A new word needs the permission `tags.create`.

    Raises InvalidFields for what is no tag or one too many, Forbidden for a new word. Twice changes nothing.
    """
    wanted = _checked(name)
    held = await queries.lock_record(session, subject)
    before: list[str] = held.tags
    if wanted in before:
        return held
    if len(before) >= rules.MOST_PER_RECORD:
        raise InvalidFields([Problem("name", "too_many", f"A record bears at most {rules.MOST_PER_RECORD} tags")])
    await _link(session, held, wanted, actor)
    await _change(session, held, [*before, wanted], f"{held.record_kind}.tagged", actor)
    return held


async def remove_tag(session: AsyncSession, subject: Record, name: str, *, actor: Actor) -> Record:
    """Take a tag off a record; one that it does not bear changes nothing."""
    unwanted = rules.normalise(name)
    held = await queries.lock_record(session, subject)
    if unwanted not in held.tags:
        return held
    await _unlink(session, held, [unwanted])
    rest = [other for other in held.tags if other != unwanted]
    await _change(session, held, rest, f"{held.record_kind}.untagged", actor)
    return held


async def link_tags(session: AsyncSession, subject: Record, names: Sequence[str], *, actor: Actor) -> None:
    """Make the links of a record that was given all its tags at once; the caller sets and records the names."""
    present = await queries.list_links(session, subject.record_kind, subject.id)
    await _unlink(session, subject, [name for name in present if name not in names])
    for name in names:
        if name not in present:
            await _link(session, subject, name, actor)


async def list_names(reads: ReadPool, kind: str, beginning: str) -> list[str]:
    """Words of the vocabulary that begin like the text."""
    return await queries.list_names(reads, kind, rules.normalise(beginning))


def _checked(name: str) -> str:
    wanted = rules.normalise(name)
    if problem := rules.name_problem(wanted):
        raise InvalidFields([Problem("name", "malformed", problem)])
    return wanted


async def _link(session: AsyncSession, subject: Record, name: str, actor: Actor) -> None:
    tag = await _word(session, subject.record_kind, name, actor)
    session.add(RecordTag(tag_id=tag.id, subject_id=subject.id, added_by=actor.id))


async def _unlink(session: AsyncSession, subject: Record, names: Iterable[str]) -> None:
    links = await queries.list_links(session, subject.record_kind, subject.id)
    for name in names:
        if name in links:
            await session.delete(links[name])


async def _word(session: AsyncSession, kind: str, name: str, actor: Actor) -> Tag:
    found = await queries.find_tag(session, kind, name)
    if found is None:
        if not actor.may(CREATE):
            raise Forbidden(f"There is no tag {name} yet, and new ones are made by others.")
        found = Tag(kind=kind, name=name, created_by=actor.id)
        if await writes.add_word(session, found):
            await record(session, "tag.created", found, actor=actor, changes={"name": (None, name)})
        else:
            found = await queries.get_tag(session, kind, name)
    if found.state is not TagState.ACTIVE:
        raise InvalidFields([Problem("name", "leaving", "This tag is being merged or deleted just now")])
    return found


async def _change(session: AsyncSession, subject: Any, names: list[str], action: str, actor: Actor) -> None:
    before = subject.tags
    subject.tags = names
    await record(session, action, subject, actor=actor, changes={"tags": (before, names)})


@dataclass(frozen=True, slots=True)
class TagPanel:
    """The tags of a record as its page shows them, each with the list of records that bear it."""

    action: str
    tags: list[tuple[str, str]]
    can_edit: bool


def panel(subject: Subject, actor: Actor) -> TagPanel | None:
    """What the record's page shows; None for kinds without tags."""
    if not subject.kind.has_tags:
        return None
    names: list[str] = getattr(subject.record, "tags", [])
    return TagPanel(
        action=f"/records/{subject.kind.key}/{subject.record.id}/tags",
        tags=[(name, f"{subject.kind.list_address}?{urlencode({'tag': name})}") for name in names],
        can_edit=actor.may(EDIT),
    )
