"""`forecourt import`: its exit codes, its report, and the files it leaves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.migrating import migrate
from tests.plugins.servers import create_database, on_database, run_statements

MAPPING = """
kind = "vehicles"
row_key = "id"
secret = ["phone"]
[fields]
make = "make"
km = "odometer_km"
[constants]
market = "EE"
"""
ROWS = "id,make,km,phone\n1,Audi,5,5551\n2,=HYPERLINK(1),-5,5552\n"


@pytest.fixture(scope="module")
def url(mariadb_url):
    name = "forecourt_import_command"
    create_database(mariadb_url, name)
    migrate(on_database(mariadb_url, name))
    yield on_database(mariadb_url, name)
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture
def command(url, tmp_path, monkeypatch):
    """Run the command in a process of its own over the file and the mapping above."""
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("FORECOURT_DATA_DIR", str(tmp_path / "state"))
    (tmp_path / "cars.csv").write_text(ROWS)
    (tmp_path / "cars.toml").write_text(MAPPING)

    def run(*arguments, file="cars.csv"):
        line = [sys.executable, "-m", "app.cli", "import", "vehicles", str(tmp_path / file), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)

    return run


class TestImportCommand:
    def test_reports_as_json_and_leaves_refused_rows_for_their_owner(self, command, tmp_path):
        mapped = ("--mapping", str(tmp_path / "cars.toml"), "--source", "first")
        rehearsed = command(*mapped, "--dry-run", "--json")
        assert rehearsed.returncode == 3
        done = command(*mapped, "--json")
        assert done.returncode == 3, done.stderr
        report = json.loads(done.stdout.splitlines()[-1])
        assert json.loads(rehearsed.stdout)["created"] == report["created"] == 1
        assert (report["total"], report["updated"], report["unchanged"], report["refused"]) == (2, 0, 0, 1)
        assert report["refused_rows"] == [
            {"row": 3, "key": "2", "column": "km", "reason": "Between 0 and 2,000,000 (the cell says -5)"}
        ]
        kept = tmp_path / "state" / "imports"
        assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}
        assert Path(report["refused_file"]).read_text().splitlines() == [
            "import_row_key,import_reason,id,make,km",
            "2,\"km: Between 0 and 2,000,000 (the cell says -5)\",2,'=HYPERLINK(1),'-5",
        ]
        assert "555" not in "".join(path.read_text() for path in kept.iterdir()) + done.stdout + done.stderr

    def test_corrected_rows_are_new_and_all_others_unchanged(self, command, tmp_path):
        mapped = ("--mapping", str(tmp_path / "cars.toml"), "--source", "second")
        command(*mapped)
        (tmp_path / "corrected.csv").write_text("import_row_key,import_reason,id,make,km\n2,x,2,Audi,7\n")
        corrected = command(*mapped, file="corrected.csv")
        assert corrected.returncode == 0, corrected.stderr
        assert "1 created, 0 updated, 0 unchanged, 0 refused" in corrected.stdout
        (tmp_path / "cars.csv").write_text(ROWS.replace("=HYPERLINK(1),-5", "Audi,7"))
        again = command(*mapped)
        assert again.returncode == 0
        assert "0 created, 0 updated, 2 unchanged, 0 refused" in again.stdout

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), "No known mapping of vehicles has these headers: id, make, km, phone."),
            (("--mapping", "/nowhere.toml"), "The mapping /nowhere.toml cannot be read"),
            (("--source", "a b"), "--source takes letters"),
        ],
    )
    def test_what_cannot_begin_is_one_sentence(self, command, arguments, sentence):
        done = command(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert sentence in done.stderr
        assert len(done.stderr.splitlines()) == 1

    def test_a_mapping_that_does_not_fit_names_what_and_where(self, command, tmp_path):
        (tmp_path / "cars.toml").write_text(MAPPING.replace("odometer_km", "miles"))
        done = command("--mapping", str(tmp_path / "cars.toml"))
        assert done.returncode == 1
        assert done.stderr.strip() == "cars.toml names the field 'miles', which does not exist."
