"""The API's description: current, complete, and fit for generators."""

import json
import re
from functools import cache

import jsonschema_rs
import pytest
from typer.testing import CliRunner

from app.cli import command_line
from app.cli.openapi import Version, document_text
from app.settings import ROOT

SNAPSHOT = ROOT / "docs" / "openapi.json"


@cache
def document(version: Version = Version.NEWEST) -> dict:
    return json.loads(document_text(version))


def operations(described=None):
    return [
        (path, method, operation)
        for path, methods in (described or document())["paths"].items()
        for method, operation in methods.items()
    ]


def everything(value, path=()):
    """Every object of the document with the keys that lead to it."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from everything(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from everything(inner, (*path, place))


class TestSnapshot:
    def test_is_current(self):
        assert SNAPSHOT.read_text(encoding="utf-8") == document_text(), (
            "the API differs from docs/openapi.json: look at the difference, then write it with "
            "`forecourt openapi --output docs/openapi.json`"
        )

    def test_is_the_same_each_time(self):
        assert document_text() == document_text()


class TestCommand:
    @pytest.mark.parametrize(("version", "begins"), [("3.1", "3.1."), ("3.0", "3.0.")])
    def test_writes_a_file(self, tmp_path, version, begins):
        target = tmp_path / "api.json"
        done = CliRunner().invoke(command_line("openapi"), ["openapi", "--version", version, "--output", str(target)])
        assert (done.exit_code, done.output) == (0, "")
        assert json.loads(target.read_text(encoding="utf-8"))["openapi"].startswith(begins)

    def test_writes_to_standard_output(self):
        done = CliRunner().invoke(command_line("openapi"), ["openapi"])
        assert done.output == document_text()


class TestOperations:
    def test_are_named_once_in_camel_case(self):
        names = [operation["operationId"] for _, _, operation in operations()]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) for name in names)

    def test_have_words_and_a_tag(self):
        for path, method, operation in operations():
            assert operation["summary"], (path, method)
            assert operation["tags"], (path, method)
            assert not operation["summary"].endswith(".")

    def test_tell_their_refusals(self):
        for path, method, operation in operations():
            statuses = set(operation["responses"])
            assert {"400", "401", "503"} <= statuses, (path, method)
            if "requestBody" in operation:
                assert {"413", "415", "422"} <= statuses
            if "{" in path:
                assert "404" in statuses
            if method == "patch":
                assert {"412", "428"} <= statuses
            if "/auth/" not in path and method == "post":
                assert {"403", "422"} <= statuses
            if {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]:
                assert {"409", "422"} <= statuses

    @pytest.mark.parametrize("path", ["/api/v1/vehicles/{vehicle_id}", "/api/v1/customers/{customer_id}"])
    def test_of_a_record_know_its_version(self, path):
        methods = document()["paths"][path]
        assert {"$ref": "#/components/parameters/IfNoneMatch"} in methods["get"]["parameters"]
        assert {"$ref": "#/components/parameters/IfMatchRequired"} in methods["patch"]["parameters"]
        assert "304" in methods["get"]["responses"]
        assert set(methods["patch"]["requestBody"]["content"]) == {"application/merge-patch+json", "application/json"}
        for method in ("get", "patch"):
            assert "ETag" in methods[method]["responses"]["200"]["headers"]

    def test_of_a_creation_tell_the_address_and_take_a_key(self):
        created = document()["paths"]["/api/v1/vehicles"]["post"]
        assert {"ETag", "Location", "Idempotency-Replayed"} <= set(created["responses"]["201"]["headers"])
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in created["parameters"]

    def test_of_a_list_tell_every_filter_and_order(self):
        from app.rental.vehicles.queries import SPEC

        listed = document()["paths"]["/api/v1/vehicles"]["get"]
        parameters = {parameter["name"]: parameter for parameter in listed["parameters"]}
        assert {known.name for known in SPEC.filters} <= set(parameters)
        assert {"q", "sort", "limit", "cursor", "fields", "total"} <= set(parameters)
        assert {"-updated_at", "year"} <= set(parameters["sort"]["schema"]["enum"])
        assert parameters["limit"]["schema"]["maximum"] == 200
        assert "retired" in parameters["state"]["schema"]["items"]["enum"]
        assert parameters["fields"]["explode"] is False

    def test_say_how_one_signs_in(self):
        for path, method, operation in operations():
            if path in ("/api/v1/auth/tokens", "/api/v1/auth/tokens/refresh"):
                assert operation["security"] == []
            elif method == "get":
                assert operation["security"] == [{"bearer": []}, {"session": []}]
            else:
                assert operation["security"] == [{"bearer": []}, {"session": [], "csrf": []}]


class TestSchemas:
    def test_are_named(self):
        for path, found in everything(document()["paths"]):
            if path and path[-1] == "schema" and "content" in path:
                assert list(found) == ["$ref"], path

    def test_references_lead_somewhere(self):
        for version in Version:
            described = document(version)
            for path, found in everything(described):
                if "$ref" in found:
                    target = described
                    for part in found["$ref"].removeprefix("#/").split("/"):
                        assert part in target, (path, found)
                        target = target[part]

    def test_have_examples_that_fit(self):
        schemas = document()["components"]["schemas"]
        for name, schema in schemas.items():
            (example,) = schema["examples"]
            resolved = {"components": {"schemas": schemas}, "$ref": f"#/components/schemas/{name}"}
            jsonschema_rs.Draft202012Validator(resolved).validate(example)

    def test_what_is_absent_is_not_null(self):
        vehicle = document()["components"]["schemas"]["Vehicle"]
        assert vehicle["properties"]["plate"] == {"type": "string"}
        assert "plate" not in vehicle.get("required", [])

    def test_what_null_clears_says_so(self):
        fields = document()["components"]["schemas"]["VehicleFields"]
        assert fields["properties"]["plate"] == {"type": ["string", "null"]}
        assert fields["properties"]["day_price"]["anyOf"][1] == {"type": "null"}
        assert fields["additionalProperties"] is False
        assert "required" not in fields

    def test_what_is_required_is(self):
        schemas = document()["components"]["schemas"]
        assert set(schemas["NewVehicle"]["required"]) == {"make", "market"}
        assert set(schemas["Tokens"]["required"]) == {"access_token", "token_type", "expires_in", "refresh_token"}
        assert set(schemas["VehiclePage"]["required"]) == {"items", "next_cursor"}
        assert {"type", "title", "status", "code"} <= set(schemas["Problem"]["required"])


class TestOlderVersion:
    def test_has_neither_lists_of_types_nor_unions(self):
        older = document(Version.OLDER)
        assert older["openapi"] == "3.0.3"
        for path, found in everything(older):
            if "example" in path or "properties" in path[-1:]:
                continue
            assert not isinstance(found.get("type"), list), path
            assert not {"anyOf", "oneOf", "const"} & set(found), path
            assert found.get("type") != "null", path

    def test_null_is_nullable(self):
        fields = document(Version.OLDER)["components"]["schemas"]["VehicleFields"]["properties"]
        assert fields["plate"] == {"type": "string", "nullable": True}
        assert fields["day_price"] == {"allOf": [{"$ref": "#/components/schemas/MoneyValue"}], "nullable": True}

    def test_has_the_same_operations(self):
        assert [operation["operationId"] for _, _, operation in operations(document(Version.OLDER))] == [
            operation["operationId"] for _, _, operation in operations()
        ]
        assert not [
            path
            for path, method, operation in operations(document(Version.OLDER))
            if method == "delete" and "requestBody" in operation
        ]


class TestServed:
    @pytest.mark.parametrize("version", list(Version))
    async def test_to_everybody_as_the_command_writes_it(self, visitor, version):
        name = "openapi.json" if version is Version.NEWEST else "openapi-3.0.json"
        answer = await visitor.get(f"/api/v1/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == document(version)

    def test_without_other_hosts(self):
        addresses = set(re.findall(r"https?://[^/\"]+", document_text()))
        assert addresses == {"https://forecourt.dev"}, "only the types of problems, which are names"

    async def test_the_frameworks_own_pages_are_closed(self, visitor):
        for path in ("/_schema", "/_schema/openapi.json", "/schema"):
            assert (await visitor.get(path, follow_redirects=False)).status_code != 200
