"""Django's admin over the same table, ready to be asked."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Final

from app.cli.bench.environments import DJANGO, peer_environment
from app.cli.bench.load import Asked
from app.cli.bench.serving import PEERS, Served, peer
from app.cli.failures import CommandFailed
from app.cli.options import environment_of
from app.cli.processes import free_ports
from app.settings import Settings

PREPARE_SECONDS: Final = 120
THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class Admin:
    """The running admin and the cookie of its superuser."""

    server: Served
    headers: Mapping[str, str]

    def asked(self, model: str, query: str) -> Asked:
        return Asked(f"{self.server.url}/admin/fleet/{model}/?{query}", dict(self.headers))


@contextlib.contextmanager
def django_admin(settings: Settings) -> Generator[Admin]:
    """Serve the admin by gunicorn, with one worker whose threads keep connections open."""
    binaries = peer_environment(settings.data_dir, "django", DJANGO)
    file = settings.data_dir / "bench" / "django.sqlite3"
    file.parent.mkdir(exist_ok=True)
    extra = {"DJANGO_FILE": str(file)}
    key = _session(str(binaries / "python"), {**environment_of(settings), "PYTHONPATH": str(PEERS), **extra})
    port = free_ports()[0]
    command = [str(binaries / "gunicorn"), "fleet.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", str(THREADS), "--keep-alive", "30"]
    with peer(command, port, settings, "django", READY="/ready", **extra) as server:
        yield Admin(server, {"Cookie": f"sessionid={key}"})


def _session(python: str, environment: dict[str, str]) -> str:
    command = [python, "-m", "fleet.sign_in"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PREPARE_SECONDS, check=False
    )
    if done.returncode:
        raise CommandFailed(f"Django's admin could not be prepared: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout.strip()
