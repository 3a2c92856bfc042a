"""Signing in with the company account: who it is here, and what the groups allow."""

import structlog

from app.core.actor import SYSTEM
from app.core.auth.identities import Identity
from app.core.changes import apply, record
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import AppError
from app.core.permissions import Role
from app.core.runtime import Runtime
from app.desk.identities import queries, rules
from app.desk.identities.models import StaffIdentity
from app.desk.staff.models import Staff
from app.desk.staff.services import access
from app.desk.staff.services import identity as proving

logger = structlog.get_logger()


class NoAccess(AppError):
    """The provider vouches for the person, but nothing here is for them."""

    code = "no_access"
    status = 403
    title = "Your company account has no access to Forecourt"


WORDS = {
    "no_role": "None of your groups has a role here. Ask an administrator.",
    "disabled": "Your account here is disabled. Ask an administrator.",
    "address_not_verified": "Your company account has no verified e-mail address.",
    "emergency_account": "This address belongs to an emergency account, which signs in with its password.",
    "linked_to_other": "This address belongs to another company account. Ask an administrator.",
}


async def admit(session: AsyncSession, runtime: Runtime, identity: Identity) -> Staff:
    """The account of this identity with the roles of its groups; made or linked at the first sign-in.

    Raises NoAccess when the groups give no role, the account is disabled, or an address cannot be trusted.
    """
    mapping = runtime.settings.oidc_roles
    roles = rules.roles_of_groups(identity.groups, mapping, known_roles=[str(role) for role in Role])
    if not roles:
        raise _no_access(identity, "no_role")
    known = await queries.lock_identity(session, identity.issuer, identity.subject)
    if known is None:
        staff = await _link(session, identity, roles)
    else:
        staff = await queries.lock_staff(session, known.staff_id)
        known.groups, known.last_used_at = list(identity.groups), await read_database_time(session)
    if staff.is_disabled:
        raise _no_access(identity, "disabled")
    if changed := apply(staff, {"roles": roles}):
        facts = {"groups": list(identity.groups)}
        actor = proving.as_actor(staff)
        why = "The groups of the company account changed."
        await record(session, "staff.roles_followed", staff, actor=actor, why=why, changes=changed, facts=facts)
    return staff


async def _link(session: AsyncSession, identity: Identity, roles: list[str]) -> Staff:
    """The account of the verified address, or a new one; from now on the subject is what counts."""
    staff = await queries.find_staff(session, identity.email) if identity.email else None
    refusal = rules.refusal_to_link(
        is_email_verified=identity.is_email_verified,
        has_email=bool(identity.email),
        is_emergency=staff is not None and staff.is_emergency,
        is_linked_to_other=staff is not None
        and await queries.find_of_staff(session, identity.issuer, staff.id) is not None,
    )
    if refusal:
        raise _no_access(identity, refusal)
    if staff is None:
        staff = await access.create_staff(
            session, email=identity.email, name=identity.name or identity.email, roles=roles, actor=SYSTEM
        )
    session.add(
        StaffIdentity(staff_id=staff.id, issuer=identity.issuer, subject=identity.subject, groups=list(identity.groups))
    )
    await record(
        session,
        "staff.identity_linked",
        staff,
        actor=proving.as_actor(staff),
        facts={"issuer": identity.issuer, "subject": identity.subject},
    )
    return staff


def _no_access(identity: Identity, reason: str) -> NoAccess:
    logger.warning("identity_without_access", reason=reason, subject=identity.subject)
    return NoAccess(WORDS[reason])
