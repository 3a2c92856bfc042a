"""Has one file looked into by a process that can do little and soon ends."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec

from app.desk.attachments import rules
from app.desk.attachments.adapters import inspection
from app.desk.attachments.rules import Refusal

AT_ONCE: Final = 2
CPU_SECONDS: Final = 15
WALL_SECONDS: Final = 20
MEMORY_BYTES: Final = 1024 * 1024 * 1024
OUTPUT_BYTES: Final = 64 * 1024 * 1024

_slots: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="inspection")


class Findings(msgspec.Struct, frozen=True):
    """What a file is, or why it is refused."""

    refusal: Refusal | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None


async def inspect(source: Path, media_type: str, target: Path, thumbnail: Path) -> Findings:
    """Look into a file; an image is written anew as `target`, with a small one beside it."""
    order = {
        "source": str(source), "media_type": media_type, "target": str(target), "thumbnail": str(thumbnail),
        "max_pixels": rules.MAX_PIXELS, "max_pages": rules.MAX_PAGES, "thumbnail_pixels": rules.THUMBNAIL_PIXELS,
        "memory_bytes": MEMORY_BYTES, "cpu_seconds": CPU_SECONDS, "output_bytes": OUTPUT_BYTES,
    }  # fmt: skip
    return await asyncio.get_running_loop().run_in_executor(_slots, _ask, order)


def _ask(order: dict[str, Any]) -> Findings:
    """One process for one file: no setting and no secret of ours is in its environment."""
    command = [sys.executable, "-I", str(inspection.__file__)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=json.dumps(order).encode(), capture_output=True, timeout=WALL_SECONDS, env={}, check=True
        )
        return msgspec.json.decode(done.stdout, type=Findings)
    except (subprocess.SubprocessError, msgspec.DecodeError):
        return Findings(Refusal.TOO_HARD)
