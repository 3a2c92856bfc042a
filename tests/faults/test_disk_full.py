"""F10: the disk of the database or of uploads is full; nothing is half done, and work goes on once there is room."""

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app.core.auth.sessions import csrf_token, start_session
from app.core.guard import session_cookie_name
from app.core.invariants import Acknowledged
from tests.api.committing import BASE_URL, Live, running_app
from tests.factories.staff import make_staff
from tests.faults.stack import Stack, running_stack
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

DATABASE_MEGABYTES = 320
FILES_MEGABYTES = 4
MOST_WRITES = 4_000
REFUSED_WRITES = 5
WIDE = "x" * 60


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own that can be filled; needs the right to mount."""
    directory = Path(tempfile.mkdtemp(prefix="forecourt-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(directory)]
    done = (
        subprocess.run(command, capture_output=True, text=True, check=False, timeout=20) if os.geteuid() == 0 else None
    )
    if done is None or done.returncode:
        directory.rmdir()
        pytest.skip("a small disk can only be made by root with the right to mount")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=False, timeout=20)
        with contextlib.suppress(OSError):
            directory.rmdir()


@contextlib.contextmanager
def filled(directory: Path) -> Iterator[None]:
    """Leave no byte of it; all of it is given back at the end."""
    ballast = directory / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(directory).free)
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - the reason why it is full
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture(scope="module")
def small_stack() -> Iterator[tuple[Stack, Path]]:
    with small_disk(DATABASE_MEGABYTES) as directory, running_stack(directory) as stack:
        yield stack, directory


async def add(client: httpx.AsyncClient, vehicle_id: str, key: str) -> httpx.Response:
    body = {"id": vehicle_id, "make": "Kia", "market": "EE", "model": WIDE}
    return await client.post("/vehicles", json=body, headers={"idempotency-key": key})


class TestDatabase:
    @pytest.mark.fault("F10", "the disk of MariaDB is full")
    async def test_writes_are_refused_and_go_on_later(self, small_stack: tuple[Stack, Path], tally: Tally):
        stack, directory = small_stack
        promised: list[Acknowledged] = []
        refused: list[tuple[str, str]] = []
        async with running_app(stack.settings) as live, await live.client("fleet_clerk") as client:
            with filled(directory):
                for _ in range(MOST_WRITES):
                    vehicle_id, key = str(uuid4()), str(uuid4())
                    answer = await add(client, vehicle_id, key)
                    if answer.status_code == 201:
                        promised.append(Acknowledged("vehicle", vehicle_id, 1))
                        continue
                    with tally:
                        assert answer.status_code == 503, answer.text
                        assert int(answer.headers["retry-after"]) > 0
                        refused.append((vehicle_id, key))
                    if len(refused) == REFUSED_WRITES:
                        break
                assert refused, "the disk never became full for the database"
                assert (await client.get("/vehicles", params={"limit": 5})).status_code == 200
            for vehicle_id, key in refused:
                answer = await add(client, vehicle_id, key)
                assert answer.status_code == 201, answer.text
                promised.append(Acknowledged("vehicle", vehicle_id, 1))
            await assert_whole(live.database, promised)


@pytest.fixture
async def clerk(live: Live) -> AsyncIterator[httpx.AsyncClient]:
    async with live.database.unit() as session:
        staff = await make_staff(session, roles=["fleet_manager", "fleet_clerk"])
        token, held = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=live.app),
        base_url=BASE_URL,
        cookies={session_cookie_name(live.runtime): token},
        headers={"x-csrf-token": csrf_token(live.runtime.csrf_keys[0], str(held.id))},
    ) as client:
        yield client


class TestUploads:
    @pytest.mark.fault("F10", "the disk of uploads is full")
    async def test_an_upload_leaves_nothing_behind(self, live: Live, clerk: httpx.AsyncClient, tally: Tally):
        content = b"Id,Brand\n" + b"".join(b"%d,Skoda\n" % number for number in range(200_000))
        before = live.runtime.settings
        with small_disk(FILES_MEGABYTES) as directory:
            live.runtime.settings = before.model_copy(update={"data_dir": directory})
            try:
                with tally, filled(directory):
                    refused = await upload(clerk, content)
                    assert refused.status_code == 503, refused.text
                    assert "retry-after" in refused.headers
                    assert list(directory.glob("imports/*")) == []
                taken = await upload(clerk, content)
                assert taken.status_code == 303, taken.text
            finally:
                live.runtime.settings = before
        rows = await live.database.primary.fetch("SELECT COUNT(*) FROM import_run WHERE file_name = 'wide.csv'")
        assert rows == [(1,)]
        await assert_whole(live.database)


async def upload(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await client.post("/imports", data={"kind": "vehicles"}, files={"file": ("wide.csv", content)})
