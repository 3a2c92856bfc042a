"""HTML to PDF by WeasyPrint: in a thread, few at a time, with a limit, and without reaching anything outside."""

import asyncio
import importlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from app.core.errors import Unavailable
from app.settings import STATIC

AT_ONCE: Final = 2
SECONDS: Final = 20.0
FONTS: Final = STATIC / "vendor" / "files"
STYLE: Final = Path(__file__).with_name("paper.css")
FONT_SCHEME: Final = "font:"
_places = asyncio.Semaphore(AT_ONCE)


class NoPdf(Unavailable):
    """The library or what it needs of the system is missing; the page can still be printed."""

    code = "no_pdf"
    title = "PDF cannot be made on this machine"


async def to_pdf(html: str) -> bytes:
    """Raises NoPdf when the library is missing, or when it takes too long."""
    library = _library()
    async with _places:
        try:
            async with asyncio.timeout(SECONDS):
                return await asyncio.to_thread(_write, library, html)
        except TimeoutError:
            raise NoPdf(f"It took longer than {SECONDS:g} s; print the page instead.") from None


def is_there() -> bool:
    """Whether PDF can be made here."""
    try:
        _library()
    except NoPdf:
        return False
    return True


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        detail = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        raise NoPdf(f"It needs Pango ({detail}); print the page instead.") from error


def _write(library: Any, html: str) -> bytes:
    class Fonts(library.urls.URLFetcher):
        """Fetches our own fonts and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - as the library calls it
            name = url.removeprefix(FONT_SCHEME)
            if not url.startswith(FONT_SCHEME) or "/" in name or not (FONTS / name).is_file():
                raise ValueError(f"nothing is fetched for a paper: {url[:80]}")
            response = library.urls.URLFetcherResponse
            return response(url, body=(FONTS / name).read_bytes(), headers={"Content-Type": "font/woff2"})

    fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
    style = library.CSS(string=STYLE.read_text(), url_fetcher=Fonts(), font_config=fonts)
    document = library.HTML(string=html, url_fetcher=Fonts(), base_url="about:blank")
    return document.write_pdf(stylesheets=[style], font_config=fonts)
