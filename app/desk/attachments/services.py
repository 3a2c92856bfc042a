"""Attaching files to records: looked into first, outside of any transaction, and only then written down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import record
from app.core.cursors import CursorSigner
from app.core.db import AsyncSession, Database
from app.core.errors import AlreadyThere, AppError, Conflict, Forbidden, InvalidFields
from app.core.jobs.queue import enqueue
from app.core.subjects import Subject
from app.desk.attachments import queries, rules, writes
from app.desk.attachments.adapters import isolation
from app.desk.attachments.adapters.store import Store, write_upload
from app.desk.attachments.models import Attachment
from app.desk.attachments.rules import Refusal
from app.kit.ids import new_id
from app.kit.numbers_in_text import number_problem
from app.kit.problems import Problem

VIEW, ADD, DELETE_OTHERS = "attachments.view", "attachments.add", "attachments.delete_others"
REMOVE_FILE: Final = "attachments.remove_file"
SHOWN_BESIDE: Final = 12
ORPHAN_AGE: Final = timedelta(days=1)
"""Longer than any request between the file and the row's commit."""
SWEEP_BATCH: Final = 500
MEGABYTE: Final = 1024 * 1024
WORDS: Final = {
    Refusal.EMPTY: "This file is empty",
    Refusal.TOO_LARGE: f"This file is larger than {rules.MAX_FILE_BYTES // MEGABYTE} MB",
    Refusal.UNKNOWN_TYPE: "This is no JPEG, PNG or WebP image and no PDF, whatever its name says",
    Refusal.ARCHIVE: "This is an archive or an office document; attach images or PDF",
    Refusal.MARKUP: "This is a page or a drawing that can carry scripts (HTML, SVG, XML); attach images or PDF",
    Refusal.HEIC: "This is a HEIC or AVIF image; save it as JPEG first",
    Refusal.MIXED: "This file is two things at once, an image or PDF and something else",
    Refusal.DAMAGED: "This file is damaged or incomplete",
    Refusal.TOO_MANY_PIXELS: f"This image has more than {rules.MAX_PIXELS // 1_000_000} megapixels",
    Refusal.ANIMATED: "This is an animation; attach a still image",
    Refusal.ENCRYPTED: "This PDF is protected by a password",
    Refusal.TOO_MANY_PAGES: f"This PDF has more than {rules.MAX_PAGES} pages",
    Refusal.ACTIVE: "This PDF runs scripts, starts programs or carries other files; print it to a plain PDF first",
    Refusal.TOO_HARD: "This file takes too long or too much memory to be looked into",
    Refusal.OTHER_ENDING: "The ending of the name says something else than the content",
    Refusal.TWO_ENDINGS: "The name has the ending of a program or page before its last one",
}


class AlreadyAttached(AlreadyThere):
    code = "already_attached"
    title = "This file is attached already"


class TooManyAttachments(Conflict):
    code = "too_many_attachments"
    title = "No more files can be attached to this record"
    advice = "Nothing was attached. Delete a file that is no longer needed first."


class Upload(NamedTuple):
    """A file on its way in, under the name that its sender gave it."""

    name: str
    chunks: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be attached; it has its place in the store, and no row yet."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    width: int | None
    height: int | None
    pages: int | None


class Refused(NamedTuple):
    """A file that is not attached, and why."""

    name: str
    reason: str


async def inspect_upload(store: Store, upload: Upload) -> Inspected:
    """Look into an upload and give what may be kept its place. Raises InvalidFields; no transaction may be open."""
    name = rules.clean_name(upload.name)
    if problem := number_problem(name):
        raise _refused(problem)
    with store.workplace() as source:
        kept = await write_upload(source, upload.chunks())
        if kept.size_bytes > rules.MAX_FILE_BYTES:
            raise _refused(WORDS[Refusal.TOO_LARGE])
        media_type, refusal = rules.type_of(kept.head)
        if refusal := refusal or rules.name_refusal(name, media_type):
            raise _refused(WORDS[refusal])
        anew, thumbnail = source.with_suffix(".anew"), source.with_suffix(".thumbnail")
        found = await isolation.inspect(source, media_type, anew, thumbnail)
        if found.refusal:
            raise _refused(WORDS[found.refusal])
        file_id, final = new_id(), source if media_type == rules.PDF else anew
        size_bytes = final.stat().st_size
        await asyncio.to_thread(store.keep, file_id, final, thumbnail)
    return Inspected(
        file_id, rules.with_ending(name, media_type), media_type, size_bytes, kept.sha256,
        found.width, found.height, found.pages,
    )  # fmt: skip


