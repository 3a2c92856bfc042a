"""Suppliers added and changed by page and API: closed addresses, secrets that never come out, connections tried."""

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.crypto import decrypt
from app.core.partners.models import PartnerExchange
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import Operation
from app.rental.suppliers.services import gateway
from app.rental.suppliers.services.gateway import CONTEXT, PURPOSE, line_to
from tests.factories.suppliers import make_supplier

BODY = {
    "code": "new-one", "name": "New One", "dialect": "json_rest", "base_url": "https://api.newone.example",
    "currency": "EUR", "secret": "a-secret-of-theirs", "capabilities": ["search", "recheck", "book"],
}  # fmt: skip


@pytest.fixture
async def supplier(session, settings_here, beside_sandbox, companies):
    made = await make_supplier(session, settings_here, "nordrive")
    await session.commit()
    return made


def opened(supplier, settings) -> str:
    return decrypt(settings.keys(PURPOSE), supplier.secret_sealed, f"{CONTEXT}/{supplier.id}")


class TestAdd:
    async def test_is_there_and_its_secret_is_sealed(self, api_for, session, settings_here, beside_sandbox):
        api = await api_for("fleet_manager")
        made = await api.post("/suppliers", json=BODY)
        assert made.status_code == 201
        item = made.json()
        assert (item["has_credentials"], item["has_webhook_key"], item["search_milliseconds"]) == (True, False, 4_000)
        assert BODY["secret"] not in made.text
        kept = await session.get(Supplier, item["id"], populate_existing=True)
        assert opened(kept, settings_here) == BODY["secret"]
        (entry,) = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == kept.id))).scalars()
        assert BODY["secret"] not in str(entry.changes)
        assert entry.changes["secret"] == [None, "a new one"]
        assert (await api.post("/suppliers", json=BODY)).status_code == 409

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("base_url", "https://10.0.0.7/api"),
            ("base_url", "https://169.254.169.254/latest/meta-data"),
            ("base_url", "https://[::ffff:10.0.0.7]/"),
            ("base_url", "https://user:pass@api.newone.example"),
            ("base_url", "file:///etc/passwd"),
            ("base_url", "gopher://api.newone.example"),
            ("code", "New One"),
            ("currency", "XXX"),
            ("search_milliseconds", 60_000),
            ("capabilities", ["teleport"]),
            ("name", "a\x00b"),
        ],
    )
    async def test_names_what_is_wrong(self, api_for, beside_sandbox, field, value):
        refused = await (await api_for("fleet_manager")).post("/suppliers", json=BODY | {field: value})
        assert refused.status_code == 422
        assert f"/{field}" in refused.json()["errors"][0]["pointer"]

    async def test_by_page(self, client_for, session, beside_sandbox):
        client = await client_for("fleet_manager")
        assert "Stays for ever" in (await client.get("/suppliers/new")).text
        refused = await client.post("/suppliers", data={**BODY, "name": ""})
        assert refused.status_code == 422
        assert BODY["secret"] not in refused.text
        made = await client.post("/suppliers", data=BODY)
        assert made.status_code == 303
        kept = (await session.execute(select(Supplier).where(Supplier.code == "new-one"))).scalar_one()
        assert (kept.capabilities, kept.is_active) == (["search", "recheck", "book"], False)
        shown = (await client.get(made.headers["location"])).text
        assert "kept, never shown" in shown
        assert BODY["secret"] not in shown
        assert BODY["secret"] not in (await client.get(f"/suppliers/{kept.id}/edit")).text

    async def test_is_for_those_who_answer_for_it(self, api_for, client_for):
        assert (await (await api_for("fleet_clerk")).post("/suppliers", json=BODY)).status_code == 403
        assert (await (await client_for("fleet_clerk")).get("/suppliers/new")).status_code == 403


