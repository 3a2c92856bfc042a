"""Markdown to HTML that may stand on our pages: no markup of the writer's own, few tags, no pictures, no scripts."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span", "b",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
LINK_REL = "noopener noreferrer nofollow"
DEEPEST = 10


def to_html(text: str, mentions: Mapping[str, str]) -> str:
    """Safe HTML of a note; `mentions` are the folded words after an @ and the names that they stand for."""
    rendered = _parser().render(text, {"mentions": mentions})
    return nh3.clean(
        rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=LINK_REL,
        allowed_classes={"span": {"mention"}}, strip_comments=True,
    )  # fmt: skip


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    parser.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
    parser.core.ruler.push("mentions", _mark_mentions)
    for name, render in (("heading_open", _bold_open), ("heading_close", _bold_close)):
        parser.renderer.rules[name] = render  # type: ignore[index]  # pyright: ignore
    return parser


def _mark_mentions(state: StateCore) -> None:
    """Give the names in plain text a class of their own; those in code and links stay as they are."""
    names: Mapping[str, str] = state.env.get("mentions", {})
    if not names:
        return
    words = "|".join(re.escape(word) for word in sorted(names, key=len, reverse=True))
    named = re.compile(rf"(?<![\w@])@(?:{words})(?![\w@])", re.IGNORECASE)
    for block in state.tokens:
        if block.children and not any(child.type == "link_open" for child in block.children):
            block.children = [part for child in block.children for part in _parts(child, named)]


def _parts(token: Token, named: re.Pattern[str]) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    place = 0
    for match in named.finditer(token.content):
        yield Token("text", "", 0, content=token.content[place : match.start()])
        yield Token("mention_open", "span", 1, attrs={"class": "mention"})
        yield Token("text", "", 0, content=match.group())
        yield Token("mention_close", "span", -1)
        place = match.end()
    yield Token("text", "", 0, content=token.content[place:])


def _bold_open(*_: Any) -> str:
    """A note has no headings of its own on the page of a record: they would upset its outline."""
    return "<p><strong>"


def _bold_close(*_: Any) -> str:
    return "</strong></p>\n"
