"""Whose address counts behind proxies of our own."""

from ipaddress import ip_network

import pytest

from app.core.http import client_address
from app.settings import SettingsError, load_settings

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "claimed", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.2", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", ["198.51.100.1", "10.0.0.7"], "198.51.100.1"),
        ("10.0.0.2", ["fd00::7", "2001:db8::5"], "2001:db8::5"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["nonsense"], "10.0.0.2"),
        ("10.0.0.2", ["198.51.100.1", "unknown", "10.0.0.7"], "10.0.0.7"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_only_trusted_hops_are_believed(peer, claimed, expected):
    assert client_address(peer, claimed, TRUSTED) == expected


def test_a_network_that_is_none_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="trusted_proxies"):
        load_settings(environment="test", trusted_proxies="10.0.0.0/8, office")


async def test_throttling_sees_the_client_behind_a_trusted_proxy(visitor, runtime, monkeypatch):
    behind = runtime.settings.model_copy(update={"trusted_proxies": "127.0.0.0/8"})
    monkeypatch.setattr(runtime, "settings", behind)
    for number in range(61):
        answer = await visitor.post(
            "/api/v1/auth/tokens",
            json={"email": f"nobody{number}@example.test", "password": "wrong"},
            headers={"x-forwarded-for": "198.51.100.77"},
        )
    assert answer.status_code == 429
    other = await visitor.post(
        "/api/v1/auth/tokens",
        json={"email": "nobody@example.test", "password": "wrong"},
        headers={"x-forwarded-for": "198.51.100.78"},
    )
    assert other.status_code == 401
