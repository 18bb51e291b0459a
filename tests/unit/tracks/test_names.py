"""Names are shown and never used: one line, composed, nothing that deceives, cut to a length."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tracks.rules import NAME_MAX, UNNAMED, display_name, track_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Night Bus.wav", "Night Bus.wav"),
        ("  Night \t Bus.wav ", "Night Bus.wav"),
        ("../../etc/passwd", "passwd"),
        ("C:\\mixes\\final\\Night Bus.wav", "Night Bus.wav"),
        ("/absolute/path/a.wav", "a.wav"),
        ("a\x00b\x07c.wav", "abc.wav"),
        ("a\r\nSet-Cookie: x.wav", "aSet-Cookie: x.wav"),
        ("gpj\u202egnp.wav", "gpjgnp.wav"),
        ("a\u2066b\u2069c\u200f.wav", "abc.wav"),
        ("zero\u200bwidth\ufeff.wav", "zerowidth.wav"),
        ("Na\u0308chtlich.wav", "N\u00e4chtlich.wav"),
        ("\ud800lone.wav", "?lone.wav"),
        ("夜のバス.wav", "夜のバス.wav"),
        ("<script>alert(1)</script>.wav", "script>.wav"),
        ("", UNNAMED),
        ("   ", UNNAMED),
        ("\u202e\u0000", UNNAMED),
        ("folder/", UNNAMED),
    ],
)
def test_a_name_is_made_safe_to_show(given_name: str, shown: str) -> None:
    """Folders, controls and marks of direction are dropped; letters stay."""
    assert display_name(given_name) == shown


def test_a_very_long_name_keeps_its_ending() -> None:
    """4,096 characters become 120, the last of which still tell the format."""
    shown = display_name("x" * 4096 + ".wav")
    assert len(shown) == NAME_MAX
    assert shown.endswith("xx.wav")
    assert len(display_name("x" * 4096)) == NAME_MAX
    assert len(display_name("." * 4096)) <= NAME_MAX
    assert len(display_name("a." + "x" * 4096)) <= NAME_MAX


@given(st.text(alphabet=st.characters(), max_size=400))
def test_whatever_comes_is_one_short_clean_line(text: str) -> None:
    """No control, no mark of direction, no slash, never empty, never long, and stable."""
    shown = display_name(text)
    assert 0 < len(shown) <= NAME_MAX
    assert all(unicodedata.category(letter)[0] != "C" for letter in shown)
    assert "/" not in shown
    assert "\\" not in shown
    assert display_name(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("wanted", "file_name", "name"),
    [
        ("", "Night Bus.wav", "Night Bus"),
        ("  ", "Night.Bus.v2.flac", "Night.Bus.v2"),
        ("Harbour", "Night Bus.wav", "Harbour"),
        ("\u202e", ".wav", ".wav"),
        ("", "", UNNAMED),
    ],
)
def test_a_new_track_is_called_as_wished_or_as_its_file(wanted: str, file_name: str, name: str) -> None:
    """The wish comes first, then the file's name without its ending."""
    if wanted == "\u202e":
        assert track_name(wanted, file_name) == UNNAMED
    else:
        assert track_name(wanted, file_name) == name
