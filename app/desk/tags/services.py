"""Tagging records; the names are kept on the record too, so that tagging is a change of the record like any other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app.core import registry
from app.core.actor import Actor
from app.core.changes import because, record
from app.core.db import AsyncSession
from app.core.errors import Forbidden, IllegalState, InvalidFields
from app.core.jobs.queue import enqueue
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.core.subjects import Subject
from app.desk.saved_views.services import views as saved_views
from app.desk.tags import queries, rules, writes
from app.desk.tags.models import RecordTag, Tag
from app.desk.tags.rules import TagState
from app.kit.problems import Problem

EDIT, CREATE = "tags.edit", "tags.create"
RETAG = "tags.retag"
"""The work that goes through the records of a tag that is leaving."""


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


async def rename_tag(session: AsyncSession, tag_id: UUID, name: str, *, actor: Actor) -> Tag:
    """Put a new word in a tag's place on every record. Raises InvalidFields for a word that is there already."""
    tag, wanted = await _lock_settled(session, tag_id), _checked(name)
    if await queries.find_tag(session, tag.kind, wanted) is not None:
        raise InvalidFields([Problem("name", "taken", f"There is a tag {wanted} already: merge this one into it")])
    return await _lead_over(session, tag, await _word(session, tag.kind, wanted, actor), "tag.renamed", actor)


async def merge_tag(session: AsyncSession, tag_id: UUID, name: str, *, actor: Actor) -> Tag:
    """Put a word that is there already in a tag's place on every record. Raises InvalidFields."""
    tag, wanted = await _lock_settled(session, tag_id), _checked(name)
    if wanted == tag.name or await queries.find_tag(session, tag.kind, wanted) is None:
        raise InvalidFields([Problem("name", "unknown", "Name another tag of these records")])
    return await _lead_over(session, tag, await _word(session, tag.kind, wanted, actor), "tag.merged", actor)


async def delete_tag(session: AsyncSession, tag_id: UUID, *, actor: Actor) -> Tag:
    """Take a tag off every record that bears it, and out of the vocabulary."""
    tag = await _lock_settled(session, tag_id)
    tag.state = TagState.DELETING
    await record(session, "tag.deleted", tag, actor=actor, changes={"name": (tag.name, None)})
    await _queue(session, tag, actor)
    return tag


async def lead_over(session: AsyncSession, tag_id: UUID, subject_id: UUID, *, actor: Actor) -> None:
    """Of a tag that is leaving, bring one record to the word in its place, or to none. Does nothing when it is done."""
    tag = await queries.get_by_id(session, tag_id)
    into = await queries.get_by_id(session, tag.merged_into_id) if tag.merged_into_id else None
    held = await queries.find_bearer(session, registry.record_kinds[tag.kind].model, subject_id)
    links = await queries.list_links(session, tag.kind, subject_id)
    if tag.name in links:
        await session.delete(links[tag.name])
    if held is None or tag.name not in held.tags:
        return
    if into and into.name not in links:
        session.add(RecordTag(tag_id=into.id, subject_id=subject_id, added_by=actor.id))
    names = dict.fromkeys(into.name if into and name == tag.name else name for name in held.tags)
    if into is None:
        del names[tag.name]
    with because(f"The tag {tag.name} became {into.name}." if into else f"The tag {tag.name} was deleted."):
        await _change(session, held, list(names), f"{tag.kind}.retagged" if into else f"{tag.kind}.untagged", actor)


async def let_go(session: AsyncSession, tag_id: UUID) -> bool:
    """Take a leaving tag out of the vocabulary, once no record bears it; saved views ask for the one in its place."""
    if await queries.list_bearers(session, tag_id, 1):
        return False
    tag = await queries.get_by_id(session, tag_id)
    into = await queries.get_by_id(session, tag.merged_into_id) if tag.merged_into_id else None
    shown = registry.record_kinds[tag.kind].record_list
    if into is not None and shown is not None:
        await saved_views.replace_value(session, shown.key, "tag", (tag.name, into.name))
    await session.delete(tag)
    return True


async def _lock_settled(session: AsyncSession, tag_id: UUID) -> Tag:
    """Raises IllegalState for a tag that is leaving, and for one to which records are still being brought."""
    tag = await queries.lock_tag(session, tag_id)
    if tag.state is not TagState.ACTIVE or await queries.is_awaited(session, tag.id):
        raise IllegalState(f"The records of {tag.name} are being gone through just now.", state=tag.state)
    return tag


async def _lead_over(session: AsyncSession, tag: Tag, into: Tag, action: str, actor: Actor) -> Tag:
    tag.state, tag.merged_into_id = TagState.MERGING, into.id
    await record(session, action, tag, actor=actor, changes={"name": (tag.name, into.name)})
    await _queue(session, tag, actor)
    return into


async def _queue(session: AsyncSession, tag: Tag, actor: Actor) -> None:
    key = f"{RETAG}:{tag.id}"
    await enqueue(session, RETAG, {"tag_id": str(tag.id)}, unique_key=key, created_by=actor.id)


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
