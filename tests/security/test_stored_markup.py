"""Markup in every text of every body and form, and then every page that could show it: nothing of it becomes markup."""

import json
from html.parser import HTMLParser
from itertools import cycle

import pytest

from app.core.permissions import SIGNED_IN
from tests.security.bodies import body_with, operations
from tests.security.conftest import STREAMS
from tests.security.payloads import MARKUP
from tests.security.reading import crawl

PART = "stored markup"
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcset", "hx-get", "hx-post")
FOREIGN_TAGS = ("iframe", "object", "embed", "base", "math", "style", "marquee")
DANGEROUS = ("javascript:", "data:text", "vbscript:", "//evil")
ROUNDS = 3


class Suspect(HTMLParser):
    """Notes what only a payload would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._is_script = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in FOREIGN_TAGS or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            plain = "".join(value.split()).lower()
            if name.startswith("on") or (name in ADDRESSES and plain.startswith(DANGEROUS)):
                self.found.append(f"<{tag} {name}={value[:60]}>")


def suspects(text):
    return Suspect(text).found


class TestEveryText:
    async def test_in_bodies_is_only_words_on_every_page(self, client_for, api_for, world, routes, tried):
        admin, api = await client_for("admin"), await api_for("admin")
        payloads, kept, wrong, count = cycle(MARKUP), 0, [], 0
        starts = [
            route.path
            for route in routes
            if route.method == "GET" and not route.is_api and not route.parameters and route.path not in STREAMS
        ]
        for _ in range(ROUNDS):
            for operation in operations():
                if "/auth/" in operation.path:
                    continue
                for place in operation.texts():
                    headers = {"content-type": operation.media_type, "if-match": "*"}
                    body = json.dumps(body_with(place, next(payloads)))
                    answer = await api.request(
                        operation.method, operation.address(world.ids), content=body, headers=headers
                    )
                    count += 1
                    kept += answer.status_code in (200, 201)
                    if answer.status_code >= 500 or "html" in answer.headers.get("content-type", ""):
                        wrong.append(f"{operation} {place}: {answer.status_code}")
            visited = await crawl(admin, [*world.addresses(), *starts])
            for address, answer in visited.answers.items():
                if answer.status_code >= 500 or (found := suspects(answer.text)):
                    wrong.append(f"{address}: {answer.status_code} {found}")
            count += len(visited.answers)
        assert wrong == []
        assert kept > 30
        tried(PART, count)

    async def test_in_forms_is_shown_again_as_words(self, client_for, world, routes, tried):
        admin = await client_for("admin")
        starts = [
            route.path
            for route in routes
            if route.method == "GET" and not route.is_api and not route.parameters and route.permission != SIGNED_IN
        ]
        visited = await crawl(admin, [*world.addresses(), *starts])
        payloads, wrong, count = cycle(MARKUP), [], 0
        for form in visited.forms.values():
            for name in form.typed:
                for payload in (next(payloads) for _ in range(3)):
                    sent = form.filled(**{name: payload})
                    if form.method == "post":
                        answer = await admin.post(form.action, data=sent)
                    else:
                        answer = await admin.get(form.action, params=sent)
                    count += 1
                    if answer.status_code >= 500 or suspects(answer.text):
                        wrong.append(f"{form.action} {name}={payload[:40]!r}: {answer.status_code}")
        for address in world.addresses():
            answer = await admin.get(address)
            count += 1
            if answer.status_code >= 500 or suspects(answer.text):
                wrong.append(f"{address}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)

    @pytest.mark.parametrize("payload", ["<script>1</script>", "<p onload=x>", '<a href="java\nscript:x">', "<base>"])
    def test_would_be_noticed(self, payload):
        assert suspects(payload)
