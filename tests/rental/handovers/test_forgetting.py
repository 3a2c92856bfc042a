"""Drafts that nobody finished are not kept for ever, and none that is still wanted goes."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.jobs.models import Job
from app.desk.attachments.models import Attachment
from app.desk.notes.models import Note, NoteVersion
from app.rental.bookings import services as bookings
from app.rental.damages import services as damages
from app.rental.handovers import services
from app.rental.handovers.models import Handover
from app.rental.handovers.rules import Direction
from app.rental.handovers.services.forgetting import DRAFT_KEPT, forget_draft
from app.rental.handovers.tasks import forget_drafts

LONG = DRAFT_KEPT + timedelta(days=1)


@pytest.fixture
def forget(database):
    async def run():
        return (await forget_drafts(SimpleNamespace(database=database)))["drafts"]

    return run


async def all_of(session, model):
    return (await session.execute(select(model))).scalars().all()


async def cancelled(counter):
    """A check-out that was begun, with a mark, a photo and a note, for a booking that was cancelled then."""
    booking = await counter.book()
    draft = await counter.begin()
    mark = {"zone": "front_bumper", "x": 42, "y": 200, "kind": "scratch", "words": "12 cm"}
    await services.mark_damage(counter.session, draft.id, fields=mark, actor=SYSTEM)
    about = {"subject_kind": "handover", "subject_id": draft.id}
    photo = Attachment(
        **about, name="front.jpg", media_type="image/jpeg", size_bytes=9, sha256="0" * 64, added_by="Mari"
    )
    note = Note(**about, text="Shows his licence later", author_name="Mari")
    counter.session.add_all([photo, note])
    await counter.session.flush()
    counter.session.add(NoteVersion(note_id=note.id, number=1, text=note.text, written_by="Mari"))
    await bookings.cancel_booking(counter.session, booking.id, reason="Other plans", actor=SYSTEM)
    await counter.session.commit()
    return draft, photo


class TestForgetDrafts:
    async def test_goes_with_its_photos_and_notes_and_leaves_an_entry(self, counter, forget):
        draft, photo = await cancelled(counter)
        vehicle_id = counter.vehicle_id
        counter.clock.shift(DRAFT_KEPT)
        assert await forget() == 0
        counter.clock.shift(timedelta(days=1))
        assert await forget() == 1
        session = counter.session
        for model in (Handover, Attachment, Note, NoteVersion):
            assert await all_of(session, model) == [], model
        (job,) = (await session.execute(select(Job).where(Job.kind == "attachments.remove_file"))).scalars()
        assert job.payload == {"attachment_id": str(photo.id)}
        told = select(AuditEntry).where(AuditEntry.subject_id == draft.id).order_by(AuditEntry.at.desc())
        last = (await session.execute(told)).scalars().first()
        assert (last.action, last.actor_name) == ("handover.forgotten", "Forecourt")
        assert [mark.words for mark in await damages.list_marks(session, vehicle_id)] == ["12 cm"]

    async def test_what_is_still_to_come_runs_or_is_done_stays(self, counter, forget):
        await counter.book()
        await counter.hand_over()
        await counter.begin(Direction.IN)
        await counter.session.commit()
        counter.clock.shift(LONG)
        assert await forget() == 0
        assert len(await all_of(counter.session, Handover)) == 2

    async def test_a_check_out_of_a_hire_that_comes_later_stays_until_then(self, counter, forget):
        booking = await counter.book()
        counter.clock.move_to(booking.pickup_at - LONG - timedelta(days=2))
        await counter.begin()
        await counter.session.commit()
        counter.clock.move_to(booking.pickup_at - timedelta(hours=1))
        assert await forget() == 0
        counter.clock.move_to(booking.pickup_at + LONG)
        assert await forget() == 1
        assert (await counter.begin()).version == 1

    async def test_who_goes_on_with_it_keeps_it(self, counter):
        draft, _ = await cancelled(counter)
        assert not await forget_draft(counter.session, draft.id, clock.now() - DRAFT_KEPT)
