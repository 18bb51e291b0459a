"""Every figure of the engine is judged by a rule, or says here why it is information only."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from app.audio.model import Report, TimeRange
from tests.unit.advice.documents import found, with_changes
from tests.unit.advice.test_rules import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("loudness", "dynamics", "spectrum", "stereo", "codecs")

_COURSE = "the course over time of what is judged as a whole: it gives findings their places"
_DESCRIBES = "describes the finding that another figure of the same row makes"
_PLACES = "the places of a finding that another figure makes"
_NAMES = "names a row"
_BY_BAND = "third octaves judge tone, finer than the seven bands"

INFORMATION = {
    "loudness.momentary_max_lufs": "one moment of 0.4 s; short-term loudness judges the loudest part",
    "loudness.sample_peak_dbfs": "the true peak is never lower, and is judged",
    "loudness.loudest": _PLACES,
    "loudness.timeline.step_s": _COURSE,
    "loudness.timeline.momentary_lufs": _COURSE,
    "loudness.timeline.short_term_lufs": _COURSE,
    "loudness.timeline.psr_db": _COURSE,
    "loudness.timeline.true_peak_dbtp": _COURSE,
    "dynamics.dr": "no limit of it is published; told beside peak over short-term loudness, which is judged",
    "dynamics.transients_per_s": "a matter of the music: no count is a fault",
    "dynamics.clipping.runs": "the samples in the runs are judged, since one long run weighs more than two short ones",
    "dynamics.clipping.ranges": _PLACES,
    "dynamics.clipping.ceiling_dbfs": "tops cut under full scale are counted among the samples as well",
    "dynamics.inter_sample_overs": _PLACES,
    "dynamics.faults.hum.frequency_hz": _DESCRIBES,
    "spectrum.bands.name": _NAMES,
    "spectrum.bands.low_hz": _NAMES,
    "spectrum.bands.high_hz": _NAMES,
    "spectrum.bands.level_db": _BY_BAND,
    "spectrum.bands.share": _BY_BAND,
    "spectrum.third_octave.centre_hz": _NAMES,
    "spectrum.tilt_db_per_octave": "the corridor judges the shape that a slope sums up, and leaves room for genres",
    "spectrum.resonances.centre_hz": _DESCRIBES,
    "spectrum.resonances.quality": _DESCRIBES,
    "spectrum.resonances.ranges": _PLACES,
    "spectrum.timeline.step_s": _COURSE,
    "spectrum.timeline.bands_db": _COURSE,
    "stereo.width": "a matter of taste until sides cancel, which correlation and the loss in mono judge",
    "stereo.bands.name": _NAMES,
    "stereo.bands.low_hz": _NAMES,
    "stereo.bands.high_hz": _NAMES,
    "stereo.bands.correlation": "the band's loss in mono judges what a low correlation costs",
    "stereo.bands.width": "as the width of the whole: a matter of taste until the band is lost in mono",
    "stereo.timeline.step_s": _COURSE,
    "stereo.timeline.correlation": _COURSE,
    "stereo.timeline.width": _COURSE,
    "stereo.timeline.fold_down_loss_db": _COURSE,
    "stereo.timeline.low_end_correlation": _COURSE,
    "stereo.timeline.bands_correlation": _COURSE,
    "stereo.timeline.bands_width": _COURSE,
    "stereo.timeline.bands_fold_down_loss_db": _COURSE,
    "codecs.name": _NAMES,
    "codecs.bitrate_kbps": _NAMES,
    "codecs.overs": _PLACES,
    "codecs.covered_s": "how much was encoded: a fact of the method",
}


def leaves(kind: Any, path: str) -> Iterator[str]:
    """Paths of all figures under a type of the model; rows of a list share one path."""
    if get_origin(kind) is UnionType:
        kind = next(item for item in get_args(kind) if item is not type(None))
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        yield from leaves(item, path)
    elif is_dataclass(kind) and kind is not TimeRange:
        hints = get_type_hints(kind)
        for field in fields(kind):
            yield from leaves(hints[field.name], f"{path}.{field.name}")
    else:
        yield path


def measured() -> set[str]:
    """Every figure that the engine measures of loudness, dynamics, tone, stereo and codecs."""
    hints = get_type_hints(Report)
    return {leaf for part in PARTS for leaf in leaves(hints[part], part)}


def judged() -> set[str]:
    """What rules judge: the first evidence of a finding is the value beyond its limit."""
    findings = (found(with_changes(**beyond))[rule] for rule, beyond, _ in CASES)
    paths = (finding.evidence[0].path for finding in findings)
    return {".".join(part for part in path.split(".") if not part.isdigit()) for path in paths}


def test_every_figure_is_judged_or_says_why_not() -> None:
    """No figure is forgotten, none is named twice, and no reason is left of one that is gone."""
    assert measured() - judged() == set(INFORMATION)
