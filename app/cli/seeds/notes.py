"""What the demo's people wrote beside records: pinned, edited, naming each other, over the last days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.cli.seeds.demo import BATCH, SEED
from app.cli.seeds.ids import SeededIds, seeded_id
from app.core.audit import AuditEntry
from app.core.invariants import BATCH_KIND, BATCH_REQUEST
from app.desk.notes import rules
from app.desk.notes.models import Note, NoteVersion
from app.desk.notes.services import MENTIONED
from app.desk.notifications.models import Notification

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.db import AsyncSession, Database

RECORD: Final = {
    "vehicle": ("vehicles", "SELECT version, CONCAT(make, ' ', model) FROM vehicle WHERE id = %s"),
    "application": ("applications", "SELECT version, reference FROM application WHERE id = %s"),
    "customer": ("customers", "SELECT version, name FROM customer WHERE id = %s"),
}
"""By kind the path of its pages, and where a record's version and name are."""


@dataclass(frozen=True, slots=True)
class Written:
    """A note on the record of this number; `before` is the text that it had at first."""

    kind: str
    number: int
    hours_ago: float
    author: str
    text: str
    is_pinned: bool = False
    before: str = ""


WRITTEN: Final = (
    Written("vehicle", 0, 212, "Ivana Horvat", "Tow bar fitted in March. The certificate is in the glove box, not in "
            "the file."),
    Written("vehicle", 0, 75, "Henrik Saar", "**Second key is missing** since the last hire. Do not hand it out for "
            "longer than a day until the new one is coded.", is_pinned=True),
    Written("vehicle", 0, 22, "Ivana Horvat", "New key ordered at the dealer:\n\n- coded on Thursday at ten\n- "
            "the old one is locked out\n\n@Henrik Saar the invoice goes to you."),
    Written("vehicle", 3, 51, "Camille Laurent", "The roof opens and does not close below 5 °C. The workshop knows of "
            "it and waits for a seal."),
    Written("vehicle", 6, 130, "Mari Kask", "Customer reports wind noise on the driver's side from 110 km/h. Heard "
            "nothing on the test drive.",
            before="Customer reports wind noise on the driver's side."),
    Written("vehicle", 7, 9, "Mari Kask", "Charged to 80 % only, on purpose: it stands for a week."),
    Written("vehicle", 9, 33, "Lena Vogt", "Stone chip on the bonnet, under a centimetre. Photos are in the file; not "
            "worth a claim."),
    Written("application", 0, 46, "Kadri Põld", "Spoke to the applicant: the old loan is with *two* lenders, the "
            "second one for the kitchen. Both statements come by e-mail."),
    Written("application", 0, 28, "Andres Mägi", "Income is fine. Waiting for the second statement before the lenders "
            "see anything.", is_pinned=True,
            before="Income is fine. Waiting for the statement."),
    Written("application", 0, 5, "Liis Tamm", "Second statement arrived, the sum matches. @Andres Mägi ready for your "
            "decision."),
    Written("application", 2, 18, "Kadri Põld", "Asked for the last six months of the account, they sent three. "
            "Reminded by phone."),
    Written("application", 3, 27, "Edgars Kalniņš", "Employer confirmed the contract, permanent since January."),
    Written("customer", 0, 46, "Liis Tamm", "Prefers calls after five; writes in Estonian and in English."),
    Written("customer", 4, 96, "Andres Mägi", "Asked not to be sent offers by post."),
)  # fmt: skip


async def load_notes(database: Database, people: Sequence[Person], present: datetime) -> None:
    """Write them with their versions, their entries in the timelines and what was told of them."""
    by_name = {person.name: person for person in people}
    async with database.unit() as session:
        for place, written in enumerate(WRITTEN):
            record_id = UUID(SeededIds(SEED, written.kind).text(written.number))
            found = await database.reads.fetch(RECORD[written.kind][1], (str(record_id),))
            if found:
                about = _About(record_id, int(found[0][0]), str(found[0][1]))
                _write(session, written, about, by_name, place, present - timedelta(hours=written.hours_ago))


@dataclass(frozen=True, slots=True)
class _About:
    record_id: UUID
    version: int
    name: str


def _write(
    session: AsyncSession, written: Written, about: _About, people: Mapping[str, Person], place: int, at: datetime
) -> None:
    author = people[written.author]
    known = [rules.Person(person.id, person.name, f"{person.id}@") for person in people.values()]
    named = rules.mentioned(written.text, known)
    edited_at = at + timedelta(minutes=50) if written.before else None
    note = Note(
        id=seeded_id(SEED, "note", str(place)),
        created_at=at,
        subject_kind=written.kind,
        subject_id=about.record_id,
        text=written.text,
        mentions=[{"id": person.id, "name": person.name, "word": word} for word, person in named.items()],
        is_pinned=written.is_pinned,
        author_id=UUID(author.id),
        author_name=author.name,
        edited_at=edited_at,
    )
    session.add(note)
    texts = [(at, "note_added", written.before or written.text)]
    texts += [(edited_at, "note_edited", written.text)] if edited_at else []
    for number, (moment, _, text) in enumerate(texts, 1):
        session.add(NoteVersion(note_id=note.id, number=number, text=text, written_at=moment, written_by=author.name))
    told = [(moment, action) for moment, action, _ in texts]
    told += [(at + timedelta(hours=1), "note_pinned")] if written.is_pinned else []
    session.add_all(_entry(note, about, action, moment) for moment, action in told)
    session.add_all(_told(note, about, UUID(person.id)) for person in named.values())


def _entry(note: Note, about: _About, action: str, at: datetime) -> AuditEntry:
    return AuditEntry(
        id=seeded_id(SEED, action, str(note.id)),
        at=at,
        actor_id=note.author_id,
        actor_name=note.author_name,
        action=f"{note.subject_kind}.{action}",
        subject_kind=note.subject_kind,
        subject_id=about.record_id,
        subject_version=about.version,
        facts={"note": str(note.id)},
        request_id=f"{BATCH_REQUEST}{seeded_id(SEED, BATCH_KIND, BATCH)}",
    )


def _told(note: Note, about: _About, recipient_id: UUID) -> Notification:
    return Notification(
        id=seeded_id(SEED, f"{note.id}", str(recipient_id)),
        recipient_id=recipient_id,
        kind=MENTIONED.key,
        title=f"{note.author_name} named you beside {about.name}",
        href=f"/{RECORD[note.subject_kind][0]}/{about.record_id}#note-{note.id}",
        subject_kind=note.subject_kind,
        subject_id=about.record_id,
        actor_name=note.author_name,
        at=note.created_at,
    )
