"""The sandbox's identity provider as a process of its own, and a portal that trusts it."""

import re
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from app.cli.processes import free_ports, wait_until
from app.cli.run import answers
from app.cli.sandbox import GROUPS
from app.settings import ROOT


@pytest.fixture(scope="session")
def provider_address():
    """Where the provider answers."""
    (port,) = free_ports(1)
    command = [sys.executable, "-P", "-m", "app.cli", "sandbox", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/keys"), seconds=60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def trusting(runtime, monkeypatch, provider_address):
    """The portal with the provider in its settings."""
    settings = runtime.settings.model_copy(
        update={"oidc_issuer": provider_address, "oidc_client_id": "forecourt", "oidc_roles": GROUPS}
    )
    monkeypatch.setattr(runtime, "settings", settings)
    return runtime


class Browser:
    """Somebody on the way to the provider and back."""

    def __init__(self, visitor, provider_address):
        self.visitor, self.provider_address = visitor, provider_address

    async def leave(self, after="/"):
        """To the provider; answers the parameters that were sent along."""
        answer = await self.visitor.get("/sign-in/identity", params={"next": after})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{self.provider_address}/authorize?")
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    async def choose(self, asked, person, fault=""):
        """The provider's page; answers the address it sends back to."""
        async with httpx.AsyncClient(base_url=self.provider_address) as provider:
            page = await provider.get("/authorize", params=asked)
            assert page.status_code == 200
            hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text.partition("<button")[0]))
            sent = await provider.post("/authorize", data=hidden | {"person": person, "fault": fault})
        assert sent.status_code == 303
        return sent.headers["location"]

    async def come_back(self, address):
        parts = urlsplit(address)
        return await self.visitor.get(f"{parts.path}?{parts.query}")

    async def sign_in(self, person, fault="", after="/"):
        return await self.come_back(await self.choose(await self.leave(after), person, fault))


@pytest.fixture
def browser(trusting, visitor, provider_address):
    return Browser(visitor, provider_address)
