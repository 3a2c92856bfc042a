"""Every setting of Forecourt in one class, and the paths of the repository."""

from __future__ import annotations

import json
import os
import re
import secrets
from datetime import date
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT: Final = Path(__file__).resolve().parent.parent
TEMPLATES: Final = ROOT / "templates"
STATIC: Final = ROOT / "static"
MIGRATIONS: Final = ROOT / "migrations"

SECRETS_FILE: Final = "secrets.json"
SECRET_BYTES: Final = 32
LEAST_DISTINCT_BYTES: Final = 12
"""32 random bytes hold about 30 distinct ones; fewer than this is a typed or repeated key."""

DATABASE_ADDRESS: Final = re.compile(r"(?:mysql|mariadb)\+\w+://[^/\s]+/\w*")

OWN_MACHINE: Final = "127.0.0.0/8, ::1/128"
ENVIRONMENTS_WITH_OWN_SECRET: Final = ("qa", "production")

Environment = Literal["development", "test", "qa", "production"]


class SettingsError(Exception):
    """A setting is missing or unusable; the message is one sentence for the person who starts the program."""


def default_data_dir() -> Path:
    """Return `$XDG_STATE_HOME/forecourt`, or its place below the home directory."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "forecourt"


def secret_problem(secret_key: str) -> str | None:
    """Say why a key cannot protect sessions, or None when it is strong enough."""
    if len(secret_key) < 2 * SECRET_BYTES or not re.fullmatch(r"(?:[0-9a-fA-F]{2})+", secret_key):
        return f"FORECOURT_SECRET_KEY must be at least {SECRET_BYTES} random bytes written as hexadecimal digits."
    if len(set(bytes.fromhex(secret_key))) < LEAST_DISTINCT_BYTES:
        return "FORECOURT_SECRET_KEY repeats itself; make one with `openssl rand -hex 32`."
    return None


@lru_cache(maxsize=8)
def networks_in(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks that commas separate. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


class Seller(BaseModel):
    """Who sells in a market, as an invoice has to name it (Directive 2006/112/EC, article 226)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    market: str = Field(pattern=r"^[A-Z]{2}$")
    name: str = Field(min_length=1)
    address: tuple[str, ...] = Field(min_length=1)
    registration_number: str = ""
    vat_number: str = ""
    since: date = date.min
    """The first day of these facts: invoices of earlier days keep what was said before."""


