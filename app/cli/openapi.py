"""`forecourt openapi`: the API's description, without a server."""

from __future__ import annotations

import json
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import SECRET_BYTES, load_settings


class Version(StrEnum):
    NEWEST = "3.1"
    OLDER = "3.0"


def register(cli: typer.Typer) -> None:
    @cli.command()
    def openapi(
        version: Annotated[Version, typer.Option(help="The version of OpenAPI.")] = Version.NEWEST,
        output: Annotated[
            Path | None, typer.Option(help="The file to write; standard output when left out.", dir_okay=False)
        ] = None,
    ) -> None:
        """Write the description of the JSON API."""
        text = document_text(version)
        if output is None:
            typer.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")


def document_text(version: Version = Version.NEWEST) -> str:
    """The document as it is committed: indented, with one line feed at its end."""
    from litestar import Litestar

    from app.core.openapi import describe_api
    from app.core.openapi_older import as_3_0
    from app.main import create_app

    settings = load_settings(environment="test", secret_key=secrets.token_hex(SECRET_BYTES))
    application: Any = create_app(settings)
    assert isinstance(application.app, Litestar)
    document = describe_api(application.app)
    document = as_3_0(document) if version is Version.OLDER else document
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
