"""Which addresses we speak to: names are resolved by us, and private networks are closed unless settings open them."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from app.core.partners.outcomes import Outcome, PartnerError

Network = IPv4Network | IPv6Network


class AddressBlocked(PartnerError):
    code = "partner_address_blocked"
    title = "This address is not spoken to"
    outcome = Outcome.BLOCKED


def require_open(url: str, opened: Sequence[Network]) -> None:
    """Refuse what no partner's address looks like. Names are looked at again when they are resolved.

    Raises AddressBlocked.
    """
    parts = URL(url)
    if parts.scheme not in ("http", "https") or not parts.host or parts.user or parts.password:
        raise AddressBlocked(f"{parts.scheme}://{parts.host} is not an address of a partner.")
    try:
        address = ip_address(parts.host)
    except ValueError:
        if parts.scheme == "http" and not opened:
            raise AddressBlocked(f"{parts.host}: partners are reached by https.") from None
        return
    if not is_open(address, opened):
        raise AddressBlocked(f"{address} is in a network that is closed.")
    if parts.scheme == "http" and not _is_in(address, opened):
        raise AddressBlocked(f"{address}: partners are reached by https.")


def is_open(address: IPv4Address | IPv6Address, opened: Sequence[Network]) -> bool:
    """Whether an address is one of the internet, or of a network that was opened."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return (address.is_global and not address.is_multicast) or _is_in(address, opened)


def _is_in(address: IPv4Address | IPv6Address, opened: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in opened)


class OpenResolver(AbstractResolver):
    """Resolves a name once per connection and connects to exactly what was looked at."""

    def __init__(self, opened: Sequence[Network]) -> None:
        self._opened = opened
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if is_open(ip_address(each["host"].partition("%")[0]), self._opened)]
        if found and not kept:
            raise AddressBlocked(f"{host} leads into a network that is closed.")
        return kept

    async def close(self) -> None:
        await self._inner.close()
