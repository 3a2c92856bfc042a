"""Attachments in the JSON API."""

import msgspec

from app.core.values import UNSET, Id, Maybe, Timestamp, timestamp
from app.desk.attachments.models import Attachment


class AttachmentItem(msgspec.Struct):
    """A file beside a record. `sha256` is that of the file as it was sent; an image is kept written anew."""

    id: Id
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    width: Maybe[int]
    height: Maybe[int]
    pages: Maybe[int]
    added_by: str
    version: int
    created_at: Timestamp


class AttachmentPage(msgspec.Struct):
    """One page of files, the newest first."""

    items: list[AttachmentItem]
    next_cursor: str | None


def attachment_item(attachment: Attachment) -> AttachmentItem:
    """A file as the API tells of it."""
    return AttachmentItem(
        id=str(attachment.id),
        name=attachment.name,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
        sha256=attachment.sha256,
        width=UNSET if attachment.width is None else attachment.width,
        height=UNSET if attachment.height is None else attachment.height,
        pages=UNSET if attachment.pages is None else attachment.pages,
        added_by=attachment.added_by,
        version=attachment.version,
        created_at=timestamp(attachment.created_at),
    )
