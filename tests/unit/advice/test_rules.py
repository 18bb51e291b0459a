"""Each rule fires beyond its limit and is silent just inside it."""

from __future__ import annotations

from typing import Any

import pytest

from app.advice.judging import RULES
from app.advice.model import Family, Severity, Stage
from app.advice.reading import value_at
from app.advice.scores import SUBJECT_OF
from app.advice.target import target_names
from tests.unit.advice.documents import found, sound, verdict, with_changes

LEVELS = sound()["spectrum"]["third_octave"]["level_db"]


def span(start_s: float, end_s: float) -> list[dict[str, float]]:
    """One stretch."""
    return [{"start_s": start_s, "end_s": end_s}]


def tone(place: int, change_db: float) -> dict[str, Any]:
    """One third octave moved."""
    return {f"spectrum__third_octave__level_db__{place}": LEVELS[place] + change_db}


def resonance(height_db: float) -> dict[str, Any]:
    """One narrow peak."""
    row = {"centre_hz": 3420.0, "quality": 12.0, "height_db": height_db, "ranges": span(10.0, 20.0)}
    return {"spectrum__resonances": [row]}


def hum(level_dbfs: float | None) -> dict[str, Any]:
    """Mains, or none."""
    return {"dynamics__faults__hum": level_dbfs and {"frequency_hz": 50.0, "level_dbfs": level_dbfs}}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("loudness.quiet", {"loudness__integrated_lufs": -18.1}, {"loudness__integrated_lufs": -17.9}),
    ("loudness.loud", {"loudness__integrated_lufs": -5.9}, {"loudness__integrated_lufs": -6.1}),
    ("loudness.loudest-part", {"loudness__short_term_max_lufs": -5.9}, {"loudness__short_term_max_lufs": -6.1}),
    ("loudness.range", {"loudness__range_lu": 1.9}, {"loudness__range_lu": 2.1}),
    ("loudness.range", {"loudness__range_lu": 18.1}, {"loudness__range_lu": 17.9}),
    ("dynamics.limited-part", {"loudness__psr_min_db": 7.9}, {"loudness__psr_min_db": 8.1}),
    ("dynamics.limited-throughout", {"loudness__plr_db": 6.9}, {"loudness__plr_db": 7.1}),
    ("dynamics.squashed", {"dynamics__crest_db": 9.9}, {"dynamics__crest_db": 10.1}),
    ("clipping.flat-tops", {"dynamics__clipping__samples": 61}, {"dynamics__clipping__samples": 60}),
    ("clipping.true-peak", {"loudness__true_peak_dbtp": -0.9}, {"loudness__true_peak_dbtp": -1.0}),
    ("clipping.codec-headroom", {"loudness__true_peak_dbtp": -1.5}, {"loudness__true_peak_dbtp": -2.0}),
    ("tone.corridor.low-mids-over", tone(11, 4.1), tone(11, 3.9)),
    ("tone.corridor.high-mids-under", tone(22, -4.1), tone(22, -3.9)),
    ("tone.resonance.3162-hz", resonance(9.5), resonance(8.9)),
    ("tone.sharpness.sibilance", {"spectrum__sibilance_db": 3.1}, {"spectrum__sibilance_db": 2.9}),
    ("tone.sharpness.harshness", {"spectrum__harshness_db": 1.1}, {"spectrum__harshness_db": 0.9}),
    ("tone.dull", {"spectrum__bandwidth_hz": 13_900.0}, {"spectrum__bandwidth_hz": 14_100.0}),
    ("stereo.balance", {"stereo__balance_db": -1.3}, {"stereo__balance_db": -1.1}),
    ("stereo.one-sided", {"stereo__one_sided": "left"}, {"stereo__one_sided": None}),
    ("stereo.dual-mono", {"stereo__is_dual_mono": True}, {"stereo__is_dual_mono": False}),
    ("stereo.wide-low-end", {"stereo__low_end_side_to_mid_db": -11.9}, {"stereo__low_end_side_to_mid_db": -12.1}),
    ("stereo.fold-down", {"stereo__fold_down_loss_db": 3.1}, {"stereo__fold_down_loss_db": 2.9}),
    (
        "stereo.band-fold-down.high-mids",
        {"stereo__bands__4__fold_down_loss_db": 4.1},
        {"stereo__bands__4__fold_down_loss_db": 3.9},
    ),
    ("phase.correlation", {"stereo__correlation": -0.01}, {"stereo__correlation": 0.01}),
    ("phase.inverted", {"stereo__inverted": span(10.0, 12.0)}, {"stereo__inverted": []}),
    ("phase.low-end-inverted", {"stereo__low_end_inverted": span(10.0, 12.0)}, {"stereo__low_end_inverted": []}),
    ("technical.dc-offset", {"dynamics__dc_offset": [0.0, -0.0011]}, {"dynamics__dc_offset": [0.0, -0.0009]}),
    ("technical.clicks", {"dynamics__faults__clicks_s": [12.5]}, {"dynamics__faults__clicks_s": []}),
    ("technical.dropouts", {"dynamics__faults__dropouts": span(9.0, 9.04)}, {"dynamics__faults__dropouts": []}),
    ("technical.cut.start", {"dynamics__faults__cut_start_dbfs": -39.0}, {"dynamics__faults__cut_start_dbfs": None}),
    ("technical.cut.end", {"dynamics__faults__cut_end_dbfs": -39.0}, {"dynamics__faults__cut_end_dbfs": None}),
    ("technical.silence.head", {"dynamics__silence__head_s": 1.1}, {"dynamics__silence__head_s": 0.9}),
    ("technical.silence.tail", {"dynamics__silence__tail_s": 10.1}, {"dynamics__silence__tail_s": 9.9}),
    ("technical.hum", hum(-70.0), hum(None)),
    ("technical.noise", {"dynamics__noise_floor_dbfs": -49.0}, {"dynamics__noise_floor_dbfs": -51.0}),
    ("technical.lossy-file", {"file__format": "mp3"}, {"file__format": "flac"}),
    (
        "technical.lossy-source",
        {"dynamics__faults__lossy_cutoff_hz": 16_000.0},
        {"dynamics__faults__lossy_cutoff_hz": 20_200.0},
    ),
    (
        "technical.upsampled",
        {"dynamics__faults__upsampled_from_hz": 44_100},
        {"dynamics__faults__upsampled_from_hz": None},
    ),
    ("technical.unused-bits", {"dynamics__faults__effective_bits": 16}, {"dynamics__faults__effective_bits": 20}),
    ("technical.file.sample-rate", {"file__sample_rate_hz": 32_000}, {"file__sample_rate_hz": 44_100}),
    ("technical.file.bit-depth", {"file__bit_depth": 8}, {"file__bit_depth": 16}),
    ("technical.file.channels", {"file__channels": 1}, {"file__channels": 2}),
    (
        "technical.damaged.damaged",
        {"notes": [{"path": "file", "code": "damaged", "reason": "Twelve frames were no sound."}]},
        {"notes": [{"path": "rhythm", "code": "not_heard", "reason": "No beat."}]},
    ),
    ("codec.peak", {"codecs__0__true_peak_dbtp": 0.1}, {"codecs__0__true_peak_dbtp": -0.1}),
    (
        "codec.band-loss.mp3-128",
        {"codecs__0__band_difference_db": [0.0, 0.0, 0.0, 0.0, -0.5, -2.1, -40.0]},
        {"codecs__0__band_difference_db": [0.0, 0.0, 0.0, 0.0, -0.5, -1.9, -40.0]},
    ),
    ("rhythm.unsure", {"rhythm__confidence": 0.5}, {"rhythm__confidence": 0.7}),
    ("rhythm.loose", {"rhythm__stability": 0.4}, {"rhythm__stability": 0.6}),
    ("tonality.unsure", {"tonality__confidence": 0.5}, {"tonality__confidence": 0.7}),
    ("tonality.tuning", {"tonality__tuning_hz": 432.0}, {"tonality__tuning_hz": 437.0}),
    ("structure.contrast", {"structure__contrast_db": 1.4}, {"structure__contrast_db": 1.6}),
]


