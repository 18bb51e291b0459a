"""Tracks with their mixers, routings, automation and likely roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.liveset.model.clips import Clip
    from app.liveset.model.devices import Device


class TrackKind(StrEnum):
    """What a track carries."""

    AUDIO = "audio"
    MIDI = "midi"
    GROUP = "group"
    RETURN = "return"
    MASTER = "master"


class Role(StrEnum):
    """What a track is likely to play in the song."""

    KICK = "kick"
    SNARE = "snare"
    HATS = "hats"
    PERCUSSION = "percussion"
    DRUMS = "drums"
    SUB = "sub"
    BASS = "bass"
    LEAD = "lead"
    PAD = "pad"
    KEYS = "keys"
    ARP = "arp"
    GUITAR = "guitar"
    STRINGS = "strings"
    BRASS = "brass"
    VOCAL = "vocal"
    EFFECTS = "effects"
    MUSIC = "music"
    REVERB = "reverb"
    DELAY = "delay"
    BUS = "bus"
    REFERENCE = "reference"
    MASTER = "master"


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A likely role, how sure it is (0 to 1), and what speaks for it."""

    role: Role
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of automation.

    Attributes
    ----------
    device
        Name of the device, None for the track's own mixer.
    parameter
        Name of the parameter as the set has it, empty where the set does not say.
    points
        How many points it has; one alone means a value that never moves.
    low, high
        Range of its values in the parameter's own unit.
    first_beat, last_beat
        First and last point of the song; None if all stand before it.
    """

    device: str | None
    parameter: str
    points: int
    low: float
    high: float
    first_beat: float | None
    last_beat: float | None

    @property
    def moves(self) -> bool:
        """Say whether the value ever changes."""
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class Send:
    """A send to the return of that number; None is off."""

    level_db: float | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a track's sound comes from and goes to, in the set's own words, such as "AudioOut/Main"."""

    audio_in: str = ""
    audio_out: str = ""
    midi_in: str = ""
    midi_out: str = ""
    output_track: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """A track's delay, in milliseconds or samples as the person set it."""

    value: float
    is_in_samples: bool


@dataclass(frozen=True, slots=True)
class Track:
    """One track, in the order of the screen.

    Attributes
    ----------
    index
        Its place in the set's list, from 0; `group` is that of the group round it.
    id
        The set's own number, which routings use.
    given_name
        What the person called it, "" if never renamed; a leading "#" is the track's number.
    volume_db, pan
        The mixer's; None dB is off.
    """

    index: int
    id: int
    kind: TrackKind
    name: str
    given_name: str
    group: int | None
    depth: int
    is_folded: bool
    colour: int | None
    volume_db: float | None
    pan: float
    sends: tuple[Send, ...]
    is_muted: bool
    is_soloed: bool
    is_armed: bool
    is_frozen: bool
    delay: Delay
    routing: Routing
    devices: tuple[Device, ...]
    clips: tuple[Clip, ...]
    lanes: tuple[Lane, ...]
    role: RoleGuess | None = None
