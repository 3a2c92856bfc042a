"""`forecourt doctor`: what it says of a sound database, and that each thing that breaks is told."""

import json
import os
import subprocess
import sys

import pytest

from app.cli.doctoring import examine_servers, healthy
from app.core.db import Database
from app.core.invariants import violations
from app.main import assemble
from tests.cli.seeded import change, demo_settings

__all__ = ["demo_settings"]

ID = "019b76da-a800-7fd4-ada2-00000000000{}"
ENTRY = (
    "INSERT INTO audit_entry (id, at, actor_name, action, subject_kind, subject_id, subject_version, changes, facts, "
    "why) VALUES ('{id}', UTC_TIMESTAMP(6), 'Mari Kask', 'staff.edited', 'staff', '{subject}', {version}, '{{}}', "
    "'{{}}', '{why}')"
)
EVENT = (
    "INSERT INTO outbox_event (id, aggregatetype, aggregateid, type, payload, created_at, position) VALUES "
    "('{id}', 'staff', '{subject}', 'staff.edited', JSON_OBJECT('version', {version}), '2026-01-01', {position})"
)
STAFF = (
    "INSERT INTO staff (id, version, created_at, updated_at, email, name, roles, is_disabled, is_demo) VALUES "
    "('{id}', {version}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 'x@example.com', 'X', '[]', 0, 0)"
)


@pytest.fixture
async def broken(demo_settings):
    """A function that breaks something and answers with the invariants that no longer hold."""
    database = await Database.open(demo_settings)

    async def broken(*statements):
        change(demo_settings, *statements)
        return {found.invariant for found in await violations(database.reads, list(assemble().kinds.values()))}

    yield broken
    await database.close()
    change(
        demo_settings,
        "DELETE FROM audit_entry",
        "DELETE FROM outbox_event",
        "DELETE FROM staff",
        "DELETE FROM idempotent_answer",
    )


class TestInvariants:
    async def test_hold_in_a_sound_database(self, broken):
        staff, pair = ID.format(1), {"subject": ID.format(1), "version": 1}
        sound = (
            STAFF.format(id=staff, version=1),
            ENTRY.format(id=ID.format(2), why="", **pair),
            EVENT.format(id=ID.format(3), position=1, **pair),
        )
        assert await broken(*sound) == set()

    async def test_an_event_without_cause_is_told(self, broken):
        assert await broken(EVENT.format(id=ID.format(3), subject=ID.format(1), version=1, position=1)) == {"I6"}

    async def test_a_cause_without_event_is_told(self, broken):
        assert await broken(ENTRY.format(id=ID.format(3), subject=ID.format(1), version=1, why="")) == {"I6"}

    async def test_a_gap_between_positions_is_told(self, broken):
        pairs = [(ID.format(number), {"subject": ID.format(number), "version": 1}) for number in (1, 2)]
        statements = [ENTRY.format(id=key, why="", **pair) for key, pair in pairs]
        statements += [EVENT.format(id=key, position=7 * int(key[-1]), **pair) for key, pair in pairs]
        assert await broken(*statements) == {"I6"}

    async def test_a_version_without_entry_is_told(self, broken):
        assert await broken(STAFF.format(id=ID.format(1), version=3)) == {"I10"}

    @pytest.mark.parametrize("number", ["38001085718", "131052-308T", "4111 1111 1111 1111"])
    async def test_a_number_in_clear_is_told(self, broken, number):
        entry = ENTRY.format(id=ID.format(3), subject=ID.format(1), version=1, why=f"Asked for {number} again")
        assert await broken(entry, EVENT.format(id=ID.format(2), subject=ID.format(1), version=1, position=1)) == {
            "I11"
        }

    @pytest.mark.parametrize("text", ["+37256789012", "38001085719", "4111 1111 1111 1112", "AP-7F3K9Q, 2026-06-25"])
    async def test_what_only_looks_like_a_number_is_not(self, broken, text):
        entry = ENTRY.format(id=ID.format(3), subject=ID.format(1), version=1, why=text)
        assert await broken(entry, EVENT.format(id=ID.format(2), subject=ID.format(1), version=1, position=1)) == set()


class TestExamination:
    async def test_a_sound_database_is_healthy_and_missing_parts_are_warned_of(self, demo_settings):
        findings = await examine_servers(demo_settings, data=True)
        assert healthy(findings), [finding for finding in findings if finding.status == "fail"]
        status = {finding.subject: finding.status for finding in findings}
        assert status["Schema"] == status["Isolation"] == status["Invariants"] == "ok"
        assert status["Heartbeat"] == status["OpenSearch"] == "warn"

    async def test_a_schema_that_is_behind_fails(self, demo_settings):
        change(demo_settings, "UPDATE alembic_version SET version_num = concat('x', version_num)")
        try:
            findings = await examine_servers(demo_settings, data=False)
        finally:
            change(demo_settings, "UPDATE alembic_version SET version_num = substr(version_num, 2)")
        assert [finding.subject for finding in findings if finding.status == "fail"] == ["Schema"]


class TestCommand:
    def test_a_database_that_is_away_ends_with_1_and_says_what(self, tmp_path):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")}
        answer = subprocess.run(
            [sys.executable, "-m", "app.cli", "doctor", "--json", "--data-dir", str(tmp_path)],
            env={**kept, "DATABASE_URL": "mariadb://x:y@127.0.0.1:9/x", "OPENSEARCH_URL": "http://127.0.0.1:9"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answer.returncode == 1
        report = json.loads(answer.stdout)
        assert report["healthy"] is False
        assert {finding["area"] for finding in report["findings"] if finding["status"] == "fail"} >= {
            "Database",
            "Search",
        }
