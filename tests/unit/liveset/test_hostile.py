"""Files that mean harm, and files that are merely broken."""

from __future__ import annotations

import gzip
import json
import os
import random
import zlib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from app.liveset.document import live_set_document
from app.liveset.errors import Limits, LiveSetRefused, RefusalCode
from app.liveset.sets import read_live_set

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<Ableton Creator="Ableton Live 12.0"><LiveSet>'
TAIL = b"</LiveSet></Ableton>"
# No time of day in a header: the cases have the same names in every process.
zipped = partial(gzip.compress, mtime=0)
SMALL = zipped(HEAD + TAIL)


def packed(body: bytes) -> bytes:
    """A set with something in it."""
    return zipped(HEAD + body + TAIL, 1)


def refusal(source: bytes) -> LiveSetRefused:
    """The refusal of a set; its reason is a sentence without markup."""
    with pytest.raises(LiveSetRefused) as caught:
        read_live_set(source)
    assert caught.value.reason.endswith(".")
    assert "<" not in caught.value.reason
    return caught.value


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", RefusalCode.EMPTY),
        (b"junk\n", RefusalCode.NOT_A_LIVE_SET),
        (b"\x1f\x8b", RefusalCode.UNREADABLE),
        (zipped(b"hello"), RefusalCode.NOT_A_LIVE_SET),
        (zipped(SMALL), RefusalCode.NOT_A_LIVE_SET),
        (zipped(b""), RefusalCode.UNREADABLE),
        (SMALL[:-9], RefusalCode.UNREADABLE),
        (packed(random.Random(1).randbytes(40_000).hex().encode())[:20_000], RefusalCode.UNREADABLE),  # noqa: S311 - noise
        (SMALL[:-8] + bytes(8), RefusalCode.UNREADABLE),
        (SMALL + b"junk", RefusalCode.UNREADABLE),
        (SMALL + bytes(70_000), RefusalCode.UNREADABLE),
        (SMALL * 2, RefusalCode.MORE_THAN_ONE_FILE),
        (SMALL * 100_000, RefusalCode.MORE_THAN_ONE_FILE),
        (HEAD, RefusalCode.UNREADABLE),
        (HEAD + b"<a></b>" + TAIL, RefusalCode.UNREADABLE),
        (HEAD + TAIL + b"<Ableton/>", RefusalCode.UNREADABLE),
        (b"<Ableton/>", RefusalCode.NOT_A_LIVE_SET),
        (b"<html><body/></html>", RefusalCode.NOT_A_LIVE_SET),
        (HEAD + b'<a b="\xff\xfe"/>' + TAIL, RefusalCode.UNREADABLE),
        (HEAD + b'<a b="\x00"/>' + TAIL, RefusalCode.UNREADABLE),
        (HEAD + b'<a b="\x07"/>' + TAIL, RefusalCode.UNREADABLE),
        (HEAD + b'<a b="&#0;"/>' + TAIL, RefusalCode.UNREADABLE),
        (HEAD + b'<a b="&unknown;"/>' + TAIL, RefusalCode.UNREADABLE),
        ((HEAD + TAIL).decode().encode("utf-16"), RefusalCode.NOT_A_LIVE_SET),
        (zipped((HEAD + TAIL).decode().encode("utf-16")), RefusalCode.NOT_A_LIVE_SET),
        (zipped((HEAD + TAIL).decode().encode("utf-32")), RefusalCode.NOT_A_LIVE_SET),
        ((HEAD + TAIL).decode().encode("utf-16-le"), RefusalCode.UNREADABLE),
        ((HEAD + TAIL).replace(b"UTF-8", b"UTF-16"), RefusalCode.FORBIDDEN_XML),
        ((HEAD + TAIL).replace(b"UTF-8", b"UTF-7"), RefusalCode.FORBIDDEN_XML),
    ],
)
def test_broken_files_are_refused(source: bytes, code: RefusalCode) -> None:
    """Each is refused for what it is."""
    assert refusal(source).code is code


