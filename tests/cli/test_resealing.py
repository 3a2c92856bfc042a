"""The secret is changed while everything runs: what the last one sealed is read, found and sealed again."""

import os
import secrets
import subprocess
import sys

import pytest
from pydantic import SecretStr

from app.core.actor import SYSTEM
from app.core.auth.sessions import csrf_token, is_csrf_token
from app.core.crypto import decrypt, encrypt
from app.core.cursors import Cursor, CursorSigner
from app.core.errors import MalformedRequest
from app.core.sealing import ROWS_AT_ONCE
from app.desk.customers import services
from app.desk.customers.services import CustomerKeys, DuplicateCustomer
from app.desk.staff.services.identity import reseal_second_factors
from app.settings import SettingsError, load_settings
from tests.cli.seeded import change, demo_settings, fetch
from tests.cli.test_seeding import seed
from tests.factories.staff import make_staff

__all__ = ["demo_settings"]

NUMBER = "38001085718"
FIELDS = {"market": "EE", "kind": "person", "given_name": "Liis", "family_name": "Saar", "identity_number": NUMBER}


def rotated(settings):
    """The settings after the exchange: a new secret, and the one so far as the other."""
    return settings.model_copy(
        update={"secret_key": SecretStr(secrets.token_hex(32)), "other_secret_key": settings.secret_key}
    )


def reseal(settings):
    given = {
        "DATABASE_URL": settings.database_url,
        "FORECOURT_ENVIRONMENT": "test",
        "FORECOURT_SECRET_KEY": settings.secret_key.get_secret_value(),
        "FORECOURT_OTHER_SECRET_KEY": settings.other_secret_key.get_secret_value() if settings.other_secret_key else "",
    }
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "reseal"],
        env=os.environ | given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


class TestWhileItIsChanged:
    def test_what_was_signed_before_is_believed_and_what_comes_is_signed_anew(self, settings):
        after = rotated(settings)
        old, new, alone = settings.keys("csrf"), after.keys("csrf"), after.keys("csrf")[:1]
        assert (len(old), len(new), new[1]) == (1, 2, old[0])
        assert is_csrf_token(new, "somebody", csrf_token(old[0], "somebody"))
        assert not is_csrf_token(alone, "somebody", csrf_token(old[0], "somebody"))
        cursor = Cursor("q", ("a", 1))
        assert CursorSigner(new).read(CursorSigner(old).write(cursor), query="q") == cursor
        with pytest.raises(MalformedRequest):
            CursorSigner(alone).read(CursorSigner(old).write(cursor), query="q")

    def test_a_weak_other_secret_is_refused_by_its_name(self):
        with pytest.raises(SettingsError, match="FORECOURT_OTHER_SECRET_KEY must be"):
            load_settings(environment="test", other_secret_key="short")

    async def test_a_number_of_before_is_read_and_still_known(self, session, settings):
        before, after = CustomerKeys.of(settings), CustomerKeys.of(rotated(settings))
        known = await services.create_customer(session, fields=FIELDS, actor=SYSTEM, keys=before)
        assert await services.reveal_identity_number(session, known.id, actor=SYSTEM, keys=after) == NUMBER
        with pytest.raises(DuplicateCustomer):
            await services.create_customer(session, fields=FIELDS, actor=SYSTEM, keys=after)
        found = await services.find_duplicates(session, fields=FIELDS, actor=SYSTEM, keys=after)
        assert [(each.customer.id, each.reason) for each in found] == [(known.id, "identity_number")]


class TestReseal:
    def test_seals_everything_again_and_changes_nothing_else(self, demo_settings):
        after, columns = rotated(demo_settings), "id, version, updated_at, identity_number_masked, iban_masked"
        seed(demo_settings, 0, 400)
        before = fetch(demo_settings, f"SELECT {columns} FROM customer ORDER BY id")
        assert len(before) > ROWS_AT_ONCE
        first, again = reseal(after), reseal(after)
        assert first.returncode == again.returncode == 0, first.stderr
        assert f"customers: {len(before)} sealed rows, {len(before)} sealed again, 0 cannot be opened." in first.stdout
        assert again.stdout.count(" 0 sealed again, 0 cannot be opened.") == 4
        assert fetch(demo_settings, f"SELECT {columns} FROM customer ORDER BY id") == before
        alone = after.model_copy(update={"other_secret_key": None})
        assert reseal(alone).returncode == 0

    async def test_seals_the_secrets_of_devices(self, session, settings):
        staff, after = await make_staff(session, roles=["admin"]), rotated(settings)
        context = f"staff.totp_secret/{staff.id}"
        staff.totp_secret = encrypt(settings.key("totp"), "GEZDGNBVGY3TQOJQ", context)
        await session.flush()
        done = await reseal_second_factors(session, after.keys("totp"), None)
        assert (done.changed, done.unreadable) == (1, ())
        await session.refresh(staff)
        assert decrypt(after.keys("totp")[:1], staff.totp_secret, context) == "GEZDGNBVGY3TQOJQ"

    def test_names_what_opens_with_neither(self, demo_settings):
        [(lost,)] = fetch(demo_settings, "SELECT id FROM customer WHERE iban_sealed IS NOT NULL ORDER BY id LIMIT 1")
        stranger = encrypt(secrets.token_bytes(32), "EE382200221020145685", f"customer.iban/{lost}").hex()
        change(demo_settings, f"UPDATE customer SET iban_sealed = x'{stranger}' WHERE id = '{lost}'")
        refused = reseal(rotated(demo_settings))
        assert refused.returncode == 1
        assert f"customers {lost}" in refused.stderr
