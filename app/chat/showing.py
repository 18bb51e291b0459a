"""An answer as HTML that can do nothing: Markdown without attributes, images or links, then our own marks.

Marks travel through Markdown and sanitiser as private characters, which no answer may hold, and
become elements afterwards: figures with their evidence, doubts, times, and the names that were hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.chat.checking import Mark, Verdict, check
from app.chat.names import PLACEHOLDER, Names, names_of

if TYPE_CHECKING:
    from app.analyses.document import Document

TAGS = {
    *("p", "strong", "em", "ul", "ol", "li", "h3", "h4", "code", "pre", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "br", "hr"),
}
BEGIN, MIDDLE, END = "\ue000", "\ue001", "\ue002"
_MARKED = re.compile(f"{BEGIN}([0-9]+){MIDDLE}([^<>{BEGIN}-{END}]*){END}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_MARKUP = re.compile(r"[*_`~\\\[\]|]")
_HEADINGS = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}

_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_reader.disable(["image", "link", "autolink", "reference", "html_block", "html_inline"])


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer, and how many of its measurements are from the report."""

    html: Markup
    found: int = 0
    missing: int = 0


def safe_html(source: str) -> str:
    """Return Markdown as HTML of few tags without attributes; a heading is at most the page's third."""
    tokens = _reader.parse(source)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _reader.renderer.render(tokens, _reader.options, {})
    return nh3.clean(html, tags=TAGS, attributes={}, link_rel=None, url_schemes=set(), strip_comments=True)


def shown_answer(answer: str, document: Document, address: str, *, is_checked: bool) -> Shown:
    """Return an answer as it is shown under the report at an address."""
    source, names = _PRIVATE.sub("", answer), names_of(document)
    marks = check(source, document) if is_checked else []
    named = [(found.start(), found.end()) for found in PLACEHOLDER.finditer(source)]
    spans = sorted([*((mark.start, mark.end, mark) for mark in marks), *((*span, None) for span in named)], key=_start)
    pieces: list[str] = []
    elements: list[Mark | None] = []
    at = 0
    for start, whole_end, mark in spans:
        end = _end_of_words(source, start, whole_end)
        if start < at or end <= start:
            continue
        pieces += [source[at:start], f"{BEGIN}{len(elements)}{MIDDLE}{source[start:end]}{END}"]
        elements.append(mark)
        at = end
    html = safe_html("".join([*pieces, source[at:]]))
    drawn = _MARKED.sub(lambda found: _element(elements[int(found[1])], found[2], address, names), html)
    verdicts = [mark.verdict for mark in marks]
    return Shown(
        Markup(_PRIVATE.sub("", drawn)),  # noqa: S704  # nosec B704 - the sanitiser's output with our own elements
        found=verdicts.count(Verdict.FOUND),
        missing=verdicts.count(Verdict.MISSING),
    )


def _start(span: tuple[int, int, Mark | None]) -> int:
    return span[0]


def _end_of_words(source: str, start: int, end: int) -> int:
    """Return where a mark ends that must not reach over a sign of Markdown."""
    sign = _MARKUP.search(source, start, end)
    return sign.start() if sign else end


def _element(mark: Mark | None, words: str, address: str, names: Names) -> str:
    """Draw a mark round words that the sanitiser has escaped already."""
    if mark is None:
        name = names.name_of(words)
        return words if name == words else f'<span class="name">{escape(name)}</span>'
    if mark.verdict is Verdict.FOUND:
        return f'<a class="ok" href="{address}#{escape(mark.anchor)}">{words}</a>'
    if mark.verdict is Verdict.MISSING:
        return f'<span class="unsure">{words}</span> <span class="unsure-note">not from your report</span>'
    if mark.verdict is Verdict.TIME:
        start_s, end_s = _seconds(words)
        return f'<a class="at" href="{address}#timeline" data-start-s="{start_s}" data-end-s="{end_s}">{words}</a>'
    return words


def _seconds(words: str) -> tuple[int, int]:
    """Read a place in the track, such as ``1:52 to 2:10``; a moment is as long as nothing."""
    found = [60 * int(minutes) + int(seconds) for minutes, seconds in re.findall(r"(\d+):(\d\d)", words)]
    return found[0], found[-1]
