"""What may be sent, decided before its first byte and again at it; pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from app.analyses.rules import FileKind
from app.audio.formats import FORMATS, Format, format_of_name, recognise_unsupported, sniff
from app.kernel.errors import Invalid, TooLarge, UnsupportedFormat
from app.tracks.rules import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.audio.formats import Unsupported

STAGES = ("master", "premaster")
TARGETS = ("general",)


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that somebody says they will send."""

    kind: FileKind
    name: str
    format: Format
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody wants measured."""

    bounce: DeclaredFile
    live_set: DeclaredFile | None
    track_id: UUID | None
    track_name: str
    target: str
    stage: str
    idempotency_key: str


def declared_file(kind: FileKind, name: str, size_bytes: int, *, max_bytes: int) -> DeclaredFile:
    """Check what is known of a file before its first byte.

    Raises
    ------
    UnsupportedFormat
        When its name promises nothing that is taken in this place.
    TooLarge, Invalid
        When it is larger than files may be, or empty.

    """
    shown = display_name(name)
    found = format_of_name(shown)
    if found is None or (found is Format.LIVE_SET) != (kind is FileKind.LIVE_SET):
        raise wrong_format(kind, shown, recognise_unsupported(b"", shown))
    if size_bytes <= 0:
        raise Invalid(f"{shown} is empty.", way_out="Bounce it again and drop it here.", code="empty")
    if size_bytes > max_bytes:
        raise TooLarge(
            f"{shown} is larger than {max_bytes // (1024 * 1024)} MB.",
            way_out="A FLAC of the same mix is about half the size of a WAV and measures the same.",
            code="too_large",
        )
    return DeclaredFile(kind=kind, name=shown, format=found, size_bytes=size_bytes)


def wrong_format(kind: FileKind, name: str, seen: Unsupported | None) -> UnsupportedFormat:
    """Say what a file is instead, and the way out."""
    if kind is FileKind.LIVE_SET:
        return UnsupportedFormat(
            f"{name} is no Ableton Live set.", way_out="Save the set in Live and drop its .als file.", code="format"
        )
    if seen is None:
        sentence, way_out = f"{name} is not a format that is measured.", "Bounce WAV, AIFF, FLAC, MP3 or OGG."
    else:
        sentence, way_out = f"{name} is {seen.label}.", seen.way_out
    return UnsupportedFormat(sentence, way_out=way_out, code="format")


def check_head(declared: Format, kind: FileKind, name: str, head: bytes) -> None:
    """Refuse a file whose first bytes are not what its name says.

    Raises
    ------
    UnsupportedFormat
        With what it is instead, where that can be told.

    """
    found = sniff(head)
    if found is declared:
        return
    if found is None or (found is Format.LIVE_SET) != (kind is FileKind.LIVE_SET):
        raise wrong_format(kind, name, recognise_unsupported(head, name))
    raise UnsupportedFormat(
        f"{name} holds {FORMATS[found].label}, not {FORMATS[declared].label} as its name says.",
        way_out=f"Rename it to end in {FORMATS[found].extensions[0]} and drop it again.",
        code="format",
    )


class Choices(TypedDict):
    """What a person chose beside the files."""

    track_id: UUID | None
    track_name: str
    target: str
    stage: str


def read_choices(form: Mapping[str, str]) -> Choices:
    """Read the choices of an upload form; an unknown one is an error, not a guess.

    Raises
    ------
    Invalid
        When a choice is none of those offered.

    """
    target, stage, track = form.get("target") or TARGETS[0], form.get("stage") or STAGES[0], form.get("track", "")
    if target not in TARGETS or stage not in STAGES:
        raise Invalid("This target or stage is not offered.", way_out="Load the page again.", code="choice")
    try:
        track_id = UUID(track) if track else None
    except ValueError as error:
        raise Invalid("This track is not there.", way_out="Load the page again.", code="choice") from error
    return Choices(track_id=track_id, track_name=form.get("track_name", "")[:400], target=target, stage=stage)
