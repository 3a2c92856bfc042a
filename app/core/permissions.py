"""Roles, permissions and the map between them. Deny by default: what is not listed is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PUBLIC = "public"
SIGNED_IN = "signed_in"
BULK, EXPORT = "bulk.run", "exports.create"
"""What the shared list page asks for before it offers to work on many rows, or to take them along."""


class Role(StrEnum):
    """What somebody is here to do. One person may hold several."""

    FLEET_CLERK = "fleet_clerk"
    FLEET_MANAGER = "fleet_manager"
    RATE_MANAGER = "rate_manager"
    CREDIT_OFFICER = "credit_officer"
    CREDIT_MANAGER = "credit_manager"
    ENGINEER = "engineer"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_TITLES = {
    Role.FLEET_CLERK: "Fleet clerk",
    Role.FLEET_MANAGER: "Fleet manager",
    Role.RATE_MANAGER: "Rate manager",
    Role.CREDIT_OFFICER: "Credit officer",
    Role.CREDIT_MANAGER: "Credit manager",
    Role.ENGINEER: "Engineer",
    Role.AUDITOR: "Auditor",
    Role.ADMIN: "Administrator",
}

FLEET = (Role.FLEET_CLERK, Role.FLEET_MANAGER)
CREDIT = (Role.CREDIT_OFFICER, Role.CREDIT_MANAGER)
EVERYBODY = tuple(Role)


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that can be allowed, and the roles that are allowed it."""

    key: str
    title: str
    roles: tuple[Role, ...]


class PermissionMap:
    """All permissions of the assembled application."""

    def __init__(self, permissions: Iterable[Permission]) -> None:
        self.known: dict[str, Permission] = {}
        self._of_roles: dict[frozenset[str], frozenset[str]] = {}
        for permission in permissions:
            if permission.key in self.known:
                raise ValueError(f"permission {permission.key} is declared twice")
            self.known[permission.key] = permission

    def of_roles(self, roles: Iterable[str]) -> frozenset[str]:
        """Every permission that at least one of the roles has."""
        held = frozenset(roles)
        found = self._of_roles.get(held)
        if found is None:
            found = frozenset(key for key, permission in self.known.items() if held.intersection(permission.roles))
            self._of_roles[held] = found
        return found

    def __contains__(self, key: str) -> bool:
        return key in (PUBLIC, SIGNED_IN) or key in self.known
