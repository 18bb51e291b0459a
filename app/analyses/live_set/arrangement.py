"""The arrangement as a picture: tracks by bars, with what the mix says above them where there is one.

Pure geometry, as in kernel/html/charts.py: across in percent or in the inner viewBox of WIDTH units,
down in pixels. The clips of a line are one path, so that a set of hundreds of tracks stays small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, text
from app.analyses.live_set.mix import mix_above
from app.analyses.live_set.overview import count, tempo_text
from app.analyses.live_set.ruler import Mark, bar_marks, locator_marks
from app.analyses.live_set.tree import joined, shown_name, spans_of, stretches_of
from app.kernel.html import numbers
from app.kernel.html.charts import WIDTH, Table, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.analyses.document import Document
    from app.analyses.live_set.mix import MixAbove
    from app.analyses.live_set.timeline import Timeline

ROW_PX, DENSE_ROW_PX = 18, 14
DENSE_FROM = 60
"""Lines from which on they stand closer."""

MOST_TABLE_ROWS = 96
MOST_NAMES = 10
TEMPO_PX = 32
FINEST_UNITS = 1.2
"""Clips closer than this, in the thousandth parts that the picture is wide, are drawn as one."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """The line of a track."""

    name: str
    style: str
    """``grp`` for a group, ``in-1`` and on for its depth."""
    top: int
    middle: int
    clips: str
    """Path of the clips that sound, in the inner viewBox."""
    muted: str
    """Path of those that do not."""


@dataclass(frozen=True, slots=True)
class TempoLine:
    """The tempo where it moves."""

    path: str
    high: str
    low: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All that the template draws."""

    id: str
    title: str
    description: str
    caption: str
    left_out: str
    """Which tracks have no line, and why."""
    density: str
    """``dense`` where lines stand closer, as the stylesheet names it."""
    lines: tuple[Line, ...]
    row_height: int
    height: int
    bars: tuple[Mark, ...]
    locators: tuple[Mark, ...]
    mix: MixAbove | None
    tempo: TempoLine | None
    table: Table


@dataclass(frozen=True, slots=True)
class Played:
    """A track with the stretches in which it plays [beats]; a group's are those of what is in it."""

    track: Document
    sounding: list[Span]
    muted: list[Span]
    is_silent: bool
    """Whether the track, or a group round it, is muted."""


def arrangement_of(live_set: Document, document: Document, timeline: Timeline) -> Arrangement | None:
    """Draw a set's arrangement; none where nothing is arranged.

    Parameters
    ----------
    live_set
        What stands under `live_set`.
    document
        The report round it, with what was measured of the bounce.
    timeline
        Of the set.
    """
    end = number(live_set, "arrangement_beats") or 0.0
    tracks = rows(live_set, "tracks")
    played = _played(tracks)
    shown = [item for item in played if item.sounding or item.muted]
    if end <= 0 or not shown:
        return None
    mix = mix_above(document, live_set, timeline, end)
    end = max(end, mix.end_beat if mix else 0.0)
    row_height = DENSE_ROW_PX if len(shown) > DENSE_FROM else ROW_PX
    return Arrangement(
        id="arrangement-chart",
        title="Arrangement",
        description=_description(shown, timeline, end),
        caption=_caption(mix),
        left_out=_left_out(tracks, shown),
        density="dense" if row_height == DENSE_ROW_PX else "",
        lines=tuple(_lines(shown, end, row_height)),
        row_height=row_height,
        height=row_height * len(shown),
        bars=bar_marks(timeline, end),
        locators=locator_marks(live_set, end),
        mix=mix,
        tempo=_tempo(live_set, timeline, end),
        table=_table(shown, mix, timeline, end),
    )


def _played(tracks: list[Document]) -> list[Played]:
    """Find where each track plays, from the last to the first, so that groups know what is in them."""
    inside: dict[int, list[Span]] = {}
    found: list[Played] = []
    silent = _silent(tracks)
    for index in range(len(tracks) - 1, -1, -1):
        track = tracks[index]
        own = stretches_of(track)
        sounding = joined(sorted(inside.get(index, []))) if text(track, "kind") == "group" else own
        group = number(track, "group")
        if group is not None and track.get("is_muted") is not True:
            inside.setdefault(int(group), []).extend(sounding)
        found.append(Played(track, sounding, spans_of(track, is_muted=True), silent[index]))
    return found[::-1]


def _silent(tracks: list[Document]) -> list[bool]:
    """Tell which tracks are muted, or stand in a group that is; a group comes before what is in it."""
    found: list[bool] = []
    for track in tracks:
        group = number(track, "group")
        is_inside = group is not None and 0 <= group < len(found) and found[int(group)]
        found.append(is_inside or track.get("is_muted") is True)
    return found


