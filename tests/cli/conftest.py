"""The search node that a whole `forecourt run` is given."""

from tests.plugins.opensearch_node import opensearch_url

__all__ = ["opensearch_url"]
