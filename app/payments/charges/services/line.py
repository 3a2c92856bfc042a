"""The payment provider on the line: where it is, how we are known to it, and how much at a time."""

from dataclasses import dataclass, replace
from uuid import UUID

from app.core.partners.client import Call, Partner, Partners
from app.core.partners.outcomes import Outcome, PartnerError
from app.payments.charges.adapters import provider
from app.payments.charges.adapters.provider import Told
from app.payments.charges.models import Charge
from app.settings import Settings

SANDBOX_PATH, SANDBOX_SECRET = "/payments", "sandbox-payments-secret"
KEY = "payments"


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """The provider and our secret with it."""

    partner: Partner
    secret: str


def line_of(settings: Settings) -> ProviderLine | None:
    """The provider that is configured, in development the one of the sandbox; None without either."""
    if settings.payments_url:
        secret = settings.payments_secret.get_secret_value() if settings.payments_secret else ""
        url = settings.payments_url
    elif settings.sandbox_url:
        url, secret = settings.sandbox_url + SANDBOX_PATH, SANDBOX_SECRET
    else:
        return None
    return ProviderLine(Partner(KEY, url, {"payments secret": secret}, most_calls=16), secret)


async def ask(partners: Partners, line: ProviderLine | None, call: Call, charge_id: UUID, market: str) -> Told:
    """Ask the provider. Raises PartnerError."""
    if line is None:
        raise PartnerError("no payment provider is configured", outcome=Outcome.UNREACHABLE)
    about = replace(call, market=market, subject=(Charge.record_kind, charge_id))
    return await partners.call(line.partner, about, provider.read)
