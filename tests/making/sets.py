"""Live sets for tests of the product: as small as a song can be, and as large as one gets."""

from __future__ import annotations

import gzip
from functools import cache

from tests.making_sets.xml import tag, value

CREATOR = "Ableton Live 11.3.21"


@cache
def small_set(title: str = "Kick", tempo_bpm: float = 128.0) -> bytes:
    """Return a set of one MIDI track with a clip of eight bars, a locator and a main track."""
    clip = tag(
        "MidiClip",
        value("CurrentStart", 0),
        value("CurrentEnd", 32),
        value("Name", title),
        tag("Loop", value("LoopStart", 0), value("LoopEnd", 32), value("LoopOn", said=True)),
    )
    events = tag("ClipTimeable", tag("ArrangerAutomation", tag("Events", clip)))
    track = tag(
        "MidiTrack",
        tag("Name", value("EffectiveName", title), value("UserName", title)),
        tag("DeviceChain", _mixer(), tag("MainSequencer", events)),
        Id=8,
    )
    main = tag("MasterTrack", tag("DeviceChain", _mixer(tag("Tempo", value("Manual", tempo_bpm)))))
    locator = tag("Locator", value("Time", 16), value("Name", "Drop"))
    body = tag("LiveSet", tag("Tracks", track), main, tag("Locators", tag("Locators", locator)))
    return gzip.compress(tag("Ableton", body, Creator=CREATOR, MinorVersion="11.0_1").encode(), mtime=0)


def _mixer(*more: str) -> str:
    return tag("Mixer", *more, tag("Volume", value("Manual", 1)), tag("Pan", value("Manual", 0)))
