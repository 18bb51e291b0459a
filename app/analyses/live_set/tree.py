"""The tracks as a tree: fader, pan, devices, where they play, and what is worth a flag."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.analyses.live_set.overview import PLUGINS, count, every_device, unused_returns
from app.kernel.html import numbers
from app.kernel.html.charts import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.analyses.document import Document
    from app.analyses.live_set.timeline import Timeline

FADER_LOW_DB, FADER_HIGH_DB = -36.0, 6.0
MOST_DEVICES = 12
MOST_STRETCHES = 8
MOST_DEPTH = 4
KINDS = {"audio": "audio", "midi": "MIDI", "group": "group", "return": "return", "master": "main"}
_CENTRE = 0.005
_BREAKS = re.compile(r"(?<=_)(?=[^_])")


@dataclass(frozen=True, slots=True)
class DeviceMark:
    """A device as the tree shows it."""

    name: str
    style: str
    """``off`` and ``third``, as the stylesheet names them."""
    spoken: str
    """What the style says, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know about a track, in a word."""

    word: str
    is_loud: bool = False
    """Whether it changes what is heard of the whole song."""


@dataclass(frozen=True, slots=True)
class TrackLine:
    """One line of the tree."""

    id: str
    name: str
    style: str
    kind: str
    role: str
    role_reason: str
    level: str
    fader: str
    """Where its cap stands, in percent."""
    pan: str
    devices: tuple[DeviceMark, ...]
    more_devices: str
    plays: str
    """In which bars clips stand, such as ``1–32, 49–96``."""
    clips: str
    flags: tuple[Flag, ...]

    @property
    def name_parts(self) -> list[str]:
        """Return the name in the parts between which a narrow column may break it: behind underscores."""
        return [part for part in _BREAKS.split(self.name) if part]


ZERO_DB = place(0.0, FADER_LOW_DB, FADER_HIGH_DB)
"""Where 0 dB stands on a fader."""


def lines_of(live_set: Document, timeline: Timeline) -> tuple[TrackLine, ...]:
    """Make the lines of all tracks, in the order of the screen."""
    tracks = rows(live_set, "tracks")
    names = [shown_name(track) for track in tracks]
    unused = unused_returns(tracks)
    returns = 0
    lines = []
    for index, track in enumerate(tracks):
        is_return = text(track, "kind") == "return"
        is_unused = is_return and returns in unused
        returns += is_return
        lines.append(_line(track, index, tracks, [*_flags(track, names, is_unused=is_unused)], timeline))
    return tuple(lines)


def shown_name(track: Document) -> str:
    """Return a track's name, or its number and kind where it has none."""
    kind = text(track, "kind")
    if kind == "master":
        return text(track, "name") or "Main"
    return text(track, "name") or f"{int(number(track, 'index') or 0) + 1} {KINDS.get(kind, 'track')}"


def stretches_of(track: Document) -> list[tuple[float, float]]:
    """Return where clips of the arrangement stand that are not muted [beats], joined where they touch."""
    return joined(sorted(spans_of(track, is_muted=False)))


def spans_of(track: Document, *, is_muted: bool) -> list[tuple[float, float]]:
    """Return the clips of the arrangement that are muted, or those that are not [beats]."""
    return [
        (start, end)
        for clip in rows(track, "clips")
        if clip.get("slot") is None and (clip.get("is_muted") is True) is is_muted
        if (start := number(clip, "start_beat")) is not None and (end := number(clip, "end_beat")) is not None
        if end > start
    ]


def joined(spans: Sequence[tuple[float, float]], gap: float = 0.01) -> list[tuple[float, float]]:
    """Join spans, in their order, that touch or lie no further apart than a gap."""
    found: list[tuple[float, float]] = []
    for start, end in spans:
        if found and start <= found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _line(track: Document, index: int, tracks: list[Document], flags: list[Flag], timeline: Timeline) -> TrackLine:
    kind, level_db = text(track, "kind"), number(track, "volume_db")
    devices = rows(track, "devices")
    before = text(tracks[index - 1], "kind") if index else ""
    clips = rows(track, "clips")
    return TrackLine(
        id=f"track-{index}",
        name=shown_name(track),
        style=_style(track, is_first_of_its_kind=kind in {"return", "master"} and kind != before),
        kind=KINDS.get(kind, kind),
        role=_role(track),
        role_reason="; ".join(reason for reason in track.get("role_reasons") or [] if isinstance(reason, str)),
        level=numbers.fixed(level_db) if level_db is not None else f"{numbers.MINUS}\N{INFINITY}",
        fader=place(level_db if level_db is not None else FADER_LOW_DB, FADER_LOW_DB, FADER_HIGH_DB),
        pan=_pan(number(track, "pan") or 0.0),
        devices=tuple(_mark(device) for device in devices[:MOST_DEVICES]),
        more_devices=f"and {len(devices) - MOST_DEVICES} more" if len(devices) > MOST_DEVICES else "",
        plays=_plays(track, timeline),
        clips=count(len(clips), "clip") if clips else "",
        flags=tuple(flags),
    )


