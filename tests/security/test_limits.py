"""Paths that climb, methods that nobody offers, and requests that are too much of anything."""

import json
from itertools import cycle

import pytest

from tests.security.bodies import operations

PART = "paths, methods and limits"
CLIMBS = (
    "../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..\\..\\etc\\passwd",
    "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd", "%252e%252e%252fetc%252fpasswd", "/etc/passwd", "//etc/passwd",
    "dist/../../app/settings.py", "manifest.json", ".%00/etc/passwd", "main.js%00.css", "~root/.bashrc", "file:///etc/passwd",
    "..;/..;/etc/passwd", "\u2025/etc/passwd", "%c0%ae%c0%ae/etc/passwd", ".git/config", "../pyproject.toml",
)  # fmt: skip
ROOTS = ("/static/", "/static/dist/", "/docs/", "/api/", "/api/v1/", "/exports/", "/imports/", "/_closed/", "/")
SECRETS = ("root:x:0", "[tool.", "[core]", "DATABASE_URL", "repositoryformatversion")
STRANGE = ("TRACE", "CONNECT", "PROPFIND", "MOVE", "PURGE", "DEBUG", "TRACK", "LOCK", "SEARCH")
REFUSED = range(400, 500)


class TestPaths:
    async def test_no_file_of_ours_is_reached(self, client_for, tried):
        admin, wrong, count = await client_for("admin"), [], 0
        for root in ROOTS:
            for climb in CLIMBS:
                answer = await admin.get(root + climb)
                count += 1
                if answer.status_code not in (303, *REFUSED) or any(word in answer.text for word in SECRETS):
                    wrong.append(f"{root}{climb}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)


class TestMethods:
    async def test_nobody_offers_strange_ones(self, client_for, routes, world, tried):
        admin, wrong, count = await client_for("admin"), [], 0
        for route in [route for route in routes if not route.parameters]:
            for method in STRANGE:
                answer = await admin.request(method, route.path)
                count += 1
                if answer.status_code not in REFUSED:
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)

    async def test_a_method_in_the_address_or_the_form_means_nothing(self, client_for, world):
        admin = await client_for("admin")
        vehicle = world.ids["vehicle_id"]
        for claim in ({"params": {"_method": "DELETE"}}, {"headers": {"x-http-method-override": "DELETE"}}):
            assert (await admin.get(f"/vehicles/{vehicle}", **claim)).status_code in (200, 400)


class TestTooMuch:
    @pytest.fixture
    async def api(self, api_for):
        return await api_for("admin")

    async def test_a_body_of_any_operation(self, api, world, tried):
        deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        wide = json.dumps({f"f{place}": place for place in range(50_000)}).encode()
        long_list = json.dumps({"tags": ["x"] * 200_000}).encode()
        bodies = cycle([deep, b"[" * 200_000, wide, long_list, b'"' + b"x" * 1_900_000 + b'"', b"{" * 50, b"1e999999"])
        wrong, count = [], 0
        for operation in operations():
            for body in (next(bodies) for _ in range(3)):
                headers = {"content-type": operation.media_type, "if-match": "*"}
                answer = await api.request(
                    operation.method, operation.address(world.ids), content=body, headers=headers
                )
                count += 1
                if answer.status_code not in REFUSED or len(answer.text) > 20_000:
                    wrong.append(f"{operation} {body[:20]!r}: {answer.status_code}, {len(answer.text)} characters")
        assert wrong == []
        tried(PART, count)

    async def test_a_form(self, client_for, tried):
        admin = await client_for("admin")
        many = {f"field{place}": "x" for place in range(20_000)}
        forms = (
            {"data": many}, {"data": {"make": "x" * 1_900_000}}, {"data": {"make": "x" * 3_000_000}},
            {"content": b"%" * 100_000, "headers": {"content-type": "application/x-www-form-urlencoded"}},
            {"content": b"x" * 1000, "headers": {"content-type": "multipart/form-data; boundary=" + "b" * 500}},
            {"content": b"x" * 1000, "headers": {"content-type": "multipart/form-data"}},
            {"content": b"--b\r\n" * 50_000, "headers": {"content-type": "multipart/form-data; boundary=b"}},
        )  # fmt: skip
        wrong = []
        for path in ("/vehicles", "/customers", "/tasks", "/imports"):
            for place, form in enumerate(forms):
                answer = await admin.post(path, **form)
                if answer.status_code not in REFUSED:
                    wrong.append(f"{path} {place}: {answer.status_code}")
        assert wrong == []
        tried(PART, 4 * len(forms))

    async def test_an_address(self, client_for, api, tried):
        admin = await client_for("admin")
        for client, path in ((admin, "/vehicles"), (api, "/vehicles"), (admin, "/search"), (api, "/search")):
            answers = [
                await client.get(path, params=[("state", str(place)) for place in range(3_000)]),
                await client.get(path, params={"q": "ä" * 5_000}),
                await client.get(path, params={"cursor": "A" * 50_000}),
                await client.get(path, params={f"p{place}": "1" for place in range(5_000)}),
            ]
            assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
        tried(PART, 16)
