"""The track from left to right: sections, the wave, and a lane for each finding that has a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.analyses.report.parts import Section
from app.kernel.html import numbers
from app.kernel.html.charts import WIDTH, Block, Label, Rule, Table, percent, times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import FindingCard, Found
    from app.kernel.html.charts import Line, Reading

WAVE_TOP_PX = 34
WAVE_PX = 96
SECTION_PX = 24
COLUMNS = 360
SEAM_PX = 1
"""The halves of the wave reach so far over the middle that no line shows between them."""
LEAST_SHARE = 0.004
"""A range is drawn at least so wide, and ranges closer than that are drawn as one."""
ROWS_EACH = 3
"""So many ranges of a finding stand in the table; its card has more, and the document all."""
NAMED_SHARE = 0.07
SHORT_SHARE = 0.13


@dataclass(frozen=True, slots=True)
class Lane:
    """One finding along the track."""

    card: FindingCard
    spoken: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the timeline's template draws."""

    description: str
    height: int
    wave_top: int
    wave_height: int
    peaks: str
    """The upper half of the wave's outline, as a path; empty where it is not known."""
    body: str
    """The momentary loudness inside it."""
    blocks: tuple[Block, ...]
    rules: tuple[Rule, ...]
    labels: tuple[Label, ...]
    lanes: tuple[Lane, ...]
    places: tuple[Line, ...]
    table: Table


def timeline_section(document: Document, found: Found) -> Section:
    """Make the section of the timeline."""
    duration_s = number(section(document, "file"), "duration_s") or 0.0
    parts = rows(section(document, "structure"), "sections")
    placed = [card for card in found.cards if card.ranges and not card.is_meant]
    drawn = _timeline(document, duration_s, parts, placed) if duration_s else None
    return Section(
        id="timeline",
        title="Timeline",
        say=_said(parts, placed),
        method="Outline: the highest true peak of each tenth of a second. Core: momentary loudness, 0.4 s.",
        timeline=drawn,
        is_broad=True,
    )


def section_names(parts: Sequence[Document]) -> list[str]:
    """Name sections apart: the second drop is ``Drop 2`` where there are more than one."""
    labels = [text(part, "label") for part in parts]
    seen: dict[str, int] = {}
    names = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        name = label.capitalize() or "Part"
        names.append(f"{name} {seen[label]}" if labels.count(label) > 1 else name)
    return names


def section_rules(parts: Sequence[Document], duration_s: float, bottom: float) -> tuple[Rule, ...]:
    """Draw where sections begin, from the top to a depth in pixels."""
    starts = [number(part, "start_s") or 0.0 for part in parts]
    return tuple(
        Rule("sect-line", at, at, "0", f"{bottom:g}")
        for at in (percent(start / duration_s) for start in starts if 0 < start < duration_s)
    )


def _said(parts: Sequence[Document], placed: Sequence[FindingCard]) -> str:
    many = f"{len(parts)} {'section' if len(parts) == 1 else 'sections'}" if parts else "No sections"
    found = f"{len(placed)} {'finding has' if len(placed) == 1 else 'findings have'} a place"
    return f"{many}; {found}." if placed else f"{many}; no finding has a place of its own."


def _timeline(
    document: Document, duration_s: float, parts: Sequence[Document], placed: Sequence[FindingCard]
) -> Timeline | None:
    line = section(section(document, "loudness"), "timeline")
    peaks, momentary = readings(line, "true_peak_dbtp"), readings(line, "momentary_lufs")
    if not any(value is not None for value in (*peaks, *momentary)):
        return None
    height = WAVE_TOP_PX + WAVE_PX
    return Timeline(
        description=_described(parts, placed, duration_s),
        height=height,
        wave_top=WAVE_TOP_PX,
        wave_height=WAVE_PX,
        peaks=_wave(peaks, _amplitude),
        body=_wave(momentary, _amplitude),
        blocks=_section_blocks(parts, duration_s),
        rules=section_rules(parts, duration_s, height),
        labels=_section_labels(parts, duration_s),
        lanes=tuple(_lane(card, duration_s) for card in placed),
        places=times(duration_s),
        table=_table(parts, placed),
    )


