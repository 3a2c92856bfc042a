"""`forecourt audit`: pinned packages against the known advisories, and secrets that must not be in the repository."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from packaging.specifiers import SpecifierSet

from app.cli.failures import CommandFailed
from app.settings import ROOT

ADVISORIES: Final = ROOT / "requirements" / "advisories.toml"
KNOWN_SECRETS: Final = ROOT / ".ci" / "known-secrets.toml"
PIN: Final = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)", re.MULTILINE)
HASHED: Final = re.compile(
    r"requirements/.*\.txt|static/(package-lock\.json|vendor\.sha256)|\.ci/known-secrets\.toml|docs/pictures/.*"
)
"""Files that are full of hashes, or pictures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not stay: where, and what."""

    place: str
    words: str


def register(cli: typer.Typer) -> None:
    @cli.command()
    def audit(
        root: Annotated[Path, typer.Option(help="The tree to look at.", show_default=False)] = ROOT,
    ) -> None:
        """Compare pinned packages with the known advisories, and look for secrets in the files of the repository."""
        found = [*vulnerable_pins(root), *secrets_in(root, tracked_files(root))]
        for finding in found:
            typer.echo(f"{finding.place}: {finding.words}", err=True)
        if found:
            raise CommandFailed(f"{len(found)} findings")
        typer.echo(f"No known advisory against a pin (list of {dated(ADVISORIES)}), no secret in the repository.")


def dated(path: Path) -> str:
    """Return the day on which the list of advisories was last looked through."""
    return str(tomllib.loads(path.read_text())["dated"])


def vulnerable_pins(root: Path) -> Iterable[Finding]:
    """Find every pin of the requirement files and the lock file that an advisory names."""
    advisories = tomllib.loads(ADVISORIES.read_text())
    for place, ecosystem, pins in _pins(root):
        for package, known in advisories.get(ecosystem, {}).items():
            for identifier, affected in known if package in pins else ():
                if SpecifierSet(affected).contains(pins[package], prereleases=True):
                    yield Finding(place, f"{package} {pins[package]} has {identifier} (affected: {affected})")


def _pins(root: Path) -> Iterable[tuple[str, str, dict[str, str]]]:
    for path in sorted((root / "requirements").glob("*.txt")):
        yield (
            f"requirements/{path.name}",
            "pypi",
            {_normal(name): version for name, version in PIN.findall(path.read_text())},
        )
    lock = root / "static" / "package-lock.json"
    if lock.exists():
        packages = msgspec.json.decode(lock.read_bytes())["packages"]
        named = {
            _normal(path.rpartition("node_modules/")[2]): package["version"]
            for path, package in packages.items()
            if path and "version" in package
        }
        yield "static/package-lock.json", "npm", named


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def tracked_files(root: Path) -> list[str]:
    """Return every file that the repository holds, or would with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if not HASHED.fullmatch(name) and (root / name).is_file()]


def secrets_in(root: Path, names: Sequence[str]) -> Iterable[Finding]:
    """Find what looks like a secret and is not among those that are known to be none."""
    from detect_secrets.core.scan import scan_file  # pyright: ignore[reportMissingTypeStubs]
    from detect_secrets.settings import transient_settings  # pyright: ignore[reportMissingTypeStubs]

    known = {(entry["file"], entry["hash"]) for entry in tomllib.loads(KNOWN_SECRETS.read_text())["known"]}
    with transient_settings({"plugins_used": [{"name": name} | options for name, options in DETECTORS.items()]}):
        for name in names:
            for secret in scan_file(str(root / name)):
                if (name, secret.secret_hash) not in known:
                    words = f"looks like a secret ({secret.type}); if it is none, say why in {KNOWN_SECRETS.name}"
                    yield Finding(f"{name}:{secret.line_number}", f"{words}: hash {secret.secret_hash}")


DETECTORS: Final[dict[str, dict[str, float]]] = {
    "AWSKeyDetector": {},
    "ArtifactoryDetector": {},
    "AzureStorageKeyDetector": {},
    "Base64HighEntropyString": {"limit": 4.5},
    "BasicAuthDetector": {},
    "DiscordBotTokenDetector": {},
    "GitHubTokenDetector": {},
    "GitLabTokenDetector": {},
    "HexHighEntropyString": {"limit": 3.0},
    "JwtTokenDetector": {},
    "MailchimpDetector": {},
    "NpmDetector": {},
    "OpenAIDetector": {},
    "PrivateKeyDetector": {},
    "PypiTokenDetector": {},
    "SendGridDetector": {},
    "SlackDetector": {},
    "SquareOAuthDetector": {},
    "StripeDetector": {},
    "TelegramBotTokenDetector": {},
    "TwilioKeyDetector": {},
}
"""Every detector but the one for words such as `password = "..."`: ruff's S105 and S106 do that and know the code."""
