"""What the page of a Live set says, from documents with known answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analyses.live_set.arrangement import arrangement_of
from app.analyses.live_set.inventory import plugins_of, samples_of
from app.analyses.live_set.overview import figures_of, unused_returns
from app.analyses.live_set.timeline import Timeline
from app.analyses.live_set.tree import lines_of
from app.kernel.html.chrome import Chrome
from tests.making.large_sets import HOSTILE, large_document
from tests.unit.views.made import NOW, document
from tests.unit.views.pages import SET_ALONE, html_of, renderer


def timeline(*signatures: tuple[float, str], tempo: tuple[tuple[float, float], ...] = ((0.0, 120.0),)) -> Timeline:
    """Make a timeline of signatures and tempos."""
    return Timeline.of(
        {
            "tempo_points": [{"beat": beat, "tempo_bpm": bpm} for beat, bpm in tempo],
            "signature_points": [{"beat": beat, "time_signature": said} for beat, said in signatures],
        }
    )


def test_bars_are_counted_through_changes_of_signature() -> None:
    """Eight bars of 4/4, then 7/8: bar 9 begins at beat 32, bar 10 at 35.5."""
    line = timeline((0.0, "4/4"), (32.0, "7/8"))
    assert [line.bar_at(beat) for beat in (0, 3.99, 4, 31.9, 32, 35.4, 35.5)] == [1, 1, 2, 8, 9, 9, 10]
    assert [line.beat_of(bar) for bar in (1, 2, 9, 10)] == [0, 4, 32, 35.5]


def test_a_change_inside_a_bar_begins_a_new_one() -> None:
    """As Live counts: the bar that was cut keeps its number."""
    line = timeline((0.0, "4/4"), (6.0, "3/4"))
    assert [line.bar_at(beat) for beat in (4, 5.9, 6, 9)] == [2, 2, 3, 4]


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 900))
def test_beats_and_seconds_are_each_others_inverse(seconds: float) -> None:
    """Over a ramp of the tempo too."""
    line = timeline(tempo=((0.0, 90.0), (64.0, 90.0), (128.0, 174.0)))
    assert line.seconds_at(line.beat_at(seconds)) == pytest.approx(seconds, abs=0.002)


def test_the_overview_counts_what_is_there() -> None:
    """Twenty tracks in two groups, with two returns of which one is fed."""
    live_set = large_document(20)
    tracks, returns, devices, _clips, samples, tempo, length = figures_of(live_set, Timeline.of(live_set))
    assert (tracks.value, tracks.sub) == ("20", "in 2 groups")
    assert (returns.value, returns.sub) == ("2", "1 unused")
    assert (devices.value, devices.sub) == ("60", "20 plug-ins, 4 off")
    assert (samples.value, samples.sub) == ("300", "100 outside")
    assert (tempo.value, tempo.sub) == ("128", "at the start; 128 to 132")
    assert length.sub == "165 bars"
    assert unused_returns(live_set["tracks"]) == {1}


def test_the_tree_tells_of_each_track_where_it_plays_and_what_is_odd() -> None:
    """Faders, pans, devices that are off or not Live's, stretches in bars, flags."""
    live_set = large_document(20)
    lines = lines_of(live_set, Timeline.of(live_set))
    assert [line.style for line in lines[:2]] == ["grp", "in in-1"]
    assert lines[17].level == "−∞"
    assert lines[17].fader == "0%"
    assert lines[5].plays.startswith("1–12, 21–28")
    assert [(mark.name, mark.style, mark.spoken) for mark in lines[5].devices[:2]] == [
        ("Serum", "third", ", plug-in"),
        ("EQ Eight", "off", ", off"),
    ]
    assert [flag.word for flag in lines[13].flags] == ["1 automated", f"keyed by {live_set['tracks'][1]['name']}"]
    assert [flag.word for flag in lines[-2].flags] == ["unused"]
    assert lines[-3].style == "sep"


def test_a_long_name_breaks_behind_its_underscores() -> None:
    """Names of loops are words and underscores; together the parts are the name again."""
    live_set: dict[str, Any] = large_document(10)
    live_set["tracks"][1]["name"] = "12-KIT6__electric_piano_"
    line = lines_of(live_set, Timeline.of(live_set))[1]
    assert line.name_parts == ["12-KIT6__", "electric_", "piano_"]


def test_a_muted_group_silences_what_is_in_it() -> None:
    """Nothing of a muted group is drawn as playing, nor named in the table."""
    live_set: dict[str, Any] = large_document(10)
    live_set["tracks"][0]["is_muted"] = True
    drawn = arrangement_of(live_set, {}, Timeline.of(live_set))
    assert drawn is not None
    assert not any(line.clips for line in drawn.lines)
    assert {row[-1] for row in drawn.table.rows} == {"none"}


def test_the_mix_stands_above_on_the_beats_of_the_set() -> None:
    """Its sections and loudness are laid on bars; a bounce as long as the loop begins where the loop does."""
    live_set: dict[str, Any] = large_document(10)
    mixed = document(60.0)
    drawn = arrangement_of(live_set, mixed, Timeline.of(live_set))
    assert drawn is not None
    assert drawn.mix is not None
    assert drawn.mix.alignment == "from bar 1"
    assert drawn.mix.end_beat == pytest.approx(128.0, abs=0.01)
    live_set["loop_start_beat"], live_set["loop_beats"] = 64.0, 128.0
    looped = arrangement_of(live_set, mixed, Timeline.of(live_set))
    assert looped is not None
    assert looped.mix is not None
    assert looped.mix.alignment.startswith("from bar 17")


def test_the_inventory_lists_what_others_lack() -> None:
    """Plug-ins with their tracks; samples outside the project and of packs, not those inside."""
    plugins, samples = plugins_of(large_document(20)), samples_of(large_document(20))
    assert plugins is not None
    assert samples is not None
    assert [cell.text for cell in plugins.rows[0].cells[:3]] == ["Xfer Records", "VST3", "20"]
    assert len(samples.rows) == 200
    assert {row.cells[0].text for row in samples.rows} == {"outside", "pack Core Library"}


def test_markup_in_names_is_shown_as_it_is_written() -> None:
    """No element, no template, no attribute comes of a name."""
    html = html_of("set of 200 tracks")
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; {{ 7 * 7 }}" in html
    assert HOSTILE[:30] not in html


def test_a_set_of_200_tracks_has_all_of_them() -> None:
    """Each track has its line in the tree, and each that plays in the picture."""
    html = html_of("set of 200 tracks")
    assert len(re.findall(r'id="track-\d+"', html)) == 223
    assert html.count("<li") >= 220


documents = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(large_document(1))), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from([*large_document(1), "loop_beats"]), documents))
def test_any_document_makes_a_page(live_set: dict[str, Any]) -> None:
    """A stored document is never trusted to be whole."""
    from app.analyses.live_set.page import set_page

    renderer().render(set_page(Chrome("/"), SET_ALONE, {"live_set": live_set}, NOW))
