"""A private OpenSearch node: keeps its indices, also over a kill, on whichever ports are free."""

import json
import os
import signal
import urllib.request

import pytest

from app.cli import tools
from app.cli.processes import wait_until
from app.cli.servers.opensearch import PrivateOpenSearch, answers

pytestmark = pytest.mark.skipif(
    not (tools.JAVA.is_present and tools.MAVEN.is_present) and os.environ.get("CI") != "true",
    reason="Java or Maven is not installed",
)


def call(node, method, path, body=None):
    content = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(  # noqa: S310
        node.url + path, data=content, method=method, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def started(directory):
    node = PrivateOpenSearch(directory, for_tests=True)
    node.start()
    node.wait()
    return node


def test_a_node_survives_a_kill_and_stops_in_order(tmp_path):
    first = started(tmp_path)
    try:
        call(first, "PUT", "/kept/", {"settings": {"number_of_replicas": 0}})
        call(first, "PUT", "/kept/_doc/7?refresh=true", {"plate": "640 BTN"})
        assert first.identity is not None
        first.identity.signal(signal.SIGKILL)
        assert wait_until(lambda: not answers(first.url), seconds=10)
    finally:
        first.stop()
    second = started(tmp_path)
    try:
        assert call(second, "GET", "/kept/_doc/7")["_source"] == {"plate": "640 BTN"}
        assert second.identity is not None
        assert PrivateOpenSearch(tmp_path).adopt(second.identity, second.url)
        assert second.identity.stop(seconds=30), "it ends by itself, without force"
    finally:
        second.stop()
