"""Time-based one-time passwords (RFC 6238) and the recovery codes for the day the device is lost."""

import hmac
import secrets as random_source
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import CursorResult, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.auth.models import RecoveryCode
from app.core.crypto import keyed_hash
from app.core.database_clock import database_time
from app.core.db import Database, security_transaction

ISSUER = "Forecourt"
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How many steps a device's clock may be off either way."""

RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

_USE_STEP = text("INSERT IGNORE INTO used_totp_step (staff_id, step) VALUES (:staff_id, :step)")


def new_secret() -> str:
    """160 random bits as base32, as authenticator apps expect them."""
    return random_base32()


def enrolment_address(secret: str, account: str) -> str:
    """The `otpauth://` address that an authenticator app reads from a QR code."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """The time step (of 30 s since 1970) whose code this is, within one step of the moment; None for a wrong code."""
    wanted = code.replace(" ", "")
    present = int(moment.timestamp()) // STEP_SECONDS
    generator = TOTP(secret, interval=STEP_SECONDS)
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), wanted.encode()):
            found = step
    return found


async def use_step(database: Database, staff_id: UUID, step: int) -> bool:
    """Note that the code of a step was used; False when it was before. Survives whatever becomes of the request."""
    async with security_transaction(database) as session:
        result = await session.execute(_USE_STEP, {"staff_id": str(staff_id), "step": step})
        assert isinstance(result, CursorResult)
        return result.rowcount == 1


def new_recovery_codes() -> list[str]:
    """Ten codes of 49 random bits, written in two groups."""
    half = RECOVERY_LENGTH // 2
    codes = [
        "".join(random_source.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return [f"{code[:half]}-{code[half:]}" for code in codes]


async def replace_recovery_codes(session: AsyncSession, staff_id: UUID, codes: Sequence[str], *, key: bytes) -> None:
    """Keep these codes, hashed, in the place of all earlier ones."""
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, code_hash=_code_hash(key, staff_id, code)) for code in codes)
    await session.flush()


async def use_recovery_code(database: Database, staff_id: UUID, code: str, *, keys: Sequence[bytes]) -> bool:
    """Spend a recovery code; False when it is unknown or was used. Survives whatever becomes of the request."""
    statement = update(RecoveryCode).where(
        col(RecoveryCode.staff_id) == staff_id,
        col(RecoveryCode.code_hash).in_([_code_hash(key, staff_id, code) for key in keys]),
        col(RecoveryCode.used_at).is_(None),
    )
    async with security_transaction(database) as session:
        result = await session.execute(statement.values(used_at=database_time()))
        assert isinstance(result, CursorResult)
        return result.rowcount == 1


async def count_recovery_codes(session: AsyncSession, staff_id: UUID) -> int:
    """How many codes are left."""
    statement = select(func.count()).where(col(RecoveryCode.staff_id) == staff_id, col(RecoveryCode.used_at).is_(None))
    return int((await session.execute(statement)).scalar_one())


def _code_hash(key: bytes, staff_id: UUID, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return keyed_hash(key, f"{staff_id}/{plain}")
