"""Who is here and what they may do: added, changed, disabled and enabled by administrators.

Nobody gives rights alone: what widens somebody's rights waits for another administrator, what narrows them is done at
once. Only the system itself, which is the command line, gives them at once: somebody has to be the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.actor import SYSTEM, Actor
from app.core.approvals import Asked
from app.core.auth.links import LinkPurpose, make_link, void_links_of
from app.core.auth.secrets import hash_password
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import Conflict, InvalidFields, StaleVersion
from app.core.permissions import Role
from app.desk.approvals.models import Approval
from app.desk.staff import approvals, queries, rules
from app.desk.staff.models import Staff
from app.desk.staff.services.identity import end_access
from app.kit.problems import Problem


class NotYourOwnAccount(Conflict):
    code = "own_account"
    title = "This is your own account"
    advice = "Nothing was changed. Another administrator can do it."


class LastAdministrator(Conflict):
    code = "last_admin"
    title = "This is the last active administrator"
    advice = "Nothing was changed. Make somebody else an administrator first."


class InvitationAccepted(Conflict):
    code = "invitation_accepted"
    title = "This person has a password already"
    advice = "Nothing was sent."


REFUSALS: dict[str, tuple[type[Conflict], str]] = {
    "own_account": (NotYourOwnAccount, "Nobody changes their own roles or scope, or disables themselves."),
    "last_admin": (LastAdministrator, "Make somebody else an administrator first."),
}


@dataclass(frozen=True, slots=True)
class Edited:
    """A person after an edit, and what of it waits for another administrator."""

    staff: Staff
    waits: Approval | None = None


async def create_staff(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    roles: Sequence[str],
    markets: Sequence[str] | None = None,
    branches: Sequence[str] | None = None,
    password: str | None = None,
    is_demo: bool = False,
    is_emergency: bool = False,
    actor: Actor,
) -> Staff:
    """Add a person with their rights; without a password they need an invitation. Raises InvalidFields."""
    await _refuse_new(session, {"email": email, "name": name, "roles": list(roles), "markets": markets})
    staff = Staff(
        email=email.strip().lower(),
        name=name.strip(),
        roles=sorted({str(role) for role in roles}),
        markets=None if markets is None else sorted(markets),
        branches=None if branches is None else sorted(branches),
        password_hash=await hash_password(password) if password else None,
        is_demo=is_demo,
        is_emergency=is_emergency,
    )
    session.add(staff)
    await record(session, "staff.invited", staff, actor=actor, facts={"roles": staff.roles})
    return staff


async def invite_staff(session: AsyncSession, *, fields: dict[str, Any], actor: Actor) -> tuple[Staff, str]:
    """Add a person and make the link by which they choose a password; they come without rights, which are asked for."""
    if actor == SYSTEM:
        staff = await create_staff(session, **fields, actor=actor)
    else:
        await _refuse_new(session, fields)
        staff = Staff(email=fields["email"].strip().lower(), name=fields["name"].strip(), markets=[], branches=[])
        session.add(staff)
        await record(session, "staff.invited", staff, actor=actor)
        await approvals.request_rights(session, staff, rules.rights_in(fields), actor=actor)
    return staff, await make_link(session, staff.id, LinkPurpose.INVITATION)


async def renew_invitation(session: AsyncSession, staff_id: UUID, *, actor: Actor) -> tuple[Staff, str]:
    """A new link for somebody who has no password yet; the earlier one stops working."""
    staff = await queries.lock_staff(session, staff_id)
    if staff.password_hash or staff.is_disabled:
        raise InvitationAccepted("They can ask for a reset at the sign-in page.")
    await void_links_of(session, staff.id)
    await record(session, "staff.invitation_renewed", staff, actor=actor)
    return staff, await make_link(session, staff.id, LinkPurpose.INVITATION)


async def edit_staff(
    session: AsyncSession, staff_id: UUID, *, version: int, fields: dict[str, Any], actor: Actor
) -> Edited:
    """Change a person's name and rights; rights that become wider wait for another administrator.

    Raises StaleVersion, NotYourOwnAccount, LastAdministrator.
    """
    problems = rules.check_staff(fields, known_roles=list(Role))
    if problems:
        raise InvalidFields(problems)
    admins = await queries.lock_active_admins(session)
    staff = await queries.lock_staff(session, staff_id)
    if staff.version != version:
        raise StaleVersion("Load the page again to see what they did, then repeat your change.")
    present, wanted = rules.rights_in(staff.model_dump()), rules.rights_in(fields)
    _refuse_change(
        staff,
        admins,
        is_self=actor.id == staff.id and present != wanted,
        loses_admin=rules.ADMIN not in wanted["roles"],
    )
    is_widened = actor != SYSTEM and rules.widens(present, wanted)
    await _change(session, staff, {"name": fields["name"]} | (present if is_widened else wanted), actor=actor)
    if not is_widened:
        return Edited(staff)
    return Edited(staff, await approvals.request_rights(session, staff, wanted, actor=actor))


async def carry_out_grant(session: AsyncSession, asked: Asked, actor: Actor) -> Staff:
    """Give the rights that were agreed to."""
    admins = await queries.lock_active_admins(session)
    staff = await queries.lock_staff(session, asked.subject_id)
    rights = rules.rights_in(asked.payload)
    _refuse_change(staff, admins, is_self=actor.id == staff.id, loses_admin=rules.ADMIN not in rights["roles"])
    return await _change(session, staff, rights, actor=actor)


async def disable_staff(session: AsyncSession, staff_id: UUID, *, reason: str, actor: Actor) -> Staff:
    """Take the access away at once: sessions, tokens and links end in the same transaction."""
    admins = await queries.lock_active_admins(session)
    staff = await queries.lock_staff(session, staff_id)
    _refuse_change(staff, admins, is_self=actor.id == staff.id, loses_admin=True)
    if changed := apply(staff, {"is_disabled": True}):
        await end_access(session, staff)
        await record(session, "staff.disabled", staff, actor=actor, why=reason, changes=changed)
        await approvals.void_changed(session, staff, actor=actor)
    return staff


async def enable_staff(session: AsyncSession, staff_id: UUID, *, actor: Actor) -> Staff:
    """Let somebody sign in again; what was open before stays ended."""
    staff = await queries.lock_staff(session, staff_id)
    if changed := apply(staff, {"is_disabled": False}):
        await end_access(session, staff)
        await record(session, "staff.enabled", staff, actor=actor, changes=changed)
        await approvals.void_changed(session, staff, actor=actor)
    return staff


async def _change(session: AsyncSession, staff: Staff, values: Mapping[str, Any], *, actor: Actor) -> Staff:
    if changed := apply(staff, values):
        await record(session, "staff.edited", staff, actor=actor, changes=changed)
        await approvals.void_changed(session, staff, actor=actor)
    return staff


async def _refuse_new(session: AsyncSession, fields: Mapping[str, Any]) -> None:
    problems = rules.check_staff(dict(fields), known_roles=list(Role))
    if not problems and await queries.find_by_email(session, fields["email"]):
        problems.append(Problem("email", "taken", "Somebody with this address is here already"))
    if problems:
        raise InvalidFields(problems)


def _refuse_change(staff: Staff, admins: Sequence[UUID], *, is_self: bool, loses_admin: bool) -> None:
    others = len([admin for admin in admins if admin != staff.id])
    is_admin = staff.id in admins
    if refusal := rules.refusal_of_change(is_self=is_self, loses_admin=loses_admin and is_admin, other_admins=others):
        kind, detail = REFUSALS[refusal]
        raise kind(detail)
