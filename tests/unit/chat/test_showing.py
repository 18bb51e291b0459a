"""Markdown of an answer becomes few tags without attributes, whatever stands in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.showing import TAGS, safe_html

ANY_TAG = re.compile(r"</?([a-z0-9]+)([^>]*)>", re.IGNORECASE)
HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "![a](https://elsewhere.example/?q=1)",
    "[a](javascript:alert(1))",
    "<https://elsewhere.example>",
    "[a]: https://elsewhere.example\n\n[a]",
    '<div hx-get="/account" hx-trigger="load">a</div>',
    "<!-- --><style>*{}</style>",
    "<svg><a href=//elsewhere.example>x",
    "# <b onclick=x>heading",
    "| a | b |\n|---|---|\n| <i>x</i> | `<u>` |",
)


@pytest.mark.parametrize("source", HOSTILE)
def test_markup_in_an_answer_stays_text(source: str) -> None:
    """Nothing of it becomes an element of its own, an attribute or an address."""
    for tag, rest in ANY_TAG.findall(safe_html(source)):
        assert (tag in TAGS, rest.strip(" /")) == (True, "")


@given(st.lists(st.sampled_from([*HOSTILE, "**", "\n\n", "- ", "`", "> ", "plain"]), max_size=6))
def test_no_mixture_gets_through(parts: list[str]) -> None:
    """Put together in any order they make no more than the tags that are allowed."""
    for tag, rest in ANY_TAG.findall(safe_html("".join(parts))):
        assert (tag in TAGS, rest.strip(" /")) == (True, "")


def test_what_an_answer_needs_is_shown() -> None:
    """Emphasis, lists and tables are elements; a heading is at most the page's third."""
    html = safe_html("# Low end\n\n**Cut** 3 dB\n\n- a\n- b")
    assert html.split() == [
        "<h3>Low",
        "end</h3>",
        "<p><strong>Cut</strong>",
        "3",
        "dB</p>",
        "<ul>",
        "<li>a</li>",
        "<li>b</li>",
        "</ul>",
    ]
