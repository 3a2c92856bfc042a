"""What people type to sign in and to look after accounts."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from app.core.forms import Form


class SecretForm(Form):
    """A form with a password, which is taken exactly as typed."""

    model_config = ConfigDict(str_strip_whitespace=False)


class SignIn(SecretForm):
    email: str
    password: str


class Code(Form):
    code: str


class Forgotten(Form):
    email: str


class NewPassword(SecretForm):
    password: str


class ChangePassword(SecretForm):
    present: str
    password: str


class Confirm(SecretForm):
    """The present password, asked for again before the second factor changes."""

    present: str


class StaffFields(Form):
    """A person's name, roles and scope; the scopes count only when `all_...` is not ticked."""

    many: ClassVar[frozenset[str]] = frozenset({"roles", "markets", "branches"})

    name: str
    roles: list[str] = Field(default_factory=list)
    all_markets: bool = False
    markets: list[str] = Field(default_factory=list)
    all_branches: bool = False
    branches: list[str] = Field(default_factory=list)


class InviteStaff(StaffFields):
    email: str


class EditStaff(StaffFields):
    version: int


class DisableStaff(Form):
    reason: str = Field(min_length=1)
