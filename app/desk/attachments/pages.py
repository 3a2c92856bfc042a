"""What pages of attachments show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.subjects import Subject
from app.desk.attachments.services import AttachmentPanel, Refused, ShownAttachment


@dataclass(frozen=True, slots=True)
class AttachmentsPage:
    """The files of a record by themselves, and what was not taken just now."""

    subject: Subject
    attachments: AttachmentPanel
    refused: Sequence[Refused] = field(default=())


@dataclass(frozen=True, slots=True)
class AttachmentPage:
    """One file, large."""

    subject: Subject
    file: ShownAttachment
    address: str


def added_words(added: int, refused: int) -> str:
    """What became of the files, in one line."""
    words = f"{added} {'file' if added == 1 else 'files'} attached" if added else "Nothing attached"
    return f"{words}, {refused} refused" if refused else words
