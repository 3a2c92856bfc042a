import json
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.crypto import DecryptionError, decrypt
from app.core.errors import Conflict, Forbidden, InvalidFields, NotFound, StaleVersion
from app.core.events import OutboxEvent
from app.desk.customers import search, services
from tests.factories.desk import KEYS, make_customer

NUMBER, OTHER_NUMBER = "38001085718", "37605030299"
IBAN = "EE382200221020145685"
LATVIAN = Actor(id=uuid4(), kind="staff", name="Ilze", markets=frozenset({"LV"}), branches=None)
CLERK = Actor(id=uuid4(), kind="staff", name="Jaan", markets=frozenset({"EE"}), branches=frozenset({"TLL"}))


async def entries(session, customer):
    rows = await session.execute(select(AuditEntry).where(AuditEntry.subject_id == customer.id).order_by(AuditEntry.id))
    return list(rows.scalars())


class TestCreateCustomer:
    async def test_keeps_what_was_given(self, session):
        customer = await make_customer(
            session, born_on=date(1980, 1, 8), email=" Liis@Example.TEST ", phone="5123 4567", language="et",
            address={"street": "Pikk 1", "city": "Tallinn", "country": "EE", "region": None},
        )  # fmt: skip
        assert (customer.name, customer.email, customer.phone) == ("Liis Tamm", "liis@example.test", "+37251234567")
        assert customer.address == {"street": "Pikk 1", "city": "Tallinn", "country": "EE"}
        assert customer.version == 1
        [entry] = await entries(session, customer)
        assert entry.action == "customer.created"
        assert entry.changes["phone"] == [None, "+37251234567"]

    async def test_a_company_is_told_by_its_name(self, session):
        customer = await make_customer(session, kind=None, given_name=None, family_name=None, company_name="Sadam AS")
        assert (customer.kind, customer.name) == ("company", "Sadam AS")

    async def test_refuses_wrong_values_by_name(self, session):
        with pytest.raises(InvalidFields) as refused:
            await make_customer(session, identity_number="38001085719", iban="EE38", email="no")
        assert {problem.field for problem in refused.value.problems} == {"identity_number", "iban", "email"}

    async def test_refuses_another_market(self, session):
        with pytest.raises(Forbidden):
            await services.create_customer(
                session, fields={"market": "EE", "family_name": "Tamm"}, actor=LATVIAN, keys=KEYS
            )

    async def test_refuses_a_taken_id(self, session):
        customer = await make_customer(session)
        with pytest.raises(Conflict):
            await services.create_customer(
                session, fields={"market": "EE", "family_name": "K"}, actor=SYSTEM, keys=KEYS, customer_id=customer.id
            )


class TestSecrets:
    async def test_are_nowhere_in_clear(self, session, database):
        customer = await make_customer(session, identity_number="380 010 85718", iban="EE38 2200 2210 2014 5685")
        await services.update_customer(
            session, customer.id, fields={"identity_number": OTHER_NUMBER}, actor=SYSTEM, keys=KEYS
        )
        await session.flush()
        seen = b""
        for table in ("customer", "audit_entry", "outbox_event"):
            columns = (await session.execute(text(f"SHOW COLUMNS FROM {table}"))).all()
            whole = ", ".join(f"HEX(CAST(`{column[0]}` AS CHAR CHARACTER SET binary))" for column in columns)
            for row in await session.execute(text(f"SELECT {whole} FROM {table}")):
                found = b"\0".join(bytes.fromhex(value) for value in row if value)
                seen += found
                for secret in (NUMBER, OTHER_NUMBER, IBAN, IBAN[4:]):
                    assert secret.encode() not in found
        assert seen.count(b"Tamm") >= 2
        [document] = await search.load_documents(database.reads, [str(customer.id)])
        assert not any(secret in json.dumps(document) for secret in (NUMBER, OTHER_NUMBER, IBAN))

    async def test_are_masked_sealed_and_bound_to_their_row(self, session):
        customer = await make_customer(session, identity_number=NUMBER, iban=IBAN)
        other = await make_customer(session, family_name="Kask")
        assert (customer.identity_number_masked, customer.iban_masked) == ("••••5718", "••••5685")
        sealed = customer.identity_number_sealed
        assert decrypt(KEYS.sealing, sealed, f"customer.identity_number/{customer.id}") == NUMBER
        with pytest.raises(DecryptionError):
            decrypt(KEYS.sealing, sealed, f"customer.identity_number/{other.id}")

    async def test_in_the_trail_are_masked(self, session):
        customer = await make_customer(session, identity_number=NUMBER)
        await services.update_customer(session, customer.id, fields={"identity_number": None}, actor=SYSTEM, keys=KEYS)
        created, changed = await entries(session, customer)
        assert created.changes["identity_number_masked"] == [None, "••••5718"]
        assert changed.changes == {"identity_number_masked": ["••••5718", None]}
        assert customer.identity_number_sealed is None
        assert customer.identity_number_hash is None

    async def test_the_same_number_again_changes_nothing(self, session):
        customer = await make_customer(session, identity_number=NUMBER, iban=IBAN)
        again = await services.update_customer(
            session,
            customer.id,
            fields={"identity_number": "38001085718 ", "iban": IBAN.lower()},
            actor=SYSTEM,
            keys=KEYS,
        )
        assert again.version == 1
        assert len(await entries(session, customer)) == 1

    async def test_reveal_is_audited(self, session):
        customer = await make_customer(session, identity_number=NUMBER)
        assert await services.reveal_identity_number(session, customer.id, actor=SYSTEM, keys=KEYS) == NUMBER
        assert (await entries(session, customer))[-1].action == "customer.identity_number_revealed"
        bare = await make_customer(session)
        with pytest.raises(NotFound):
            await services.reveal_identity_number(session, bare.id, actor=SYSTEM, keys=KEYS)


