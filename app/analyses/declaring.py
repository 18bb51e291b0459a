"""What may be sent, decided before its first byte and again at it; pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from app.advice.model import Stage
from app.advice.references import OWN
from app.advice.target import DEFAULT_DESTINATION, GENERAL, is_target
from app.analyses.rules import FileKind, Purpose
from app.audio.formats import FORMATS, Format, format_of_name, recognise_unsupported, sniff
from app.kernel.errors import Invalid, TooLarge, UnsupportedFormat
from app.tracks.rules import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.audio.formats import Unsupported

STAGES = tuple(stage.value for stage in (Stage.MASTER, Stage.PREMASTER))

SMALLER = {
    FileKind.BOUNCE: "A FLAC of the same mix is about half the size of a WAV and measures the same.",
    FileKind.LIVE_SET: "Drop the .als file alone, not the folder of its project.",
}
"""The way out for a file that is too large."""


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

    bounce: DeclaredFile | None
    live_set: DeclaredFile | None
    track_id: UUID | None
    track_name: str
    target: str
    stage: str
    idempotency_key: str
    joined_to: UUID | None = None
    """The report that a Live set is added to."""
    purpose: Purpose = Purpose.BOUNCE

    def __post_init__(self) -> None:
        """Refuse a declaration of nothing, and a bounce for a report that has one.

        Raises
        ------
        Invalid
            With what to choose instead.

        """
        if not self.files:
            raise nothing_chosen()
        if self.joined_to is not None and self.bounce is not None:
            raise Invalid(
                "Only a Live set can be added to a report.",
                way_out="A new mix of the track gets a report of its own: drop it on the page of tracks.",
                code="choice",
            )
        if self.purpose is Purpose.REFERENCE and (self.bounce is None or self.live_set is not None):
            raise Invalid(
                "A target is learned from sound alone.",
                way_out="Choose a WAV, AIFF, FLAC, MP3 or OGG file.",
                code="choice",
            )

    @property
    def files(self) -> tuple[DeclaredFile, ...]:
        """What will be sent, the bounce first."""
        return tuple(file for file in (self.bounce, self.live_set) if file is not None)


def nothing_chosen() -> Invalid:
    """Say what may be chosen."""
    return Invalid(
        "No file was chosen.",
        way_out="Choose a mix (WAV, AIFF, FLAC, MP3 or OGG), an Ableton Live set, or both.",
        code="no_file",
    )


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
        raise empty(kind, shown)
    if size_bytes > max_bytes:
        raise TooLarge(
            f"{shown} is larger than {max_bytes // (1024 * 1024)} MB.",
            way_out=SMALLER[kind],
            code="too_large",
        )
    return DeclaredFile(kind=kind, name=shown, format=found, size_bytes=size_bytes)


def empty(kind: FileKind, name: str) -> Invalid:
    """Say that a file has no bytes."""
    again = "Save it again in Live" if kind is FileKind.LIVE_SET else "Bounce it again"
    return Invalid(f"{name} is empty.", way_out=f"{again} and drop it here.", code="empty")


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
    joined_to: UUID | None


def read_choices(form: Mapping[str, str]) -> Choices:
    """Read the choices of an upload form; an unknown one is an error, not a guess.

    Raises
    ------
    Invalid
        When a choice is none of those offered.

    """
    target, stage = read_target(form)
    return Choices(
        track_id=_identifier(form.get("track", ""), "track"),
        track_name=form.get("track_name", "")[:400],
        target=target,
        stage=stage,
        joined_to=_identifier(form.get("report", ""), "report"),
    )


def read_target(form: Mapping[str, str]) -> tuple[str, str]:
    """Read genre, destination and stage of a form; what is left out is the first that is offered.

    Raises
    ------
    Invalid
        When one of them is none of those offered.

    """
    genre = form.get("genre") or GENERAL
    target, stage = f"{genre}-{form.get('destination') or DEFAULT_DESTINATION}", form.get("stage") or STAGES[0]
    is_known = is_target(target) or (genre == OWN and is_target(target.removeprefix(f"{OWN}-")))
    if not is_known or stage not in STAGES:
        raise Invalid("This target or stage is not offered.", way_out="Load the page again.", code="choice")
    return target, stage


def _identifier(text: str, what: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(f"This {what} is not there.", way_out="Load the page again.", code="choice") from error
