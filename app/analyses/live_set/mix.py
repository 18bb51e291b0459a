"""What the mix says above the set's arrangement: short-term loudness and sections, on the set's beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.kernel.html import numbers
from app.kernel.html.charts import WIDTH, level_scale, path_at, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.live_set.timeline import Timeline

LOUDNESS_PX = 64
MOST_POINTS = 600
MOST_LU = 30
SAME_LENGTH_S = 1.0
"""A bounce as long as the loop, to this, is taken for what the loop holds."""

SHORTEST_NAMED = 0.04
"""Part of the picture's width under which a section has no room for its name."""


@dataclass(frozen=True, slots=True)
class SectionMark:
    """A section of the mix."""

    start: str
    extent: str
    label: str
    loudness: str
    style: str


@dataclass(frozen=True, slots=True)
class MixAbove:
    """The mix over the set's beats."""

    path: str
    high: str
    low: str
    base: int
    sections: tuple[SectionMark, ...]
    spans: tuple[tuple[float, str], ...]
    """The first beat of each section, with its name."""
    short_term_lufs: tuple[float | None, ...]
    step_s: float
    offset_beats: float
    """The beat on which the bounce begins."""
    end_beat: float
    alignment: str
    timeline: Timeline

    def loudness_at(self, beat: float, beats: float) -> str:
        """Tell the loudness in the middle of a stretch."""
        value = _reading(self, beat + beats / 2)
        return "none" if value is None else numbers.fixed(value)

    def section_at(self, beat: float) -> str:
        """Name the section that a beat is in."""
        names = [name for start, name in self.spans if start <= beat + 0.01]
        return names[-1] if names else "none"


def mix_above(document: Document, live_set: Document, timeline: Timeline, set_end: float) -> MixAbove | None:
    """Lay the mix over the set; none where there is none."""
    curve = section(section(document, "loudness"), "timeline")
    short_term, step_s = readings(curve, "short_term_lufs"), number(curve, "step_s") or 0.0
    if not short_term or step_s <= 0:
        return None
    duration_s = len(short_term) * step_s
    offset, alignment = _offset(live_set, timeline, duration_s)
    end_beat = timeline.beat_at(timeline.seconds_at(offset) + duration_s)
    end = max(set_end, end_beat)
    bare = MixAbove("", "", "", LOUDNESS_PX, (), (), tuple(short_term), step_s, offset, end_beat, alignment, timeline)
    beats = [offset + (end_beat - offset) * place / MOST_POINTS for place in range(MOST_POINTS + 1)]
    values = [_reading(bare, beat) for beat in beats]
    scale = level_scale(values, LOUDNESS_PX, most=MOST_LU)
    found = _sections(document, timeline, offset)
    return MixAbove(
        path=path_at([WIDTH * beat / end for beat in beats], values, scale),
        high=f"{numbers.fixed(scale.high, 0)} LUFS",
        low=numbers.fixed(scale.low, 0),
        base=LOUDNESS_PX,
        sections=tuple(_mark(*item, place, end) for place, item in enumerate(found)),
        spans=tuple((start, name) for start, _stop, name, _loudness in found),
        short_term_lufs=bare.short_term_lufs,
        step_s=step_s,
        offset_beats=offset,
        end_beat=end_beat,
        alignment=alignment,
        timeline=timeline,
    )


def _offset(live_set: Document, timeline: Timeline, duration_s: float) -> tuple[float, str]:
    """Say on which beat the bounce begins: Live renders from the loop's start, if the bounce is as long as the loop."""
    start, beats = number(live_set, "loop_start_beat") or 0.0, number(live_set, "loop_beats") or 0.0
    loop_s = timeline.seconds_at(start + beats) - timeline.seconds_at(start)
    if start > 0 and abs(loop_s - duration_s) < SAME_LENGTH_S:
        return start, f"from bar {timeline.bar_at(start)}, since it is as long as the loop that begins there"
    return 0.0, "from bar 1"


def _reading(mix: MixAbove, beat: float) -> float | None:
    seconds = mix.timeline.seconds_at(beat) - mix.timeline.seconds_at(mix.offset_beats)
    place = int(seconds / mix.step_s)
    values: Sequence[float | None] = mix.short_term_lufs
    return values[place] if 0 <= place < len(values) else None


def _sections(document: Document, timeline: Timeline, offset: float) -> list[tuple[float, float, str, float | None]]:
    begin_s = timeline.seconds_at(offset)
    found = []
    for row in rows(section(document, "structure"), "sections"):
        start_s, end_s = number(row, "start_s"), number(row, "end_s")
        if start_s is not None and end_s is not None and end_s > start_s:
            span = timeline.beat_at(begin_s + start_s), timeline.beat_at(begin_s + end_s)
            found.append((*span, text(row, "label").capitalize(), number(row, "loudness_lufs")))
    return found


def _mark(start: float, stop: float, name: str, loudness: float | None, place: int, end: float) -> SectionMark:
    has_room = (stop - start) / end >= SHORTEST_NAMED
    return SectionMark(
        start=percent(start / end),
        extent=percent((stop - start) / end),
        label=name if has_room else "",
        loudness=numbers.fixed(loudness) if loudness is not None and (stop - start) / end >= 2 * SHORTEST_NAMED else "",
        style="sect-alt" if place % 2 else "sect",
    )
