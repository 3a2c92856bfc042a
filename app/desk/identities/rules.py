"""What a company account may do here: its groups as roles. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence


def roles_of_groups(
    groups: Iterable[str], mapping: Mapping[str, Sequence[str]], *, known_roles: Collection[str]
) -> list[str]:
    """The roles that the groups give, sorted; groups without an entry and roles that do not exist give nothing."""
    given = {role for group in groups for role in mapping.get(group, ())}
    return sorted(given.intersection(known_roles))


def refusal_to_link(*, is_email_verified: bool, has_email: bool, is_linked_to_other: bool, is_emergency: bool) -> str:
    """Why an account that is here already may not be taken over by this identity: a code, or empty when it may.

    An address that the provider did not verify could be anybody's; an emergency account stays apart from the provider.
    """
    if not has_email or not is_email_verified:
        return "address_not_verified"
    if is_emergency:
        return "emergency_account"
    if is_linked_to_other:
        return "linked_to_other"
    return ""