def _lines(shown: list[Played], end: float, row_height: int) -> Iterator[Line]:
    for place, item in enumerate(shown):
        is_group = text(item.track, "kind") == "group"
        depth = min(int(number(item.track, "depth") or 0), 4)
        style = " ".join(filter(None, ("grp" if is_group else "", f"in-{depth}" if depth else "")))
        top = place * row_height
        edge = row_height * (3 if is_group else 1) // (8 if is_group else 6)
        band = (top + edge, row_height - 2 * edge)
        clips = item.sounding if is_group else spans_of(item.track, is_muted=False)
        drawn, silent = _path(clips, end, band), _path(item.muted, end, band)
        yield Line(
            name=shown_name(item.track),
            style=style,
            top=top,
            middle=top + row_height // 2,
            clips="" if item.is_silent else drawn,
            muted=drawn + silent if item.is_silent else silent,
        )


def _path(spans: Sequence[Span], end: float, band: tuple[int, int]) -> str:
    """Draw spans as rectangles, those too narrow to be told apart as one."""
    top, height = band
    placed = sorted((WIDTH * start / end, WIDTH * stop / end) for start, stop in spans)
    drawn: list[list[float]] = []
    for left, right in placed:
        is_narrow = right - left < FINEST_UNITS and drawn and left - drawn[-1][1] < FINEST_UNITS
        if is_narrow and drawn[-1][1] - drawn[-1][0] < 20 * FINEST_UNITS:
            drawn[-1][1] = max(drawn[-1][1], right)
        else:
            drawn.append([left, right])
    return "".join(
        f"M{max(left, 0):.1f} {top}H{min(max(right, left + 0.8), WIDTH):.1f}v{height}H{max(left, 0):.1f}z"
        for left, right in drawn
    )


def _tempo(live_set: Document, timeline: Timeline, end: float) -> TempoLine | None:
    if live_set.get("tempo_automated") is not True:
        return None
    points = [point for point in timeline.tempo.points if point.beat <= end]
    tempos = [point.tempo_bpm for point in points] + [timeline.tempo.tempo_at(end)]
    low, high = min(tempos), max(tempos)
    span = high - low or 1.0
    most = max(len(points) // 600, 1)
    places = [*((point.beat, point.tempo_bpm) for point in points[::most]), (end, tempos[-1])]
    drawn = [
        f"{WIDTH * beat / end:.1f} {2 + (high - tempo_bpm) / span * (TEMPO_PX - 4):.1f}" for beat, tempo_bpm in places
    ]
    return TempoLine("M" + "L".join(drawn), f"{tempo_text(high)} BPM", tempo_text(low))


def _table(shown: list[Played], mix: MixAbove | None, timeline: Timeline, end: float) -> Table:
    """Tell at evenly spaced places what plays; the bars of each track stand in the tree."""
    parts = [item for item in shown if _is_heard(item)]
    step = max(math.ceil(end / MOST_TABLE_ROWS / timeline.meters[0].bar_beats), 1) * timeline.meters[0].bar_beats
    places = max(math.ceil(end / step), 1)
    playing = _playing(parts, places, step)
    heads = ("Bar", "Time", *(("Loudness, LUFS", "Section") if mix else ()), "Tracks")
    made = []
    for place in range(places):
        beat = place * step
        said = (mix.loudness_at(beat, step), mix.section_at(beat)) if mix else ()
        cells = (str(timeline.bar_at(beat)), numbers.clock(timeline.seconds_at(beat)), *said, _names(playing[place]))
        made.append(cells)
    return Table("Arrangement as a table", heads, tuple(made), reading="bar")


def _playing(parts: list[Played], places: int, step: float) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(places)]
    for item in parts:
        name, reached = shown_name(item.track), 0
        for start, stop in item.sounding:
            first = max(int(start / step + 1e-6), reached)
            last = min(math.ceil(stop / step - 1e-6), places)
            for place in range(first, last):
                found[place].append(name)
            reached = max(reached, last)
    return found


def _names(names: list[str]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{len(names)}: {', '.join(names[:MOST_NAMES])}{more}"


def _description(shown: list[Played], timeline: Timeline, end: float) -> str:
    parts = [item for item in shown if _is_heard(item)]
    if not parts:
        return "Every clip is muted."
    longest = max(parts, key=lambda item: sum(stop - start for start, stop in item.sounding))
    part = sum(stop - start for start, stop in longest.sounding) / end
    last = timeline.bar_at(max(end - 0.01, 0.0))
    return (
        f"{count(len(parts), 'track')} playing over {count(last, 'bar')}; {shown_name(longest.track)} plays most, "
        f"in {percent(round(part, 2)).replace('%', ' %')} of them."
    )


def _is_heard(item: Played) -> bool:
    return bool(item.sounding) and not item.is_silent and text(item.track, "kind") != "group"


def _caption(mix: MixAbove | None) -> str:
    above = f" Above: short-term loudness and sections of the mix, {mix.alignment}." if mix else ""
    return f"Clips by bar, muted ones outlined; a group shows where anything in it plays.{above}"


def _left_out(tracks: list[Document], shown: list[Played]) -> str:
    parts = [track for track in tracks if text(track, "kind") in {"audio", "midi", "group"}]
    missing = len(parts) - len(shown)
    return f"{count(missing, 'track')} without a clip here: see the tracks below." if missing > 0 else ""