def _style(track: Document, *, is_first_of_its_kind: bool) -> str:
    depth = min(int(number(track, "depth") or 0), MOST_DEPTH)
    parts = (
        "grp" if text(track, "kind") == "group" else "",
        f"in in-{depth}" if depth else "",
        "sep" if is_first_of_its_kind else "",
        "mute" if track.get("is_muted") is True else "",
    )
    return " ".join(filter(None, parts))


def _role(track: Document) -> str:
    role, sure = text(track, "role"), number(track, "role_confidence")
    return f"{role} {sure:.2f}" if role and sure is not None and role not in {"bus", "master"} else ""


def _pan(pan: float) -> str:
    """Write a place as Live does: ``C``, ``12L``, ``50R``."""
    if abs(pan) < _CENTRE:
        return "C"
    return f"{round(50 * abs(pan))}{'L' if pan < 0 else 'R'}"


def _mark(device: Document) -> DeviceMark:
    is_off, is_foreign = device.get("is_on") is False, text(device, "kind") in PLUGINS
    inside = sum(1 for chain in rows(device, "chains") for _ in every_device(chain))
    name = text(device, "name") or text(device, "tag")
    shown = f"{name} ({inside})" if inside else name
    style = " ".join(filter(None, ("off" if is_off else "", "third" if is_foreign else "")))
    spoken = ", ".join(filter(None, ("plug-in" if is_foreign else "", "off" if is_off else "")))
    return DeviceMark(shown, style, f", {spoken}" if spoken else "")


def _plays(track: Document, timeline: Timeline) -> str:
    found = stretches_of(track)
    said = [_bars(start, end, timeline) for start, end in found[:MOST_STRETCHES]]
    more = [f"{len(found) - MOST_STRETCHES} more"] if len(found) > MOST_STRETCHES else []
    return ", ".join(said + more)


def _bars(start: float, end: float, timeline: Timeline) -> str:
    first, last = timeline.bar_at(start), timeline.bar_at(end)
    last -= last > first and timeline.beat_of(last) >= end - 0.01
    return f"{first}" if first == last else f"{first}–{last}"


def _flags(track: Document, names: list[str], *, is_unused: bool) -> Iterator[Flag]:
    kind = text(track, "kind")
    if track.get("is_soloed") is True:
        yield Flag("solo", is_loud=True)
    if track.get("is_muted") is True:
        yield Flag("muted")
    if is_unused:
        yield Flag("unused")
    if kind in {"audio", "midi"} and not rows(track, "clips"):
        yield Flag("no clips")
    if track.get("is_armed") is True:
        yield Flag("armed")
    if track.get("is_frozen") is True:
        yield Flag("frozen")
    yield from _numbers(track)
    for place_in_list in dict.fromkeys(_drivers(track)):
        if 0 <= place_in_list < len(names):
            yield Flag(f"keyed by {names[place_in_list]}")


def _numbers(track: Document) -> Iterator[Flag]:
    delay = section(track, "delay")
    value = number(delay, "value") or 0.0
    if value:
        unit = "samples" if delay.get("is_in_samples") is True else "ms"
        yield Flag(f"delay {numbers.signed(value, 2).rstrip('0').rstrip('.')} {unit}")
    moving = sum(number(lane, "low") != number(lane, "high") for lane in rows(track, "lanes"))
    if moving:
        yield Flag(f"{moving} automated")


def _drivers(track: Document) -> Iterator[int]:
    """Give the tracks that drive a device of this one from outside."""
    for device in every_device(track):
        driver = number(section(device, "sidechain"), "track")
        if driver is not None:
            yield int(driver)
