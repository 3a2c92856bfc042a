"""What runs over one directory: one holder, a record only its owner reads, servers found or started."""

import json
import os
import stat
import subprocess
import sys

import pytest

from app.cli import instance
from app.cli.processes import ProcessIdentity
from app.settings import load_settings

EXTERNAL = {"database_url": "mariadb+aiomysql://db/forecourt", "opensearch_url": "http://search:9200"}


@pytest.fixture
def settings_of(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "OPENSEARCH_URL"):
        monkeypatch.delenv(name, raising=False)
    return lambda **given: load_settings(environment="test", data_dir=tmp_path, **given)


def holding_process(directory):
    code = (
        "import sys, pathlib\nfrom app.cli.instance import hold\n"
        "with hold(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


class TestHold:
    def test_a_second_holder_is_refused_and_told_who_it_is(self, tmp_path):
        instance.write_record(tmp_path, {"command": "run", "pid": 4711, "base_url": "http://127.0.0.1:8000"})
        with holding_process(tmp_path) as holder:
            told = r"process 4711\) at http://127\.0\.0\.1:8000"
            with pytest.raises(instance.DirectoryInUse, match=told), instance.hold(tmp_path):
                pass
            holder.communicate()

    def test_a_killed_holder_leaves_no_lock(self, tmp_path):
        with holding_process(tmp_path) as holder:
            holder.kill()
            holder.communicate()
        with instance.hold(tmp_path):
            pass


class TestRecord:
    def test_is_replaced_whole_and_read_by_its_owner_only(self, tmp_path):
        instance.write_record(tmp_path, {"a": 1})
        instance.write_record(tmp_path, {"b": 2})
        assert instance.read_record(tmp_path) == {"b": 2}
        assert stat.S_IMODE((tmp_path / instance.RECORD).stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == [instance.RECORD]

    @pytest.mark.parametrize("content", ["", "{", "[]", "null"])
    def test_a_damaged_one_counts_as_none(self, tmp_path, content):
        (tmp_path / instance.RECORD).write_text(content)
        assert instance.read_record(tmp_path) == {}


class TestServersFor:
    def test_given_addresses_start_nothing(self, settings_of, tmp_path):
        settings = settings_of(**EXTERNAL)
        with instance.servers_for(settings) as found:
            assert found is settings
        assert list(tmp_path.iterdir()) == []

    def test_a_running_instance_is_shared(self, settings_of, tmp_path):
        with holding_process(tmp_path) as holder:
            identity = ProcessIdentity.of(holder.pid)
            assert identity is not None
            record = {"command": "run", **identity.to_json(), **EXTERNAL, "base_url": "http://127.0.0.1:8123"}
            instance.write_record(tmp_path, record)
            with instance.servers_for(settings_of()) as found:
                assert found.database_url == EXTERNAL["database_url"]
                assert found.opensearch_url == EXTERNAL["opensearch_url"]
                assert found.base_url == "http://127.0.0.1:8123"
            with instance.servers_for(settings_of(database_url="mariadb+aiomysql://other/x")) as found:
                assert found.database_url == "mariadb+aiomysql://other/x"
                assert found.opensearch_url == EXTERNAL["opensearch_url"]
            holder.communicate()
        assert instance.read_record(tmp_path) == record, "who shares removes nothing"

    def test_one_is_started_and_stopped_where_none_runs(self, settings_of, tmp_path, monkeypatch):
        monkeypatch.setattr(instance, "migrate", lambda url: None)
        stale = {"command": "run", "pid": os.getpid(), "started": "long ago", **EXTERNAL}
        (tmp_path / instance.RECORD).write_text(json.dumps(stale))
        with instance.servers_for(settings_of(), search=False) as found:
            record = instance.read_record(tmp_path)
            assert record["mariadb"]["port"] == int(found.database_url.rpartition(":")[2].partition("/")[0])
            server = ProcessIdentity.from_json(record["mariadb"])
            assert server is not None
            assert server.is_running
        assert not server.is_running
        assert instance.read_record(tmp_path) == {}
