"""`forecourt assets`: everything the browser loads, built into `static/dist/` when something changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.failures import CommandFailed
from app.cli.fingerprints import Fingerprints, compressed
from app.cli.vendoring import ensure_vendor
from app.settings import ROOT, STATIC

BUILDERS: Final = ("app/cli/assets.py", "app/cli/fingerprints.py", "app/cli/vendoring.py")
NOT_SERVED: Final = frozenset(
    {"dist", "node_modules", "package.json", "package-lock.json", "icons.txt", "vendor.sha256", "tsconfig.json"}
)
ORDER: Final = "css/order.txt"
BUNDLE: Final = "css/forecourt.css"
KEPT_SECONDS: Final = 86_400
"""Files of earlier builds stay a day, for the processes that still name them."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def assets(
        update_manifest: Annotated[
            bool, typer.Option("--update-manifest", help="Write the checksums of the vendored files anew.")
        ] = False,
    ) -> None:
        """Build the files that the browser loads."""
        changed = ensure_assets(update_checksums=update_manifest)
        typer.echo("static/dist is built." if changed else "static/dist is up to date.")


def ensure_assets(static: Path = STATIC, *, update_checksums: bool = False) -> bool:
    """Vendor the packages and build `static/dist/`; False when nothing had changed. Two builders take turns."""
    with _one_builder(static):
        ensure_vendor(static, update_checksums=update_checksums)
        return build(static, static / "dist")


@contextlib.contextmanager
def _one_builder(static: Path) -> Generator[None]:
    dist = static / "dist"
    dist.mkdir(exist_ok=True)
    with (dist / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(static: Path, dist: Path) -> bool:
    """Write the served copy of every file and `manifest.json`, which maps a path to its served name."""
    sources = bundled({path: (static / path).read_bytes() for path in servable(static)})
    inputs = _digest(sources)
    stamp = dist / ".inputs"
    if stamp.exists() and stamp.read_text() == inputs and (dist / "manifest.json").exists():
        return False
    fingerprints = Fingerprints(sources.get)
    manifest: dict[str, str] = {}
    for path in sources:
        name, content = fingerprints.served(path)
        manifest[path] = name
        target = dist / name
        if not target.exists():
            for suffix, smaller in compressed(path, content):
                _write(target.with_name(target.name + suffix), smaller)
            _write(target, content)
    _write(dist / "manifest.json", (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
    _write(stamp, inputs.encode())
    _remove_old(dist, manifest)
    return True


def servable(static: Path) -> list[str]:
    """Return the path of every file that may be served, below the static root."""
    found: list[str] = []
    for folder, folders, names in os.walk(static):
        place = Path(folder).relative_to(static)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and str(place / name) not in NOT_SERVED
        )
        for name in sorted(names):
            path = str(place / name)
            if not name.startswith(".") and path not in NOT_SERVED:
                found.append(path)
    return found


def bundled(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Join our style sheets into `css/forecourt.css` in the order that `css/order.txt` gives, one request for all."""
    if ORDER not in sources:
        return dict(sources)
    parts = [f"css/{name}" for name in sources[ORDER].decode().split()]
    unlisted = {path for path in sources if path.startswith("css/") and path.endswith(".css")}.symmetric_difference(
        parts
    )
    if unlisted:
        raise CommandFailed(f"static/{ORDER} and the style sheets beside it disagree about {min(unlisted)}.")
    kept = {path: content for path, content in sources.items() if path not in {ORDER, *parts}}
    return {**kept, BUNDLE: b"\n".join(sources[path] for path in parts)}


def _digest(sources: Mapping[str, bytes]) -> str:
    """Return one digest of the files and of the code that builds them."""
    total = hashlib.sha256()
    for path in BUILDERS:
        total.update((ROOT / path).read_bytes())
    for path, content in sources.items():
        total.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def _write(target: Path, content: bytes) -> None:
    """Write a file in one step: a running server never sends half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    with os.fdopen(descriptor, "wb") as output:
        output.write(content)
        os.fchmod(output.fileno(), 0o644)
    Path(name).replace(target)


def _remove_old(dist: Path, manifest: Mapping[str, str]) -> None:
    named = {"manifest.json", ".inputs", ".lock", *manifest.values()}
    oldest = time.time() - KEPT_SECONDS
    for path in dist.rglob("*"):
        name = path.relative_to(dist).as_posix().removesuffix(".br").removesuffix(".gz")
        if path.is_file() and name not in named and path.stat().st_mtime < oldest:
            path.unlink()
