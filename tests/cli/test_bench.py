"""The benches' own arithmetic, client and table; what they measure is no test's business."""

import asyncio

import pytest

from app.cli.bench import BENCHES, module_of
from app.cli.bench.load import Asked, Load, ask
from app.cli.bench.measuring import Target, compare, in_turn
from app.cli.bench.results import table
from app.cli.failures import CommandFailed
from tests.cli.test_commands import forecourt


class TestCommand:
    def test_lists_every_bench(self):
        answer = forecourt("bench", "list")
        assert answer.returncode == 0
        assert [line.split()[0] for line in answer.stdout.splitlines()] == list(BENCHES)

    def test_refuses_an_unknown_one(self):
        answer = forecourt("bench", "moon")
        assert answer.returncode == 1
        assert answer.stderr.startswith("There is no bench moon; there are ")

    @pytest.mark.parametrize("name", BENCHES)
    def test_each_has_a_module(self, name):
        assert __import__(module_of(name), fromlist=["run"]).run


class TestCompare:
    def test_the_ratio_is_of_rounds_not_of_medians(self):
        line = compare("x", [10.0, 20.0, 90.0], [10.0, 10.0, 30.0], "/s", Target(2.0))
        assert (line.ratio, line.least, line.most, line.is_met) == (2.0, 1.0, 3.0, True)

    @pytest.mark.parametrize(("target", "met"), [(Target(2.0), False), (Target(2.0, "less"), True), (None, None)])
    def test_targets_have_a_direction(self, target, met):
        assert compare("x", [1.5], [1.0], "ms", target).is_met is met

    def test_the_table_is_markdown(self):
        lines = table([compare("pages", [3.0], [2.0], "/s", Target(1.0))]).splitlines()
        assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
            "pages", "3 /s", "2 /s", "1.50x", "1.50-1.50", ">= 1x", "met",
        ]  # fmt: skip

    async def test_sides_take_turns(self):
        order: list[str] = []

        def side(name):
            async def measure():
                order.append(name)
                return len(order)

            return measure

        assert await in_turn({"a": side("a"), "b": side("b")}, 2) == {"a": [1, 3], "b": [2, 4]}
        assert order == ["a", "b", "a", "b"]


class TestLoad:
    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nConnection: close\r\n\r\nok",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        ],
    )
    async def test_counts_every_answer(self, answer):
        async with _server(answer) as (port, seen):
            found = await ask([Asked(f"http://127.0.0.1:{port}/a?b=c", {"X-Y": "z"})], Load(answers=12, clients=3))
        assert len(found.milliseconds) == len(seen) == 12
        assert found.size == 2
        assert seen[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
        assert b"X-Y: z" in seen[0]

    async def test_another_answer_than_200_ends_the_bench(self):
        async with _server(b"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\naway") as (port, _):
            with pytest.raises(CommandFailed, match="503: away"):
                await ask([Asked(f"http://127.0.0.1:{port}/")], Load(answers=1))


class _server:  # noqa: N801 - used as a block
    def __init__(self, answer: bytes) -> None:
        self.answer, self.seen = answer, []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1], self.seen

    async def __aexit__(self, *_):
        self.server.close()

    async def _talk(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.seen.append(head)
                writer.write(self.answer)
                if b"Connection: close" in self.answer:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
