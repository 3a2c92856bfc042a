"""What a page holds for a client without a browser: its links, what htmx would ask for, and its forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx

IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TYPED = frozenset({"", "text", "search", "email", "tel", "url", "textarea"})
"""Kinds of inputs that take any words."""
LEFT_ALONE = ("/live", "/jobs/live", "/static", "/metrics", "/health", "/sign-out", "/exports", "/_patterns")
MOST_PAGES = 150


@dataclass
class FormFound:
    """One form: where it goes, what it holds, and the inputs that a person types words into."""

    page: str
    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    has_file: bool = False

    def filled(self, **changes: str) -> dict[str, list[str]]:
        """What is sent when some of its inputs are filled in."""
        sent: dict[str, list[str]] = {}
        for name, value in self.values:
            sent.setdefault(name, []).append(value)
        return sent | {name: [value] for name, value in changes.items()}


class PageReader(HTMLParser):
    """Collects links and forms of a page or of a piece of one."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.links: list[str] = []
        self.forms: list[FormFound] = []
        self._form: FormFound | None = None
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given.get("href", ""))
        self.links.append(given.get("hx-get", ""))
        if tag == "form":
            self._form = FormFound(self.page, given.get("action", self.page), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _take(self, tag: str, given: dict[str, str]) -> None:
        form, name, kind = self._form, given.get("name", ""), given.get("type", "").lower()
        assert form is not None
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            form.values.append((self._select, given.get("value", "")))
        elif tag == "textarea" and name:
            form.values.append((name, ""))
            form.typed.append(name)
        elif tag == "input" and name:
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    form.values.append((name, given.get("value", "on")))
            elif kind == "file":
                form.has_file = True
            else:
                form.values.append((name, given.get("value", "")))
                if kind in TYPED:
                    form.typed.append(name)


@dataclass
class Visited:
    """Pages by the kind of their address, with what they said."""

    answers: dict[str, httpx.Response] = field(default_factory=dict)
    forms: dict[tuple[str, tuple[str, ...]], FormFound] = field(default_factory=dict)

    def unsafe_forms(self) -> Iterator[FormFound]:
        return (form for form in self.forms.values() if form.method == "post")


def kind_of(address: str) -> str:
    """`/vehicles/019b.../edit?x=y` is `/vehicles/id/edit`."""
    return IDENTITY.sub("id", address.partition("?")[0].partition("#")[0])


async def crawl(client: httpx.AsyncClient, starts: list[str]) -> Visited:
    """Every kind of page that can be reached from these, each once."""
    visited, waiting, seen = Visited(), list(starts), set[str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen or kind.startswith(LEFT_ALONE):
            continue
        seen.add(kind)
        assert len(seen) <= MOST_PAGES, sorted(seen)
        answer = await client.get(address, follow_redirects=True)
        visited.answers[address] = answer
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        read = PageReader(urlsplit(str(answer.url)).path, answer.text)
        waiting += [link for link in read.links if link.startswith("/")]
        for form in read.forms:
            visited.forms.setdefault((kind_of(form.action), tuple(sorted(form.typed))), form)
    return visited
