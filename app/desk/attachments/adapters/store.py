"""Where attached files lie: outside the web root, under names of our own, readable by this system alone."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import time
from uuid import UUID

from app.desk.attachments import rules
from app.kit.ids import new_id

THUMBNAIL = ".thumbnail"


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload as it came, before anybody looked into it."""

    head: bytes
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Store:
    """Files by id; the last two digits of the id name their folder."""

    data_dir: Path

    @property
    def root(self) -> Path:
        return self.data_dir / "attachments"

    def path(self, file_id: UUID) -> Path:
        return self.root / file_id.hex[-2:] / str(file_id)

    def thumbnail(self, file_id: UUID) -> Path:
        return self.path(file_id).with_name(f"{file_id}{THUMBNAIL}")

    @contextmanager
    def workplace(self) -> Generator[Path]:
        """A new file for an upload; what is still there at the end is deleted, with what was made beside it."""
        directory = self.root / "incoming"
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / str(new_id())
        try:
            yield path
        finally:
            for left in (path, path.with_suffix(".anew"), path.with_suffix(THUMBNAIL)):
                left.unlink(missing_ok=True)

    def keep(self, file_id: UUID, source: Path, thumbnail: Path) -> None:
        """Give finished files their place, on the disk before anybody is told."""
        place = self.path(file_id)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for found, final in ((thumbnail, self.thumbnail(file_id)), (source, place)):
            if found.exists():
                found.chmod(0o600)
                with found.open("rb") as file:
                    os.fsync(file.fileno())
                found.replace(final)

    def remove(self, file_id: UUID) -> None:
        self.path(file_id).unlink(missing_ok=True)
        self.thumbnail(file_id).unlink(missing_ok=True)

    def older_than(self, age: timedelta) -> Iterator[tuple[Path, UUID | None]]:
        """Files that have lain here for that long, and whose each is; None for what is nobody's."""
        oldest = time() - age.total_seconds()
        for path in sorted(self.root.glob("*/*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    yield path, _id_of(path)


def _id_of(path: Path) -> UUID | None:
    if path.parent.name == "incoming":
        return None
    try:
        return UUID(path.name.removesuffix(THUMBNAIL))
    except ValueError:
        return None


async def write_upload(path: Path, chunks: AsyncIterator[bytes]) -> Kept:
    """Write an upload; one that is larger than MAX_FILE_BYTES is cut off, which its size tells."""
    size, head, digest = 0, b"", hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > rules.MAX_FILE_BYTES:
                break
            head = head or chunk[: rules.HEAD_BYTES]
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    return Kept(head, size, digest.hexdigest())
