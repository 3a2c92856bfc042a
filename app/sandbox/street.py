"""Every company of the sandbox behind one port, each at its own path; they share nothing but the address."""

import os

from litestar.types import ASGIApp, Receive, Scope, Send

from app.sandbox.identity import create_identity_provider
from app.sandbox.payments.provider import create_provider
from app.sandbox.suppliers.catalogue import COMPANIES
from app.sandbox.suppliers.company import create_company

SUPPLIERS, PAYMENTS = "/suppliers", "/payments"


class Street:
    """Finds the company by the beginning of the path; what is nobody's is the identity provider's."""

    def __init__(self, issuer: str) -> None:
        self._companies: dict[str, ASGIApp] = {f"{SUPPLIERS}/{code}": create_company(code) for code in COMPANIES}
        self._companies[PAYMENTS] = create_provider()
        self._provider = create_identity_provider(issuer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._provider(scope, receive, send)
            return
        for prefix, company in self._companies.items():
            if scope["path"].startswith(f"{prefix}/"):
                path = scope["path"].removeprefix(prefix)
                await company({**scope, "path": path, "raw_path": path.encode()}, receive, send)  # pyright: ignore
                return
        await self._provider(scope, receive, send)


def create_from_environment() -> Street:
    """The companies as a server starts them."""
    return Street(os.environ["SANDBOX_ISSUER"])
