"""What a track is likely to play: evidence of names, samples, devices and notes, weighed.

No evidence is proof, so each has a weight under 1, and what points to one role adds up as
independent chances do: 1 - (1 - a)(1 - b). What points elsewhere takes from it. Nothing here
listens; a track without evidence has no role.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.model.devices import DeviceKind, DeviceTask
from app.liveset.model.tracks import Role, RoleGuess, TrackKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from app.liveset.model.clips import NoteFacts
    from app.liveset.model.devices import Device
    from app.liveset.model.inventory import Sample
    from app.liveset.model.tracks import Track

LEAST_CONFIDENCE = 0.15
"""A guess below this is none."""

NAME_WEIGHT, CLIP_WEIGHT, SAMPLE_WEIGHT, PRESET_WEIGHT, DEVICE_WEIGHT = 0.85, 0.5, 0.6, 0.5, 0.4

_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.KICK: "kick kicks kik kck bd bassdrum kickdrum",
        Role.SNARE: "snare snares snr sn sd clap claps clp rim rims rimshot snap snaps",
        Role.HATS: "hat hats hihat hihats hh oh ch ohh chh openhat closedhat ride rides cymbal cymbals crash crashes",
        Role.PERCUSSION: "perc percs percussion conga congas bongo bongos tom toms tamb tambourine shaker shakers "
        "cowbell clave woodblock djembe tabla timbale maraca triangle",
        Role.DRUMS: "drum drums drm drms beat beats break breaks breakbeat drumloop drumloops kit kits top tops amen",
        Role.SUB: "sub subs subbass sine",
        Role.BASS: "bass basses bassline reese acid 808 808s 303 tb303 wobble neuro growl",
        Role.LEAD: "lead leads ld melody melodies mel hook solo topline",
        Role.PAD: "pad pads drone drones atmos atmo atmosphere ambience ambient texture soundscape",
        Role.KEYS: "piano keys key rhodes epiano wurli wurlitzer organ clav clavinet chord chords stab stabs "
        "bell bells marimba kalimba celesta harpsichord vibraphone",
        Role.ARP: "arp arps arpeggio arpeggiator pluck plucks sequence seq",
        Role.GUITAR: "guitar guitars gtr git guit",
        Role.STRINGS: "strings string violin violins viola cello celli orchestra orch",
        Role.BRASS: "brass horn horns trumpet trumpets trombone sax saxophone",
        Role.VOCAL: "vocal vocals vox voc vocs voice voices choir acapella adlib adlibs rap singer verse "
        "backings bv bvs bgv bgvs harmony harmonies",
        Role.EFFECTS: "fx sfx riser risers rise uplifter downlifter impact impacts sweep sweeps noise whoosh swell "
        "transition foley reverse boom sfxs crackle",
        Role.REVERB: "reverb verb hall plate room",
        Role.DELAY: "delay delays echo echoes dly",
        Role.BUS: "bus buss group stem mixbus premaster",
        Role.REFERENCE: "reference ref",
        Role.MUSIC: "music synth synths instruments melodic",
    }
)
_ROLES: Mapping[str, Role] = MappingProxyType({word: role for role, words in _WORDS.items() for word in words.split()})

_PAIRS: Mapping[tuple[str, str], Role] = MappingProxyType(
    {
        ("bass", "drum"): Role.KICK,
        ("hi", "hat"): Role.HATS,
        ("hi", "hats"): Role.HATS,
        ("sub", "bass"): Role.SUB,
        ("tr", "808"): Role.DRUMS,
        ("electric", "piano"): Role.KEYS,
        ("bass", "guitar"): Role.BASS,
        ("ref", "track"): Role.REFERENCE,
        ("back", "vocals"): Role.VOCAL,
        ("white", "noise"): Role.EFFECTS,
        ("pink", "noise"): Role.REFERENCE,
        ("noise", "sweep"): Role.EFFECTS,
    }
)
_WEAK = frozenset({Role.BUS, Role.MUSIC, Role.REVERB, Role.DELAY})
"""Roles that a second word outweighs: a drum bus is drums, a vocal reverb on no return is vocal."""

_SPLIT = re.compile(r"[a-z]+[0-9]*|[0-9]+[a-z]*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DEVICE_ROLES: Mapping[str, tuple[Role, float]] = MappingProxyType(
    {
        "DrumGroupDevice": (Role.DRUMS, 0.6),
        "InstrumentImpulse": (Role.DRUMS, 0.6),
        "LoungeLizard": (Role.KEYS, 0.5),
        "StringStudio": (Role.STRINGS, 0.15),
        "MidiArpeggiator": (Role.ARP, 0.4),
        "Vocoder": (Role.VOCAL, 0.3),
        "Amp": (Role.GUITAR, 0.2),
    }
)
_RETURN_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "Reverb": Role.REVERB,
        "Hybrid": Role.REVERB,
        "Delay": Role.DELAY,
        "Echo": Role.DELAY,
        "PingPongDelay": Role.DELAY,
        "CrossDelay": Role.DELAY,
        "FilterDelay": Role.DELAY,
        "GrainDelay": Role.DELAY,
    }
)

Evidence = tuple[Role, float, str]


def role_in(text: str) -> Role | None:
    """Return the role that a name says: pairs of words first, then the last word that says one.

    In English the last word is the thing: a "vocal chop pad" is a pad.
    """
    words = _SPLIT.findall(_CAMEL.sub(" ", text).lower())
    words = [word if word in _ROLES else word.rstrip("0123456789") or word for word in words]
    for pair in pairwise(words):
        if pair in _PAIRS:
            return _PAIRS[pair]
    said = [_ROLES[word] for word in words if word in _ROLES]
    strong = [role for role in said if role not in _WEAK] or said
    return strong[-1] if strong else None


def guess_role(track: Track, samples: Sequence[Sample]) -> RoleGuess | None:
    """Return the likeliest role of a track with its confidence (0 to 1), or None without evidence.

    Parameters
    ----------
    track
        The track with its clips and devices.
    samples
        The set's list of sound files.
    """
    if track.kind is TrackKind.MASTER:
        return RoleGuess(Role.MASTER, 1.0, ("kind",))
    chances: dict[Role, float] = defaultdict(float)
    reasons: dict[Role, dict[str, None]] = defaultdict(dict)
    for role, weight, reason in _evidence(track, samples):
        chances[role] = 1 - (1 - chances[role]) * (1 - weight)
        reasons[role][reason] = None
    if not chances:
        return RoleGuess(Role.BUS, 0.6, ("kind",)) if track.kind is TrackKind.GROUP else None
    best, *others = sorted(chances, key=lambda role: -chances[role])
    against = 1.0
    for role in others:
        against *= 1 - chances[role] / 2
    confidence = round(chances[best] * against, 2)
    return RoleGuess(best, confidence, tuple(reasons[best])) if confidence >= LEAST_CONFIDENCE else None


def _evidence(track: Track, samples: Sequence[Sample]) -> Iterator[Evidence]:
    said = role_in(track.given_name or track.name)
    if said is not None:
        yield said, NAME_WEIGHT if track.given_name else NAME_WEIGHT * 0.8, "name"
    yield from _majority((clip.name for clip in track.clips), CLIP_WEIGHT, "clips")
    yield from _majority(_sample_names(track, samples), SAMPLE_WEIGHT, "samples")
    for device in track.devices:
        yield from _device_evidence(device, track.kind)
    if track.kind is TrackKind.MIDI and not any(device.tag == "DrumGroupDevice" for device in track.devices):
        yield from _note_evidence([clip.notes for clip in track.clips if clip.notes is not None])


def _sample_names(track: Track, samples: Sequence[Sample]) -> Iterator[str]:
    indices = [clip.audio.sample for clip in track.clips if clip.audio is not None]
    for device in track.devices:
        indices += device.samples
    return (samples[index].name.rpartition(".")[0] for index in indices if index is not None and index < len(samples))


def _majority(names: Iterable[str], weight: float, reason: str) -> Iterator[Evidence]:
    """Give the role that most of the names say, weighed by its part of all of them."""
    counted = Counter(names)
    said: Counter[Role] = Counter()
    for text, count in counted.items():
        role = role_in(text)
        if role is not None:
            said[role] += count
    if said:
        role, count = said.most_common(1)[0]
        yield role, round(weight * count / counted.total(), 3), reason


def _device_evidence(device: Device, kind: TrackKind) -> Iterator[Evidence]:
    if kind is TrackKind.RETURN:
        role = _RETURN_ROLES.get(device.tag) or (role_in(device.name) if device.kind is not DeviceKind.NATIVE else None)
        if role is not None:
            yield role, DEVICE_WEIGHT * 1.5, "devices"
        return
    if device.tag in _DEVICE_ROLES:
        role, weight = _DEVICE_ROLES[device.tag]
        yield role, weight, "devices"
    if device.task is DeviceTask.INSTRUMENT:
        preset = role_in(device.title) or role_in(device.preset)
        if preset is not None:
            yield preset, PRESET_WEIGHT, "preset"
        plugin = role_in(device.name) if device.kind is not DeviceKind.RACK else None
        if plugin is not None:
            yield plugin, DEVICE_WEIGHT, "devices"


def _note_evidence(facts: list[NoteFacts]) -> Iterator[Evidence]:
    """Weigh how low, how long and how dense the notes are."""
    count = sum(fact.count for fact in facts)
    if not count:
        return
    low, high = min(fact.low_key for fact in facts), max(fact.high_key for fact in facts)
    mean_beats = sum(fact.mean_beats * fact.count for fact in facts) / count
    rates = [fact.per_beat for fact in facts if fact.per_beat is not None]
    per_beat = max(rates, default=0.0)
    if high <= 40:
        yield Role.SUB, 0.35, "notes"
    if high <= 55:
        yield Role.BASS, 0.45, "notes"
    elif mean_beats >= 2 and max(fact.keys for fact in facts) >= 3:
        yield Role.PAD, 0.35, "notes"
    elif per_beat >= 2 and mean_beats <= 0.5 and low >= 45:
        yield Role.ARP, 0.3, "notes"
    elif low >= 55:
        yield Role.LEAD, 0.2, "notes"
