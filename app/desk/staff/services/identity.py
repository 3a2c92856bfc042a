"""How members of staff prove who they are, and the secrets with which they do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from app.core.actor import Actor
from app.core.auth import second_factor, throttle
from app.core.auth.errors import (
    CodeRequired,
    EnrolmentRequired,
    LinkNotUsable,
    NoSecondFactor,
    SecondFactorPresent,
    WrongCode,
    WrongCredentials,
)
from app.core.auth.links import SETS_PASSWORD, LinkPurpose, find_link, make_link, use_link, void_links_of
from app.core.auth.secrets import hash_password, verify_password
from app.core.auth.sessions import end_session, end_sessions_of, idle_of_roles, start_session
from app.core.auth.staff import StaffFacts
from app.core.auth.tokens import revoke_tokens_of
from app.core.changes import record
from app.core.crypto import decrypt, encrypt
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession, run_in_unit
from app.core.errors import InvalidFields, TooManyRequests
from app.core.mail import Mail, deliver
from app.core.read_pool import ReadPool
from app.core.runtime import Runtime
from app.core.sealing import Resealed, Sealed, reseal_rows
from app.desk.staff import adapters, queries, rules, writes
from app.desk.staff.models import Staff

logger = structlog.get_logger()


list_active = queries.list_active


STAFF_TABLE = queries.STAFF_TABLE


async def load_staff_facts(reads: ReadPool, staff_id: str) -> StaffFacts | None:
    """The loader that sessions and tokens use."""
    return await queries.find_facts(reads, staff_id)


def as_actor(staff: Staff) -> Actor:
    """Somebody acting for their own account before, or without, being signed in."""
    return Actor(id=staff.id, kind="staff", name=staff.name, email=staff.email, roles=tuple(staff.roles))


async def check_password(session: AsyncSession, runtime: Runtime, *, email: str, password: str, address: str) -> Staff:
    """The person of these credentials. Raises WrongCredentials, or TooManyRequests when it was tried too often."""
    buckets = [throttle.account_bucket(email), throttle.address_bucket(address)]
    await throttle.admit(runtime.database, buckets)
    known = await queries.find_credentials(runtime.database.reads, email)
    fits = len(password) <= rules.LONGEST_PASSWORD and await verify_password(
        known.password_hash if known else None, password
    )
    is_meant = known is not None and (known.is_emergency or not runtime.settings.oidc_only)
    if known is None or not fits or not is_meant:
        logger.warning("sign_in_refused", address=address, staff=str(known.staff_id) if known else None)
        raise WrongCredentials
    await throttle.forgive(runtime.database, buckets)
    return await queries.get_staff(session, known.staff_id)


async def check_code(session: AsyncSession, runtime: Runtime, staff: Staff, code: str) -> None:
    """A code of the device, or a recovery code; each good once. Raises WrongCode or TooManyRequests."""
    bucket = throttle.second_factor_bucket(staff.id)
    await throttle.admit(runtime.database, [bucket])
    keys = runtime.settings.keys("recovery-codes")
    if not await _is_device_code(session, runtime, staff, code) and not await second_factor.use_recovery_code(
        runtime.database, staff.id, code, keys=keys
    ):
        logger.warning("second_factor_refused", staff=str(staff.id))
        raise WrongCode
    await throttle.forgive(runtime.database, [bucket])


async def _is_device_code(session: AsyncSession, runtime: Runtime, staff: Staff, code: str) -> bool:
    if staff.totp_secret is None:
        return False
    secret = decrypt(runtime.settings.keys("totp"), staff.totp_secret, _totp_context(staff))
    step = second_factor.matching_step(secret, code, await read_database_time(session))
    return step is not None and await second_factor.use_step(runtime.database, staff.id, step)


async def check_second_factor(session: AsyncSession, runtime: Runtime, staff: Staff, code: str | None) -> None:
    """The second factor of an API sign-in. Raises CodeRequired, EnrolmentRequired, WrongCode or TooManyRequests."""
    if must_enrol(staff):
        raise EnrolmentRequired("Sign in with a browser once.")
    if staff.totp_since is None:
        return
    if not code:
        raise CodeRequired
    await check_code(session, runtime, staff, code)


def must_enrol(staff: Staff) -> bool:
    """Whether the person's roles ask for a second factor that is not set up yet."""
    return staff.totp_since is None and rules.needs_second_factor(
        staff.roles, is_demo=staff.is_demo, is_emergency=staff.is_emergency
    )


