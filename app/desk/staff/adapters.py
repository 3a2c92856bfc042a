"""What is written to people by mail: every link begins with the configured address, never with a header's."""

from app.core.mail import Mail
from app.desk.staff.models import Staff
from app.settings import Settings

RESET = """Hello {name},

somebody asked for a new password for your Forecourt account. This link sets one; it works once, for one hour:

{link}

If it was not you, do nothing: your password stays as it is.
"""
INVITATION = """Hello {name},

an account was made for you at Forecourt. Choose your password with this link; it works once, for 72 hours:

{link}

You sign in as {email}.
"""


def password_link(settings: Settings, token: str) -> str:
    """Where a password is chosen with a single-use link."""
    return f"{settings.base_url}/password/new/{token}"


def reset_mail(settings: Settings, staff: Staff, token: str) -> Mail:
    """The answer to a forgotten password; goes to the address on record, not to the one that was typed."""
    text = RESET.format(name=staff.name, link=password_link(settings, token))
    return Mail(staff.email, "Your new Forecourt password", text)


def invitation_mail(settings: Settings, staff: Staff, token: str) -> Mail:
    """The welcome of a new member of staff."""
    text = INVITATION.format(name=staff.name, email=staff.email, link=password_link(settings, token))
    return Mail(staff.email, "Your Forecourt account", text)
