"""The demo's accounts: who they are, and the password that they share."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from app.settings import SECRETS_FILE, Settings

DEMO_ACCOUNTS: Final = {
    "fleet@demo.test": "fleet_clerk",
    "fleet.manager@demo.test": "fleet_manager",
    "rates@demo.test": "rate_manager",
    "credit@demo.test": "credit_officer",
    "credit.manager@demo.test": "credit_manager",
    "engineer@demo.test": "engineer",
    "auditor@demo.test": "auditor",
    "admin@demo.test": "admin",
}
"""Address of each demo account and its role."""

PASSWORD_BYTES: Final = 12


def with_demo_password(settings: Settings) -> Settings:
    """Return the settings with a demo password: the given one, or one made once and kept beside the secret."""
    if not settings.demo or settings.demo_password is not None:
        return settings
    path = settings.data_dir / SECRETS_FILE
    kept = json.loads(path.read_text()) if path.exists() else {}
    if not kept.get("demo_password"):
        kept["demo_password"] = secrets.token_urlsafe(PASSWORD_BYTES)
        descriptor, name = tempfile.mkstemp(dir=settings.data_dir, prefix=f".{SECRETS_FILE}.")
        with os.fdopen(descriptor, "w") as output:
            json.dump(kept, output)
            output.flush()
            os.fsync(output.fileno())
        Path(name).replace(path)
    return settings.model_copy(update={"demo_password": SecretStr(kept["demo_password"])})
