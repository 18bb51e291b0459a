"""The file formats that are accepted, and how a file's first bytes tell them.

Standard library only: the web process refuses a wrong file before it has read the rest,
and must not load any numerics for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD_BYTES = 4096
"""How many first bytes `sniff` and `recognise_unsupported` want to see."""


class Format(StrEnum):
    """A kind of file that can be dropped on the page."""

    WAV = "wav"
    MP3 = "mp3"
    FLAC = "flac"
    AIFF = "aiff"
    OGG = "ogg"
    LIVE_SET = "als"


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """What a page or a form says about a format."""

    label: str
    extensions: tuple[str, ...]
    media_types: tuple[str, ...]


FORMATS: Mapping[Format, FormatFacts] = MappingProxyType(
    {
        Format.WAV: FormatFacts("WAV", (".wav", ".wave"), ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave")),
        Format.MP3: FormatFacts("MP3", (".mp3",), ("audio/mpeg", "audio/mp3")),
        Format.FLAC: FormatFacts("FLAC", (".flac",), ("audio/flac", "audio/x-flac")),
        Format.AIFF: FormatFacts("AIFF", (".aiff", ".aif", ".aifc"), ("audio/aiff", "audio/x-aiff")),
        Format.OGG: FormatFacts("OGG", (".ogg", ".oga", ".opus"), ("audio/ogg", "application/ogg", "audio/opus")),
        Format.LIVE_SET: FormatFacts(
            "Ableton Live set", (".als",), ("application/x-ableton-live-set", "application/gzip")
        ),
    }
)

AUDIO_FORMATS = frozenset(Format) - {Format.LIVE_SET}

ACCEPT = ",".join(ending for kind in sorted(AUDIO_FORMATS) for ending in FORMATS[kind].extensions)
"""Endings of bounces, as a file field names them."""

_BY_EXTENSION = MappingProxyType({extension: kind for kind, facts in FORMATS.items() for extension in facts.extensions})


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A kind of file that is known, not accepted, and has a way out."""

    label: str
    way_out: str


_BOUNCE = "Bounce a WAV from your project instead."
_UNPACK = "Unpack it and drop the audio file itself."

_M4A = Unsupported("an M4A or MP4 file", _BOUNCE)
_AAC = Unsupported("an AAC file", _BOUNCE)
_VIDEO = Unsupported("a video", "Export its sound as a WAV instead.")
_TEXT = Unsupported("a text file", "Drop the audio file itself.")
_EMPTY_WAY_OUT = "Drop a WAV, MP3, FLAC, AIFF or OGG file."

