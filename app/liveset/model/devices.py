"""Devices and the chains of racks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
        Parameters that matter in a mix, by the names of liveset/parameters.py, which have the unit
        where it is known.
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
