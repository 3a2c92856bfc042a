"""What a browser complains about: script errors, refusals of the content policy, answers nobody expected."""

import re
from collections.abc import Iterable

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

FAILED_LOAD = re.compile(r"the server responded with a status of (\d+)")
NO_ANSWER = re.compile(r"Failed to load resource: net::ERR_|htmx:error: Failed to fetch")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Watch:
    """Collects the complaints of every page of one context; `expect` allows the statuses that a test provokes."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self._expected: set[int] = set()
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", self._attach)

    def expect(self, *statuses: int) -> None:
        self._expected.update(statuses)

    def _attach(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._expected.intersection(statuses_in(message.text)):
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def _see(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self._expected:
            self.complaints.append(f"{response.request.method} {response.url} answered {response.status}")


def statuses_in(text: str) -> list[int]:
    """The status that a message is about, 0 for no answer at all."""
    return [int(status) for status in FAILED_LOAD.findall(text)] or ([0] if NO_ANSWER.search(text) else [])


def told(complaints: Iterable[str]) -> str:
    return "the browser complains:\n" + "\n".join(dict.fromkeys(complaints))
