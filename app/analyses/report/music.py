"""Rhythm and key: tempo, beats against an even grid, the key on the wheel, chords."""

from __future__ import annotations

from bisect import bisect_right
from statistics import linear_regression
from typing import TYPE_CHECKING

from app.analyses.document import measured, number, rows, section, text
from app.analyses.report.parts import Section, figure, known, listed, word
from app.analyses.report.timeline import section_rules
from app.analyses.report.wheel import neighbours, wheel_of
from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    WIDTH,
    Block,
    Chart,
    Curve,
    Label,
    LevelScale,
    Table,
    across,
    percent,
    thin,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import Found

GRID_PX = 80
CHORDS_PX = 26
MOST_DOTS = 110
MOST_ROWS = 45
MOST_CHORDS = 75
_FEWEST_BEATS = 8
_SCALES_MS = (10, 20, 50, 100, 200, 500)
_USUAL = 0.95
"""The scale holds this part of the beats, so that a few that slipped do not flatten the rest."""
_NAMED_SHARE, _NAMED_SHARE_ON_A_PHONE = 0.035, 0.07
_SIGNS = {"b": "\N{MUSIC FLAT SIGN}", "#": "\N{MUSIC SHARP SIGN}"}


def music_section(document: Document, found: Found) -> Section:
    """Make the section of rhythm and key."""
    rhythm, tonality = section(document, "rhythm"), section(document, "tonality")
    tempo, camelot = number(rhythm, "tempo_bpm"), text(tonality, "camelot")
    key = key_name(text(tonality, "key"))
    return Section(
        id="rhythm",
        title="Rhythm and key",
        say=_said(tempo, key, camelot),
        refs=found.refs("rhythm", "tonality"),
        figures=known(
            figure("Tempo", tempo, "BPM", sub=sure(number(rhythm, "confidence"))),
            word("Or felt as", _tempos(rhythm), "BPM"),
            word("Meter", meter(rhythm)),
            figure("Bars", float(len(measured(rhythm, "downbeats_s"))) or None, decimals=0),
            figure("Steadiness", number(rhythm, "stability"), decimals=2, sub="beats within 25 ms of one line"),
            word("Key", key, camelot, sure(number(tonality, "confidence"))),
            word("Or heard as", _alternatives(tonality)),
            figure("Tuning", number(tonality, "tuning_hz"), "Hz"),
        ),
        method="Beats, downbeats and key by madmom's networks; beside the key, its place on the Camelot wheel.",
        charts=(*_grid(document, rhythm), *_chords(document, tonality)),
        wheel=wheel_of(key, camelot, sure(number(tonality, "confidence"))),
    )


def key_name(key: str) -> str:
    """Write a key with real signs: ``Bb major`` becomes ``B♭ major``."""
    tonic, _, mode = key.partition(" ")
    return f"{tonic[:1]}{''.join(_SIGNS.get(sign, sign) for sign in tonic[1:])} {mode}".strip()


def meter(rhythm: Document) -> str:
    """Write the meter, whether it is given as ``4/4`` or as beats a bar."""
    beats = number(rhythm, "meter")
    return text(rhythm, "meter") or (f"{beats:g} beats a bar" if beats else "")


def sure(confidence: float | None) -> str:
    """Write a confidence, such as ``0.86 sure``."""
    return f"{numbers.fixed(confidence, 2)} sure" if confidence is not None else ""


def _said(tempo: float | None, key: str, camelot: str) -> str:
    near = neighbours(camelot)
    parts = [f"{numbers.fixed(tempo)} BPM" if tempo is not None else "", key]
    said = ", ".join(filter(None, parts))
    mixes = f"; mixes with {listed(list(near))}" if near and key else ""
    return f"{said}{mixes}." if said else ""


def _tempos(rhythm: Document) -> str:
    """Name the other tempos that fit, whether they come as figures or as objects."""
    named = [number(row, "tempo_bpm") for row in rows(rhythm, "alternatives")]
    found = [tempo for tempo in named if tempo is not None] or measured(rhythm, "alternatives")
    return " or ".join(numbers.fixed(tempo) for tempo in found[:2])


def _alternatives(tonality: Document) -> str:
    """Name the next likely keys, whether they come as words or as objects."""
    given = tonality.get("alternatives")
    names = [text(row, "key") for row in rows(tonality, "alternatives")]
    plain = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    return ", ".join(key_name(name) for name in (names or plain)[:2] if name)


