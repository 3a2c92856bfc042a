"""Secrets at rest: AES-256-GCM for what must be read again, a keyed hash for what must only be found again."""

import hashlib
import hmac
import os

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


def decrypt(key: bytes, sealed: bytes, context: str) -> str:
    """The text that was encrypted. Raises DecryptionError."""
    if sealed[:1] != FORMAT or len(sealed) <= 1 + NONCE_BYTES:
        raise DecryptionError("not a value that was encrypted here")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
    except InvalidTag:
        raise DecryptionError("the value was changed, or belongs to another key or context") from None


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA256 as hex: equal texts are found again, and without the key no text can be tried."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
