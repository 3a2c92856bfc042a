"""`forecourt sandbox`: the companies that Forecourt speaks with, played on this machine."""

from __future__ import annotations

import os
from typing import Annotated, Any, Final

import typer

GROUPS: Final = {
    "fleet-clerks": ["fleet_clerk"],
    "fleet-managers": ["fleet_manager"],
    "rate-managers": ["rate_manager"],
    "credit-officers": ["credit_officer"],
    "engineers": ["engineer"],
}
"""The roles that the sandbox's groups give in the demo."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def sandbox(
        port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8090,
    ) -> None:
        """Play the partners, with faults on demand: an identity provider, and suppliers that hire cars out."""
        serve(port)


def serve(port: int) -> None:
    """Serve until a signal asks to stop; reached from this machine only."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ["SANDBOX_ISSUER"] = f"http://127.0.0.1:{port}"  # the serving process reads it
    Server(
        "app.sandbox.street:create_from_environment",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


def settings_for(port: int) -> dict[str, Any]:
    """The settings of a portal beside it: where the companies are, and what the provider's groups allow."""
    return {
        "oidc_issuer": f"http://127.0.0.1:{port}",
        "oidc_name": "the sandbox's company account",
        "oidc_roles": GROUPS,
        "sandbox_url": f"http://127.0.0.1:{port}",
    }
