"""Tags on many records at once."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.area import JobKind
from app.core.bulk import BulkAction, BulkField, Done, Effect
from app.core.db import AsyncSession, run_in_unit
from app.core.errors import NotFound
from app.core.jobs.context import JobContext
from app.core.records import Record
from app.desk.staff.services import people
from app.desk.tags import queries, rules, services
from app.kit.problems import Problem

Find = Callable[[AsyncSession, UUID, Actor], Awaitable[Record | None]]

BATCH = 200
TAG = BulkField("name", "Tag", longest=rules.LONGEST_NAME, hint="One word or a few, such as winter-tyres.")


def actions_for(find: Find) -> tuple[BulkAction, ...]:
    """Tag and untag, for records of a kind that bears tags; `find` is the kind's own, which knows the scope."""
    return (
        BulkAction(
            "tagging", "Add tag", services.EDIT, partial(_add, find), _foresee_added, (TAG,), _check,
            "Each record bears the tag besides those that it has.",
        ),
        BulkAction(
            "untagging", "Remove tag", services.EDIT, partial(_remove, find), _foresee_removed, (TAG,), _check,
            "The tag is taken off each record that bears it.",
        ),
    )  # fmt: skip


async def retag(context: JobContext) -> dict[str, int]:
    """Go through the records of a tag that is leaving, each in a unit of work of its own; then it is gone."""
    tag_id, changed = UUID(context.payload["tag_id"]), 0
    context.fence()
    maker = context.claim.created_by
    async with context.database.session() as session:
        person = await people.find_person(session, maker) if maker else None
    actor = people.as_actor(person) if person else SYSTEM
    while True:
        async with context.database.session() as session:
            bearers = await queries.list_bearers(session, tag_id, BATCH)
        for subject_id in bearers:
            await run_in_unit(
                context.database,
                lambda session, key=subject_id: services.lead_over(session, tag_id, key, actor=actor),
            )
            changed += 1
            await context.progress(changed)
        if not bearers:
            with suppress(NotFound):  # an attempt before this one had come so far
                if not await run_in_unit(context.database, lambda session: services.let_go(session, tag_id)):
                    continue
            return {"records": changed}


RETAG = JobKind(services.RETAG, "Go through the records of a tag that was renamed, merged or deleted", retag)


async def _add(find: Find, session: AsyncSession, record_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    held = await services.add_tag(session, await _found(find, session, record_id, actor), values["name"], actor=actor)
    return Done(_in_words(held))


async def _remove(find: Find, session: AsyncSession, record_id: UUID, values: Mapping[str, Any], actor: Actor) -> Done:
    found = await _found(find, session, record_id, actor)
    held = await services.remove_tag(session, found, values["name"], actor=actor)
    return Done(_in_words(held))


async def _found(find: Find, session: AsyncSession, record_id: UUID, actor: Actor) -> Record:
    found = await find(session, record_id, actor)
    if found is None:
        raise NotFound
    return found


def _foresee_added(item: Any, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    name, before = rules.normalise(values["name"]), list(item.tags)
    if name in before:
        return Effect(", ".join(before), "", "It bears the tag already")
    too_many = len(before) >= rules.MOST_PER_RECORD
    return Effect(", ".join(before), ", ".join([*before, name]), "It bears as many tags as it can" if too_many else "")


def _foresee_removed(item: Any, values: Mapping[str, Any], actor: Actor) -> Effect:  # noqa: ARG001
    name, before = rules.normalise(values["name"]), list(item.tags)
    after = ", ".join(other for other in before if other != name)
    return Effect(", ".join(before), after, "" if name in before else "It does not bear the tag")


async def _check(session: AsyncSession, values: Mapping[str, Any], actor: Actor) -> list[Problem]:  # noqa: ARG001
    wrong = rules.name_problem(rules.normalise(values["name"]))
    return [Problem("name", "malformed", wrong)] if wrong else []


def _in_words(held: Any) -> str:
    return ", ".join(held.tags) or "no tag"
