"""What every request to the API is held to, whichever the resource: problems, media types, sign-in, cursors."""

import base64

import pytest

from tests.factories.rental import make_vehicle

PROBLEM = "application/problem+json"


def is_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(code)
    assert problem["title"]
    assert problem["trace_id"] == answer.headers["x-request-id"]
    return problem


class TestProblems:
    async def test_an_unknown_address(self, api_for):
        client = await api_for("fleet_clerk")
        for path in ("/nowhere", "/vehicles/1/2/3", "/"):
            problem = is_problem(await client.get(path), 404, "not_found")
            assert problem["instance"] == f"/api/v1{path}"

    async def test_another_method_is_told_which_there_are(self, api_for):
        client = await api_for("fleet_clerk")
        answer = await client.put("/vehicles", json={})
        is_problem(answer, 405, "method_not_allowed")
        assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))

    async def test_options_are_those_of_the_address(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for path, methods in (("/vehicles", {"GET", "POST"}), (f"/vehicles/{vehicle.id}/block", {"POST", "DELETE"})):
            answer = await client.options(path)
            assert set(answer.headers["allow"].split(", ")) == methods | {"OPTIONS"}

    async def test_a_body_that_is_no_json(self, api_for):
        client = await api_for("fleet_clerk")
        for body in (b"", b"{", b"\xff\xfe", b'{"make": "\\ud800"}'):
            answer = await client.post("/vehicles", content=body, headers={"content-type": "application/json"})
            is_problem(answer, 400, "malformed_request")

    @pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"'])
    async def test_a_body_that_is_no_object(self, api_for, body):
        client = await api_for("fleet_clerk")
        answer = await client.post("/vehicles", content=body, headers={"content-type": "application/json"})
        is_problem(answer, 422, "invalid_fields")

    async def test_a_body_of_another_type(self, api_for):
        client = await api_for("fleet_clerk")
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json"):
            answer = await client.post("/vehicles", content=b"{}", headers={"content-type": kind})
            is_problem(answer, 415, "unsupported_media_type")
        accepted = await client.post(
            "/vehicles",
            content=b'{"make": "Kia", "market": "EE"}',
            headers={"content-type": "application/json; charset=utf-8"},
        )
        assert accepted.status_code == 201

    async def test_a_body_that_is_too_large(self, api_for):
        client = await api_for("fleet_clerk")
        body = b'{"make": "' + b"x" * 3_000_000 + b'"}'
        answer = await client.post("/vehicles", content=body, headers={"content-type": "application/json"})
        is_problem(answer, 413, "body_too_large")

    async def test_an_unknown_parameter_anywhere(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for method, path in (
            ("GET", f"/vehicles/{vehicle.id}"),
            ("POST", "/vehicles"),
            ("GET", "/me"),
            ("GET", "/changes"),
        ):
            answer = await client.request(method, path, params={"verbose": "1"}, json=None)
            problem = is_problem(answer, 400, "malformed_request")
            assert "verbose" in problem["detail"]


class TestTooSlow:
    async def test_is_a_problem_too(self, live, monkeypatch):
        async with await live.client("fleet_clerk") as client:
            monkeypatch.setattr("app.core.deadline.REQUEST_SECONDS", 0.0)
            answer = await client.get("/vehicles")
        is_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"


class TestSignIn:
    async def test_without_a_token(self, visitor):
        for method, path in (("GET", "/api/v1/vehicles"), ("POST", "/api/v1/vehicles"), ("GET", "/api/v1/me")):
            answer = await visitor.request(method, path)
            is_problem(answer, 401, "not_signed_in")
            assert answer.headers["www-authenticate"] == "Bearer"

    async def test_with_a_token_that_is_none(self, visitor):
        for header in ("Bearer nonsense", "Basic Zm9vOmJhcg==", "Bearer", "nonsense"):
            answer = await visitor.get("/api/v1/vehicles", headers={"authorization": header})
            is_problem(answer, 401, "not_signed_in")

    async def test_a_session_needs_its_token_against_forgery_to_write(self, client_for):
        client = await client_for("fleet_clerk")
        assert (await client.get("/api/v1/vehicles")).status_code == 200
        body = {"make": "Kia", "market": "EE"}
        assert (await client.post("/api/v1/vehicles", json=body)).status_code == 201
        token = client.headers.pop("x-csrf-token")
        is_problem(await client.post("/api/v1/vehicles", json=body), 403, "forbidden")
        is_problem(
            await client.post("/api/v1/vehicles", json=body, headers={"x-csrf-token": token[:-1]}), 403, "forbidden"
        )
        foreign = {"x-csrf-token": token, "origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
        is_problem(await client.post("/api/v1/vehicles", json=body, headers=foreign), 403, "forbidden")

    async def test_personal_data_is_not_kept_by_others(self, api_for, session):
        vehicle = await make_vehicle(session)
        client = await api_for("fleet_clerk")
        for path in ("/vehicles", f"/vehicles/{vehicle.id}", "/me", "/vehicles/nothing"):
            assert (await client.get(path)).headers["cache-control"] == "no-store"


class TestCursors:
    async def test_belong_to_one_question(self, api_for, session):
        for year in (2019, 2020):
            await make_vehicle(session, year=year)
        client = await api_for("fleet_clerk")
        cursor = (await client.get("/vehicles", params={"limit": 1, "sort": "year"})).json()["next_cursor"]
        assert (await client.get("/vehicles", params={"limit": 1, "sort": "year", "cursor": cursor})).status_code == 200
        raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        raw[-1] ^= 1
        tampered = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        for parameters in (
            {"sort": "-year", "cursor": cursor},
            {"sort": "year", "cursor": cursor, "make": "Kia"},
            {"sort": "year", "cursor": tampered},
            {"sort": "year", "cursor": "nonsense"},
            {"sort": "year", "cursor": "%%%"},
            {"sort": "year", "cursor": "\u00e9"},
        ):
            problem = is_problem(await client.get("/vehicles", params=parameters), 400, "malformed_request")
            assert "cursor" in problem["detail"]
        is_problem(await client.get("/locations", params={"cursor": cursor}), 400, "malformed_request")
        is_problem(await client.get("/changes", params={"since": cursor}), 400, "malformed_request")