class Settings(BaseSettings):
    """What a process needs to know to start; built by `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="FORECOURT_", env_ignore_empty=True, extra="forbid", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=default_data_dir)
    environment: Environment = "development"
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    database_read_url: str | None = Field(default=None, validation_alias="DATABASE_READ_URL")
    opensearch_url: str | None = Field(default=None, validation_alias="OPENSEARCH_URL")
    base_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")
    other_secret_key: SecretStr | None = None
    """While the secret is rotated: the coming one before it is used, the last one after that. It is only read with."""
    mail_url: str | None = Field(default=None, validation_alias="MAIL_URL")
    trusted_proxies: str = ""
    """Networks of our own proxies, separated by commas: only what comes from them may name another client."""
    partner_networks: str = ""
    """Private networks in which partners may be, separated by commas; this machine's own in development and tests."""
    sandbox_url: str = ""
    """Where `forecourt sandbox` plays partners; their addresses in development begin with `sandbox:`."""
    payments_url: str = ""
    """Where the payment provider is; without it the sandbox is asked."""
    payments_secret: SecretStr | None = None
    metrics_token: SecretStr | None = None
    """What a collector on another machine sends as its bearer token."""
    oidc_issuer: str = ""
    """The company's identity provider; empty means that people sign in with a password."""
    oidc_client_id: str = "forecourt"
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "the company account"
    oidc_roles: dict[str, list[str]] = {}
    """Which roles each of the provider's groups gives."""
    oidc_only: bool = False
    """Whether passwords are for emergency accounts alone."""
    sellers: tuple[Seller, ...] = ()
    """Our companies, which stand on the papers of their markets."""
    search_namespace: str = Field(default="main", pattern=r"^[a-z][a-z0-9_]*$")
    demo: bool = False
    demo_password: SecretStr | None = None

    @field_validator("data_dir", mode="after")
    @classmethod
    def _absolute(cls, data_dir: Path) -> Path:
        return data_dir.expanduser().absolute()

    @field_validator("database_url", "database_read_url", mode="after")
    @classmethod
    def _with_driver(cls, url: str | None) -> str | None:
        if not url:
            return url
        url = re.sub(r"^(?:mysql|mariadb)://", "mariadb+aiomysql://", url)
        if not DATABASE_ADDRESS.match(url):
            raise ValueError("It must look like mariadb://user:password@host:3306/name.")
        return url

    @field_validator("trusted_proxies", "partner_networks", mode="after")
    @classmethod
    def _networks(cls, text: str) -> str:
        networks_in(text)
        return text

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return networks_in(self.trusted_proxies)

    @property
    def opened_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Where partners may be besides the internet."""
        own = OWN_MACHINE if self.environment in ("development", "test") else ""
        return networks_in(self.partner_networks) + networks_in(own)

    def seller(self, market: str, on: date) -> Seller | None:
        """Who sold in a market on a day."""
        known = [each for each in self.sellers if each.market == market and each.since <= on]
        return max(known, key=lambda each: each.since, default=None)

    @field_validator("oidc_issuer", mode="after")
    @classmethod
    def _safe_issuer(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("The identity provider is reached by https.")
        return url

    @field_validator("base_url", mode="after")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _fit_for_environment(self) -> Self:
        if problem := secret_problem(self.secret_key.get_secret_value()):
            raise ValueError(problem)
        if self.other_secret_key and (problem := secret_problem(self.other_secret_key.get_secret_value())):
            raise ValueError(problem.replace("SECRET_KEY", "OTHER_SECRET_KEY"))
        if self.environment == "production":
            if not self.database_url:
                raise ValueError("DATABASE_URL is needed in production.")
            if self.sandbox_url:
                raise ValueError("The sandbox plays no partner in production.")
            if self.demo:
                raise ValueError("The demo accounts have no second factor and are refused in production.")
        return self

    def key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of one purpose from the secret (HKDF-SHA256, RFC 5869): no two uses share one."""
        return _derived(self.secret_key, purpose)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """The keys of one purpose: the first writes, all of them read."""
        return tuple(_derived(secret, purpose) for secret in (self.secret_key, self.other_secret_key) if secret)


def _derived(secret: SecretStr, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=f"forecourt/{purpose}".encode())
    return derivation.derive(bytes.fromhex(secret.get_secret_value()))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from overrides, then the environment, then the data directory's secret.

    Development reads the secret that the `forecourt` command wrote; tests get a new one in each process.

    Raises:
        SettingsError: a value is missing or refused.

    """
    given = {name: value for name, value in overrides.items() if value is not None}
    if "secret_key" not in given and not os.environ.get("FORECOURT_SECRET_KEY"):
        given["secret_key"] = _secret_without_environment(given)
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_first_sentence(error)) from error


def _secret_without_environment(given: dict[str, Any]) -> str:
    environment = given.get("environment") or os.environ.get("FORECOURT_ENVIRONMENT") or "development"
    if environment in ENVIRONMENTS_WITH_OWN_SECRET:
        raise SettingsError(f"FORECOURT_SECRET_KEY is needed in {environment}; make one with `openssl rand -hex 32`.")
    if environment == "test":
        return secrets.token_hex(SECRET_BYTES)
    data_dir = Path(given.get("data_dir") or os.environ.get("FORECOURT_DATA_DIR") or default_data_dir()).expanduser()
    try:
        return str(json.loads((data_dir / SECRETS_FILE).read_text())["secret_key"])
    except FileNotFoundError:
        raise SettingsError(f"{data_dir} has no secret yet; `forecourt run` makes one.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{data_dir / SECRETS_FILE} cannot be read: {error}.") from error


def _first_sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