class TestChange:
    async def test_changes_what_is_given(self, api_for, supplier, session):
        api = await api_for("fleet_manager")
        address = f"/suppliers/{supplier.id}"
        assert (await api.patch(address, json={"name": "Nord Drive"})).status_code == 428
        etag = {"if-match": supplier.etag}
        changed = await api.patch(address, json={"name": "Nord Drive", "most_calls": 2}, headers=etag)
        assert (changed.status_code, changed.json()["name"], changed.json()["most_calls"]) == (200, "Nord Drive", 2)
        assert (await api.patch(address, json={"name": "X"}, headers=etag)).status_code == 412

    async def test_a_secret_is_not_sent_to_another_address_unseen(self, api_for, supplier, session, settings_here):
        api = await api_for("fleet_manager")
        address, etag = f"/suppliers/{supplier.id}", {"if-match": supplier.etag}
        body = {"base_url": "https://attacker.example/nordrive"}
        refused = await api.patch(address, json=body, headers=etag)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/secret")
        changed = await api.patch(address, json=body | {"secret": "typed-again"}, headers=etag)
        assert changed.status_code == 200
        kept = await session.get(Supplier, supplier.id, populate_existing=True)
        assert opened(kept, settings_here) == "typed-again"

    async def test_an_empty_secret_keeps_the_one_that_is_there(self, client_for, supplier, session, settings_here):
        client = await client_for("fleet_manager")
        fields = {
            "name": "Nord Drive", "dialect": "json_rest", "base_url": supplier.base_url, "currency": "EUR",
            "capabilities": [each.value for each in Operation], "is_active": "true", "secret": "",
            "search_milliseconds": "3000", "most_calls": "8", "version": supplier.version,
        }  # fmt: skip
        answer = await client.post(f"/suppliers/{supplier.id}/edit", data=fields)
        assert answer.status_code == 303
        kept = await session.get(Supplier, supplier.id, populate_existing=True)
        assert opened(kept, settings_here) == "nordrive-sandbox-key"
        assert (kept.name, kept.search_milliseconds, kept.is_active) == ("Nord Drive", 3_000, True)
        stale = await client.post(f"/suppliers/{supplier.id}/edit", data=fields)
        assert stale.status_code == 409
        assert "Somebody else has changed this supplier" in stale.text

    async def test_limits_are_kept_by_page_and_api_and_wrong_ones_named(self, api_for, client_for, supplier):
        api = await api_for("fleet_manager")
        client = await client_for("fleet_manager")
        fields = {
            "name": "Nord Drive", "dialect": "json_rest", "base_url": supplier.base_url, "currency": "EUR",
            "capabilities": "search", "is_active": "true", "search_milliseconds": "3000", "most_calls": "8",
            "limits.min_days": "3", "limits.max_days": "2", "limits.no_one_way": "true", "version": supplier.version,
        }  # fmt: skip
        refused = await client.post(f"/suppliers/{supplier.id}/edit", data=fields)
        assert (refused.status_code, "Not less than 3" in refused.text) == (422, True)
        assert (await client.post(f"/suppliers/{supplier.id}/edit", data=fields | {"limits.max_days": "9"})).is_redirect
        shown = await client.get(f"/suppliers/{supplier.id}")
        assert "from 3 days, up to 9 days, no one-way hires" in shown.text
        item = (await api.get(f"/suppliers/{supplier.id}")).json()
        assert item["limits"] == {"min_days": 3, "max_days": 9, "is_one_way_allowed": False}
        etag = {"if-match": f'"{item["version"]}"'}
        changed = await api.patch(f"/suppliers/{supplier.id}", json={"limits": {"min_age": 23}}, headers=etag)
        assert changed.json()["limits"] == {"min_age": 23}
        listed = (await api.get("/suppliers")).json()["items"]
        assert listed[0]["limits"] == {"min_age": 23}

    async def test_a_new_key_of_messages_keeps_the_one_before(self, api_for, supplier, session, settings_here):
        api = await api_for("fleet_manager")
        for number in (1, 2):
            kept = await session.get(Supplier, supplier.id, populate_existing=True)
            changed = await api.patch(
                f"/suppliers/{supplier.id}", json={"webhook_key": f"key-{number}"}, headers={"if-match": kept.etag}
            )
            assert changed.status_code == 200
        kept = await session.get(Supplier, supplier.id, populate_existing=True)
        assert gateway.webhook_keys(kept, settings_here) == [b"key-2", b"key-1"]


