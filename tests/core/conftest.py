"""Fixtures of the core."""

from tests.core.committing import committing, committing_settings

__all__ = ["committing", "committing_settings"]
