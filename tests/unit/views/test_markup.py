"""Rules that every rendered page and fragment keeps."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.unit.views.markup import Element, Markup
from tests.unit.views.pages import FRAGMENTS, PAGES, html_of

EVERYTHING = pytest.mark.parametrize("name", [*PAGES, *FRAGMENTS])
PAGE = pytest.mark.parametrize("name", PAGES)
REPORT_MAX_BYTES = 220 * 1024


@EVERYTHING
def test_nothing_is_inline(name: str) -> None:
    """No handler, no style attribute, no script or style element with a text of its own."""
    for element in Markup(html_of(name)).elements:
        assert "style" not in element.attributes
        assert not [key for key in element.attributes if key.startswith(("on", "hx-on", "hx-vals", "hx-vars"))]
        assert element.tag != "style"
        assert element.tag != "script" or (element.get("src") and not element.text)


@EVERYTHING
def test_no_address_leaves_the_site(name: str) -> None:
    """Links, forms, scripts and styles stay here, but for the one plain link to the page of payment."""
    for element in Markup(html_of(name)).elements:
        if name == "leaving" and element.text == "Go on to Stripe":
            assert element.tag == "a"
            continue
        for key in ("href", "src", "action", "hx-get", "hx-post", "data-connect"):
            assert re.match(r"$|/(?!/)|#", element.get(key)), element.get(key)


@EVERYTHING
def test_identifiers_are_unique_and_references_lead_somewhere(name: str) -> None:
    """An id stands once; what is described, labelled or pointed at exists."""
    markup = Markup(html_of(name))
    ids = [element.get("id") for element in markup.elements if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in markup.elements:
        for key in ("aria-labelledby", "aria-describedby", "for", "data-for"):
            assert set(element.get(key).split()) <= set(ids), (element.tag, key)
        if element.get("href").startswith("#"):
            assert element.get("href")[1:] in ids


@EVERYTHING
def test_every_field_has_a_label(name: str) -> None:
    """A field is named by a label around it, one for it, or an aria-label."""
    markup = Markup(html_of(name))
    labelled = {label.get("for") for label in markup.all("label")}
    for element in markup.all("input", "select", "textarea", "progress"):
        if element.get("type") != "hidden":
            is_inside = any(ancestor.tag == "label" for ancestor in element.ancestors)
            assert is_inside or element.get("aria-label") or element.get("id") in labelled, element


@EVERYTHING
def test_pictures_are_named_or_hidden(name: str) -> None:
    """An image has its text; a drawing has a title or is no content."""
    markup = Markup(html_of(name))
    assert all("alt" in image.attributes for image in markup.all("img"))
    for drawing in markup.all("svg"):
        assert drawing.get("aria-hidden") == "true" or drawing.get("aria-labelledby")


@EVERYTHING
def test_every_button_and_link_says_something(name: str) -> None:
    """Nothing that can be pressed is mute."""
    for element in Markup(html_of(name)).all("button", "a", "summary"):
        assert element.get("aria-label") or element.text.strip(), element


@PAGE
def test_the_token_is_the_first_field_of_every_form(name: str) -> None:
    """A signed-in page sends its token first, so that a form is refused before its file."""
    markup = Markup(html_of(name))
    token = "token-of-the-session" if "X-CSRF-Token" in html_of(name) else ""
    for form in markup.all("form"):
        fields = [item for item in markup.all("input", "select", "textarea") if form in item.ancestors]
        first = fields[0]
        assert (first.get("name"), first.get("value")) == ("_csrf", token) if token else first.get("name") != "_csrf"


@PAGE
def test_a_page_has_one_heading_and_its_landmarks(name: str) -> None:
    """One h1, levels without a gap, main, navigation and a way past it."""
    markup = Markup(html_of(name))
    levels = [int(element.tag[1]) for element in markup.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(markup.all("main")) == 1
    assert any(link.get("class") == "skip" for link in markup.all("a"))


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_has_one_root_with_an_id(name: str) -> None:
    """What is swapped in is one element that can be found again."""
    (root,) = Markup(html_of(name)).roots
    shown = root.children[0] if root.tag == "hx-partial" else root
    assert shown.get("id")
    assert root is shown or root.get("hx-target") == f"#{shown.get('id')}"


@EVERYTHING
def test_what_people_typed_is_escaped(name: str) -> None:
    """A name with markup in it stays text."""
    assert "Mara <b>" not in html_of(name)


@EVERYTHING
def test_words_use_a_real_minus(name: str) -> None:
    """No text shows a hyphen before a digit."""
    for element in Markup(html_of(name)).all("td", "dd", "text", "p", "desc"):
        assert not re.search(r"(?<![\w\d])-\d", element.text), element.text


def test_a_report_of_a_quarter_of_an_hour_stays_small() -> None:
    """The longest report stays under 220 KiB, even with everything wrong all along the track."""
    assert len(html_of("report of 15 minutes").encode()) < REPORT_MAX_BYTES
    everything = html_of("report of 15 minutes with every fault")
    assert everything.count('class="find find-') > 25
    assert len(everything.encode()) < REPORT_MAX_BYTES


def test_a_waiting_page_refreshes_itself_without_scripts() -> None:
    """Only while something is pending."""
    assert '<meta http-equiv="refresh" content="3">' in html_of("waiting")
    assert "refresh" not in html_of("waiting after a failure")


def test_a_faulty_field_is_joined_to_its_sentence() -> None:
    """The sentence is announced with the field."""
    markup = Markup(html_of("login"))
    email = next(item for item in markup.all("input") if item.get("name") == "email")
    sentence = next(item for item in markup.elements if item.get("id") == email.get("aria-describedby"))
    assert email.get("aria-invalid") == "true"
    assert sentence.text.strip() == "An address has an @."


def test_a_chart_tells_its_values_in_a_table() -> None:
    """Each chart carries its own values."""
    markup = Markup(html_of("report"))
    charts: list[Element] = [item for item in markup.all("figure") if item.get("id").endswith("-chart")]
    names = ("timeline", "loudness", "tone", "correlation", "dynamics", "structure", "grid", "chords")
    assert [item.get("id") for item in charts] == [f"{name}-chart" for name in names]
    for chart in charts:
        assert any(chart in table.ancestors for table in markup.all("table"))
