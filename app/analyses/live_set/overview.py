"""The figures of a set that come first, and the sentence about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.analyses.report.parts import Figure
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document
    from app.analyses.live_set.timeline import Timeline

PLUGINS = frozenset({"vst2", "vst3", "au"})
OUTSIDE = frozenset({"outside", "unknown"})
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def every_device(part: Document) -> Iterator[Document]:
    """Give the devices of a track or a chain, and those in their chains."""
    for device in rows(part, "devices"):
        yield device
        for chain in rows(device, "chains"):
            yield from every_device(chain)


def count(amount: int, one: str, many: str = "") -> str:
    """Write an amount with its noun, such as ``1 group`` or ``3 groups``."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def figures_of(live_set: Document, timeline: Timeline) -> tuple[Figure, ...]:
    """Give the seven figures that a producer asks for first."""
    tracks = rows(live_set, "tracks")
    kinds = [text(track, "kind") for track in tracks]
    groups, returns = kinds.count("group"), kinds.count("return")
    lanes = [track for track in tracks if text(track, "kind") in {"audio", "midi"}]
    return (
        Figure("Tracks", str(len(lanes)), sub=f"in {count(groups, 'group')}" if groups else "in no group"),
        Figure("Returns", str(returns), sub=_unused(tracks)),
        _devices(tracks),
        _clips(lanes),
        _samples(rows(live_set, "samples")),
        _tempo(live_set),
        _length(live_set, timeline),
    )


def unused_returns(tracks: list[Document]) -> frozenset[int]:
    """Return the places of the returns that no track sends to."""
    fed = {
        place
        for track in tracks
        for place, send in enumerate(rows(track, "sends"))
        if send.get("is_on") is True and number(send, "level_db") is not None
    }
    count_of_returns = sum(text(track, "kind") == "return" for track in tracks)
    return frozenset(range(count_of_returns)) - fed


def facts_of(live_set: Document) -> tuple[str, ...]:
    """Say under the title what the set is: version, signature, scale, scenes, locators."""
    version, scale = text(live_set, "version"), section(live_set, "scale")
    root = number(scale, "root")
    locators, scenes = len(rows(live_set, "locators")), len(rows(live_set, "scenes"))
    key = f"Scale {NOTES[int(root) % 12]} {text(scale, 'name')}" if root is not None else ""
    signatures = rows(live_set, "signature_points")
    changes = f", {count(len(signatures) - 1, 'change')}" if len(signatures) > 1 else ""
    said = (
        f"Live {version}" if version else text(live_set, "creator"),
        f"{text(live_set, 'time_signature')}{changes}",
        key,
        count(locators, "locator") if locators else "no locator",
        count(scenes, "scene") if scenes else "",
    )
    return tuple(filter(None, said))


def _unused(tracks: list[Document]) -> str:
    unused = len(unused_returns(tracks))
    return f"{unused} unused" if unused else "all fed" if any(text(row, "kind") == "return" for row in tracks) else ""


def _devices(tracks: list[Document]) -> Figure:
    devices = [device for track in tracks for device in every_device(track)]
    foreign = sum(text(device, "kind") in PLUGINS for device in devices)
    idle = sum(device.get("is_on") is False for device in devices)
    plugins = f"{count(foreign, 'plug-in')}" if foreign else "all of Live"
    return Figure("Devices", str(len(devices)), sub=f"{plugins}, {idle} off" if idle else plugins)


def _clips(lanes: list[Document]) -> Figure:
    clips = [clip for track in lanes for clip in rows(track, "clips")]
    arranged = sum(clip.get("slot") is None for clip in clips)
    return Figure("Clips", str(len(clips)), sub=f"{arranged} arranged, {len(clips) - arranged} in session")


def _samples(samples: list[Document]) -> Figure:
    outside = sum(text(sample, "place") in OUTSIDE for sample in samples)
    return Figure("Samples", str(len(samples)), sub=f"{outside} outside" if outside else "none outside")


def _tempo(live_set: Document) -> Figure:
    tempo_bpm = number(live_set, "tempo_bpm")
    tempos = [tempo for row in rows(live_set, "tempo_points") if (tempo := number(row, "tempo_bpm")) is not None]
    said = "no automation"
    if live_set.get("tempo_automated") is True and tempos:
        said = f"at the start; {tempo_text(min(tempos))} to {tempo_text(max(tempos))}"
    return Figure("Tempo", tempo_text(tempo_bpm), "BPM", said)


def tempo_text(tempo_bpm: float | None) -> str:
    """Write a tempo without decimals that say nothing: ``120``, ``86.22``."""
    return numbers.fixed(tempo_bpm, 2).rstrip("0").rstrip(".") if tempo_bpm is not None else numbers.UNMEASURED


def _length(live_set: Document, timeline: Timeline) -> Figure:
    beats = number(live_set, "arrangement_beats") or 0.0
    if not beats:
        return Figure("Length", "0:00", sub="nothing arranged")
    bars = timeline.bar_at(beats) - (1 if timeline.beat_of(timeline.bar_at(beats)) >= beats - 0.01 else 0)
    return Figure("Length", numbers.clock(number(live_set, "arrangement_s")), sub=count(bars, "bar"))
