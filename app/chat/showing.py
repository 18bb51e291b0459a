"""An answer's Markdown as HTML that can do nothing: no attributes, no images, no links but ours."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    *("p", "strong", "em", "ul", "ol", "li", "h3", "h4", "code", "pre", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "br", "hr"),
}
_HEADINGS = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}

_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_reader.disable(["image", "link", "autolink", "reference", "html_block", "html_inline"])


def safe_html(source: str) -> Markup:
    """Return Markdown as HTML of few tags without attributes; a heading is at most the page's third."""
    tokens = _reader.parse(source)
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _reader.renderer.render(tokens, _reader.options, {})
    cleaned = nh3.clean(html, tags=TAGS, attributes={}, link_rel=None, url_schemes=set(), strip_comments=True)
    return Markup(cleaned)  # noqa: S704  # nosec B704 - the sanitiser's own output
