import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.core.auth import second_factor, throttle
from app.core.auth.housekeeping import KINDS, forget
from app.core.auth.links import LinkPurpose, find_link, make_link, use_link
from app.core.auth.sessions import csrf_token
from app.core.crypto import DecryptionError, decrypt, encrypt, keyed_hash
from app.core.db import Database
from app.core.errors import TooManyRequests
from app.kit.ids import new_id

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class TestTotp:
    @pytest.mark.parametrize(
        ("moment", "code"),
        [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
    )
    def test_knows_the_codes_of_the_standard(self, moment, code):
        """RFC 6238, appendix B, SHA-1, the last six digits."""
        at = datetime.fromtimestamp(moment, UTC)
        assert second_factor.matching_step(RFC_SECRET, code, at) == moment // 30

    @pytest.mark.parametrize(("seconds", "fits"), [(-30, True), (59, True), (-31, False), (60, False)])
    def test_allows_one_step_either_way(self, seconds, fits):
        at = datetime.fromtimestamp(1234567890 + seconds, UTC)
        assert (second_factor.matching_step(RFC_SECRET, "005924", at) is not None) is fits

    @pytest.mark.parametrize("code", ["", "00592", "5924", "٠٠٥٩٢٤", "005924x"])
    def test_refuses_other_texts(self, code):
        assert second_factor.matching_step(RFC_SECRET, code, datetime.fromtimestamp(1234567890, UTC)) is None

    async def test_a_step_is_used_once(self, database):
        staff_id = new_id()
        assert await second_factor.use_step(database, staff_id, 7)
        assert not await second_factor.use_step(database, staff_id, 7)
        assert await second_factor.use_step(database, new_id(), 7)


class TestCrypto:
    def test_reads_back(self):
        assert decrypt([KEY], encrypt(KEY, "šifra", "staff/1"), "staff/1") == "šifra"

    def test_never_writes_the_same_twice(self):
        assert encrypt(KEY, "secret", "a") != encrypt(KEY, "secret", "a")

    def test_refuses_another_key_context_or_a_changed_byte(self):
        sealed = encrypt(KEY, "secret", "staff/1")
        changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        for key, value, context in (
            (OTHER_KEY, sealed, "staff/1"), (KEY, sealed, "staff/2"), (KEY, changed, "staff/1"), (KEY, b"", "staff/1"),
        ):  # fmt: skip
            with pytest.raises(DecryptionError):
                decrypt([key], value, context)

    def test_hash_depends_on_the_key(self):
        assert keyed_hash(KEY, "38001085718") == keyed_hash(KEY, "38001085718") != keyed_hash(OTHER_KEY, "38001085718")


class TestThrottle:
    async def test_refuses_over_the_limit_and_tells_how_long(self, database):
        bucket = throttle.Bucket("account:x", limit=2)
        for _ in range(2):
            await throttle.admit(database, [bucket])
        with pytest.raises(TooManyRequests) as refused:
            await throttle.admit(database, [bucket])
        assert 890 <= int(refused.value.headers["Retry-After"]) <= 900

    async def test_starts_again_when_the_window_is_over(self, database, session):
        bucket = throttle.Bucket("account:x", limit=1)
        await throttle.admit(database, [bucket])
        await session.execute(text("UPDATE auth_attempt SET window_ends_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"))
        await session.commit()
        await throttle.admit(database, [bucket])

    async def test_forgives_one_attempt_of_a_shared_bucket(self, database, session):
        own, shared = throttle.Bucket("account:x", 5), throttle.Bucket("address:y", 5, is_shared=True)
        for _ in range(3):
            await throttle.admit(database, [own, shared])
        await throttle.forgive(database, [own, shared])
        rows = (await session.execute(text("SELECT bucket, failures FROM auth_attempt"))).all()
        assert [tuple(row) for row in rows] == [("address:y", 2)]

    async def test_many_at_once_do_not_pass_the_limit(self, settings):
        database = await Database.open(settings)
        bucket = throttle.Bucket(f"test:{new_id()}", limit=5)
        try:
            tries = [throttle.admit(database, [bucket]) for _ in range(12)]
            answers = await asyncio.gather(*tries, return_exceptions=True)
            assert answers.count(None) == 5
            assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 7
        finally:
            await throttle.forgive(database, [bucket])
            await database.close()

    def test_an_ipv6_network_counts_as_one_address(self):
        assert throttle.address_bucket("2001:db8::1") == throttle.address_bucket("2001:db8::ffff")
        assert throttle.address_bucket("2001:db8::1") != throttle.address_bucket("2001:db8:0:1::1")


class TestLinks:
    async def test_is_used_once(self, session):
        token = await make_link(session, new_id(), LinkPurpose.RESET)
        link = await find_link(session, token, [LinkPurpose.RESET])
        assert await use_link(session, link)
        assert not await use_link(session, link)
        assert await find_link(session, token, [LinkPurpose.RESET]) is None

    async def test_serves_its_purpose_only(self, session):
        token = await make_link(session, new_id(), LinkPurpose.SECOND_FACTOR)
        assert await find_link(session, token, [LinkPurpose.RESET, LinkPurpose.INVITATION]) is None


def test_a_csrf_token_belongs_to_one_session_and_one_key():
    tokens = {csrf_token(KEY, "one"), csrf_token(KEY, "two"), csrf_token(OTHER_KEY, "one")}
    assert len(tokens) == 3


class TestHousekeeping:
    async def test_forgets_what_decides_nothing_any_more(self, session):
        await session.execute(
            text(
                "INSERT INTO used_totp_step (staff_id, step) VALUES (UUID(), UNIX_TIMESTAMP() DIV 30),"
                " (UUID(), UNIX_TIMESTAMP() DIV 30 - 3000)"
            )
        )
        await session.execute(
            text(
                "INSERT INTO auth_attempt VALUES ('over', 3, UTC_TIMESTAMP(6) - INTERVAL 1 SECOND),"
                " ('running', 3, UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE)"
            )
        )
        for age in (1, 40):
            await session.execute(
                text(
                    "INSERT INTO auth_session (id, token_hash, staff_id, created_at, last_seen_at, idle_seconds,"
                    " expires_at, ended_at, address, browser) VALUES (UUID(), :age, UUID(), UTC_TIMESTAMP(6),"
                    " UTC_TIMESTAMP(6), 60, UTC_TIMESTAMP(6) + INTERVAL 1 DAY, UTC_TIMESTAMP(6) - INTERVAL :age DAY,"
                    " '', '')"
                ),
                {"age": age},
            )
        forgotten = {kind: await forget(session, kind) for kind in KINDS}
        assert forgotten == {
            "auth_attempt": 1,
            "auth_session": 1,
            "api_token": 0,
            "single_use_link": 0,
            "used_totp_step": 1,
            "development_mail": 0,
        }
