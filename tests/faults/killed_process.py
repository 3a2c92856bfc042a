"""A process that forks one child per call; a child does one piece of work and kills itself at the chosen step of it.

It is started by `Forker`, reads one JSON object per line and answers with one. Only here are the steps counted: a step
is the moment before or after each statement and each commit, told by SQLAlchemy's events.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any, NoReturn

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.cli.migrating import migrate
from app.core.auth import secrets
from app.main import create_app
from app.settings import load_settings
from tests.faults import killed_work

LONGEST_CHILD_SECONDS = 120
LARGEST_FILE = 4_000_000


class Steps:
    """Counts the steps and kills the process, as `kill -9` does, when the chosen one is reached."""

    def __init__(self, call: dict[str, Any], told: int) -> None:
        self.count = 0
        self._signals = {call.get("kill_at"): signal.SIGKILL, call.get("stop_at"): signal.SIGSTOP}
        self._told = told

    def take(self, name: str) -> None:
        self.count += 1
        os.write(self._told, f"{name}\n".encode())
        if self.count in self._signals:
            os.kill(os.getpid(), self._signals[self.count])

    def listen(self, is_wanted: Callable[[str], bool]) -> None:
        def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if is_wanted(statement):
                self.take(f"before {statement.split(None, 3)[:3]}")

        def after(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if is_wanted(statement):
                self.take(f"after {statement.split(None, 3)[:3]}")

        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)
        event.listen(Engine, "commit", lambda _connection: is_wanted("COMMIT") and self.take("before COMMIT"))
        event.listen(Session, "after_commit", lambda _session: is_wanted("COMMIT") and self.take("after COMMIT"))


async def answer_request(application: Any, call: dict[str, Any]) -> dict[str, Any]:
    """What the application answers to one request, with its pools opened and closed around it."""
    litestar = application.app
    async with litestar.lifespan():
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url=call["base_url"]) as client:
            answer = await client.request(
                call["method"], call["path"], headers=call["headers"], content=call["content"].encode()
            )
    return {"status": answer.status_code, "headers": dict(answer.headers), "text": answer.text}


def run_child(application: Any, call: dict[str, Any], steps: Steps) -> dict[str, Any]:
    match call["what"]:
        case "request":
            steps.listen(lambda _statement: True)
            return asyncio.run(answer_request(application, call))
        case "jobs":
            steps.listen(killed_work.is_of_a_job)
            if call.get("stop_at"):
                killed_work.be_given_up_soon()
            return asyncio.run(killed_work.run_jobs(load_settings(), call["kinds"]))
        case "migrate":
            steps.listen(lambda _statement: True)
            migrate(call["url"])
            return {}
        case "expand":
            steps.listen(lambda _statement: True)
            killed_work.expand(call["url"])
            return {}
        case unknown:
            raise ValueError(unknown)


class Child:
    """A forked child; what it tells lies in files, so that one that is stopped can be left for a while."""

    def __init__(self, application: Any, call: dict[str, Any]) -> None:
        self._steps, self._answer = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed with it
        self.pid = os.fork()
        if self.pid == 0:
            self._work(application, call)

    def _work(self, application: Any, call: dict[str, Any]) -> NoReturn:
        signal.alarm(LONGEST_CHILD_SECONDS)
        code = 0
        try:
            answer = run_child(application, call, Steps(call, self._steps.fileno()))
        except BaseException as error:  # noqa: BLE001 - told to the parent
            answer, code = {"error": repr(error)}, 1
        os.write(self._answer.fileno(), json.dumps(answer).encode())
        os._exit(code)

    def wait(self) -> dict[str, Any]:
        """How it ended, or that it is stopped."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        ended = {"is_killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL}
        ended |= {"steps": self._read(self._steps).splitlines()}
        if os.WIFSTOPPED(status):
            return ended | {"stopped_pid": self.pid}
        return ended | json.loads(self._read(self._answer) or "{}")

    def _read(self, file: Any) -> str:
        return os.pread(file.fileno(), LARGEST_FILE, 0).decode()


def main() -> None:
    secrets.hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the application logs is no answer
    application = create_app()
    answers.write("ready\n")
    answers.flush()
    stopped: dict[int, Child] = {}
    for line in sys.stdin:
        call = json.loads(line)
        if call["what"] == "resume":
            child = stopped.pop(call["pid"])
            os.kill(child.pid, signal.SIGCONT)
        else:
            child = Child(application, call)
        ended = child.wait()
        if "stopped_pid" in ended:
            stopped[child.pid] = child
        answers.write(json.dumps(ended) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
