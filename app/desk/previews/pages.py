"""The page of one preview."""

from dataclasses import dataclass

from app.core.previews import Drawer


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A drawer by itself."""

    drawer: Drawer
