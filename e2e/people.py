"""A person at a browser: a context of their own, watched, with what every workflow does again and again."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.looking import ONCE_PER_THEME, look
from e2e.stack import PASSWORD
from e2e.watching import Watch


@dataclass(slots=True)
class Person:
    """One browser context and the page in front."""

    context: BrowserContext
    page: Page
    watch: Watch
    wrong: list[str] = field(default_factory=list[str])

    def sign_in(self, email: str) -> "Person":
        sign_in(self.page, email)
        return self

    def go(self, path: str) -> Page:
        """Open an address and wait until htmx is ready for what is done next."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"
        return self.page

    def expect(self, *statuses: int) -> None:
        """Allow answers that the test provokes: Chromium reports every status from 400 on as an error."""
        self.watch.expect(*statuses)

    def look(self, name: str, *, checked: set[tuple[str, int]] = ONCE_PER_THEME) -> None:
        """Picture the page and note what axe finds; told together at the end of the test."""
        self.wrong += look(self.page, name, checked=checked)


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form, and arrive at the home page."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("nav.sidebar")).to_be_attached()


def toast(page: Page, text: str) -> Locator:
    """The short message in the live region."""
    return page.locator("#toasts .toast-note", has_text=text)
