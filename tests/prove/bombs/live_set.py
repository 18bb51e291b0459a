"""Hostile Live sets: gzip (RFC 1952) round XML, each built to cost memory, time or a secret.

What is large is made of one block that is packed once and repeated: deflate forgets what was
before a full flush, so that a set of hundreds of mebibytes is made in no time.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.prove.bombs.common import Bombs, cut, polyglots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Makers = dict[str, "Callable[[], bytes]"]

MIB = 1 << 20
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<Ableton MajorVersion="5" Creator="Ableton Live 12.0"><LiveSet>'
TAIL = b"</LiveSet></Ableton>"
NAME = "bomb.als"
HAS_EXTRA, HAS_NAME, HAS_COMMENT = 4, 8, 16
"""Flags of a gzip member's head."""


def bombs() -> Bombs:
    """Return those that are small."""
    found = {**_members(), **_heads(), **_encodings(), **_entities(), **_values()}
    whole = packed(b"<Tracks><AudioTrack/></Tracks>")
    places = (1, 2, 3, 9, 10, 11, 40, len(whole) - 9, len(whole) - 4, len(whole) - 1)
    return found | cut(whole, places) | polyglots(whole)


def heavy_bombs() -> Makers:
    """Return the makers of those that take a while to make or to read."""
    return {**_inflating(), **_markup(), **_sets(), **_crowds()}


def packed(body: bytes) -> bytes:
    """Return a set with something in it."""
    return gzip.compress(HEAD + body + TAIL, 1)


