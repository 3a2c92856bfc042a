"""A process that forks one child per call; a child does one piece of work and kills itself at the chosen step of it.

It is started by `Forker`, reads one JSON object per line and answers with one. Only here are the steps counted: a step
is the moment before or after each statement and each commit, told by SQLAlchemy's events.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.cli.migrating import migrate
from app.core.auth import secrets
from app.main import create_app
from app.settings import load_settings
from tests.faults import killed_work

LONGEST_CHILD_SECONDS = 60


class Steps:
    """Counts the steps and kills the process, as `kill -9` does, when the chosen one is reached."""

    def __init__(self, kill_at: int | None, told: int) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._told = told

    def take(self, name: str) -> None:
        self.count += 1
        os.write(self._told, f"{name}\n".encode())
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

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
            return asyncio.run(killed_work.run_jobs(load_settings(), call["kinds"]))
        case "migrate":
            steps.listen(lambda _statement: True)
            migrate(call["url"])
            return {}
        case unknown:
            raise ValueError(unknown)


def fork_child(application: Any, call: dict[str, Any]) -> dict[str, Any]:
    """Let a child do the work and tell how it ended."""
    steps_out, steps_in = os.pipe()
    answer_out, answer_in = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST_CHILD_SECONDS)
        steps = Steps(call.get("kill_at"), steps_in)
        code = 0
        try:
            answer = run_child(application, call, steps)
        except BaseException as error:  # noqa: BLE001 - told to the parent
            answer, code = {"error": repr(error)}, 1
        with os.fdopen(answer_in, "w") as output:
            output.write(json.dumps(answer))
        os._exit(code)
    os.close(steps_in)
    os.close(answer_in)
    with os.fdopen(steps_out) as taken, os.fdopen(answer_out) as answered:
        names, text = taken.read().splitlines(), answered.read()
    _, status = os.waitpid(child, 0)
    is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"is_killed": is_killed, "steps": names, **(json.loads(text) if text else {})}


def main() -> None:
    secrets.hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the application logs is no answer
    application = create_app()
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(fork_child(application, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
