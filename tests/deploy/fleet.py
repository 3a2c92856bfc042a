"""Two web and two worker processes behind nginx with TLS, as the manifests start them, on free ports."""

import contextlib
import functools
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.cli import tools
from app.cli.options import environment_of
from app.cli.processes import free_ports, wait_until
from app.settings import ROOT, Settings

READY_SECONDS = 90
STOP_SECONDS = 25
CONFIGURATION = ROOT / "deploy" / "proxy" / "forecourt.conf"
FRAME = """
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/forecourt.conf;
}}
"""


@dataclass
class Fleet:
    """The processes by name; each can be stopped and started again on its own port."""

    settings: Settings
    folder: Path
    commands: dict[str, list[str]]
    ports: dict[str, int]
    address: str
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, name: str) -> None:
        environment = {**os.environ, **environment_of(self.settings)}
        command = [sys.executable, "-P", "-m", "app.cli", *self.commands[name]]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, name: str) -> None:
        """Until the process answers at its own port."""
        address = f"http://127.0.0.1:{self.ports[name]}/health/live"
        came = wait_until(lambda: self.processes[name].poll() is not None or _answers(address), seconds=READY_SECONDS)
        is_up = came and self.processes[name].poll() is None
        assert is_up, f"{name} does not answer: {(self.folder / f'{name}.log').read_text()[-2000:]}"

    def stop(self, name: str) -> int:
        """SIGTERM, and the exit code."""
        process = self.processes[name]
        process.send_signal(signal.SIGTERM)
        return process.wait(STOP_SECONDS)

    def kill(self, name: str) -> None:
        """SIGKILL for the process and those it has started."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(STOP_SECONDS)

    def restart(self, name: str) -> int:
        """Stop it in order, and wait for its successor; the exit code."""
        code = self.stop(name)
        self.start(name)
        self.wait(name)
        return code

    @functools.cached_property
    def trusted(self) -> ssl.SSLContext:
        """What trusts the proxy's certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "tls.crt"))

    def client(self, **options: object) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, verify=self.trusted, timeout=30, **options)


@contextlib.contextmanager
def fleet_of(settings: Settings) -> Iterator[Fleet]:
    """Start everything, and stop it in any case."""
    names = ("web-1", "web-2", "worker-1", "worker-2", "tls", "plain")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    address = f"https://127.0.0.1:{ports['tls']}"
    with tempfile.TemporaryDirectory(prefix="forecourt-proxy-") as directory:
        folder = Path(directory)
        served = settings.model_copy(
            update={"base_url": address, "trusted_proxies": "127.0.0.0/8", "data_dir": folder / "data"}
        )
        commands = {
            **{name: ["web", "--port", str(ports[name])] for name in names[:2]},
            **{name: ["worker", "--status-port", str(ports[name])] for name in names[2:4]},
        }
        fleet = Fleet(served, folder, commands, ports, address)
        try:
            _start_proxy(fleet)
            for name in commands:
                fleet.start(name)
            for name in commands:
                fleet.wait(name)
            yield fleet
        finally:
            for process in fleet.processes.values():
                process.terminate()
            for process in fleet.processes.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _start_proxy(fleet: Fleet) -> None:
    folder, ports = fleet.folder, fleet.ports
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = CONFIGURATION.read_text()
    for found, here in (
        (r"\bweb-(\d):8000", lambda match: f"127.0.0.1:{ports['web-' + match.group(1)]}"),
        (r"listen 8080", f"listen 127.0.0.1:{ports['plain']}"),
        (r"listen 8443", f"listen 127.0.0.1:{ports['tls']}"),
        (r"/etc/nginx/tls", str(folder)),
    ):
        text = re.sub(found, here, text)
    (folder / "forecourt.conf").write_text(text)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder))
    program = tools.find_program("nginx")
    command = [program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    if os.geteuid() == 0:
        command[-1] += " user root;"
    fleet.processes["proxy"] = subprocess.Popen(command, start_new_session=True)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.TransportError:
        return False
