"""Secrets at rest: AES-256-GCM for what must be read again, a keyed hash for what must only be found again."""

import hashlib
import hmac
import os
from collections.abc import Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
NONCE_BYTES = 12


class DecryptionError(Exception):
    """The bytes were changed, or belong to another key or context."""


def encrypt(key: bytes, text: str, context: str) -> bytes:
    """Encrypt a text of one context (such as `staff.totp/<id>`), so that it cannot be moved to another row.

    Layout: format byte, 96-bit random nonce, ciphertext and tag (NIST SP 800-38D); `key` is 32 bytes.
    """
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, text.encode(), context.encode())


def decrypt(keys: Sequence[bytes], sealed: bytes, context: str) -> str:
    """The text that was encrypted with one of the keys. Raises DecryptionError."""
    if sealed[:1] != FORMAT or len(sealed) <= 1 + NONCE_BYTES:
        raise DecryptionError("not a value that was encrypted here")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    for key in keys:
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
    raise DecryptionError("the value was changed, or belongs to another key or context")


def resealed(keys: Sequence[bytes], sealed: bytes, context: str) -> bytes | None:
    """What a later key encrypted, encrypted with the first; None when it is already. Raises DecryptionError."""
    with suppress(DecryptionError):
        decrypt(keys[:1], sealed, context)
        return None
    return encrypt(keys[0], decrypt(keys[1:], sealed, context), context)


def signature(key: bytes, body: bytes, length: int) -> bytes:
    """The first bytes of HMAC-SHA256 over `body`."""
    return hmac.new(key, body, hashlib.sha256).digest()[:length]


def is_signed(keys: Sequence[bytes], body: bytes, given: bytes, length: int) -> bool:
    """Whether one of the keys signed the body, with as many bytes; compared in constant time."""
    return any(hmac.compare_digest(given, signature(key, body, length)) for key in keys)


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA256 as hex: equal texts are found again, and without the key no text can be tried."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
