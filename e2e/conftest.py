"""The whole portal on real servers and a real browser, started once; each test gets browsers of its own."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from app.cli import tools
from app.cli.failures import CommandFailed
from app.cli.test import BROWSERS
from e2e.looking import AXE, HEIGHTS, PICTURES, WIDE, picture
from e2e.people import Person
from e2e.stack import Stack, running_stack
from e2e.watching import Watch, told

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STEP_MILLISECONDS = 10_000

Browse = Callable[..., Person]

expect.set_options(timeout=STEP_MILLISECONDS)


def _missing() -> str | None:
    if not tools.CHROMIUM.is_present and not any(BROWSERS.glob("chromium-*")):
        return "Chromium is not installed: apt-get install chromium"
    if not AXE.exists():
        return "static/node_modules lacks axe-core: npm ci --ignore-scripts in static/"
    for tool in (tools.MARIADB, tools.JAVA, tools.MAVEN):
        if not tool.is_present:
            return f"{tool.name} is not installed: apt-get install {' '.join(tool.packages)}"
    return None


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The running portal; its logs are kept beside the pictures when something failed."""
    if missing := _missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    shutil.rmtree(PICTURES, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix="forecourt-e2e-"))
    is_started = False
    try:
        with running_stack(directory) as running:
            is_started = True
            yield running
    except CommandFailed as failure:
        pytest.fail(str(failure))
    finally:
        logs = directory / "logs"
        if logs.exists() and (not is_started or request.session.testsfailed):
            shutil.copytree(logs, PICTURES / "logs", dirs_exist_ok=True)
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def playwright(stack: Stack) -> Iterator[Playwright]:
    """After the portal: what starts it runs event loops, which cannot begin inside playwright's."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = tools.find_program("chromium")
    running = playwright.chromium.launch(executable_path=program, chromium_sandbox=False, args=list(CHROMIUM_ARGUMENTS))
    yield running
    running.close()


@pytest.fixture
def browse(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Browse]:
    """`browse("fleet@demo.test")`: a browser of that person, signed in; without an address, of nobody yet.

    At the end nothing may be wrong: no script error, no refusal of the content policy, no finding of axe.
    """
    people: list[Person] = []

    def open_browser(email: str = "", *, scripts: bool = True, **options: object) -> Person:
        context = browser.new_context(
            base_url=stack.address,
            java_script_enabled=scripts,
            viewport={"width": WIDE, "height": HEIGHTS[WIDE]},
            color_scheme="light",
            reduced_motion="reduce",
            locale="en-GB",
            accept_downloads=True,
            **options,
        )
        context.set_default_timeout(STEP_MILLISECONDS)
        watch = Watch(context)
        person = Person(context, context.new_page(), watch)
        people.append(person)
        return person.sign_in(email) if email else person

    failed_before = request.session.testsfailed
    yield open_browser
    complaints = [line for person in people for line in (*person.watch.complaints, *person.wrong)]
    if complaints or request.session.testsfailed > failed_before:
        for number, person in enumerate(people, 1):
            picture(person.page, PICTURES / "failed" / f"{request.node.name}-{number}.png")
    for person in people:
        person.context.close()
    assert not complaints, told(complaints)


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    """The JSON API as an administrator, to make what a workflow starts from."""
    with stack.api() as client:
        yield client
