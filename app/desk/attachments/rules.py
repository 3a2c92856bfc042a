"""What may be attached: how large, how many, of which type by its content, and under which name."""

import re
import unicodedata
from enum import StrEnum
from typing import Final, NamedTuple

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_FILES: Final = 10
"""Files of one request."""
MAX_REQUEST_BYTES: Final = 40 * 1024 * 1024
MAX_PER_RECORD: Final = 50
MAX_PIXELS: Final = 40_000_000
MAX_PAGES: Final = 500
THUMBNAIL_PIXELS: Final = 320
"""The longer side of a thumbnail."""
MAX_NAME: Final = 120
HEAD_BYTES: Final = 1024
"""How much of a file's beginning tells its type."""

PDF: Final = "application/pdf"
SIGNATURES: Final = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", PDF))
ENDINGS: Final = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    PDF: ("pdf",),
}
RUNNABLE: Final = frozenset({
    "7z", "apk", "app", "asp", "aspx", "bat", "cgi", "chm", "cmd", "com", "cpl", "dll", "docm", "exe", "gz",
    "hta", "htm", "html", "iso", "jar", "js", "jse", "jsp", "lnk", "mht", "mhtml", "mjs", "msc", "msi",
    "phar", "php", "phtml", "pif", "pl", "ps1", "py", "rar", "rb", "reg", "scr", "sh", "shtml", "svg", "svgz",
    "swf", "vb", "vbe", "vbs", "wsf", "xht", "xhtml", "xlsm", "xml", "xsl", "zip",
})  # fmt: skip
"""Endings of what is run, opened as a page, or unpacked."""


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    ARCHIVE = "archive"
    MARKUP = "markup"
    HEIC = "heic"
    MIXED = "mixed"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    ANIMATED = "animated"
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too_many_pages"
    ACTIVE = "active"
    TOO_HARD = "too_hard"
    OTHER_ENDING = "other_ending"
    TWO_ENDINGS = "two_endings"


class Verdict(NamedTuple):
    """The type of a file by its content, or why it is refused."""

    media_type: str = ""
    refusal: Refusal | None = None


def type_of(head: bytes) -> Verdict:
    """What a file is by its first bytes, whatever it is called."""
    for signature, media_type in SIGNATURES:
        if head.startswith(signature):
            return Verdict(media_type)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Verdict("image/webp")
    return Verdict(refusal=_foreign(head))


def _foreign(head: bytes) -> Refusal:
    if not head:
        return Refusal.EMPTY
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return Refusal.ARCHIVE
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"):
        return Refusal.HEIC
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return Refusal.MARKUP if text.startswith((b"<", b"%!ps")) else Refusal.UNKNOWN_TYPE


def clean_name(given: str) -> str:
    """The last part of a name from outside, without what is not printed; never used as a path."""
    text = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    text = "".join(mark if mark.isprintable() else " " for mark in text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if len(text) > MAX_NAME:
        text = (
            f"{(stem or ending)[: MAX_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 8 else text[:MAX_NAME]
        )
    return text or "file"


def name_refusal(name: str, media_type: str) -> Refusal | None:
    """Whether the ending says something else than the content, or hides another one."""
    parts = [part.strip().lower() for part in name.split(".")]
    if len(parts) == 1:
        return None
    if parts[-1] not in ENDINGS[media_type]:
        return Refusal.OTHER_ENDING
    return Refusal.TWO_ENDINGS if RUNNABLE.intersection(parts[1:-1]) else None


def with_ending(name: str, media_type: str) -> str:
    """A name that says what the file is."""
    return name if "." in name else f"{name}.{ENDINGS[media_type][0]}"
