"""Random tokens, their hashes, and passwords."""

import asyncio
import base64
import hashlib
import secrets as random_source

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

TOKEN_BYTES = 32
hasher = PasswordHasher()
_slots = asyncio.Semaphore(2)


def _hash_of_nothing() -> str:
    """A hash that costs what a real one costs to compare, and that no password fits: its digest is random."""
    salt, digest = (
        base64.b64encode(random_source.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


UNKNOWN_PASSWORD_HASH = _hash_of_nothing()


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
