"""A page to keep asks nobody for anything, and shows what the site's own page shows."""

from __future__ import annotations

import re

import pytest

from app.kernel.html.render import Renderer
from app.kernel.html.standalone import standalone
from app.settings import ROOT
from tests.unit.views.markup import Markup
from tests.unit.views.pages import PAGES

STATIC = ROOT / "static"
RENDERER = Renderer(ROOT / "templates", STATIC)
KEPT = ["report", "report with a set", "report of 15 minutes with every fault", "set", "empty report"]
DRAWN = ("svg", "path", "rect", "line", "circle", "text", "table")


def main_of(html: str) -> str:
    """Return a page's main part."""
    return html[html.index("<main") : html.index("</main>")]


@pytest.mark.parametrize("name", KEPT)
def test_nothing_in_it_refers_to_anything_outside(name: str) -> None:
    """No script, form, frame or foreign address; each link stays on the page; the style sheets are inside."""
    kept = standalone(RENDERER.render(PAGES[name]), STATIC)
    markup = Markup(kept)
    for part in markup.elements:
        assert part.tag not in {"script", "form", "button", "link", "iframe", "img", "input"}, part
        assert part.get("href")[:1] in {"", "#"}, part
        assert not [attribute for attribute in part.attributes if attribute.startswith(("hx-", "on", "src"))], part
    assert set(re.findall(r"url\(\"?(data:font/woff2;base64|#)?", kept)) <= {"data:font/woff2;base64", "#"}
    assert "@import" not in kept
    assert "default-src 'none'" in kept


@pytest.mark.parametrize("name", KEPT)
def test_every_drawing_and_table_is_in_it(name: str) -> None:
    """What is drawn and tabled on the page is in the copy, but for marks that stand in buttons."""
    page = RENDERER.render(PAGES[name])
    kept = standalone(page, STATIC)
    for tag in DRAWN:
        assert len(re.findall(f"<{tag}\\b", main_of(kept))) == len(re.findall(f"<{tag}\\b", main_of(page))), tag
    assert Markup(kept).all("h1")[0].text == Markup(page).all("h1")[0].text


def test_findings_stand_open_and_what_the_site_says_stays_there() -> None:
    """Paper cannot be pressed; a notice to whoever looked is no part of a report."""
    kept = standalone(RENDERER.render(PAGES["report"]), STATIC)
    assert all("open" in part.attributes for part in Markup(kept).all("details") if "find" in part.get("class"))
    assert 'id="notices"' not in kept
    assert "Delete this report" not in kept


def test_what_was_typed_stays_escaped() -> None:
    """Words pass as they were written, entities and all; attributes are escaped anew."""
    page = '<title>a &amp; b</title><main><p title="&quot;&lt;b&gt;">1 &lt; 2 &#8722; x</p><a href="/x">out</a></main>'
    kept = standalone(page, STATIC)
    assert '<p title="&quot;&lt;b&gt;">1 &lt; 2 &#8722; x</p>out</main>' in kept
    assert "<title>a &amp; b</title>" in kept
