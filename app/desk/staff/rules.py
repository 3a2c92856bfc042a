"""What a member of staff may be, and what a password must be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from app.kit.identifiers import normalise_email
from app.kit.markets import MARKETS
from app.kit.problems import Problem

ADMIN = "admin"
SECOND_FACTOR_ROLES = frozenset({ADMIN, "credit_manager", "fleet_manager"})
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FEWEST_DIFFERENT_LETTERS = 5
LONGEST_NAME = 200


def password_problem(password: str, *, email: str, name: str) -> Problem | None:
    """Why this password is not good enough for this person; length counts, forced character classes do not."""
    if len(password) < SHORTEST_PASSWORD:
        return Problem("password", "too_short", f"Use at least {SHORTEST_PASSWORD} characters; a few words are fine")
    if len(password) > LONGEST_PASSWORD:
        return Problem("password", "too_long", f"Use at most {LONGEST_PASSWORD} characters")
    plain = _plain(password)
    if plain in {_plain(email), _plain(email.partition("@")[0]), _plain(name)}:
        return Problem("password", "too_obvious", "Do not use your name or your e-mail address")
    if len(set(password)) < FEWEST_DIFFERENT_LETTERS:
        return Problem("password", "too_simple", f"Use at least {FEWEST_DIFFERENT_LETTERS} different characters")
    return None


def needs_second_factor(roles: Iterable[str], *, is_demo: bool, is_emergency: bool = False) -> bool:
    """Whether somebody of these roles must enrol a second factor; emergency accounts always, demo accounts never."""
    return is_emergency or (not is_demo and not SECOND_FACTOR_ROLES.isdisjoint(roles))


def check_staff(fields: dict[str, Any], *, known_roles: Collection[str]) -> list[Problem]:
    """What is wrong with a person's name, address, roles and scope; absent `email` is not checked."""
    problems: list[Problem] = []
    name = fields.get("name") or ""
    if not name.strip():
        problems.append(Problem("name", "required", "Enter a name"))
    elif len(name) > LONGEST_NAME:
        problems.append(Problem("name", "too_long", f"Use at most {LONGEST_NAME} characters"))
    if "email" in fields and not normalise_email(fields["email"] or ""):
        problems.append(Problem("email", "invalid", "Enter an e-mail address such as mari.kask@example.com"))
    roles = fields.get("roles") or []
    if not roles:
        problems.append(Problem("roles", "required", "Choose at least one role"))
    elif not set(roles) <= set(known_roles):
        problems.append(Problem("roles", "unknown", "Choose roles of the list"))
    if not set(fields.get("markets") or []) <= set(MARKETS):
        problems.append(Problem("markets", "unknown", "Choose markets of the list"))
    return problems


def rights_in(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Roles and scope among other fields, sorted; a scope of None is everything."""
    markets, branches = fields["markets"], fields["branches"]
    return {
        "roles": sorted({str(role) for role in fields["roles"]}),
        "markets": None if markets is None else sorted(markets),
        "branches": None if branches is None else sorted(branches),
    }


def widens(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether wanted rights have a role, a market or a branch that the present ones have not."""
    if not set(wanted["roles"]) <= set(present["roles"]):
        return True
    return any(
        present[name] is not None and (wanted[name] is None or not set(wanted[name]) <= set(present[name]))
        for name in ("markets", "branches")
    )


def refusal_of_change(*, is_self: bool, loses_admin: bool, other_admins: int) -> str | None:
    """Why somebody's roles, scope or account may not be changed like this: `own_account` or `last_admin`."""
    if is_self:
        return "own_account"
    if loses_admin and other_admins == 0:
        return "last_admin"
    return None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
