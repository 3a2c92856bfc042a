"""The secret of a data directory, and what start-up refuses."""

import hmac
import json
import secrets
import stat

import pytest

from app.cli.demo_accounts import with_demo_password
from app.cli.options import command_settings, ensure_secrets, environment_of
from app.settings import SECRETS_FILE, SettingsError, load_settings

STRONG = secrets.token_hex(32)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in ("FORECOURT_SECRET_KEY", "FORECOURT_ENVIRONMENT", "FORECOURT_DATA_DIR", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


class TestDevelopmentSecret:
    def test_is_made_once_and_only_its_owner_reads_it(self, tmp_path):
        first = command_settings(tmp_path / "new")
        second = command_settings(tmp_path / "new")
        assert first.secret_key == second.secret_key
        assert stat.S_IMODE((tmp_path / "new" / SECRETS_FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700

    def test_differs_between_directories(self, tmp_path):
        assert command_settings(tmp_path / "a").secret_key != command_settings(tmp_path / "b").secret_key

    def test_leaves_no_temporary_file(self, tmp_path):
        ensure_secrets(tmp_path)
        ensure_secrets(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [SECRETS_FILE]

    def test_a_damaged_file_is_named(self, tmp_path):
        (tmp_path / SECRETS_FILE).write_text("{")
        with pytest.raises(SettingsError, match=SECRETS_FILE):
            command_settings(tmp_path)

    def test_without_a_file_says_what_makes_one(self, tmp_path):
        with pytest.raises(SettingsError, match="forecourt run"):
            load_settings(data_dir=tmp_path)


class TestProduction:
    @pytest.mark.parametrize("environment", ["qa", "production"])
    def test_refuses_a_missing_secret(self, tmp_path, environment):
        ensure_secrets(tmp_path)
        with pytest.raises(SettingsError, match="FORECOURT_SECRET_KEY"):
            load_settings(data_dir=tmp_path, environment=environment)

    @pytest.mark.parametrize("weak", ["secret", "ab" * 32, "0123456789abcdef" * 3, "zz" * 32, "abc"])
    def test_refuses_a_weak_secret(self, weak):
        with pytest.raises(SettingsError, match="FORECOURT_SECRET_KEY"):
            load_settings(environment="production", secret_key=weak, database_url="mariadb://db/forecourt")

    def test_refuses_the_demo(self):
        with pytest.raises(SettingsError, match="demo"):
            load_settings(environment="production", secret_key=STRONG, database_url="mariadb://db/x", demo=True)

    def test_needs_a_database(self):
        with pytest.raises(SettingsError, match="DATABASE_URL"):
            load_settings(environment="production", secret_key=STRONG)

    def test_takes_a_strong_secret_and_a_plain_address(self):
        settings = load_settings(environment="production", secret_key=STRONG, database_url="mariadb://db/forecourt")
        assert settings.database_url == "mariadb+aiomysql://db/forecourt"


class TestKey:
    def test_is_stable_and_its_own_for_each_purpose(self):
        settings = load_settings(environment="test", secret_key=STRONG)
        again = load_settings(environment="test", secret_key=STRONG)
        assert settings.key("csrf") == again.key("csrf")
        assert settings.key("csrf") != settings.key("cursors")
        assert len(settings.key("csrf")) == 32

    def test_is_hkdf_sha256(self):
        settings = load_settings(environment="test", secret_key=STRONG)
        extracted = hmac.digest(bytes(32), bytes.fromhex(STRONG), "sha256")  # RFC 5869, 2.2 and 2.3
        assert settings.key("csrf") == hmac.digest(extracted, b"forecourt/csrf\x01", "sha256")

    def test_the_secret_is_not_shown(self):
        assert STRONG not in repr(load_settings(environment="test", secret_key=STRONG))


class TestDemoPassword:
    def test_is_made_once_and_kept(self, tmp_path):
        settings = command_settings(tmp_path, demo=True)
        first, second = with_demo_password(settings), with_demo_password(settings)
        assert first.demo_password is not None
        assert first.demo_password == second.demo_password
        assert command_settings(tmp_path).secret_key == settings.secret_key
        assert stat.S_IMODE((tmp_path / SECRETS_FILE).stat().st_mode) == 0o600

    def test_a_given_one_is_not_kept(self, tmp_path):
        settings = with_demo_password(command_settings(tmp_path, demo=True, demo_password="given one"))
        assert settings.demo_password is not None
        assert settings.demo_password.get_secret_value() == "given one"
        assert "demo_password" not in json.loads((tmp_path / SECRETS_FILE).read_text())

    def test_there_is_none_without_the_demo(self, tmp_path):
        assert with_demo_password(command_settings(tmp_path)).demo_password is None


class TestEnvironmentOfChildren:
    def test_a_child_sees_the_same_settings(self, tmp_path, monkeypatch):
        settings = command_settings(
            tmp_path,
            demo=True,
            demo_password="given one",
            database_url="mariadb+aiomysql://db/forecourt",
            base_url="http://127.0.0.1:8123",
        )
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        assert load_settings() == settings
        assert load_settings().opensearch_url is None
