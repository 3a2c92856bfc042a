"""What a browser complains about: script errors, refusals of the content policy, answers nobody expected."""

import re
from collections.abc import Iterable

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

FAILED_LOAD = re.compile(r"the server responded with a status of (\d+)")
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
        failed = FAILED_LOAD.search(message.text)
        if message.type == "error" and not (failed and int(failed[1]) in self._expected):
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def _see(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self._expected:
            self.complaints.append(f"{response.request.method} {response.url} answered {response.status}")


def told(complaints: Iterable[str]) -> str:
    return "the browser complains:\n" + "\n".join(dict.fromkeys(complaints))
