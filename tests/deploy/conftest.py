"""What Forecourt runs in: a database of its own, and processes as the manifests start them."""

from tests.api.committing import live_settings
from tests.plugins.opensearch_node import opensearch_url

__all__ = ["live_settings", "opensearch_url"]