class TestConnection:
    async def test_shows_what_it_answered(self, client_for, api_for, supplier):
        client = await client_for("fleet_manager")
        assert "Not tested yet" in (await client.get(f"/suppliers/{supplier.id}/connection")).text
        tested = await client.post(f"/suppliers/{supplier.id}/connection-test")
        page = (await client.get(tested.headers["location"])).text
        assert "Tallinn, airport terminal" in page
        assert "nordrive-sandbox-key" not in page
        told = (await (await api_for("fleet_manager")).post(f"/suppliers/{supplier.id}/connection-test")).json()
        assert (told["exchange"]["outcome"], told["exchange"]["operation"]) == ("answered", "locations")

    async def test_shows_what_went_wrong(self, client_for, supplier, session, companies):
        companies["nordrive"].switch_on("html", "locations", times=1)
        client = await client_for("fleet_manager")
        tested = await client.post(f"/suppliers/{supplier.id}/connection-test")
        page = (await client.get(tested.headers["location"])).text
        assert "Malformed" in page
        assert "Scheduled maintenance" in page

    async def test_obeys_the_switch(self, api_for, supplier, session):
        supplier.stops = {"*": "all"}
        await session.commit()
        refused = await (await api_for("fleet_manager")).post(f"/suppliers/{supplier.id}/connection-test")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_replayable")


@pytest.mark.parametrize("code", ["nordrive", "baltic"])
class TestReplay:
    @pytest.fixture
    async def said(self, session, settings_here, beside_sandbox, companies, partners, code):
        """A list of branches that was asked for, as it is kept."""
        made = await make_supplier(session, settings_here, code)
        await session.commit()
        line = line_to(made, settings_here)
        await gateway.ask(partners, line, line.adapter.locations(), market=None)
        return (await session.execute(select(PartnerExchange))).scalar_one()

    async def test_is_sent_again_with_our_credentials(self, said, client_for, api_for, companies, code):
        before = companies[code].calls("locations")
        engineer = await client_for("engineer")
        assert f"/suppliers/replays/{said.id}" in (await engineer.get(f"/exchanges/{said.id}")).text
        sent = await engineer.post(f"/suppliers/replays/{said.id}")
        assert sent.status_code == 303
        page = (await engineer.get(sent.headers["location"])).text
        assert companies[code].calls("locations") == before + 1
        assert page.count("Answered") == 2
        assert "sandbox-password" not in page
        assert "sandbox-key" not in page
        told = (await (await api_for("engineer")).post("/supplier-replays", json={"exchange_id": str(said.id)})).json()
        assert told["after"]["outcome"] == "answered"
        if code == "nordrive":
            assert told["changed_lines"] == 0

    @pytest.mark.parametrize("operation", ["book", "cancel", "amend"])
    async def test_what_may_have_an_effect_is_never_sent_again(
        self, said, session, api_for, companies, code, operation
    ):
        said.operation = operation
        await session.commit()
        before = companies[code].calls("locations")
        refused = await (await api_for("engineer")).post("/supplier-replays", json={"exchange_id": str(said.id)})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_replayable")
        assert companies[code].calls("locations") == before

    async def test_what_was_masked_elsewhere_is_refused(self, said, session, api_for, code):
        said.request_body = said.request_body + '<x passport="[masked]"/>'
        said.request_bytes = len(said.request_body)
        await session.commit()
        refused = await (await api_for("engineer")).post("/supplier-replays", json={"exchange_id": str(said.id)})
        assert refused.status_code == 409
        assert "masked" in refused.json()["detail"]

    async def test_another_address_gets_nothing(self, said, session, api_for, code):
        said.url = "https://elsewhere.example/ota"
        await session.commit()
        refused = await (await api_for("engineer")).post("/supplier-replays", json={"exchange_id": str(said.id)})
        assert "another address" in refused.json()["detail"]

    async def test_is_not_for_everybody(self, said, api_for, client_for, code):
        clerk = await api_for("fleet_clerk")
        assert (await clerk.post("/supplier-replays", json={"exchange_id": str(said.id)})).status_code == 403
        auditor = await client_for("auditor")
        assert (await auditor.post(f"/suppliers/replays/{said.id}")).status_code == 403
        assert "Send again" not in (await auditor.get(f"/suppliers/replays/{said.id}")).text


async def test_the_matrix_shows_what_is_done_by_hand(client_for, session, settings, app):
    await make_supplier(session, settings, "sunway")
    await session.commit()
    page = (await (await client_for("fleet_clerk")).get("/suppliers/capabilities")).text
    assert "Sunway Cars" in page
    assert page.count("by hand") == 3
