"""The demo's files: drawn photos of damage and papers, attached by the services to the records looked at first."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from PIL import Image, ImageDraw

from app.core import registry
from app.core.actor import SYSTEM, Actor
from app.core.db import AsyncSession, Database
from app.core.subjects import find_subject
from app.desk.attachments.adapters.store import Store
from app.desk.attachments.services import ADD, Upload, add_attachments, inspect_uploads
from app.desk.staff.services.identity import list_active
from app.desk.staff.services.people import as_actor

SIZE: Final = (960, 640)
PAINTS: Final = ("#7d8a97", "#27425f", "#8c2f2b")
RECORDS: Final = {
    "vehicle": "SELECT id FROM vehicle WHERE state IN ('blocked', 'in_maintenance') ORDER BY plate LIMIT 2",
    "application": "SELECT id FROM application WHERE state = 'in_review' ORDER BY submitted_at LIMIT 1",
}
NAMES: Final = {"vehicle": ("Bumper, rear left.jpg", "Door, driver's side.jpg"), "application": ("Payslip.png",)}


async def attach_files(database: Database, data_dir: Path) -> int:
    """Attach them, and tell how many."""
    random, store, attached = Random("attachments"), Store(data_dir), 0  # noqa: S311 - made-up pictures, not secrets
    for kind, statement in RECORDS.items():
        for row in await database.reads.fetch(statement):
            draw = _scratch if kind == "vehicle" else _paper
            uploads = [Upload(name, partial(_once, draw(random))) for name in NAMES[kind]]
            files, _ = await inspect_uploads(store, uploads)
            async with database.unit() as session:
                record_id = UUID(str(row[0]))
                actor = await _somebody(session, kind, record_id)
                subject = await find_subject(session, kind, record_id, actor)
                added, _ = await add_attachments(session, subject, files, actor=actor)
                attached += len(added)
    return attached


async def _somebody(session: AsyncSession, key: str, record_id: UUID) -> Actor:
    """A colleague in whose scope the record lies."""
    kind = registry.record_kinds[key]
    for person in map(as_actor, await list_active(session)):
        may_attach = "admin" not in person.roles and person.may(ADD) and person.may(kind.permission)
        if may_attach and await kind.find(session, record_id, person):
            return person
    return SYSTEM


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _scratch(random: Random) -> bytes:
    """A panel of a car in its paint, with a scratch across."""
    picture = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    picture = Image.blend(picture, Image.new("RGB", SIZE, random.choice(PAINTS)), 0.75)
    draw = ImageDraw.Draw(picture)
    x, y = random.randrange(150, 350), random.randrange(200, 400)
    for _ in range(9):
        start, end = random.randrange(60), random.randrange(250, 480)
        slope = random.randrange(-40, 60)
        draw.line((x + start, y, x + end, y + slope), fill="#d9dadb", width=random.randrange(2, 6))
        y += random.randrange(3, 12)
    made = io.BytesIO()
    picture.save(made, "JPEG")
    return made.getvalue()


def _paper(random: Random) -> bytes:
    """A page of lines, as a scanner sees it."""
    picture = Image.new("RGB", (700, 990), "#fbfaf6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 60, 320, 92), fill="#30343a")
    for y in range(150, 900, 34):
        draw.rectangle((60, y, random.randrange(300, 520), y + 9), fill="#8b9096")
        draw.rectangle((560, y, 640, y + 9), fill="#565c63")
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
