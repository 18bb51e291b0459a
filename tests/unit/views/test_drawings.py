"""What the report draws: the timeline with its lanes, the corridor, limits, the wheel, the grid of beats."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from app.analyses.report.findings import findings_of
from app.analyses.report.limits import limits_of
from app.analyses.report.loudness import MOST_POINTS, MOST_ROWS, loudness_section
from app.analyses.report.music import music_section
from app.analyses.report.stereo import stereo_section
from app.analyses.report.structure import structure_section
from app.analyses.report.timeline import section_names, timeline_section
from app.analyses.report.tone import tone_section
from app.analyses.report.wheel import neighbours, wheel_of
from tests.unit.advice.documents import with_changes
from tests.unit.views.made import document, judged

NOBODY = findings_of({})


def span(start_s: float, end_s: float) -> dict[str, float]:
    """A stretch of the file."""
    return {"start_s": start_s, "end_s": end_s}


def test_a_quarter_of_an_hour_fits_in_a_page() -> None:
    """Points and rows of a 15-minute track are thinned."""
    made = loudness_section(document(900.0), limits_of({}), NOBODY)
    (chart,) = made.charts
    assert len(chart.table.rows) == MOST_ROWS
    assert all(curve.path.count("L") <= MOST_POINTS for curve in chart.curves)
    assert chart.table.rows[-1][0] == "14:54"


def test_loudness_stands_in_what_the_target_expects() -> None:
    """The band of the target is hatched, and the sentence says on which side the whole lies."""
    given = judged(document())
    made = loudness_section(given, limits_of(given), findings_of(given))
    assert made.say == "Inside what the target expects of the whole."
    assert [block.style for block in made.charts[0].blocks] == ["band", "band-hatch"]
    quiet = copy.deepcopy(document())
    quiet["loudness"]["integrated_lufs"] = -20.0
    given = judged(quiet)
    made = loudness_section(given, limits_of(given), findings_of(given))
    assert made.say == "2.0 LU under what the target expects of the whole."
    assert made.refs[0].title.startswith("The track is 2.0 LU quieter")


def test_only_what_leaves_the_corridor_is_filled_and_named() -> None:
    """The needle fills one band, and its finding stands at it with its excess."""
    levels = list(with_changes()["spectrum"]["third_octave"]["level_db"])
    levels[11] += 6.0
    given = judged(with_changes(spectrum__third_octave__level_db=levels))
    made = tone_section(given, findings_of(given))
    (chart,) = made.charts
    over = [curve.path for curve in chart.curves if curve.style == "over"]
    assert over[0]
    assert over[1] == ""
    assert [label.text for label in chart.labels if label.style.startswith("flag")] == ["F1 +2.0 dB"]
    assert made.say == "At most 2.0 dB over the corridor at 250 Hz."
    inside = judged(with_changes())
    assert tone_section(inside, findings_of(inside)).say == "The mix runs inside the corridor."


def test_the_spectrum_names_octaves_and_bands() -> None:
    """Frequencies are named at octaves, bands stand in a strip below."""
    (chart,) = tone_section(document(), NOBODY).charts
    assert [line.label for line in chart.places] == ["63", "125", "250"]
    names = {label.text: label.short for label in chart.labels}
    assert names["Low mids"] == "LM"
    assert [row[1] for row in chart.table.rows] == ["−14.2", "none", "−20.0"]


def test_each_finding_with_a_place_has_a_lane() -> None:
    """Ranges lie where they are in the track, and those that touch at this scale are one."""
    given = document()
    given["structure"] = {"sections": [{**span(0.0, 171.0), "label": "drop", "loudness_lufs": -8.0}]}
    given["stereo"]["inverted"] = [span(171.15, 205.38), span(205.4, 207.4)]
    given = judged(given)
    made = timeline_section(given, findings_of(given)).timeline
    assert made is not None
    (lane,) = [lane for lane in made.lanes if lane.card.id == "phase.inverted"]
    assert [(block.start, block.extent) for block in lane.blocks] == [("50%", "10.59%")]
    assert lane.spoken == "F1 The sides cancel in passages, fix: 2:51 to 3:25, 3:25 to 3:27"
    assert any(row[0] == "Drop" for row in made.table.rows)
    assert made.body.startswith("M")


def test_a_finding_that_was_meant_has_no_lane() -> None:
    """What takes nothing does not ask to be looked at."""
    given = document()
    given["stereo"]["inverted"] = [span(10.0, 20.0)]
    given = judged(given, meant=("phase.inverted",))
    made = timeline_section(given, findings_of(given)).timeline
    assert made is not None
    assert "phase.inverted" not in {lane.card.id for lane in made.lanes}


def test_sections_of_one_label_are_told_apart() -> None:
    """Two drops are numbered, one break is not."""
    labels = ("intro", "drop", "break", "drop")
    assert section_names([{"label": label} for label in labels]) == ["Intro", "Drop 1", "Break", "Drop 2"]


def test_structure_names_its_greatest_step() -> None:
    """The step from one section to the next is said in words."""
    sections = [
        {**span(0.0, 30.0), "label": "break", "loudness_lufs": -16.0},
        {**span(30.0, 60.0), "label": "drop", "loudness_lufs": -8.0},
        {**span(60.0, 90.0), "label": "outro", "loudness_lufs": None},
    ]
    given = {**document(90.0), "structure": {"sections": sections, "contrast_db": 8.0}}
    made = structure_section(given, NOBODY)
    assert made.say == "The greatest step is +8.0 LU, from Break to Drop."
    assert len(made.charts[0].blocks) == 2


@pytest.mark.parametrize(
    ("camelot", "near"),
    [("5A", ("4A", "6A", "5B")), ("1B", ("12B", "2B", "1A")), ("12A", ("11A", "1A", "12B")), ("", ()), ("13A", ())],
)
def test_keys_that_mix_are_neighbours_on_the_wheel(camelot: str, near: tuple[str, ...]) -> None:
    """One step around either way, and the other ring."""
    assert neighbours(camelot) == near
    wheel = wheel_of("C minor", camelot, "")
    assert {sector.name for sector in wheel.sectors if sector.style == "near"} == set(near) if wheel else not near


def test_beats_are_drawn_against_an_even_grid() -> None:
    """A late beat stands above the line by as much as it is late."""
    given: dict[str, Any] = document(30.0)
    beats = [0.5 * index for index in range(60)]
    beats[30] += 0.012
    given["rhythm"] |= {"beats_s": beats, "tempo_segments": [{**span(0.0, 29.5), "tempo_bpm": 120.0}]}
    (chart,) = [chart for chart in music_section(given, NOBODY).charts if chart.id == "grid-chart"]
    assert chart.description == "The farthest beat is 12 ms off."
    heights = [float(dot.split()[1].removesuffix("h0")) for dot in chart.curves[0].path.split("M")[1:]]
    assert len(heights) == 60
    assert min(heights) == heights[30]


def test_beats_that_slipped_in_a_break_leave_the_others_their_grid() -> None:
    """Eight beats in the time of six move no later beat, and stand at the edge."""
    given: dict[str, Any] = document(120.0)
    before = [0.5 * index for index in range(101)]
    slip = [50.0 + 0.375 * index for index in range(1, 8)]
    given["rhythm"] |= {
        "beats_s": [*before, *slip, *(53.0 + 0.5 * index for index in range(130))],
        "tempo_segments": [{**span(0.0, 117.5), "tempo_bpm": 120.0}],
    }
    (chart,) = [chart for chart in music_section(given, NOBODY).charts if chart.id == "grid-chart"]
    assert chart.caption.endswith("; beyond 10 ms at the edge")
    offs = {row[0]: row[1] for row in chart.table.rows}
    assert {offs["0:00"], offs[max(offs)]} <= {"−1", "0", "+1"}


def test_chords_are_a_strip_where_the_document_has_them() -> None:
    """Each chord is a block, named where there is room; without chords there is no chart."""
    given = document(20.0)
    given["tonality"]["chords"] = [{**span(0.0, 10.0), "name": "Bb major"}, {**span(10.0, 10.2), "name": "G minor"}]
    charts = {chart.id: chart for chart in music_section(given, NOBODY).charts}
    assert [label.text for label in charts["chords-chart"].labels] == ["B♭ major"]
    assert len(charts["chords-chart"].blocks) == 2
    given["tonality"]["chords"] = None
    assert "chords-chart" not in {chart.id for chart in music_section(given, NOBODY).charts}


def test_correlation_is_drawn_over_time() -> None:
    """The whole and the lows, with the line under which sides cancel."""
    given = document(4.0)
    given["stereo"]["timeline"] = {
        "step_s": 1.0,
        "correlation": [0.9, -0.2, 0.8, None],
        "low_end_correlation": [1.0, 1.0, 0.9, 0.9],
    }
    (chart,) = stereo_section(given, NOBODY).charts
    assert chart.description == "Correlation of the whole mix is lowest at 0:02, −0.20."
    assert [row[1] for row in chart.table.rows] == ["0.90", "−0.20", "0.80", "none"]
