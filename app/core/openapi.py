"""The API's own description."""

from litestar.openapi import OpenAPIConfig

CLOSED_PATH = "/_schema"
"""Where Litestar puts its own pages of the document: they name no permission, so nobody gets them."""


def document_config() -> OpenAPIConfig:
    """Litestar's document of the routes below /api; repaired and served by our own routes."""
    return OpenAPIConfig(title="Forecourt", version="1", path=CLOSED_PATH, render_plugins=[])
