"""Spoils Live sets: bytes and text blindly, and along the grammar of a set, so that much gets past the parser."""

from __future__ import annotations

import gzip
import random
import re
from functools import cache
from typing import TYPE_CHECKING

from tests.making.sets import small_set
from tests.making_sets.xml import tag

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 1 << 18
LONGEST_ELEMENT = 1 << 14
VALUES = (
    b"", b"true", b"false", b"-1", b"0", b"1", b"4711", b"nan", b"inf", b"-inf", b"1e308", b"-1e308", b"1e-400",
    b"99999999999999999999999", b"-63072000", b"0.0003162277571", b"AudioIn/Track.8/PostFxOut", b"\xc3\xa9\xe2\x80\xae",
    b"&#0;", b"&#x10FFFF;", b"&lt;b&gt;", b"{{ 7 * 7 }}", b"x" * 5000, b"0x10", b"1_000", b" 7 ", b"\xff",
)  # fmt: skip
NAMES = (
    b"GroupTrack", b"AudioTrack", b"MidiTrack", b"ReturnTrack", b"MasterTrack", b"MainTrack", b"DeviceChain", b"Mixer",
    b"Devices", b"DrumGroupDevice", b"InstrumentGroupDevice", b"PluginDevice", b"Branches", b"AudioClip", b"MidiClip",
    b"Notes", b"KeyTrack", b"MidiNoteEvent", b"SampleRef", b"FileRef", b"Path", b"WarpMarkers", b"Locator", b"Scenes",
    b"Manual", b"Value", b"Name", b"TimeSignature", b"Tempo", b"FloatEvent", b"Events", b"TakeLanes", b"GroovePool",
    b"FreezeSequencer", b"TrackGroupId", b"SideChain", b"Unheard",
)  # fmt: skip
PIECES = (
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;", b"<?php ?>", b"<![CDATA[x]]>", b"<!-- -->", b"\x00", b"<", b">", b"&", b'"',
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"<a ", b"/>", b"<?xml version='1.0' encoding='utf-16'?>",
)  # fmt: skip
_VALUE = re.compile(rb'"[^"<>]{0,200}"')
_NAME = re.compile(rb"(?<=[<])[A-Za-z0-9]+")
_OPEN = re.compile(rb"<([A-Za-z0-9]+)(?:\s[^<>]{0,2000})?>")
RACK_BEGINS = b'<DrumGroupDevice><Branches><DrumBranch Id="0"><DeviceChain><MidiToAudioDeviceChain><Devices>'
RACK_ENDS = b"".join(b"</" + name.split(b" ")[0].rstrip(b">") + b">" for name in reversed(RACK_BEGINS.split(b"<")[1:]))


@cache
def seeds() -> tuple[bytes, ...]:
    """Return the XML of small sets with one of everything that is read."""
    small = gzip.decompress(small_set())
    events = tag("Events", tag("FloatEvent", Time="-63072000", Value=0.5), tag("FloatEvent", Time=4, Value=0.75))
    envelope = tag("AutomationEnvelope", tag("EnvelopeTarget", tag("PointeeId", Value=7)), tag("Automation", events))
    place = tag("FileRef", tag("RelativePathType", Value=1), tag("Path", Value="/Volumes/Sounds/kick.wav"))
    old_place = tag("FileRef", tag("Name", Value="k.wav"), tag("SearchHint", tag("FileSize", Value=9)))
    clips = "".join(
        tag(
            "AudioClip",
            tag("CurrentStart", Value=0),
            tag("CurrentEnd", Value=16),
            tag("IsWarped", Value="true"),
            tag("WarpMarkers", tag("WarpMarker", SecTime=0, BeatTime=0), tag("WarpMarker", SecTime=8, BeatTime=16)),
            tag("SampleRef", where, tag("DefaultDuration", Value=44100), tag("DefaultSampleRate", Value=44100)),
        )
        for where in (place, old_place)
    )
    arranged = tag("MainSequencer", tag("Sample", tag("ArrangerAutomation", tag("Events", clips))))
    plugin = tag("PluginDevice", tag("PluginDesc", tag("Vst3PluginInfo", tag("Name", Value="Serum"))))
    rack = RACK_BEGINS.decode() + plugin + RACK_ENDS.decode()
    side = tag("SideChain", tag("RoutedInput", tag("Routable", tag("Target", Value="AudioIn/Track.8/PostFxOut"))))
    inside = tag("Devices", rack, tag("Compressor2", tag("On", tag("Manual", Value="false")), side))
    track = tag(
        "AudioTrack",
        tag("AutomationEnvelopes", tag("Envelopes", envelope)),
        tag("TrackGroupId", Value=8),
        tag("DeviceChain", tag("Mixer", tag("Volume", tag("Manual", Value=1))), arranged, tag("DeviceChain", inside)),
        Id=9,
    )
    group = tag("GroupTrack", tag("Name", tag("UserName", Value="Drums")), Id=8)
    whole = small.replace(b"<Tracks>", b"<Tracks>" + group.encode() + track.encode())
    return small, whole