def _described(parts: Sequence[Document], placed: Sequence[FindingCard], duration_s: float) -> str:
    names = ", ".join(
        f"{name} from {numbers.clock(number(part, 'start_s'))}"
        for name, part in zip(section_names(parts), parts, strict=True)
    )
    said = f"{numbers.clock(duration_s)} long. {names or 'No sections were found'}."
    return f"{said} Below, a lane for each of {len(placed)} findings." if placed else said


def _amplitude(level_db: Reading) -> float:
    return 0.0 if level_db is None else min(10 ** (level_db / 20), 1.12)


def _wave(levels_db: Sequence[Reading], amplitude: Callable[[Reading], float]) -> str:
    """Draw the upper half of a symmetrical outline, each column the highest of its stretch."""
    if not levels_db:
        return ""
    columns = min(COLUMNS, len(levels_db))
    middle = WAVE_PX / 2
    heights = [
        middle
        * max(map(amplitude, levels_db[index * len(levels_db) // columns : (index + 1) * len(levels_db) // columns]))
        / 1.12
        for index in range(columns)
    ]
    over = [f"{WIDTH * (index + 0.5) / columns:.0f} {middle - height:.1f}" for index, height in enumerate(heights)]
    base = f"{middle + SEAM_PX:.0f}"
    return f"M0 {base}L{'L'.join(over)}L{WIDTH} {base}Z"


def _edges(part: Document, duration_s: float) -> tuple[float, float]:
    start, end = number(part, "start_s") or 0.0, number(part, "end_s") or 0.0
    return max(start / duration_s, 0.0), min(end / duration_s, 1.0)


def _section_blocks(parts: Sequence[Document], duration_s: float) -> tuple[Block, ...]:
    blocks = []
    for index, part in enumerate(parts):
        start, end = _edges(part, duration_s)
        style = "sect sect-alt" if index % 2 else "sect"
        blocks.append(Block(style, percent(start), percent(max(end - start, 0.0)), "0", f"{SECTION_PX}"))
    return tuple(blocks)


def _section_labels(parts: Sequence[Document], duration_s: float) -> tuple[Label, ...]:
    """Name a section where there is room; its loudness too where there is more."""
    labels = []
    for name, part in zip(section_names(parts), parts, strict=True):
        start, end = _edges(part, duration_s)
        if end - start < NAMED_SHARE / 2:
            continue
        middle, is_short = percent((start + end) / 2), end - start < SHORT_SHARE
        loudness = number(part, "loudness_lufs")
        full = name if loudness is None or is_short else f"{name}  {numbers.fixed(loudness)}"
        labels.append(
            Label(full, middle, "16", "sect-name", short="" if end - start >= 2 * SHORT_SHARE else _initials(name))
        )
    return tuple(labels)


def _initials(name: str) -> str:
    first, _, number_ = name.partition(" ")
    return f"{first[:1]}{number_}"


def _lane(card: FindingCard, duration_s: float) -> Lane:
    """Draw the ranges of a finding, those that touch at this scale as one."""
    spans: list[tuple[float, float]] = []
    for place in card.ranges:
        start, end = place.start_s / duration_s, place.end_s / duration_s
        end = max(end, start + LEAST_SHARE)
        if spans and start - spans[-1][1] < LEAST_SHARE:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((min(start, 1 - LEAST_SHARE), min(end, 1.0)))
    blocks = tuple(Block("range", percent(start), percent(end - start), "5.5", "13") for start, end in spans)
    first = ", ".join(place.words for place in card.places)
    return Lane(card, f"{card.number} {card.title}, {card.word.lower()}: {first}", blocks)


def _table(parts: Sequence[Document], placed: Sequence[FindingCard]) -> Table:
    sections = tuple(
        (
            name,
            numbers.clock(number(part, "start_s")),
            numbers.clock(number(part, "end_s")),
            numbers.fixed(number(part, "loudness_lufs")),
        )
        for name, part in zip(section_names(parts), parts, strict=True)
    )
    lanes = tuple(
        (f"{card.number} {card.title}", numbers.clock(place.start_s), numbers.clock(place.end_s), card.word)
        for card in placed
        for place in card.places[:ROWS_EACH]
    )
    return Table(
        caption="Sections and findings as a table",
        heads=("Section or finding", "From", "To", "LUFS or severity"),
        rows=(*sections, *lanes),
        reading="",
    )