async def inspect_uploads(store: Store, uploads: Sequence[Upload]) -> tuple[list[Inspected], list[Refused]]:
    """Look into several; one that is refused does not hold up the others. Raises InvalidFields for too many or none."""
    if not 1 <= len(uploads) <= rules.MAX_FILES:
        words = f"Choose at most {rules.MAX_FILES} files at once" if uploads else "Choose a file"
        raise InvalidFields([Problem("files", "invalid", words)])
    answers = await asyncio.gather(*(inspect_upload(store, one) for one in uploads), return_exceptions=True)
    found, refused = list[Inspected](), list[Refused]()
    for upload, answer in zip(uploads, answers, strict=True):
        match answer:
            case Inspected():
                found.append(answer)
            case InvalidFields():
                refused.append(Refused(rules.clean_name(upload.name), answer.problems[0].detail))
            case BaseException():
                forget_files(store, found)
                raise answer
    return found, refused


def forget_files(store: Store, files: Sequence[Inspected]) -> None:
    """Delete files that got no row."""
    for one in files:
        store.remove(one.id)


async def add_attachment(session: AsyncSession, subject: Subject, found: Inspected, *, actor: Actor) -> Attachment:
    """Write down a file that was looked into. Raises AlreadyAttached and TooManyAttachments."""
    await session.refresh(subject.record, ["version"], with_for_update=True)
    if same := await queries.find_same(session, subject.key, found.sha256):
        raise AlreadyAttached(f"It is here already as {same.name}.")
    if await queries.count_attachments(session, subject.key) >= rules.MAX_PER_RECORD:
        raise TooManyAttachments(f"At most {rules.MAX_PER_RECORD} files are attached to a record.")
    attachment = Attachment(
        id=found.id,
        subject_kind=subject.kind.key,
        subject_id=subject.record.id,
        name=found.name,
        media_type=found.media_type,
        size_bytes=found.size_bytes,
        sha256=found.sha256,
        width=found.width,
        height=found.height,
        pages=found.pages,
        added_by_id=actor.id,
        added_by=actor.name,
    )
    session.add(attachment)
    await session.flush()
    await _note_fact(session, subject, "attachment_added", attachment, actor)
    return attachment


async def add_attachments(
    session: AsyncSession, subject: Subject, files: Sequence[Inspected], *, actor: Actor
) -> tuple[list[Attachment], list[Refused]]:
    """Write down several; one that is there already does not hold up the others."""
    added, refused = list[Attachment](), list[Refused]()
    for one in files:
        try:
            added.append(await add_attachment(session, subject, one, actor=actor))
        except AppError as error:
            refused.append(Refused(one.name, error.detail))
    return added, refused


async def delete_attachment(session: AsyncSession, subject: Subject, attachment_id: UUID, *, actor: Actor) -> None:
    """Take a file away: the row now, the file itself by a job. Raises Forbidden."""
    attachment = await queries.get_attachment(session, subject.key, attachment_id, lock=True)
    if not may_delete(attachment, actor):
        raise Forbidden("This file was attached by somebody else.")
    await session.delete(attachment)
    await enqueue(session, REMOVE_FILE, {"attachment_id": str(attachment.id)}, created_by=actor.id)
    await _note_fact(session, subject, "attachment_deleted", attachment, actor)


