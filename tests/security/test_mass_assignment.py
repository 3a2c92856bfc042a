"""Fields that only the server fills are refused in bodies and ignored in forms."""

import json

from sqlalchemy import inspect

from tests.security.bodies import operations, resolved
from tests.security.conftest import STREAMS
from tests.security.reading import crawl

PART = "mass assignment"
SERVERS_OWN = {
    "id": "00000000-0000-0000-0000-000000000001",
    "version": 999,
    "state": "retired",
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "is_admin": True,
    "is_demo": False,
    "roles": ["admin"],
    "permissions": ["*"],
    "reference": "HACKED",
    "created_by": "00000000-0000-0000-0000-000000000001",
    "password_hash": "x",
    "markets": None,
    "branches": None,
    "actor": "system",
    "record_kind": "staff",
    "is_disabled": True,
    "source": "hacked",
    "source_key": "hacked",
    "identity_number_sealed": "x",
    "totp_secret": "x",
    "__class__": "x",
    "_sa_instance_state": "x",
}
KEPT = (
    "id",
    "created_at",
    "reference",
    "created_by",
    "is_demo",
    "roles",
    "markets",
    "branches",
    "password_hash",
    "totp_secret",
    "is_disabled",
    "source",
    "source_key",
    "state",
)
REFUSED = {400, 403, 404, 409, 422, 428}


def kept_columns(record):
    names = {column.key for column in inspect(type(record)).columns}
    return {name: getattr(record, name) for name in KEPT if name in names}


class TestBodies:
    async def test_every_body_refuses_what_it_does_not_document(self, api_for, world, tried):
        api, wrong, count = await api_for("admin"), [], 0
        for operation in operations():
            documented = resolved(operation.schema).get("properties", {})
            for name, value in SERVERS_OWN.items():
                if name in documented:
                    continue
                headers = {"content-type": operation.media_type, "if-match": "*"}
                answer = await api.request(
                    operation.method, operation.address(world.ids), content=json.dumps({name: value}), headers=headers
                )
                count += 1
                if answer.status_code not in REFUSED:
                    wrong.append(f"{operation} {name}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)


class TestForms:
    async def test_every_form_ignores_what_it_does_not_show(self, client_for, world, routes, session, tried):
        admin = await client_for("admin")
        before = {name: kept_columns(record) for name, record in world.records.items()}
        starts = [
            route.path
            for route in routes
            if route.method == "GET" and not route.is_api and not route.parameters and route.path not in STREAMS
        ]
        visited = await crawl(admin, [*world.addresses(), *starts])
        wrong, count = [], 0
        edits = [form for form in visited.unsafe_forms() if form.action.endswith(("/edit", "/tasks", "/vehicles"))]
        for form in edits:
            shown = {name.partition(".")[0] for name, _ in form.values} | {"version"}
            extra = {name: str(value) for name, value in SERVERS_OWN.items() if name not in shown}
            answer = await admin.post(form.action, data=form.filled(**extra))
            count += len(extra)
            if answer.status_code >= 500:
                wrong.append(f"{form.action}: {answer.status_code}")
        assert wrong == []
        assert edits
        for name, record in world.records.items():
            await session.refresh(record)
            assert kept_columns(record) == before[name], name
        tried(PART, count)
