"""How proving who one is can fail."""

from app.core.errors import AppError, Conflict


class WrongCredentials(AppError):
    """No account, no password yet, disabled, or a wrong password: nobody learns which."""

    code = "invalid_credentials"
    status = 401
    title = "The e-mail address or the password is not right"


class WrongCode(AppError):
    code = "invalid_code"
    status = 401
    title = "The code is not right, or was used before"


class LinkNotUsable(AppError):
    code = "link_not_usable"
    status = 410
    title = "This link was used already or is too old"


class SecondFactorPresent(Conflict):
    code = "second_factor_present"
    title = "A second factor is set up already"


class NoSecondFactor(Conflict):
    code = "no_second_factor"
    title = "No second factor is being set up"


class CodeRequired(AppError):
    """The password was right; the second factor is missing."""

    code = "totp_required"
    status = 401
    title = "Send the code of your second factor as well"


class EnrolmentRequired(AppError):
    """The roles ask for a second factor, which can be set up only in a browser."""

    code = "second_factor_enrolment_required"
    status = 403
    title = "Set up a second factor first"
