"""Looking at a page: pictures in both themes and two widths, accessibility, moves first on a phone."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app.settings import ROOT, STATIC

AXE = STATIC / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "artifacts" / "e2e"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = 1280, 390
HEIGHTS = {WIDE: 900, NARROW: 844}
THEMES = ("light", "dark")
ONCE_PER_THEME = {("light", WIDE), ("dark", NARROW)}
EVERYTHING = {(theme, width) for theme in THEMES for width in HEIGHTS}

RUN_AXE = """
async (tags) => {
  const place = window.scrollY;
  window.scrollTo(0, 0);
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] };
  const { violations } = await axe.run(document, options);
  window.scrollTo(0, place);
  return violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
  }));
}
"""
RUNS_OVER = """
() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = (element) => element && element !== document.body
    && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > root.clientWidth + 1
      && element.checkVisibility() && !scrolls(element.parentElement));
  return [`${root.scrollWidth} px in ${root.clientWidth} px`,
    ...wide.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${element.className}`)];
}
"""
MOVES_LAST = """
() => {
  const [moves, facts] = ["moves", "facts"].map((each) => document.querySelector(`.record-${each} > .panel`));
  const isAbove = (one, other) => one.getBoundingClientRect().bottom <= other.getBoundingClientRect().top;
  return moves && facts && !isAbove(moves, facts) ? ["what can happen next stands below the facts"] : [];
}
"""


def look(page: Page, name: str, *, checked: set[tuple[str, int]] = ONCE_PER_THEME) -> list[str]:
    """Picture the page four times and return what is wrong with it; `checked` says where axe looks."""
    wrong: list[str] = []
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        for width, height in HEIGHTS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=PICTURES / f"{name}-{theme}-{width}.png", animations="disabled")
            place = f"{name}, {theme}, {width} px: "
            if (theme, width) in checked:
                wrong += [place + told for told in violations(page)]
            if width == NARROW:
                wrong += [place + told for told in (*page.evaluate(RUNS_OVER), *page.evaluate(MOVES_LAST))]
    page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})
    page.emulate_media(color_scheme="light")
    return wrong


def runs_over(page: Page, name: str) -> list[str]:
    """What makes the page scroll sideways on a telephone, or a record hide its moves below its facts."""
    page.set_viewport_size({"width": NARROW, "height": HEIGHTS[NARROW]})
    found: list[str] = [*page.evaluate(RUNS_OVER), *page.evaluate(MOVES_LAST)]
    page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})
    return [f"{name}, {NARROW} px: {told}" for told in found]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, seen from its top: what is half under the head is not small."""
    if not page.evaluate("() => typeof axe === 'object'"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, TAGS)
    return [f"{one['id']} ({one['help']}): {node}" for one in found for node in one["nodes"]]


def picture(page: Page, path: Path) -> None:
    """One picture of the page as it is, for a test that failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, animations="disabled")
