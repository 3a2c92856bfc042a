"""Fixtures of the API's tests."""

from tests.api.committing import live, live_settings
from tests.api.serving import served

__all__ = ["live", "live_settings", "served"]
