"""The options that every command takes, and the settings made from them."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import SecretStr

from app.cli.failures import CommandFailed
from app.settings import SECRET_BYTES, SECRETS_FILE, Settings, default_data_dir, load_settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the data lies.", envvar="FORECOURT_DATA_DIR", show_default=False),
]

OWN_DATA_ENVIRONMENTS: Final = ("", "development")


def command_settings(data_dir: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings of one command; in development the data directory and its secret are made when missing."""
    directory = (data_dir or Path(os.environ.get("FORECOURT_DATA_DIR") or default_data_dir())).expanduser().absolute()
    environment = overrides.get("environment") or os.environ.get("FORECOURT_ENVIRONMENT", "")
    if environment in OWN_DATA_ENVIRONMENTS:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            ensure_secrets(directory)
        except OSError as error:
            raise CommandFailed(f"The data directory {directory} cannot be used: {error.strerror}.") from error
    return load_settings(data_dir=directory, **overrides)


def ensure_secrets(data_dir: Path) -> None:
    """Write a new secret for this data directory once; an existing file is never touched."""
    target = data_dir / SECRETS_FILE
    if target.exists():
        return
    content = json.dumps({"secret_key": secrets.token_hex(SECRET_BYTES)}) + "\n"
    descriptor, name = tempfile.mkstemp(dir=data_dir, prefix=f".{SECRETS_FILE}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        os.link(temporary, target)  # refuses an existing file: of two first runs one secret wins
    except FileExistsError:
        return
    finally:
        temporary.unlink(missing_ok=True)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment for a child process that shall see the same settings."""
    given, dumped = dict[str, str](), settings.model_dump(mode="json")
    for name, field in Settings.model_fields.items():
        value: Any = getattr(settings, name)
        value = value.get_secret_value() if isinstance(value, SecretStr) else value
        value = int(value) if isinstance(value, bool) else value
        value = json.dumps(dumped[name]) if isinstance(value, dict | tuple) else value
        given[str(field.validation_alias or f"FORECOURT_{name.upper()}")] = "" if value is None else str(value)
    return {**os.environ, **given}