@pytest.mark.parametrize(
    "markup",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><Ableton><LiveSet a="&x;"/></Ableton>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;">]><Ableton>&c;</Ableton>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "{canary}">]><Ableton>&x;</Ableton>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><Ableton>&x;</Ableton>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "{canary}">%x;]><Ableton/>',
        '<!DOCTYPE a SYSTEM "{canary}"><Ableton/>',
        '<!DOCTYPE a PUBLIC "-//x" "http://127.0.0.1:9/x.dtd"><Ableton/>',
        '<?xml-stylesheet type="text/xsl" href="{canary}"?><Ableton/>',
        "<Ableton><LiveSet><?php x ?></LiveSet></Ableton>",
    ],
)
def test_document_types_and_instructions_are_refused(markup: str, tmp_path: Path) -> None:
    """None is followed: no word of the file that they name comes out."""
    canary = tmp_path / "canary"
    canary.write_text("<secret/>")
    refused = refusal(zipped(markup.replace("{canary}", canary.as_uri()).encode()))
    assert refused.code is RefusalCode.FORBIDDEN_XML
    assert "secret" not in refused.reason


def test_a_bomb_is_refused_by_its_ratio() -> None:
    """A thousandfold inflation ends after the first mebibytes."""
    bomb = zipped(HEAD + b" " * (300 << 20) + TAIL, 1)
    assert refusal(bomb).code is RefusalCode.TOO_LARGE


def test_too_large_a_set_is_refused() -> None:
    """A set that does not compress ends at the limit of what it unpacks to."""
    filler = b'<a b="' + os.urandom(1 << 16).hex().encode() + b'"/>'
    with pytest.raises(LiveSetRefused) as caught:
        read_live_set(HEAD + filler * 9 + TAIL, limits=Limits(unpacked_bytes=1 << 20))
    assert caught.value.code is RefusalCode.TOO_LARGE


COMPLEX = {
    "depth": b"<a>" * 100_000 + b"</a>" * 100_000,
    "attributes": b"<a " + b" ".join(b'a%d=""' % number for number in range(300_000)) + b"/>",
    "attribute of 100 MiB": b'<a b="' + b"a" * (100 << 20) + b'"/>',
    "names": b"".join(b"<n%d/>" % number for number in range(100_000)),
    "clips": b"<Tracks><MidiTrack><DeviceChain><MainSequencer><ClipTimeable><ArrangerAutomation><Events>"
    + b"<MidiClip/>" * 100_001
    + b"</Events></ArrangerAutomation></ClipTimeable></MainSequencer></DeviceChain></MidiTrack></Tracks>",
    "locators": b"<Locators><Locators>" + b"<Locator/>" * 250_000 + b"</Locators></Locators>",
    "racks": b"<Tracks><MidiTrack><DeviceChain>"
    + b"<DeviceChain><Devices><DrumGroupDevice><Branches><DrumBranch>" * 60
    + b"</DrumBranch></Branches></DrumGroupDevice></Devices></DeviceChain>" * 60
    + b"</DeviceChain></MidiTrack></Tracks>",
}


@pytest.mark.parametrize("what", COMPLEX)
def test_documents_that_no_live_writes_are_refused(what: str) -> None:
    """Too deep, too many, too long: refused without a word about markup."""
    body = COMPLEX[what]
    source = HEAD + body + TAIL
    assert refusal(source).code is RefusalCode.TOO_COMPLEX


def test_a_long_value_is_dropped_and_the_set_is_read() -> None:
    """A name of a mebibyte is no name."""
    locator = b'<Locator><Time Value="4"/><Name Value="' + b"n" * (1 << 20) + b'"/></Locator>'
    body = b"<Locators><Locators>" + locator + b"</Locators></Locators>"
    assert [locator.name for locator in read_live_set(HEAD + body + TAIL).locators] == [""]


