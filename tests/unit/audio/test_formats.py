"""The first bytes of a file tell its format, and nothing else does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.audio.formats import FORMATS, Format, format_of_name, recognise_unsupported, sniff

MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
OGG_HEAD = b"OggS" + bytes(22) + b"\x01\x1e"

PROVEN = [
    (b"RIFF\x00\x00\x00\x00WAVEfmt ", Format.WAV),
    (b"RF64\xff\xff\xff\xffWAVEds64", Format.WAV),
    (b"FORM\x00\x00\x00\x00AIFFCOMM", Format.AIFF),
    (b"FORM\x00\x00\x00\x00AIFCFVER", Format.AIFF),
    (b"fLaC\x00\x00\x00\x22", Format.FLAC),
    (OGG_HEAD + b"\x01vorbis", Format.OGG),
    (OGG_HEAD + b"OpusHead", Format.OGG),
    (MP3_FRAME * 2, Format.MP3),
    (b"ID3\x04\x00\x00\x00\x00\x00\x02\x00\x00" + MP3_FRAME, Format.MP3),
    (b"ID3\x04\x00\x00\x00\x00\x00\x02\x00\x00fLaC\x00\x00\x00\x22", Format.FLAC),
    (b"ID3\x04\x00\x00\x00\x0f\x00\x00", Format.MP3),
    (b"\x1f\x8b\x08\x00", Format.LIVE_SET),
    (b"<?xml version='1.0'?>\n<Ableton MajorVersion='5'>", Format.LIVE_SET),
    (b"<Ableton MajorVersion='5'>", Format.LIVE_SET),
]


@pytest.mark.parametrize(("head", "kind"), PROVEN)
def test_magic_bytes_prove_the_format(head: bytes, kind: Format) -> None:
    """Each format is known by its own first bytes."""
    assert sniff(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"ffconcat version 1.0\nfile secret.wav\n",
        b"<?xml version='1.0'?><html></html>",
        OGG_HEAD + b"\x7fFLAC",
        b"\xff\xfb\x90\x00" + bytes(600),
        b"\xff\xff\xff\xff" * 8,
        b"\xff\xf1\x50\x80" + bytes(60),
        b"ID3\x04\x00\x00\xff\xff\xff\xff" + bytes(64),
    ],
)
def test_other_bytes_prove_nothing(head: bytes) -> None:
    """Text, other containers, a lone sync word and broken tags are no accepted format."""
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("head", "name", "way_out"),
    [
        (b"\x00\x00\x00\x20ftypM4A ", "mix.m4a", "WAV"),
        (b"PK\x03\x04", "stems.zip", "Unpack"),
        (b"Rar!\x1a\x07\x00", "stems.rar", "Unpack"),
        (b"7z\xbc\xaf\x27\x1c", "stems.7z", "Unpack"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "mix.wma", "WAV"),
        (b"\x1a\x45\xdf\xa3", "clip.mkv", "sound"),
        (b"\xff\xf1\x50\x80" + bytes(60), "mix.aac", "WAV"),
        (b"ffconcat version 1.0\nfile x\n", "mix.wav", "audio file"),
    ],
)
def test_known_but_unsupported_kinds_have_a_way_out(head: bytes, name: str, way_out: str) -> None:
    """A refusal can say what the file is and what to do instead."""
    kind = recognise_unsupported(head, name)
    assert kind is not None
    assert way_out in kind.way_out


def test_unknown_bytes_are_not_named() -> None:
    """What nobody knows gets no name."""
    assert recognise_unsupported(b"\x00\x01\x02\x03", "thing.bin") is None


def test_names_claim_formats_whatever_their_case() -> None:
    """An extension is a claim; it is compared with the content elsewhere."""
    assert format_of_name("My Mix.WAV") is Format.WAV
    assert format_of_name("set.als") is Format.LIVE_SET
    assert format_of_name("mix") is None
    assert {kind for facts in FORMATS.values() for kind in facts.extensions} >= {".aif", ".opus"}


def test_importing_the_registry_loads_no_numerics() -> None:
    """The web process may import the formats without numpy."""
    code = "import sys, app.audio.formats; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