def packed_often(block: bytes, times: int, *, before: bytes = HEAD, after: bytes = TAIL) -> bytes:
    """Return a gzip member of a block that stands there many times."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(after) + packer.flush()
    checksum = zlib.crc32(before)
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    size = len(before) + len(block) * times + len(after)
    end = struct.pack("<II", zlib.crc32(after, checksum), size & 0xFFFFFFFF)
    return _member_head() + first + once * times + last + end


def nested(*tags: str) -> tuple[bytes, bytes]:
    """Return the starts and the ends of elements in each other."""
    return (
        "".join(f"<{tag}>" for tag in tags).encode(),
        "".join(f"</{tag.split()[0]}>" for tag in reversed(tags)).encode(),
    )


def _member_head(flags: int = 0) -> bytes:
    return b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x00\xff"


def _members() -> Bombs:
    whole = packed(b"")
    return {
        "empty": b"",
        "no set": b"junk\n",
        "words": gzip.compress(b"hello"),
        "a member of nothing": gzip.compress(b""),
        "packed twice": gzip.compress(whole),
        "two members": whole * 2,
        "100,000 members": whole * 100_000,
        "a wrong checksum": whole[:-8] + bytes(4) + whole[-4:],
        "a wrong length": whole[:-4] + b"\xff" * 4,
        "64 KiB of zeros behind": whole + bytes(1 << 16),
        "another program's method": whole[:2] + b"\x09" + whole[3:],
        "another document": gzip.compress(b"<html><body/></html>"),
    }


def _heads() -> Bombs:
    """Return members whose heads do not end, or claim more than is there."""
    body = packed(b"")[10:]
    return {
        "an extra part of 64 KiB": _member_head(HAS_EXTRA) + b"\xff\xff" + bytes(0xFFFF) + body,
        "an extra part that is not there": _member_head(HAS_EXTRA) + b"\xff\xff" + b"\x00",
        "a name of 8 MiB": _member_head(HAS_NAME) + b"n" * (8 * MIB) + b"\x00" + body,
        "a name without an end": _member_head(HAS_NAME) + b"n" * (8 * MIB),
        "a comment of the member without an end": _member_head(HAS_COMMENT) + b"c" * (8 * MIB),
        "reserved flags": _member_head(0xE0) + body,
        "a million empty blocks": _member_head() + b"\x00\x00\x00\xff\xff" * 1_000_000,
        "a block of type 3": _member_head() + b"\x07" + bytes(64),
        "a distance before the start": _member_head() + b"\x4b\x04\x52\x00" + bytes(8),
    }


def _inflating() -> Makers:
    """Return sets that unpack to far more than they are."""
    spaces, zeros, words = b" " * MIB, bytes(MIB), _words(MIB // 2)
    half = {"": words, "tag": words.replace(b" ", b"")}
    return {
        "1.5 GiB of spaces": partial(packed_often, spaces, 1_536),
        "1 GiB of zeros": partial(packed_often, zeros, 1_024, before=b""),
        "a bomb in a bomb": lambda: gzip.compress(packed_often(zeros, 1_024, before=b"")),
        "spaces behind the document": partial(packed_often, spaces, 1_024, before=HEAD + TAIL, after=b""),
        "400 MiB at an honest ratio": partial(packed_often, b"<a>" + words + b"</a>", 800),
        "a comment of 240 MiB": partial(_inside, b"<!--", words, b"-->"),
        "a comment of the document without an end": partial(_inside, b"<!--", words, b""),
        "a text of 240 MiB": partial(_inside, b"<a>", words, b"</a>"),
        "a CDATA section of 240 MiB": partial(_inside, b"<a><![CDATA[", words, b"]]></a>"),
        "a value of 240 MiB": partial(_inside, b'<a b="', words, b'"/>'),
        "a tag of 240 MiB": partial(_inside, b"<a", half["tag"], b"/>"),
        "60 values of 3 MiB": partial(packed_often, b'<a b="' + words * 6 + b'"/>', 60),
        "250 MiB of references": partial(_inside, b"<a>", b"&#65;&#x42;&amp;" * 30_000 + words[:20_000], b"</a>"),
    }


def _inside(start: bytes, block: bytes, end: bytes) -> bytes:
    return packed_often(block, 240 * MIB // len(block), before=HEAD + start, after=end + TAIL)


def _words(size_bytes: int) -> bytes:
    """Return text that packs about as well as a real set does."""
    chance = Random(8)  # noqa: S311 - repeatable, no secret
    words = [f"{chance.getrandbits(24):06x} " for _ in range(size_bytes // 100)]
    return "".join(word * 14 for word in words).encode()[:size_bytes].ljust(size_bytes, b".")


def _encodings() -> Bombs:
    document = (HEAD + TAIL).decode()
    typed = '<!DOCTYPE a [<!ENTITY x "y">]><Ableton><LiveSet a="&x;"/></Ableton>'
    return {
        **{f"in {name}": gzip.compress(document.encode(name)) for name in ("utf-16", "utf-16-le", "utf-32", "utf-7")},
        **{
            f"says {name.decode()}": gzip.compress((HEAD + TAIL).replace(b"UTF-8", name))
            for name in (b"UTF-16", b"UTF-7", b"ISO-2022-JP", b"x-no-such")
        },
        "a document type in UTF-16": gzip.compress(typed.encode("utf-16")),
        "a NUL inside": packed(b'<a b="\x00"/>'),
        "half a letter": packed(b'<a b="\xf0\x9f"/>'),
        "a surrogate": packed(b'<a b="\xed\xa0\x80"/>'),
    }


def _entities() -> Bombs:
    """Return documents that let a parser write, fetch or read for them."""
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    kinds = {
        "a billion laughs": f'<!DOCTYPE a [<!ENTITY e0 "ha">{laughs}]><Ableton>&e11;</Ableton>',
        "quadratic blow-up": f'<!DOCTYPE a [<!ENTITY x "{"x" * 60_000}">]><Ableton>{"&x;" * 60_000}</Ableton>',
        "an entity in itself": '<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><Ableton>&x;</Ableton>',
        "a file as an entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Ableton>&x;</Ableton>',
        "an address as an entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><Ableton>&x;</Ableton>',
        "an endless device": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///dev/zero">]><Ableton>&x;</Ableton>',
        "a parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><Ableton/>',
        "a document type elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><Ableton/>',
        "defaults of attributes": '<!DOCTYPE a [<!ATTLIST Ableton b CDATA "c">]><Ableton><LiveSet/></Ableton>',
        "a style sheet": '<?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?><Ableton/>',
        "an instruction": "<Ableton><LiveSet><?php x ?></LiveSet></Ableton>",
        "an entity that nobody defined": "<Ableton><LiveSet>&unknown;</LiveSet></Ableton>",
        "an inclusion": '<Ableton><LiveSet><xi:include href="file:///etc/passwd"/></LiveSet></Ableton>',
    }
    return {label: gzip.compress(text.encode(), 6) for label, text in kinds.items()}


def _markup() -> Makers:
    """Return documents that no program would write."""
    empty = b"<a/>" * 10_000 + _words(10_000)
    long_name = _words(20_000).replace(b" ", b"")[::7]
    return {
        "100,000 deep": lambda: packed(b"<a>" * 100_000 + b"</a>" * 100_000),
        "a million deep, never closed": partial(packed_often, b"<a>" * 10_000, 100, after=b""),
        "20 million elements": partial(packed_often, empty, 2_000),
        "7 million elements": partial(packed_often, empty, 700),
        "300,000 attributes": lambda: packed(_attributes(300_000)),
        "100,000 elements of 200 attributes": partial(packed_often, _attributes(200) * 100 + _words(4_000), 1_000),
        "100,000 names": lambda: packed(b"".join(b"<n%d/>" % number for number in range(100_000))),
        "10,000 long names": lambda: packed(b"".join(b"<n%d%s/>" % (number, long_name) for number in range(10_000))),
        "100,000 name spaces": lambda: packed(b"".join(b'<a xmlns:n%d="n"/>' % number for number in range(100_000))),
        "the same attribute twice": lambda: packed(b'<a b="" b=""/>'),
        "tags that do not match": lambda: packed(b"<a></b>"),
        "two roots": lambda: gzip.compress((HEAD + TAIL) * 2),
    }


def _attributes(count: int) -> bytes:
    return b"<a " + b" ".join(b'a%d=""' % number for number in range(count)) + b"/>"


def _values() -> Bombs:
    """Return sets whose numbers are none."""
    found = {}
    for value in ("nan", "-inf", "1e999", "9" * 4_000, "0x41", "１２", ""):
        body = f"""<Tracks><GroupTrack Id="{value}"><TrackGroupId Value="{value}"/></GroupTrack></Tracks>
        <MainTrack><DeviceChain><Mixer><Tempo><Manual Value="{value}"/></Tempo><TimeSignature><Manual Value="{value}"/>
        </TimeSignature></Mixer></DeviceChain></MainTrack><ScaleInformation><Root Value="{value}"/></ScaleInformation>
        <Locators><Locators><Locator><Time Value="{value}"/></Locator></Locators></Locators>"""
        found[f"{value[:8]!r} everywhere"] = packed(body.encode())
    return found


def _sets() -> Makers:
    """Return sets with too much of what a set has."""
    start, end = nested("Tracks", "MidiTrack", "DeviceChain")
    clips, no_clips = nested("MainSequencer", "ClipTimeable", "ArrangerAutomation", "Events")
    notes, no_notes = nested("MidiClip", "Notes", "KeyTracks", "KeyTrack", "Notes")
    envelope, no_envelope = nested("AutomationEnvelopes", "Envelopes", "AutomationEnvelope", "Automation", "Events")
    rack, no_rack = nested("DeviceChain", "Devices", "DrumGroupDevice", "Branches", "DrumBranch")
    tracks, no_tracks = nested("Tracks", "MidiTrack")
    locators, no_locators = nested("Locators", "Locators")
    filler = _words(4_000)
    many_notes = b'<MidiNoteEvent Time="1" Duration="1"/>' * 2_000 + filler
    many_points = b'<FloatEvent Time="1" Value="2"/>' * 3_000 + filler
    long_name = b'<Locator><Time Value="4"/><Name Value="' + _words(4_000) + "🎚".encode() + b'"/></Locator>'
    within_notes = {"before": HEAD + start + clips + notes, "after": no_notes + no_clips + end + TAIL}
    within_envelope = {"before": HEAD + tracks + envelope, "after": no_envelope + no_tracks + TAIL}
    return {
        "100,001 clips": lambda: packed(start + clips + b"<MidiClip/>" * 100_001 + no_clips + end),
        "2 million notes": partial(packed_often, many_notes, 1_000, **within_notes),
        "3 million points": partial(packed_often, many_points, 1_000, **within_envelope),
        "30 racks in each other": lambda: packed(start + rack * 30 + no_rack * 30 + end),
        "200 racks in each other": lambda: packed(start + rack * 200 + no_rack * 200 + end),
        "250,000 locators": lambda: packed(locators + b'<Locator><Time Value="1"/></Locator>' * 250_000 + no_locators),
        "60,000 names of 4,000 letters": lambda: packed(locators + long_name * 60_000 + no_locators),
    }


def _crowds() -> Makers:
    """Return sets that ask for work between everything and everything."""
    many = 90_000
    return {
        f"{many} groups in each other": lambda: _groups((n, n + 1) for n in range(many)),
        f"{many} groups in a circle": lambda: _groups((n, (n + 1) % many) for n in range(many)),
        f"{many} groups of one number": lambda: _groups((7, 7) for _ in range(many)),
        f"{many} unknown parts": lambda: packed(b"".join(b"<T%d/>" % (n % 19_000) for n in range(many))),
        "60,000 locators in a million tempos": lambda: _tempos(60_000, 1_000),
    }


def _groups(pairs: Iterable[tuple[int, int]]) -> bytes:
    groups = (b'<GroupTrack Id="%d"><TrackGroupId Value="%d"/></GroupTrack>' % pair for pair in pairs)
    return packed(b"<Tracks>" + b"".join(groups) + b"</Tracks>")


def _tempos(locators: int, thousands: int) -> bytes:
    """Return a set whose main track has its tempo automated by so many points, and locators among them."""
    points = b"".join(b'<FloatEvent Time="%d" Value="%d"/>' % (n, 60 + n % 100) for n in range(1_000))
    start, end = nested("MasterTrack", "AutomationEnvelopes", "Envelopes", "AutomationEnvelope")
    events, no_events = nested("Automation", "Events")
    target = b'<EnvelopeTarget><PointeeId Value="1"/></EnvelopeTarget>'
    tempo = b'<DeviceChain><Mixer><Tempo><AutomationTarget Id="1"/></Tempo></Mixer></DeviceChain></MasterTrack>'
    places = b"".join(b'<Locator><Time Value="%d"/></Locator>' % n for n in range(locators))
    after = end.removesuffix(b"</MasterTrack>") + tempo + b"<Locators><Locators>" + places + b"</Locators></Locators>"
    return packed_often(points, thousands, before=HEAD + start + target + events, after=no_events + after + TAIL)
