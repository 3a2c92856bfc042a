"""Throw-away environments of the peers: made once below the data directory, from pins that stand in the code."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from app.cli.failures import CommandFailed

INSTALL_SECONDS: Final = 600

FASTAPI: Final = (
    "fastapi==0.165.0",
    "sqlmodel==0.0.50",
    "sqlalchemy==2.1.9",
    "uvicorn[standard]==0.54.0",
    "PyMySQL==1.1.3",
    "cryptography==50.0.2",
)
OPENSEARCH: Final = ("opensearch-py[async]==3.2.0", "granian==2.8.7", "uvloop==0.23.0", "msgspec==0.22.0")
DJANGO: Final = ("django==5.2.19", "gunicorn==27.0.1", "PyMySQL==1.1.3", "cryptography==50.0.2")


def peer_environment(directory: Path, name: str, requirements: Sequence[str]) -> Path:
    """The `bin` directory of an environment with exactly these packages and what they need."""
    wanted = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:12]
    home = directory / "peers" / f"{name}-{wanted}"
    if (home / "ready").exists():
        return home / "bin"
    typer.echo(f"Installing {name} ({', '.join(requirements)}) ...", err=True)
    shutil.rmtree(home, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(home)], name)
    _run([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *requirements], name)
    (home / "ready").touch()
    return home / "bin"


def _run(command: Sequence[str], name: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"{name} could not be installed within {INSTALL_SECONDS} s.") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CommandFailed(f"{name} could not be installed: {last}")
