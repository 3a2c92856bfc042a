"""The auditor's page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get

from app.core import clock
from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.errors import MalformedRequest
from app.core.http import CurrentActor, Request
from app.core.listing import ListQuery, read_list_query
from app.core.lists import Opened, frame
from app.core.read_pool import ReadPool
from app.core.templating import render
from app.desk.audit_trail import pages, queries, services
from app.desk.audit_trail.schemas import AuditItem


class AuditTrailController(Controller):
    """Everything that everybody did."""

    path = pages.PATH
    opt = {"permission": "audit.view"}
    include_in_schema = False

    @get(name="audit.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC)
        _require_ids(asked)
        reads = request.runtime.database.reads
        found = await queries.entries.page(reads, request.runtime.cursors, asked.query, actor)
        total = await queries.entries.count(reads, asked.query, actor)
        kinds = {kind.model.record_kind: kind for kind in request.runtime.assembly.kinds.values()}
        labels = await _labels(reads, {key: kind.title for key, kind in kinds.items()})
        around = frame(pages.LIST, Opened.plainly(pages.LIST, asked), page=found, total=total, labels=labels)
        subjects = await services.name_subjects(reads, found.items, kinds, actor)
        rows = [_row(item, kinds.get(item.subject_kind), subjects, actor) for item in found.items]
        page = pages.trail(around, asked, rows, clock.today())
        headers = request.shown_at(around.canonical)
        return render(request, "desk/audit_trail/index.html", page, headers=headers)


async def _labels(reads: ReadPool, titles: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "actor": await queries.list_actors(reads),
        "kind": {key: titles.get(key, key.capitalize()) for key in await queries.list_kinds(reads)},
        "action": pages.action_labels(await queries.list_actions(reads), titles),
    }


def _row(item: AuditItem, kind: RecordKind | None, names: dict[tuple[str, str], str], actor: Actor) -> pages.Row:
    title = kind.title if kind else item.subject_kind.replace("_", " ").capitalize()
    href = kind.address(item.subject_id) if kind and actor.may(kind.permission) else ""
    name = names.get((item.subject_kind, item.subject_id), item.subject_id[-12:])
    return pages.row(item, pages.Subject(title, name, href), kind.labels if kind else {})


def _require_ids(asked: ListQuery) -> None:
    """Ids that are none would only fail in the database."""
    if asked.text:
        raise MalformedRequest("q: the audit trail has no free text")
    ids: Sequence[str] = [*asked.chosen.get("record", ()), *asked.chosen.get("actor", ())]
    for text in ids:
        try:
            UUID(text)
        except ValueError:
            raise MalformedRequest(f"{text}: not an id") from None