def spoilt(seed: int) -> bytes:
    """Return the file of this number: the same number, the same file."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    content = spoil(chance.choice(seeds()), chance)
    return packed(content, chance) if chance.random() < 0.3 else content


def spoil(content: bytes, chance: random.Random) -> bytes:
    """Change a document in a few ways."""
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        content = chance.choice(WAYS)(content, chance)[:MAX_BYTES]
    return content


def packed(content: bytes, chance: random.Random) -> bytes:
    """Pack a document, and now and then spoil the packing."""
    file = bytearray(gzip.compress(content, 1, mtime=0))
    way = chance.randrange(6)
    if way == 0:
        file[chance.randrange(len(file))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del file[chance.randrange(len(file)) :]
    elif way == 2:
        file += chance.choice((b"\x00", b"junk", bytes(file)))
    return bytes(file)


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content or b"<")
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _piece(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(PIECES) * chance.choice((1, 1, 2, 300)) + content[place:]


def _value(content: bytes, chance: random.Random) -> bytes:
    return _replace(_VALUE, b'"' + chance.choice(VALUES) + b'"', content, chance)


def _name(content: bytes, chance: random.Random) -> bytes:
    return _replace(_NAME, chance.choice(NAMES), content, chance)


def _repeat(content: bytes, chance: random.Random) -> bytes:
    """Write an element again, once or very often."""
    return _element(content, chance, lambda whole: whole * chance.choice((2, 3, 20, 2000)))


def _drop(content: bytes, chance: random.Random) -> bytes:
    return _element(content, chance, lambda _whole: b"")


def _move(content: bytes, chance: random.Random) -> bytes:
    """Put an element of another set in the place of one."""
    other = chance.choice(seeds())
    found = _span(other, chance)
    return _element(content, chance, lambda _whole: other[slice(*found)] if found else b"")


def _nest(content: bytes, chance: random.Random) -> bytes:
    """Put racks into racks, or an element into itself, a few times or thousands."""
    times = chance.choice((1, 3, 30, 300, 3000))
    if chance.random() < 0.5:
        return content.replace(b"<Devices>", b"<Devices>" + RACK_BEGINS * times + RACK_ENDS * times, 1)
    name = chance.choice(NAMES)
    begins, ends = (b"<" + name + b">") * times, (b"</" + name + b">") * times
    return _element(content, chance, lambda whole: begins + whole + ends)


def _element(content: bytes, chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    found = _span(content, chance)
    if found is None:
        return content
    start, end = found
    return content[:start] + change(content[start:end]) + content[end:]


def _span(content: bytes, chance: random.Random) -> tuple[int, int] | None:
    """Find an element at some place: its own end is looked for no further than the longest element."""
    begin = _OPEN.search(content, chance.randrange(len(content) + 1)) or _OPEN.search(content)
    if begin is None:
        return None
    if content[begin.end() - 2 : begin.end() - 1] == b"/":
        return begin.span()
    depth = 1
    for tag_found in re.compile(rb"<(/?)" + begin[1] + rb"(?:\s[^<>]{0,2000})?>").finditer(
        content, begin.end(), begin.end() + LONGEST_ELEMENT
    ):
        is_empty = tag_found[0].endswith(b"/>")
        depth += -1 if tag_found[1] else 0 if is_empty else 1
        if depth == 0:
            return begin.start(), tag_found.end()
    return begin.span()


def _replace(pattern: re.Pattern[bytes], by: bytes, content: bytes, chance: random.Random) -> bytes:
    found = pattern.search(content, chance.randrange(len(content) + 1)) or pattern.search(content)
    return content if found is None else content[: found.start()] + by + content[found.end() :]


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _cut, _piece, _value, _value, _value, _name, _name, _repeat, _drop, _move, _move, _nest,
)  # fmt: skip