class TestDuplicates:
    async def test_an_equal_number_is_refused_until_confirmed(self, session):
        first = await make_customer(session, identity_number=NUMBER)
        with pytest.raises(services.DuplicateCustomer) as refused:
            await make_customer(session, family_name="Kask", identity_number=NUMBER)
        assert refused.value.extra["duplicates"] == [{"id": str(first.id), "reason": "identity_number"}]
        fields = {"market": "EE", "family_name": "Kask", "identity_number": NUMBER}
        second = await services.create_customer(session, fields=fields, actor=SYSTEM, keys=KEYS, confirm_duplicate=True)
        assert second.identity_number_hash == first.identity_number_hash

    async def test_the_same_digits_of_another_market_are_another_number(self, session):
        await make_customer(session, market="HU", identity_number="8 123 456")
        await make_customer(session, market="GB", identity_number="8123456")

    async def test_a_change_to_a_known_number_is_refused_and_nothing_is_changed(self, session):
        await make_customer(session, identity_number=NUMBER)
        other = await make_customer(session, family_name="Kask", identity_number=OTHER_NUMBER)
        with pytest.raises(services.DuplicateCustomer):
            await services.update_customer(
                session, other.id, fields={"identity_number": NUMBER, "family_name": "Mänd"}, actor=SYSTEM, keys=KEYS
            )
        assert (other.family_name, other.identity_number_masked) == ("Kask", "••••0299")
        assert not session.dirty

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"email": "LIIS@example.test"}, "email"),
            ({"phone": "+372 5123 4567"}, "phone"),
            ({"identity_number": NUMBER, "email": "liis@example.test"}, "identity_number"),
            ({"email": "other@example.test"}, None),
        ],
    )
    async def test_are_found_by_number_mail_and_phone(self, session, fields, reason):
        known = await make_customer(session, identity_number=NUMBER, email="liis@example.test", phone="51234567")
        given = {"market": "EE", "family_name": "X"} | fields
        found = await services.find_duplicates(session, fields=given, actor=CLERK, keys=KEYS)
        assert [(one.customer.id, one.reason) for one in found] == ([(known.id, reason)] if reason else [])

    async def test_of_another_market_are_not_told(self, session):
        await make_customer(session, email="liis@example.test")
        given = {"market": "LV", "family_name": "X", "email": "liis@example.test"}
        assert await services.find_duplicates(session, fields=given, actor=LATVIAN, keys=KEYS) == []


class TestUpdateCustomer:
    async def test_changes_and_tells(self, session):
        customer = await make_customer(session, email="liis@example.test")
        changed = await services.update_customer(
            session, customer.id, fields={"family_name": "Mägi", "email": None}, actor=CLERK, keys=KEYS, version=1
        )
        assert (changed.name, changed.email, changed.version) == ("Liis Mägi", None, 2)
        entry = (await entries(session, customer))[-1]
        assert entry.changes == {"email": ["liis@example.test", None], "family_name": ["Tamm", "Mägi"]}
        told = select(OutboxEvent).where(OutboxEvent.aggregateid == customer.id).order_by(OutboxEvent.id)
        event = (await session.execute(told)).scalars().all()[-1]
        assert (event.type, event.payload["version"]) == ("customer.updated", 2)

    async def test_refuses_an_old_version(self, session):
        customer = await make_customer(session)
        await services.update_customer(session, customer.id, fields={"language": "et"}, actor=SYSTEM, keys=KEYS)
        with pytest.raises(StaleVersion):
            await services.update_customer(
                session, customer.id, fields={"language": "ru"}, actor=SYSTEM, keys=KEYS, version=1
            )

    async def test_a_move_to_another_market_checks_the_number_there(self, session):
        customer = await make_customer(session, identity_number=NUMBER)
        with pytest.raises(InvalidFields):
            await services.update_customer(session, customer.id, fields={"market": "LV"}, actor=SYSTEM, keys=KEYS)
        before = customer.identity_number_hash
        moved = await services.update_customer(session, customer.id, fields={"market": "LT"}, actor=SYSTEM, keys=KEYS)
        assert moved.market == "LT"
        assert moved.identity_number_hash != before

    async def test_a_name_cannot_be_emptied(self, session):
        customer = await make_customer(session)
        with pytest.raises(InvalidFields):
            await services.update_customer(
                session, customer.id, fields={"given_name": None, "family_name": None}, actor=SYSTEM, keys=KEYS
            )

    async def test_is_not_there_for_other_markets(self, session):
        customer = await make_customer(session)
        with pytest.raises(NotFound):
            await services.update_customer(session, customer.id, fields={"language": "lv"}, actor=LATVIAN, keys=KEYS)
