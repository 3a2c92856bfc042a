"""Random tokens, their hashes, and passwords."""

import asyncio
import hashlib
import secrets as random_source

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

TOKEN_BYTES = 32
hasher = PasswordHasher()
_slots = asyncio.Semaphore(2)
UNKNOWN_PASSWORD_HASH = hasher.hash(random_source.token_urlsafe(16))


def new_token() -> str:
    """A secret nobody can guess, safe in addresses and cookies."""
    return random_source.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 as hex: tokens are random, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


async def hash_password(password: str) -> str:
    """Argon2id in a thread; two at a time, each takes 64 MiB."""
    async with _slots:
        return await asyncio.to_thread(hasher.hash, password)


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; an unknown account takes as long as a known one."""
    async with _slots:
        fits = await asyncio.to_thread(_verify, stored or UNKNOWN_PASSWORD_HASH, password)
    return fits and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