@pytest.mark.parametrize("target", target_names())
def test_a_sound_report_has_no_findings(target: str) -> None:
    """Nothing is found, and every score that is given is full."""
    judged = verdict(sound(), target)
    assert judged.findings == ()
    assert judged.scores.total.value == 100


@pytest.mark.parametrize(("rule", "beyond", "inside"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)])
def test_a_rule_fires_beyond_its_limit_only(rule: str, beyond: dict[str, Any], inside: dict[str, Any]) -> None:
    """One finding of that name and nothing else; just inside the limit nothing at all."""
    document = with_changes(**beyond)
    assert list(found(document)) == [rule]
    assert found(with_changes(**inside)).get(rule) is None
    for shown in found(document)[rule].evidence:
        value = value_at(document, shown.path)
        assert value is not None
        if isinstance(value, float | int) and not isinstance(value, bool):
            assert shown.value == pytest.approx(value, abs=0.01)


def test_every_rule_has_a_case() -> None:
    """No rule is left without a document that fires it."""
    fired = {rule for rule, _, _ in CASES}
    assert all(any(name == rule.id or name.startswith(f"{rule.id}.") for name in fired) for rule in RULES)


@pytest.mark.parametrize(("rule", "beyond"), [case[:2] for case in CASES], ids=[case[0] for case in CASES])
def test_a_finding_takes_from_its_own_score_only(rule: str, beyond: dict[str, Any]) -> None:
    """The score of its family falls by its points, the others stay full."""
    judged = verdict(with_changes(**beyond))
    finding = judged.findings[0]
    subject = SUBJECT_OF.get(finding.family)
    for name in ("loudness", "dynamics", "tone", "stereo", "technical"):
        value = getattr(judged.scores, name).value
        assert value == (100 - finding.points if name == subject else 100), rule