def test_markup_and_templates_in_names_stay_text() -> None:
    """A name is text, whatever it looks like; control and direction signs go."""
    names = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raw %}", "../../etc/passwd", "a\u202eb\u0000c\r\nd", "ok"]
    escaped = ["&#10;".join(name.replace("\0", "").splitlines()).replace("<", "&lt;") for name in names]
    body = "".join(f'<Locator><Time Value="1"/><Name Value="{name}"/></Locator>' for name in escaped)
    live_set = read_live_set(HEAD + f"<Locators><Locators>{body}</Locators></Locators>".encode() + TAIL)
    found = [locator.name for locator in live_set.locators]
    assert found == ["<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raw %}", "../../etc/passwd", "abcd", "ok"]


def test_numbers_that_are_none_are_read_past() -> None:
    """Infinity, NaN, words and huge numbers in every place make a set with defaults."""
    for value in ("nan", "inf", "-inf", "1e999", "words", "", "9" * 400, "-5"):
        body = f"""
        <Tracks><AudioTrack Id="{value}"><TrackGroupId Value="{value}"/><Color Value="{value}"/><DeviceChain>
        <Mixer><Volume><Manual Value="{value}"/></Volume><Pan><Manual Value="{value}"/></Pan></Mixer>
        <MainSequencer><Sample><ArrangerAutomation><Events><AudioClip><CurrentStart Value="{value}"/>
        <CurrentEnd Value="{value}"/><WarpMode Value="{value}"/><PitchFine Value="{value}"/>
        <SampleVolume Value="{value}"/></AudioClip></Events></ArrangerAutomation></Sample></MainSequencer>
        </DeviceChain></AudioTrack></Tracks><MainTrack><DeviceChain><Mixer><Tempo><Manual Value="{value}"/></Tempo>
        <TimeSignature><Manual Value="{value}"/></TimeSignature></Mixer></DeviceChain></MainTrack>
        <ScaleInformation><Root Value="{value}"/><Name Value="{value}"/></ScaleInformation>"""
        live_set = read_live_set(HEAD + body.encode() + TAIL)
        assert live_set.tempo_bpm == 120.0
        assert live_set.time_signature == "4/4"
        json.dumps(live_set_document(live_set), allow_nan=False)


def test_groups_in_a_circle_are_read() -> None:
    """Groups that stand in each other end the count of their depth."""
    body = b"".join(
        b'<GroupTrack Id="%d"><TrackGroupId Value="%d"/></GroupTrack>' % (number, (number + 1) % 3)
        for number in range(3)
    )
    assert len(read_live_set(HEAD + b"<Tracks>" + body + b"</Tracks>" + TAIL).tracks) == 3


def test_groups_that_stand_deep_in_each_other_are_read_in_one_pass() -> None:
    """Counted anew for each group, this many would take minutes."""
    many = 29_000
    groups = b"".join(b'<GroupTrack Id="%d"><TrackGroupId Value="%d"/></GroupTrack>' % (n, n + 1) for n in range(many))
    tracks = read_live_set(HEAD + b"<Tracks>" + groups + b"</Tracks>" + TAIL).tracks
    assert [track.depth for track in tracks] == list(reversed(range(many)))


def test_unknown_elements_are_counted_and_no_reason_to_refuse() -> None:
    """What a later version brings is read past and named."""
    body = b"<Holograms><a/></Holograms><Tracks><VideoTrack/><VideoTrack/></Tracks>"
    assert read_live_set(HEAD + body + TAIL).unknown == {"Tracks/VideoTrack": 2, "LiveSet/Holograms": 1}


def test_a_descriptor_and_a_path_are_sources_too(tmp_path: Path) -> None:
    """A descriptor stays open for who opened it."""
    path = tmp_path / "small.als"
    path.write_bytes(SMALL)
    descriptor = os.open(path, os.O_RDONLY)
    assert read_live_set(descriptor) == read_live_set(path) == read_live_set(SMALL)
    os.close(descriptor)


def test_a_checksum_that_is_wrong_is_refused() -> None:
    """The end of the gzip member proves the whole of it."""
    broken = SMALL[:-8] + (zlib.crc32(b"other")).to_bytes(4, "little") + SMALL[-4:]
    assert refusal(broken).code is RefusalCode.UNREADABLE
