"""What the pages of staff and accounts show."""

from dataclasses import dataclass

import segno
from markupsafe import Markup

from app.core.auth.second_factor import enrolment_address
from app.desk.staff.forms import Code, SignIn

QR_SCALE = 4


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Address and password, and where to go afterwards."""

    form: SignIn
    after: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """The code of the second factor."""

    form: Code
    after: str


@dataclass(frozen=True, slots=True)
class EnrolmentPage:
    """What an authenticator app must learn, as a picture and as text."""

    form: Code
    picture: Markup
    secret: str
    after: str

    @classmethod
    def of(cls, form: Code, account: str, secret: str, after: str = "/") -> "EnrolmentPage":
        groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
        return cls(form, qr_picture(enrolment_address(secret, account)), groups, after)


@dataclass(frozen=True, slots=True)
class RecoveryCodesPage:
    """The codes, shown once."""

    codes: list[str]
    after: str


def qr_picture(text: str) -> Markup:
    """A QR code as SVG markup, dark on white in every theme, sized by attributes as the content policy wants it."""
    return Markup(segno.make(text, error="m").svg_inline(scale=QR_SCALE, dark="#000", light="#fff", border=2))  # noqa: S704 - made here, from numbers