@pytest.mark.parametrize(("rule", "beyond"), [case[:2] for case in CASES], ids=[case[0] for case in CASES])
def test_words_are_calm_and_figures_are_set(rule: str, beyond: dict[str, Any]) -> None:
    """No exclamation mark, no hyphen before a figure, no double space; what to do is never missing."""
    finding = found(with_changes(**beyond))[rule]
    assert finding.advice
    for text in (finding.title, finding.why, *(step.text for step in finding.advice)):
        assert "!" not in text
        assert "  " not in text
        assert not any(f" -{digit}" in text for digit in range(10))


@pytest.mark.parametrize(
    "target", ["electronic-club", "bass-music-club", "electronic-streaming", "bass-music-streaming"]
)
def test_loud_and_bass_heavy_is_no_fix_within_its_genre(target: str) -> None:
    """A master at -5 LUFS with 12 dB more lows than the centre gets remarks at most as checks."""
    loud = with_changes(
        loudness__integrated_lufs=-5.0,
        loudness__short_term_max_lufs=-3.0,
        loudness__psr_min_db=4.5,
        loudness__plr_db=5.5,
        loudness__true_peak_dbtp=0.5,
        dynamics__crest_db=6.0,
        **tone(5, 12.0),
        **tone(6, 12.0),
        **tone(7, 12.0),
    )
    findings = found(loud, target)
    assert not [finding for finding in findings.values() if finding.severity is Severity.FIX]
    assert not [name for name in findings if name.startswith("tone.")]


def test_dynamic_music_is_no_fault_as_acoustic() -> None:
    """A quiet recording with a wide range and wide lows keeps its scores."""
    document = with_changes(
        loudness__integrated_lufs=-22.0,
        loudness__range_lu=17.0,
        loudness__plr_db=20.0,
        stereo__low_end_side_to_mid_db=-4.0,
    )
    assert found(document, "acoustic") == {}


def test_a_premaster_is_asked_for_room() -> None:
    """What is a good master is too loud and too limited before mastering."""
    findings = found(sound(), stage=Stage.PREMASTER)
    assert findings["loudness.loud"].severity is Severity.CHECK
    assert findings["dynamics.limited-part"].severity is Severity.CHECK
    assert Family.TONE not in {finding.family for finding in findings.values()}


def test_a_label_refuses_what_a_stream_takes() -> None:
    """A lossy file is a check for streaming and a fix for delivery."""
    lossy = with_changes(file__format="mp3")
    assert found(lossy)["technical.lossy-file"].severity is Severity.CHECK
    assert found(lossy, "label")["technical.lossy-file"].severity is Severity.FIX


def test_a_club_is_stricter_with_wide_lows() -> None:
    """The same side is a check for streaming and a fix for a club."""
    wide = with_changes(stereo__low_end_side_to_mid_db=-8.0)
    assert found(wide)["stereo.wide-low-end"].severity is Severity.CHECK
    assert found(wide, "club")["stereo.wide-low-end"].severity is Severity.FIX


def test_lows_that_do_not_sound_are_not_judged() -> None:
    """Inverted lows in a second without lows are no fault."""
    document = with_changes(stereo__low_end_inverted=span(10.0, 12.0))
    for band in range(2):
        document["spectrum"]["timeline"]["bands_db"][band][10:12] = [-60.0, None]
    assert found(document) == {}


def test_a_build_up_has_the_seconds_that_pass_the_edge() -> None:
    """Low mids 5 dB over the corridor's centre pass its edge in the seconds that are loud there."""
    document = with_changes(**tone(11, 5.0))
    document["spectrum"]["timeline"]["bands_db"][2] = [-30.0] * 20 + [-19.0] * 20 + [-30.0] * 20
    (place,) = found(document)["tone.corridor.low-mids-over"].ranges
    assert (place.start_s, place.end_s) == (20.0, 40.0)


def test_what_is_missing_has_no_place() -> None:
    """Too little of a band is so everywhere."""
    assert found(with_changes(**tone(22, -5.0)))["tone.corridor.high-mids-under"].ranges == ()


@pytest.mark.parametrize(("name", "band"), [("sibilance", 5), ("harshness", 4)])
def test_sharp_moments_have_their_seconds(name: str, band: int) -> None:
    """The seconds in which the band stands highest over the body, not those in which all is quiet."""
    document = with_changes(**{f"spectrum__{name}_db": 6.5})
    lines = document["spectrum"]["timeline"]["bands_db"]
    lines[band][30:32] = [-10.0, -10.0]
    lines[band][50], lines[3][50] = -40.0, -80.0
    lines[3] = [-18.0 if second not in {30, 31, 50} else level for second, level in enumerate(lines[3])]
    places = found(document)[f"tone.sharpness.{name}"].ranges
    assert [(place.start_s, place.end_s) for place in places] == [(30.0, 32.0)]


def test_a_loose_beat_names_the_stretch_of_another_tempo() -> None:
    """The longest stretch is the tempo; what differs has its place."""
    segments = [{**row, "tempo_bpm": 128.0} for row in (*span(0.5, 6.0), *span(6.0, 60.0))]
    finding = found(with_changes(rhythm__stability=0.4, rhythm__tempo_segments=segments))["rhythm.loose"]
    assert [(place.start_s, place.end_s) for place in finding.ranges] == [(0.5, 6.0)]