async def sign_in(
    session: AsyncSession, staff: Staff, *, address: str, browser: str, replaces: UUID | None = None
) -> str:
    """Start a session after every factor was right; answers the cookie's value. The session it replaces ends."""
    if replaces:
        await end_session(session, replaces)
    token, _ = await start_session(session, staff.id, address=address, browser=browser, idle=idle_of_roles(staff.roles))
    await writes.note_sign_in(session, staff.id)
    action = "staff.signed_in_in_emergency" if staff.is_emergency else "staff.signed_in"
    await record(session, action, staff, actor=as_actor(staff), facts={"address": address})
    return token


async def note_tokens(session: AsyncSession, staff: Staff, *, address: str) -> None:
    """Note a sign-in of an API client."""
    await writes.note_sign_in(session, staff.id)
    await record(session, "staff.signed_in_to_api", staff, actor=as_actor(staff), facts={"address": address})


async def record_ended_sessions(session: AsyncSession, actor: Actor) -> None:
    """Note that somebody ended sessions of their own."""
    assert actor.id is not None
    await record(session, "staff.sessions_ended", await queries.get_staff(session, actor.id), actor=actor)


# Passwords and links


async def send_reset(runtime: Runtime, email: str) -> None:
    """Mail a link to an active account of this address; run after the answer, whose time then tells nobody anything."""
    try:
        await throttle.admit(runtime.database, [throttle.reset_bucket(email)])
    except TooManyRequests:
        return
    mail = await run_in_unit(runtime.database, lambda session: _make_reset(session, runtime, email))
    if mail:
        await deliver(runtime.settings, runtime.database, mail)


async def _make_reset(session: AsyncSession, runtime: Runtime, email: str) -> Mail | None:
    staff = await queries.find_by_email(session, email)
    if staff is None or staff.is_disabled:
        return None
    token = await make_link(session, staff.id, LinkPurpose.RESET)
    await record(session, "staff.reset_requested", staff, actor=as_actor(staff))
    return adapters.reset_mail(runtime.settings, staff, token)


async def send_invitation(runtime: Runtime, staff: Staff, token: str) -> None:
    """Mail the link of an invitation; run after its commit."""
    await deliver(runtime.settings, runtime.database, adapters.invitation_mail(runtime.settings, staff, token))


async def open_password_link(session: AsyncSession, token: str) -> Staff:
    """Whose password a link may set. Raises LinkNotUsable."""
    link = await find_link(session, token, SETS_PASSWORD)
    staff = await queries.find_staff(session, link.staff_id) if link else None
    if staff is None or staff.is_disabled:
        raise LinkNotUsable("Ask for a new one.")
    return staff


async def set_password_by_link(session: AsyncSession, token: str, *, fields: dict[str, Any]) -> Staff:
    """Spend a link on a new password. Raises LinkNotUsable, or InvalidFields while the link stays good."""
    staff, password = await open_password_link(session, token), str(fields["password"])
    _refuse_weak(staff, password)
    hashed = await hash_password(password)
    staff = await queries.lock_staff(session, staff.id)
    link = await find_link(session, token, SETS_PASSWORD)
    if link is None or staff.is_disabled or not await use_link(session, link):
        raise LinkNotUsable("Ask for a new one.")
    await _set_hash(session, staff, hashed, actor=as_actor(staff))
    return staff


async def change_password(session: AsyncSession, staff: Staff, password: str, *, actor: Actor) -> None:
    """Set a password after the present one was checked."""
    _refuse_weak(staff, password)
    await _set_hash(session, staff, await hash_password(password), actor=actor)


