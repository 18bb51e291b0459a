"""A Live set as data: what it says about a song, with units in the names.

_beats are quarter notes of the song, _s seconds, _db decibels, _bpm beats a minute; pan is -1
(left) to 1 (right). None is what the set does not say, and for a level also what is off. Names
are cut to what can be shown; a sample has its base name only, since paths hold people's names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class TrackKind(StrEnum):
    """What a track carries."""

    AUDIO = "audio"
    MIDI = "midi"
    GROUP = "group"
    RETURN = "return"
    MASTER = "master"


class DeviceKind(StrEnum):
    """Where a device comes from."""

    NATIVE = "native"
    RACK = "rack"
    VST2 = "vst2"
    VST3 = "vst3"
    AU = "au"
    MAX = "max"
    UNKNOWN = "unknown"


class DeviceTask(StrEnum):
    """What a device does in a chain."""

    INSTRUMENT = "instrument"
    AUDIO_EFFECT = "audio_effect"
    MIDI_EFFECT = "midi_effect"


class Place(StrEnum):
    """Where a sample lies, as far as a set alone can tell."""

    PROJECT = "project"
    OUTSIDE = "outside"
    PACK = "pack"
    LIBRARY = "library"
    BUILT_IN = "built_in"
    UNKNOWN = "unknown"


class WarpMode(StrEnum):
    """How an audio clip follows the tempo; off is none of them."""

    OFF = "off"
    BEATS = "beats"
    TONES = "tones"
    TEXTURE = "texture"
    REPITCH = "repitch"
    COMPLEX = "complex"
    COMPLEX_PRO = "complex_pro"
    UNKNOWN = "unknown"


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
class TempoPoint:
    """The tempo at a beat; between two points it runs linearly in beats, two at one beat are a step."""

    beat: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class SignaturePoint:
    """The time signature from a beat on, such as "4/4"."""

    beat: float
    time_signature: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale that somebody chose: root 0 (C) to 11 (B), and Live's name of it."""

    root: int
    name: str


@dataclass(frozen=True, slots=True)
class Locator:
    """A marker of the arrangement; `time_s` as Live plays it."""

    beat: float
    time_s: float
    name: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A row of the session, with the tempo and the signature that launching it sets."""

    name: str
    tempo_bpm: float | None = None
    time_signature: str | None = None


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
class NoteFacts:
    """The notes of a MIDI clip; keys 0 to 127, velocities 0 to 127, muted notes counted too."""

    count: int
    low_key: int
    high_key: int
    keys: int
    per_beat: float | None
    mean_beats: float
    velocity_low: float
    velocity_high: float
    velocity_mean: float


@dataclass(frozen=True, slots=True)
class Fades:
    """The fades of an audio clip [beats]."""

    in_beats: float
    out_beats: float


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop of a clip, in beats inside the clip (seconds of the sample where it is not warped)."""

    is_on: bool
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What only an audio clip has.

    `sample` is the sample's index in the set's list; `segment_bpm` the tempo that its warp
    markers give the sample as a whole.
    """

    sample: int | None
    warp: WarpMode
    gain_db: float | None
    transpose_semitones: float
    fades: Fades | None
    segment_bpm: float | None


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of the arrangement, or of the session where `slot` has its row.

    `start_beat` and `end_beat` are beats of the song in the arrangement and None in the session.
    """

    name: str
    slot: int | None
    start_beat: float | None
    end_beat: float | None
    length_beats: float
    is_muted: bool
    colour: int | None
    loop: Loop
    scale: Scale | None
    audio: AudioFacts | None
    notes: NoteFacts | None

    @property
    def is_session(self) -> bool:
        """Say whether it stands in the session."""
        return self.slot is not None


@dataclass(frozen=True, slots=True)
class Sidechain:
    """What drives a device from outside: the set's own name of the place, and the track's index."""

    target: str
    track: int | None = None
    tap: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain of a rack; `note` is the key that plays it in a drum rack."""

    name: str
    is_on: bool
    volume_db: float | None
    pan: float
    note: int | None
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a chain.

    Attributes
    ----------
    tag
        The set's own name of its kind, such as "Eq8".
    name
        Live's name or the plug-in's, such as "EQ Eight".
    maker
        Who made the plug-in, where the set says so.
    title
        What the person called it.
    preset
        The preset that it was loaded from.
    parameters
        Parameters that matter in a mix, by the set's own names and in its own units.
    samples
        Indices of the samples that it plays, in the set's list.
    """

    tag: str
    name: str
    kind: DeviceKind
    task: DeviceTask | None
    is_on: bool
    maker: str = ""
    title: str = ""
    preset: str = ""
    parameters: dict[str, float | bool] = field(default_factory=dict)
    sidechain: Sidechain | None = None
    chains: tuple[Chain, ...] = ()
    samples: tuple[int, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound file that the set plays.

    `length_s` is that of the file, by its frames and rate; `uses` counts clips and zones.
    """

    name: str
    place: Place
    pack: str
    size_bytes: int | None
    frames: int | None
    sample_rate_hz: int | None
    length_s: float | None
    uses: int


@dataclass(frozen=True, slots=True)
class PluginUse:
    """A plug-in that a collaborator must own, how often it stands in the set, and on which tracks."""

    name: str
    maker: str
    kind: DeviceKind
    count: int
    tracks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SkippedClips:
    """Clips that are no part of the song: recorded takes, frozen renders, grooves."""

    take_lanes: int = 0
    freezes: int = 0
    grooves: int = 0


@dataclass(frozen=True, slots=True)
class LiveSet:
    """All that is read of one set.

    Attributes
    ----------
    version
        Live's version, such as "12.0.5"; `schema` is the document's own.
    tempo_bpm
        The tempo at the start; `tempo_field_bpm` is what the transport showed when it was saved.
    tempo_points
        The tempo's automation, from beat 0; one point where it never moves.
    in_key
        Live's switch of that name, which is no evidence of a key.
    arrangement_beats, arrangement_s
        End of the last clip of the arrangement; seconds as Live plays them.
    unknown
        Elements whose names this reader does not know, with how often: "Parent/Name" -> count.
    """

    creator: str
    version: str
    schema: str
    tempo_bpm: float
    tempo_field_bpm: float
    tempo_is_automated: bool
    tempo_points: tuple[TempoPoint, ...]
    time_signature: str
    signature_points: tuple[SignaturePoint, ...]
    scale: Scale | None
    in_key: bool | None
    loop_is_on: bool
    loop_start_beat: float
    loop_beats: float
    arrangement_beats: float
    arrangement_s: float
    tracks: tuple[Track, ...]
    locators: tuple[Locator, ...]
    scenes: tuple[Scene, ...]
    plugins: tuple[PluginUse, ...]
    samples: tuple[Sample, ...]
    skipped_clips: SkippedClips
    unknown: dict[str, int]
