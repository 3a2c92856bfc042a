"""The sandbox as a process of its own, and its companies as tests speak with them behind the portal's back."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.cli.processes import free_ports, wait_until
from app.cli.run import answers
from app.sandbox.suppliers.catalogue import COMPANIES
from app.settings import ROOT


@dataclass(frozen=True)
class Played:
    """One company: its address, its faults, and what it really has."""

    url: str

    def switch_on(self, fault: str, operation: str = "*", **more: Any) -> None:
        given = {"operation": operation, "fault": fault, **more}
        httpx.post(f"{self.url}/control/faults", json=given).raise_for_status()

    def switch_off(self) -> None:
        httpx.delete(f"{self.url}/control/faults").raise_for_status()

    def reservations(self, client_reference: str | None = None) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.url}/control/reservations").raise_for_status().json()
        return [each for each in found if client_reference in (None, each["client_reference"])]

    def calls(self, operation: str) -> int:
        return httpx.get(f"{self.url}/control/calls").raise_for_status().json().get(operation, 0)

    def invoice(self, number: str, country: str, *wrong: str) -> str:
        """What the company bills, wrong in turn in these ways."""
        asked = {"number": number, "country": country, "wrong": list(wrong)}
        return httpx.get(f"{self.url}/control/invoice", params=asked).raise_for_status().text

    def decide(self, number: str, state: str) -> None:
        httpx.post(f"{self.url}/control/reservations/{number}", json={"state": state}).raise_for_status()


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Where the companies answer."""
    (port,) = free_ports(1)
    command = [sys.executable, "-P", "-m", "app.cli", "sandbox", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/keys"), seconds=60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def companies(sandbox_url: str) -> Iterator[dict[str, Played]]:
    """Every supplier by its code, without a fault at the beginning and at the end."""
    found = {code: Played(f"{sandbox_url}/suppliers/{code}") for code in COMPANIES}
    for each in found.values():
        each.switch_off()
    yield found
    for each in found.values():
        each.switch_off()