_UNSUPPORTED_MAGIC: tuple[tuple[int, bytes, Unsupported], ...] = (
    (4, b"ftyp", _M4A),
    (0, b"PK\x03\x04", Unsupported("a ZIP archive", _UNPACK)),
    (0, b"PK\x05\x06", Unsupported("a ZIP archive", _UNPACK)),
    (0, b"Rar!\x1a\x07", Unsupported("a RAR archive", _UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", Unsupported("a 7z archive", _UNPACK)),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Unsupported("a WMA or WMV file", _BOUNCE)),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO),
    (8, b"AVI ", _VIDEO),
    (0, b"FLV", _VIDEO),
    (0, b"caff", Unsupported("a CAF file", _BOUNCE)),
    (0, b"wvpk", Unsupported("a WavPack file", _BOUNCE)),
    (0, b"MAC ", Unsupported("a Monkey's Audio file", _BOUNCE)),
    (0, b"MThd", Unsupported("a MIDI file", "Bounce the audio that it plays.")),
    (0, b"riff\x2e\x91\xcf\x11", Unsupported("a Wave64 file", _BOUNCE)),
    (0, b"BW64", Unsupported("a BW64 file", "Export it as WAV or RF64.")),
    (0, b"RIFX", Unsupported("a big-endian WAV file", _BOUNCE)),
    (0, b".snd", Unsupported("an AU file", _BOUNCE)),
    (0, b"%PDF", Unsupported("a PDF", _EMPTY_WAY_OUT)),
    (0, b"\x89PNG", Unsupported("an image", _EMPTY_WAY_OUT)),
    (0, b"\xff\xd8\xff", Unsupported("an image", _EMPTY_WAY_OUT)),
    (0, b"OggS", Unsupported("an OGG file with neither Vorbis nor Opus in it", _BOUNCE)),
)

_UNSUPPORTED_EXTENSIONS: Mapping[str, Unsupported] = MappingProxyType(
    {
        ".m4a": _M4A,
        ".mp4": _M4A,
        ".aac": _AAC,
        ".wma": Unsupported("a WMA file", _BOUNCE),
        ".mov": _VIDEO,
        ".mkv": _VIDEO,
        ".avi": _VIDEO,
        ".webm": _VIDEO,
        ".mid": Unsupported("a MIDI file", "Bounce the audio that it plays."),
        ".zip": Unsupported("a ZIP archive", _UNPACK),
        ".rar": Unsupported("a RAR archive", _UNPACK),
        ".7z": Unsupported("a 7z archive", _UNPACK),
        ".alp": Unsupported("an Ableton pack", "Drop the .als file of the set."),
        ".txt": _TEXT,
    }
)


def format_of_name(name: str) -> Format | None:
    """Return the format that a file's name claims, by its extension."""
    return _BY_EXTENSION.get(PurePath(name).suffix.lower())


def sniff(head: bytes) -> Format | None:
    """Return the format that a file's first bytes prove, or None.

    Parameters
    ----------
    head
        The first bytes of the file, `HEAD_BYTES` of them or the whole file if shorter.
    """
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return Format.WAV
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return Format.AIFF
    if head[:4] == b"fLaC":
        return Format.FLAC
    if head[:4] == b"OggS":
        return Format.OGG if _is_vorbis_or_opus(head) else None
    if head[:2] == b"\x1f\x8b" or _is_live_xml(head):
        return Format.LIVE_SET
    if head[:3] == b"ID3":
        return _behind_id3(head)
    return Format.MP3 if _is_mp3_frame(head) else None


def recognise_unsupported(head: bytes, name: str) -> Unsupported | None:
    """Name a kind of file that is not accepted, so that the refusal can say the way out."""
    if sniff(head) is not None:
        return None
    for offset, magic, kind in _UNSUPPORTED_MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return _AAC
    if _is_text(head):
        return _TEXT
    return _UNSUPPORTED_EXTENSIONS.get(PurePath(name).suffix.lower())


def _is_vorbis_or_opus(head: bytes) -> bool:
    """Look into the first page: 27 bytes of header, then its segment table (RFC 3533)."""
    if len(head) < 28:
        return False
    payload = head[27 + head[26] :]
    return payload.startswith((b"\x01vorbis", b"OpusHead"))


def _is_live_xml(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"<Ableton") or (text.startswith(b"<?xml") and b"<Ableton" in text)


def _behind_id3(head: bytes) -> Format | None:
    """Look behind an ID3v2 tag where the head reaches that far; else the tag stands for MP3."""
    if len(head) < 10 or any(byte & 0x80 for byte in head[6:10]):
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    behind = head[10 + size :]
    if len(behind) < 4 or not any(behind):
        return Format.MP3
    return sniff(behind) if behind[:3] != b"ID3" else Format.MP3


_KBIT_MPEG_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_MPEG_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _is_mp3_frame(head: bytes) -> bool:
    """Accept a layer III frame header, and where the next one is in sight, only with it."""
    length = _mp3_frame_bytes(head)
    if length is None:
        return False
    following = head[length : length + 4]
    return len(following) < 4 or _mp3_frame_bytes(following) is not None


def _mp3_frame_bytes(header: bytes) -> int | None:
    """Length of the frame that starts here (ISO 11172-3, 2.4.1.3; 13818-3), or None."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bit_rate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != 1 or bit_rate in {0, 15} or rate == 3:
        return None
    table, per_frame = (_KBIT_MPEG_1, 144) if version == 3 else (_KBIT_MPEG_2, 72)
    return per_frame * table[bit_rate] * 1000 // _RATES_HZ[version][rate] + padding


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3
    return True
