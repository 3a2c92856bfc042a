"""Every macro in every state, for those who build pages."""

from litestar import Controller, Response, get

from app.core import clock
from app.core.errors import NotFound
from app.core.http import Request
from app.core.permissions import SIGNED_IN
from app.core.templating import render
from app.portal.patterns.pages import Patterns

SHOWN_IN = frozenset({"development", "test"})


class PatternController(Controller):
    """The page exists in development and in tests only."""

    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @get("/_patterns", name="patterns")
    async def show(self, request: Request) -> Response[str]:
        if request.runtime.settings.environment not in SHOWN_IN:
            raise NotFound
        return render(request, "patterns/index.html", Patterns(clock.now()))