async def reset_demo_password(session: AsyncSession, staff: Staff, password: str, *, actor: Actor) -> None:
    """Give a demo account the password of the settings, unless it has it already."""
    if staff.is_demo and not await verify_password(staff.password_hash, password):
        await _set_hash(session, staff, await hash_password(password), actor=actor)


def _refuse_weak(staff: Staff, password: str) -> None:
    if problem := rules.password_problem(password, email=staff.email, name=staff.name):
        raise InvalidFields([problem])


async def _set_hash(session: AsyncSession, staff: Staff, hashed: str, *, actor: Actor) -> None:
    staff.password_hash = hashed
    await end_access(session, staff)
    await record(session, "staff.password_set", staff, actor=actor)


async def end_access(session: AsyncSession, staff: Staff) -> None:
    """End every session, API token and open link of a person."""
    await end_sessions_of(session, staff.id)
    await revoke_tokens_of(session, staff.id)
    await void_links_of(session, staff.id)


async def begin_second_factor(session: AsyncSession, runtime: Runtime, staff: Staff) -> None:
    """Make the secret that a device is to learn; it counts only once a code of it was confirmed."""
    if staff.totp_since is not None:
        raise SecondFactorPresent
    secret = second_factor.new_secret()
    staff.totp_secret = encrypt(runtime.settings.key("totp"), secret, _totp_context(staff))
    await record(session, "staff.second_factor_begun", staff, actor=as_actor(staff))


def enrolment_secret(runtime: Runtime, staff: Staff) -> str:
    """The secret to show while it is being set up. Raises NoSecondFactor."""
    if staff.totp_secret is None or staff.totp_since is not None:
        raise NoSecondFactor
    return decrypt(runtime.settings.keys("totp"), staff.totp_secret, _totp_context(staff))


async def reseal_second_factors(session: AsyncSession, keys: Sequence[bytes], after: UUID | None) -> Resealed:
    """Seal the secrets of the next people's devices with the present key."""
    return await reseal_rows(session, Staff, [Sealed("totp_secret", "staff.totp_secret")], keys, after=after)


async def confirm_second_factor(session: AsyncSession, runtime: Runtime, staff: Staff, code: str) -> list[str]:
    """Switch the second factor on with a first code; answers the recovery codes once."""
    enrolment_secret(runtime, staff)
    bucket = throttle.second_factor_bucket(staff.id)
    await throttle.admit(runtime.database, [bucket])
    if not await _is_device_code(session, runtime, staff, code):
        raise WrongCode
    await throttle.forgive(runtime.database, [bucket])
    staff.totp_since = await read_database_time(session)
    await record(session, "staff.second_factor_enabled", staff, actor=as_actor(staff))
    return await _new_codes(session, runtime, staff)


async def renew_recovery_codes(session: AsyncSession, runtime: Runtime, staff: Staff) -> list[str]:
    """Ten new codes in the place of the old ones."""
    if staff.totp_since is None:
        raise NoSecondFactor
    await record(session, "staff.recovery_codes_renewed", staff, actor=as_actor(staff))
    return await _new_codes(session, runtime, staff)


async def count_recovery_codes(session: AsyncSession, staff: Staff) -> int:
    """How many recovery codes are left."""
    return await second_factor.count_recovery_codes(session, staff.id)


async def remove_second_factor(session: AsyncSession, staff: Staff, *, actor: Actor) -> None:
    """Forget the device and the recovery codes; where the roles ask for one, the next sign-in sets up another."""
    if staff.totp_since is None:
        raise NoSecondFactor
    staff.totp_secret, staff.totp_since = None, None
    await second_factor.replace_recovery_codes(session, staff.id, [], key=b"")
    await record(session, "staff.second_factor_removed", staff, actor=actor)
    if must_enrol(staff) or actor.id != staff.id:
        await end_access(session, staff)


async def _new_codes(session: AsyncSession, runtime: Runtime, staff: Staff) -> list[str]:
    codes = second_factor.new_recovery_codes()
    await second_factor.replace_recovery_codes(session, staff.id, codes, key=runtime.settings.key("recovery-codes"))
    return codes


def _totp_context(staff: Staff) -> str:
    return f"staff.totp_secret/{staff.id}"
