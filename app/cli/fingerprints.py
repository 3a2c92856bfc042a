"""Served copies of static files: named by their content, compressed once, with addresses inside them rewritten."""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import brotli

from app.cli.failures import CommandFailed

HASH_LETTERS: Final = 10
BROTLI_QUALITY: Final = 11
GZIP_LEVEL: Final = 9
COMPRESSIBLE: Final = frozenset({".css", ".js", ".svg", ".json", ".txt", ".webmanifest", ".html", ".xml"})

CSS_ADDRESS: Final = re.compile(rb"""(?P<before>url\(\s*["']?|@import\s+["'])(?P<address>[^"')\s]+)""")
MODULE_ADDRESS: Final = re.compile(
    rb"""(?P<before>(?:^|[;}\s])(?:import|export)(?:[\s\w{},*$]+from)?\s*["']|\bimport\(\s*["'])(?P<address>\.{1,2}/[^"']+)""",
    re.MULTILINE,
)
ELSEWHERE: Final = re.compile(rb"^(?:[a-z][a-z0-9+.-]*:|//|/|#)", re.IGNORECASE)


class Fingerprints:
    """Reads a tree of files and gives each its served name and content; a file's name depends on what it refers to."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._done: dict[str, tuple[str, bytes]] = {}
        self._open: list[str] = []

    def served(self, path: str) -> tuple[str, bytes]:
        """Return the served name and content of one file, both as paths below the static root."""
        if path in self._done:
            return self._done[path]
        if path in self._open:
            raise CommandFailed(f"Static files refer to each other in a circle: {' -> '.join([*self._open, path])}.")
        content = self._read(path)
        if content is None:
            raise CommandFailed(f"{self._open[-1] if self._open else 'A page'} refers to {path}, which does not exist.")
        self._open.append(path)
        pattern = {".css": CSS_ADDRESS, ".js": MODULE_ADDRESS, ".mjs": MODULE_ADDRESS}.get(Path(path).suffix)
        if pattern is not None:
            content = pattern.sub(lambda found: found["before"] + self._rewritten(path, found["address"]), content)
        self._open.pop()
        self._done[path] = (named_by_content(path, content), content)
        return self._done[path]

    def _rewritten(self, path: str, address: bytes) -> bytes:
        """Return an address inside a file with the served name of what it points at, still relative to that file."""
        if ELSEWHERE.match(address):
            return address
        text = address.decode()
        plain = re.split(r"[?#]", text, maxsplit=1)[0]
        folder = posixpath.dirname(path)
        target, _ = self.served(posixpath.normpath(posixpath.join(folder, plain)))
        relative = posixpath.relpath(target, folder or ".")
        if text.startswith(".") and not relative.startswith("."):
            relative = f"./{relative}"
        return (relative + text[len(plain) :]).encode()


def named_by_content(path: str, content: bytes) -> str:
    """Return `css/forecourt.3f2a51c09e.css` for `css/forecourt.css`."""
    stem, suffix = posixpath.splitext(path)
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:HASH_LETTERS]}{suffix}"


def compressed(path: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the suffix and content of each smaller copy that a browser may be given."""
    if Path(path).suffix not in COMPRESSIBLE:
        return
    mode = brotli.MODE_TEXT
    for suffix, smaller in (
        (".br", brotli.compress(content, mode=mode, quality=BROTLI_QUALITY)),
        (".gz", gzip.compress(content, GZIP_LEVEL, mtime=0)),
    ):
        if len(smaller) < len(content):
            yield suffix, smaller
