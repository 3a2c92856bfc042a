"""A supplier as it is spoken to: its address, its account, its dialect, and how much at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from app.core.crypto import decrypt, encrypt
from app.core.db import AsyncSession
from app.core.partners.client import Partner, Partners
from app.core.sealing import Resealed, Sealed, reseal_rows
from app.kit.hire_limits import HireLimits
from app.rental.suppliers.adapters.interface import Account, Adapter, Exchange
from app.rental.suppliers.adapters.json_rest import JsonRest
from app.rental.suppliers.adapters.ota_xml import OtaXml
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import Dialect, Operation, Stop, missing, stop_for
from app.settings import Settings

T = TypeVar("T")

PURPOSE, CONTEXT, WEBHOOKS = "supplier-secrets", "supplier.secret", "supplier.webhook"
SANDBOX = "sandbox:"
ADAPTERS: Mapping[Dialect, type[OtaXml] | type[JsonRest]] = {Dialect.OTA_XML: OtaXml, Dialect.JSON_REST: JsonRest}


@dataclass(frozen=True, slots=True)
class Line:
    """One supplier on the line."""

    supplier_id: UUID
    code: str
    name: str
    partner: Partner
    adapter: Adapter
    capabilities: frozenset[str]
    stops: Mapping[str, str]
    search_seconds: float
    limits: HireLimits
    has_net_prices: bool = False

    def can(self, operation: Operation) -> bool:
        """Whether it is done by machine; else people do it."""
        return not missing(self.capabilities, operation)

    def is_silent(self, market: str) -> bool:
        """Whether every call of this market is switched off."""
        return stop_for(self.stops, market) is Stop.ALL

    def may_sell(self, market: str) -> bool:
        """Whether new business may be done in a market."""
        return stop_for(self.stops, market) is None


def line_to(supplier: Supplier, settings: Settings) -> Line:
    """The line to a supplier. Raises DecryptionError for a secret that nobody can open."""
    secret = ""
    if supplier.secret_sealed is not None:
        secret = decrypt(settings.keys(PURPOSE), supplier.secret_sealed, f"{CONTEXT}/{supplier.id}")
    account = Account(supplier.account, secret, supplier.currency, has_period_quirk=supplier.has_period_quirk)
    url = supplier.base_url
    if url.startswith(SANDBOX):
        url = settings.sandbox_url + url.removeprefix(SANDBOX)
    return Line(
        supplier_id=supplier.id,
        code=supplier.code,
        name=supplier.name,
        partner=Partner(supplier.partner_key, url, {"supplier secret": secret}, most_calls=supplier.most_calls),
        adapter=ADAPTERS[supplier.dialect](account),
        capabilities=frozenset(supplier.capabilities),
        stops=supplier.stops,
        search_seconds=supplier.search_milliseconds / 1000,
        limits=HireLimits.read(supplier.limits),
        has_net_prices=supplier.has_net_prices,
    )


async def ask(
    partners: Partners,
    line: Line,
    exchange: Exchange[T],
    *,
    market: str | None,
    subject: tuple[str, UUID] | None = None,
) -> T:
    """Ask a supplier. Raises PartnerError, of which SupplierRefused says no in our words."""
    subject = subject or (Supplier.record_kind, line.supplier_id)
    call = replace(exchange.call, market=market, subject=subject)
    return await partners.call(line.partner, call, exchange.read)


def seal_secret(settings: Settings, supplier_id: UUID, secret: str) -> bytes:
    """A supplier's secret as it is kept."""
    return encrypt(settings.key(PURPOSE), secret, f"{CONTEXT}/{supplier_id}")


def seal_webhook(settings: Settings, supplier_id: UUID, key: str) -> bytes:
    """What a supplier signs its messages with, as it is kept."""
    return encrypt(settings.key(PURPOSE), key, f"{WEBHOOKS}/{supplier_id}")


def webhook_keys(supplier: Supplier, settings: Settings) -> list[bytes]:
    """The keys by which a supplier's messages are believed: the present one and the one before."""
    sealed = (supplier.webhook_sealed, supplier.webhook_before_sealed)
    keys = settings.keys(PURPOSE)
    return [decrypt(keys, each, f"{WEBHOOKS}/{supplier.id}").encode() for each in sealed if each is not None]


async def reseal_suppliers(session: AsyncSession, settings: Settings, after: UUID | None) -> Resealed:
    """Seal the next suppliers' secrets with the present key."""
    webhooks = (Sealed("webhook_sealed", WEBHOOKS), Sealed("webhook_before_sealed", WEBHOOKS))
    sealed = (Sealed("secret_sealed", CONTEXT), *webhooks)
    return await reseal_rows(session, Supplier, sealed, settings.keys(PURPOSE), after=after)
