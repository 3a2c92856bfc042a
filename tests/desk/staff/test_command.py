import asyncio

from typer.testing import CliRunner

from app.cli import command_line
from app.core.db import Database
from app.desk.staff import queries


class TestStaffCommand:
    async def test_prints_a_link_that_makes_the_account(self, settings, committed, visitor, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        monkeypatch.setenv("FORECOURT_BASE_URL", "https://desk.example.com")
        arguments = ["staff", "create", "First@example.com", "--role", "admin", "--data-dir", str(tmp_path)]
        printed = await _run(arguments)
        assert printed.exit_code == 0, printed.output
        link = printed.stdout.strip()
        assert link.startswith("https://desk.example.com/password/new/")
        assert (await visitor.get(link.removeprefix("https://desk.example.com"))).status_code == 200
        async with committed.session() as session:
            staff = await queries.find_by_email(session, "first@example.com")
        assert (staff.roles, staff.markets, staff.password_hash) == (["admin"], None, None)
        listed = await _run(["staff", "list", "--data-dir", str(tmp_path)])
        assert listed.stdout == "first@example.com\tFirst\tadmin\tinvited\n"

    async def test_refuses_an_unknown_role_in_one_sentence(self, settings, committed: Database, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        printed = await _run(["staff", "create", "a@example.com", "--role", "root", "--data-dir", str(tmp_path)])
        assert "roles: Choose roles of the list" in str(printed.exception)


async def _run(arguments):
    """In a thread: the command has an event loop of its own."""

    return await asyncio.to_thread(CliRunner().invoke, command_line("staff"), arguments)