def _grid(document: Document, rhythm: Document) -> tuple[Chart, ...]:
    """Draw each beat's distance from an even grid, one grid a stretch of one tempo."""
    beats = measured(rhythm, "beats_s")
    segments = rows(rhythm, "tempo_segments")
    if len(beats) < _FEWEST_BEATS or not segments:
        return ()
    distances = _distances(beats, segments)
    by_size = sorted(abs(distance) for _, distance in distances)
    farthest, usual = by_size[-1], by_size[int(_USUAL * (len(by_size) - 1))]
    most = next((scale for scale in _SCALES_MS if usual <= scale), _SCALES_MS[-1])
    beyond = f"; beyond {most} ms at the edge" if farthest > most else ""
    scale = LevelScale(-most, most, GRID_PX, most)
    base, duration_s = TOP_PX + GRID_PX, number(section(document, "file"), "duration_s") or beats[-1]
    kept = [distances[int((index + 0.5) * len(distances) / _many(distances))] for index in range(_many(distances))]
    chart = Chart(
        id="grid-chart",
        title="Beats off an even grid",
        description=f"The farthest beat is {numbers.fixed(farthest, 0)} ms off.",
        caption=f"Beats off an even grid, ms; late above, early below{beyond}",
        plot_height=GRID_PX,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=scale.lines("ms"),
        places=times(duration_s),
        curves=(Curve("beats", _dots(kept, duration_s, scale)),),
        table=Table(
            caption="Beats as a table",
            heads=("Beat at", "Off, ms"),
            rows=tuple(
                (numbers.clock(at), numbers.signed(off, 0)) for at, off in kept[:: max(len(kept) // MOST_ROWS, 1)]
            ),
            reading="",
        ),
        rules=(
            *section_rules(rows(section(document, "structure"), "sections"), duration_s, base),
            across(0.0, scale, "axis"),
        ),
    )
    return (chart,)


def _dots(beats: Sequence[tuple[float, float]], duration_s: float, scale: LevelScale) -> str:
    """Draw each beat as a dot: a line without length, whose round ends are seen."""
    return "".join(f"M{WIDTH * min(at / duration_s, 1.0):.0f} {scale.y(off):.1f}h0" for at, off in beats)


def _many(items: Sequence[object]) -> int:
    return min(MOST_DOTS, len(items))


def _distances(beats: Sequence[float], segments: Sequence[Document]) -> list[tuple[float, float]]:
    """Return each beat with its distance from the line through its stretch, in milliseconds."""
    borders = [number(row, "start_s") or 0.0 for row in segments][1:]
    stretches: list[list[float]] = [[] for _ in range(len(borders) + 1)]
    for beat in beats:
        stretches[bisect_right(borders, beat)].append(beat)
    tempos = [number(row, "tempo_bpm") for row in segments]
    return [pair for stretch, tempo in zip(stretches, tempos, strict=True) for pair in _off_line(stretch, tempo)]


def _off_line(beats: Sequence[float], tempo_bpm: float | None) -> list[tuple[float, float]]:
    """Lay a line through the beats by least squares, each numbered by the tempo of their stretch."""
    if len(beats) < 3 or not tempo_bpm:
        return [(beat, 0.0) for beat in beats]
    places = [float(round((beat - beats[0]) * tempo_bpm / 60)) for beat in beats]
    line = linear_regression(places, beats)
    return [(beat, 1000 * (beat - line.intercept - line.slope * at)) for beat, at in zip(beats, places, strict=True)]


def _chords(document: Document, tonality: Document) -> tuple[Chart, ...]:
    """Draw the chords as a strip, named where there is room."""
    chords = [row for row in rows(tonality, "chords") if text(row, "name")]
    duration_s = number(section(document, "file"), "duration_s")
    if not chords or not duration_s:
        return ()
    shown = [row for row in thin(list(range(len(chords))), MOST_CHORDS) if row is not None]
    drawn = [chords[int(index)] for index in shown]
    base = TOP_PX + CHORDS_PX
    seconds: dict[str, float] = {}
    for row in chords:
        seconds[text(row, "name")] = seconds.get(text(row, "name"), 0.0) + _length(row)
    most = sorted(seconds, key=lambda name: -seconds[name])[:3]
    chart = Chart(
        id="chords-chart",
        title="Chords over time",
        description=f"Most of the time: {listed([key_name(name) for name in most])}.",
        caption=f"Chords; most of the time {listed([key_name(name) for name in most])}",
        plot_height=CHORDS_PX,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=(),
        places=times(duration_s),
        curves=(),
        table=Table(
            caption="Chords as a table",
            heads=("Chord", "From", "To"),
            rows=tuple(
                (
                    key_name(text(row, "name")),
                    numbers.clock(number(row, "start_s")),
                    numbers.clock(number(row, "end_s")),
                )
                for row in drawn
            ),
            reading="",
        ),
        blocks=tuple(_chord_block(row, index, duration_s) for index, row in enumerate(drawn)),
        labels=tuple(
            Label(
                key_name(text(row, "name")),
                percent(_middle(row) / duration_s),
                f"{TOP_PX + 17}",
                "sect-name",
                short=_chord_sign(row) if (is_long := _length(row) / duration_s > _NAMED_SHARE_ON_A_PHONE) else "",
                is_wide_only=not is_long,
            )
            for row in drawn
            if _length(row) / duration_s > _NAMED_SHARE
        ),
    )
    return (chart,)


def _chord_sign(row: Document) -> str:
    """Name a chord as a lead sheet does, such as ``A♭`` or ``Cm``."""
    tonic, _, mode = key_name(text(row, "name")).partition(" ")
    return f"{tonic}m" if mode == "minor" else tonic


def _length(row: Document) -> float:
    return max((number(row, "end_s") or 0.0) - (number(row, "start_s") or 0.0), 0.0)


def _middle(row: Document) -> float:
    return ((number(row, "end_s") or 0.0) + (number(row, "start_s") or 0.0)) / 2


def _chord_block(row: Document, index: int, duration_s: float) -> Block:
    style = "sect sect-alt" if index % 2 else "sect"
    start = (number(row, "start_s") or 0.0) / duration_s
    return Block(style, percent(start), percent(_length(row) / duration_s), f"{TOP_PX}", f"{CHORDS_PX}")
