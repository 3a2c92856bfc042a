"""Every page that a role can reach from its sidebar, in both themes, wide and narrow."""

import re

import pytest
from playwright.sync_api import Page

from e2e.conftest import Browse
from e2e.looking import EVERYTHING, runs_over
from e2e.stack import DEMO_ACCOUNTS

LINKS = "nav.sidebar a[href], .page-head .actions a[href], .person-menu a[href]"
RECORD = "#content table[data-rows] tbody tr:first-child a[href]"
IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_PAGES = 100

_looked_at: set[str] = set()
"""Kinds of pages that an earlier role has shown; later roles only find out whether theirs answers and fits."""


def kind_of(path: str) -> str:
    """`/vehicles/019b.../edit?x=y` is `vehicles-id-edit`."""
    return IDENTITY.sub("id", path.partition("?")[0]).strip("/").replace("/", "-") or "home"


def links_of(page: Page) -> list[str]:
    """The sidebar, the actions of the page, and its first record."""
    found = page.locator(LINKS).evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    records = page.locator(RECORD).evaluate_all("(links) => links.slice(0, 1).map((link) => link.getAttribute('href'))")
    return [href for href in (*found, *records) if href.startswith("/")]


@pytest.mark.parametrize("email", sorted(DEMO_ACCOUNTS))
def test_every_page_of(email: str, browse: Browse) -> None:
    person = browse(email)
    role = DEMO_ACCOUNTS[email]
    waiting, seen = ["/"], set[str]()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind in seen:
            continue
        seen.add(kind)
        page = person.go(path)
        if kind in _looked_at:
            person.wrong += runs_over(page, f"{role}-{kind}")
        else:
            person.look(f"{role}-{kind}", checked=EVERYTHING)
            _looked_at.add(kind)
        waiting += links_of(page)
        assert len(seen) <= MOST_PAGES, f"too many kinds of pages: {sorted(seen)}"
    assert len(seen) >= 4, f"{role} reaches only {sorted(seen)}"
