"""What pages about tags show."""

from dataclasses import dataclass

from app.core.subjects import Subject
from app.desk.tags.forms import TagForm
from app.desk.tags.services import TagPanel


@dataclass(frozen=True, slots=True)
class RecordTagsPage:
    """The tags of one record by themselves, and what was typed."""

    subject: Subject
    tags: TagPanel
    form: TagForm


@dataclass(frozen=True, slots=True)
class NamesPage:
    """Words that fit what is being typed."""

    names: list[str]