async def forget_all(session: AsyncSession, subject: tuple[str, UUID]) -> None:
    """Take every file of a record away that is deleted itself."""
    ids = await queries.lock_ids(session, subject)
    for attachment_id in ids:
        await enqueue(session, REMOVE_FILE, {"attachment_id": str(attachment_id)})
    await writes.delete_rows(session, ids)


def may_delete(attachment: Attachment, actor: Actor) -> bool:
    """People take away what they attached themselves; for that of others they need a permission."""
    is_own = attachment.added_by_id is not None and attachment.added_by_id == actor.id
    return actor.may(ADD) and (is_own or actor.may(DELETE_OTHERS))


async def remove_file(database: Database, store: Store, attachment_id: UUID) -> bool:
    """Delete the file of a row that is gone; a row that is still there keeps it."""
    async with database.session() as session:
        if await queries.list_known(session, [attachment_id]):
            return False
    await asyncio.to_thread(store.remove, attachment_id)
    return True


async def sweep_orphans(database: Database, store: Store) -> int:
    """Delete old files without a row, which a request left that ended half-way, and tell how many."""
    removed = 0
    old = await asyncio.to_thread(lambda: list(store.older_than(ORPHAN_AGE)))
    for start in range(0, len(old), SWEEP_BATCH):
        some = old[start : start + SWEEP_BATCH]
        async with database.session() as session:
            known = await queries.list_known(session, {file_id for _, file_id in some if file_id})
        for path, file_id in some:
            if file_id not in known:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                removed += 1
    return removed


@dataclass(frozen=True, slots=True)
class ShownAttachment:
    """A file on a page, and what the reader may do with it."""

    id: UUID
    name: str
    is_image: bool
    size_bytes: int
    facts: str
    by: str
    at: datetime
    can_delete: bool


@dataclass(frozen=True, slots=True)
class AttachmentPanel:
    """Files beside a record."""

    action: str
    files: list[ShownAttachment]
    next_href: str
    can_add: bool
    limits: str
    most: int


async def panel(
    session: AsyncSession, subject: Subject, actor: Actor, signer: CursorSigner, *, limit: int = SHOWN_BESIDE
) -> AttachmentPanel | None:
    """What the record's page shows; None for kinds without files and for those who may not see them."""
    if not subject.kind.has_notes or not actor.may(VIEW):
        return None
    files, after = await queries.list_attachments(session, subject.key, signer, limit=limit)
    action = f"/records/{subject.kind.key}/{subject.record.id}/attachments"
    return AttachmentPanel(
        action=action,
        files=[shown(one, actor) for one in files],
        next_href=action if after else "",
        can_add=actor.may(ADD),
        limits=f"JPEG, PNG, WebP or PDF, at most {rules.MAX_FILES} at once of {rules.MAX_FILE_BYTES // MEGABYTE} MB",
        most=rules.MAX_FILES,
    )


def shown(attachment: Attachment, actor: Actor) -> ShownAttachment:
    """A file for a page."""
    return ShownAttachment(
        id=attachment.id,
        name=attachment.name,
        is_image=attachment.is_image,
        size_bytes=attachment.size_bytes,
        facts=_facts(attachment),
        by=attachment.added_by,
        at=attachment.created_at,
        can_delete=may_delete(attachment, actor),
    )


def _facts(attachment: Attachment) -> str:
    size = attachment.size_bytes
    words = f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, size // 1024)} kB"
    if attachment.is_image:
        return f"{words}, {attachment.width} × {attachment.height}"  # noqa: RUF001 - the sign of sizes
    return f"PDF, {words}, {attachment.pages} {'page' if attachment.pages == 1 else 'pages'}"


def _refused(words: str) -> InvalidFields:
    return InvalidFields([Problem("file", "invalid", words)])


async def _note_fact(session: AsyncSession, subject: Subject, what: str, attachment: Attachment, actor: Actor) -> None:
    facts = {"file": attachment.name, "attachment": attachment.id}
    await record(session, f"{subject.kind.key}.{what}", subject.record, actor=actor, facts=facts)
