"""Opaque, signed positions in a list."""

import base64
import hashlib
from collections.abc import Sequence

import msgspec

from app.core.crypto import is_signed, signature
from app.core.errors import MalformedRequest

SIGNATURE_BYTES = 12


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page starts: after the row with these key values, `seen` rows into the list."""

    query: str
    values: tuple[str | int | None, ...]
    seen: int = 0


class CursorSigner:
    """Turns cursors into text and back; text from elsewhere, or of another query, is refused."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """The first key signs, all of them read."""
        self._keys = keys

    def write(self, cursor: Cursor) -> str:
        body = msgspec.json.encode(cursor)
        return base64.urlsafe_b64encode(signature(self._keys[0], body, SIGNATURE_BYTES) + body).decode().rstrip("=")

    def read(self, text: str, *, query: str) -> Cursor:
        """Raises MalformedRequest when the text was changed or belongs to another list, filter or order."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            given, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
            if not is_signed(self._keys, body, given, SIGNATURE_BYTES):
                raise MalformedRequest("cursor: not one that was given out here")
            cursor = msgspec.json.decode(body, type=Cursor)
        except (ValueError, msgspec.DecodeError):
            raise MalformedRequest("cursor: not one that was given out here") from None
        if cursor.query != query:
            raise MalformedRequest("cursor: it belongs to another filter or order; start again without it")
        return cursor


def digest(*parts: object) -> str:
    """A short fingerprint of a query, so that its cursors do not work elsewhere."""
    return hashlib.blake2s(repr(parts).encode(), digest_size=6).hexdigest()
