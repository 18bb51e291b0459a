"""Any LiveSet that a version of Live can write, as hypothesis strategies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from app.liveset.model.clips import AudioFacts, Clip, Fades, Loop, NoteFacts, WarpMode
from app.liveset.model.devices import Chain, Device, DeviceKind, DeviceTask, Sidechain
from app.liveset.model.inventory import Place, PluginUse, Sample
from app.liveset.model.live_set import LiveSet, SkippedClips
from app.liveset.model.song import Locator, Scale, Scene, SignaturePoint, TempoPoint
from app.liveset.model.tracks import Delay, Lane, Routing, Send, Track, TrackKind
from app.liveset.roles import guess_role
from app.liveset.scales import SCALE_NAMES
from app.liveset.tempo import TempoMap
from app.liveset.values import name as shown
from tests.making_sets.xml import signature_number

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = {8: "8.2.7", 9: "9.7.1", 10: "10.1.30", 11: "11.3.21", 12: "12.2b4"}

words = st.text(st.sampled_from("abcXYZ 019<>&\"'{}%/\\#äßñ音🎹\t\n\u202e"), max_size=12).map(shown)
names = words.map(str.strip)
beats = st.integers(0, 4000).map(lambda steps: steps / 8)
levels_db = st.none() | st.integers(-60_000, 6_000).map(lambda level: level / 1000)
pans = st.integers(-100, 100).map(lambda pan: pan / 100)
tempos = st.integers(2_000, 99_900).map(lambda tempo: tempo / 100)
signatures = st.builds("{}/{}".format, st.integers(1, 99), st.sampled_from([1, 2, 4, 8, 16]))
scales = st.none() | st.builds(Scale, st.integers(1, 11), st.sampled_from(SCALE_NAMES))
colours = st.integers(0, 200)
routings = st.builds(
    Routing, *[st.sampled_from(["AudioOut/Main", "AudioIn/External/S0", "MidiIn/External.All/-1"])] * 4
)
samples = st.builds(
    lambda name, place, size, frames, rate: Sample(f"{name}.wav", place, "", size, frames, rate, frames / rate, 0),
    st.text("abc 12", min_size=1, max_size=8),
    st.sampled_from([Place.OUTSIDE, Place.PROJECT, Place.PACK, Place.LIBRARY, Place.BUILT_IN]),
    st.integers(1, 10**9),
    st.integers(1, 10**8),
    st.sampled_from([44_100, 48_000, 96_000]),
)


@st.composite
def devices(draw: st.DrawFn, major: int, depth: int = 0) -> Device:
    """A device: Live's own, a plug-in of the version's formats, or a rack up to three deep."""
    formats = [DeviceKind.VST2, DeviceKind.AU] + ([DeviceKind.VST3] if major > 10 else [])
    kinds = [DeviceKind.NATIVE, *formats] + ([DeviceKind.RACK] if depth < 3 else [])
    kind = draw(st.sampled_from(kinds))
    is_on, title = draw(st.booleans()), draw(words)
    if kind is DeviceKind.RACK:
        chains = draw(st.lists(racked(major, depth + 1), max_size=3))
        task = DeviceTask.INSTRUMENT
        return Device("DrumGroupDevice", "Drum Rack", kind, task, is_on, title=title, chains=tuple(chains))
    if kind is DeviceKind.NATIVE:
        ceiling_db = draw(st.integers(-240, 0)) / 10
        parameters: dict[str, float | bool] = {"ceiling_db": ceiling_db}
        side = draw(st.none() | st.just(Sidechain("AudioIn/Track.7/PostFxOut", tap="PostFxOut")))
        task = DeviceTask.AUDIO_EFFECT
        return Device("Limiter", "Limiter", kind, task, is_on, title=title, parameters=parameters, sidechain=side)
    tag = "AuPluginDevice" if kind is DeviceKind.AU else "PluginDevice"
    maker = draw(names) if kind is DeviceKind.AU else ""
    product = draw(st.sampled_from(["Serum", "Diva", "Pro-Q 3"]))
    return Device(tag, product, kind, DeviceTask.INSTRUMENT, is_on, maker=maker, title=title)


@st.composite
def racked(draw: st.DrawFn, major: int, depth: int) -> Chain:
    """A chain of a rack."""
    return Chain(
        name=draw(words),
        is_on=draw(st.booleans()),
        volume_db=draw(levels_db),
        pan=draw(pans),
        note=draw(st.none() | st.integers(0, 127)),
        devices=tuple(draw(st.lists(devices(major, depth), max_size=2))),
    )


@st.composite
def notes(draw: st.DrawFn, length_beats: float) -> NoteFacts:
    """Facts of notes that are alike: as many keys as it takes, each with its notes."""
    low, keys = draw(st.integers(0, 100)), draw(st.integers(1, 6))
    count = keys + draw(st.integers(0, 20))
    high = low if keys == 1 else draw(st.integers(low + keys - 1, 127))
    velocity = float(draw(st.integers(1, 127)))
    per_beat = count / length_beats if length_beats > 0 else None
    return NoteFacts(count, low, high, keys, per_beat, 0.25, velocity, velocity, velocity)


@st.composite
def audio(draw: st.DrawFn, count: int) -> AudioFacts:
    """What an audio clip has, with one of so many samples."""
    return AudioFacts(
        sample=draw(st.none() | st.integers(0, count - 1)) if count else None,
        warp=draw(st.sampled_from([mode for mode in WarpMode if mode is not WarpMode.UNKNOWN])),
        gain_db=draw(levels_db),
        transpose_semitones=draw(st.integers(-48, 48)) + draw(st.sampled_from([0.0, 0.25, 0.5])),
        fades=draw(st.none() | st.builds(Fades, beats, beats)),
        segment_bpm=draw(st.none() | st.sampled_from([60.0, 120.0, 160.0])),
    )


@st.composite
def clips(draw: st.DrawFn, kind: TrackKind, count: int) -> Clip:
    """A clip of the arrangement or of the session."""
    slot = draw(st.none() | st.integers(0, 5))
    start, length = draw(beats), draw(beats)
    is_midi = kind is TrackKind.MIDI
    loop = Loop(draw(st.booleans()), start, start + draw(beats))
    content = loop.end - loop.start if loop.is_on else length
    return Clip(
        name=draw(words),
        slot=slot,
        start_beat=start if slot is None else None,
        end_beat=start + length if slot is None else None,
        length_beats=length,
        is_muted=draw(st.booleans()),
        colour=draw(colours),
        loop=loop,
        scale=None,
        audio=None if is_midi else draw(audio(count)),
        notes=draw(st.none() | notes(content)) if is_midi else None,
    )


@st.composite
def tracks(draw: st.DrawFn, kind: TrackKind, major: int, count: int) -> Track:
    """A track that is in no group yet."""
    given_name = draw(words)
    has_clips = kind in {TrackKind.AUDIO, TrackKind.MIDI}
    found = draw(st.lists(clips(kind, count), max_size=4)) if has_clips else []
    return Track(
        index=0,
        id=0,
        kind=kind,
        name=(draw(words) or given_name) if major > 8 else given_name,
        given_name=given_name,
        group=None,
        depth=0,
        is_folded=draw(st.booleans()),
        colour=draw(colours),
        volume_db=draw(levels_db),
        pan=draw(pans),
        sends=tuple(draw(st.lists(st.builds(Send, levels_db, st.booleans()), max_size=3))),
        is_muted=draw(st.booleans()),
        is_soloed=draw(st.booleans()),
        is_armed=draw(st.booleans()),
        is_frozen=draw(st.booleans()),
        delay=draw(st.builds(Delay, pans, st.booleans())),
        routing=draw(routings),
        devices=tuple(draw(st.lists(devices(major), max_size=3))),
        clips=(*(c for c in found if not c.is_session), *sorted((c for c in found if c.is_session), key=_slot)),
        lanes=(),
    )


def _slot(clip: Clip) -> int:
    return clip.slot or 0


@st.composite
def live_sets(draw: st.DrawFn) -> tuple[int, LiveSet]:
    """A major version, and a set that it can write."""
    major = draw(st.sampled_from(sorted(VERSIONS)))
    files = draw(st.lists(samples, max_size=4, unique_by=lambda sample: (sample.name, sample.size_bytes)))
    kinds = draw(st.lists(st.sampled_from([TrackKind.AUDIO, TrackKind.MIDI, TrackKind.GROUP]), max_size=4))
    kinds += [TrackKind.RETURN] * draw(st.integers(0, 2)) + [TrackKind.MASTER]
    listed = [draw(tracks(kind, major, len(files))) for kind in kinds]
    points = [TempoPoint(0.0, draw(tempos))]
    if draw(st.booleans()):
        later = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=5)))
        points += [TempoPoint(float(beat), draw(tempos)) for beat in later]
        points = points if len({point.tempo_bpm for point in points}) > 1 else points[:1]
    changes = sorted(draw(st.sets(st.integers(1, 400), max_size=3)))
    signed = [SignaturePoint(float(beat), draw(signatures)) for beat in changes]
    scene = st.builds(Scene, words, st.none() | tempos, st.none() | signatures) if major > 10 else names.map(Scene)
    field_bpm = draw(tempos) if len(points) > 1 and major > 8 else points[0].tempo_bpm
    spots = sorted(draw(st.lists(st.tuples(beats, words), max_size=4)), key=lambda spot: spot[0])
    return major, _completed(
        LiveSet(
            creator=f"Ableton Live {VERSIONS[major]}",
            version=VERSIONS[major],
            schema=f"{major}.0_1",
            tempo_bpm=points[0].tempo_bpm,
            tempo_field_bpm=field_bpm,
            tempo_is_automated=len(points) > 1,
            tempo_points=tuple(points),
            time_signature="",
            signature_points=(SignaturePoint(0.0, draw(signatures)), *signed),
            scale=draw(scales) if major > 8 else None,
            in_key=draw(st.booleans()) if major > 10 else None,
            loop_is_on=draw(st.booleans()),
            loop_start_beat=draw(beats),
            loop_beats=draw(beats),
            arrangement_beats=0.0,
            arrangement_s=0.0,
            tracks=tuple(listed),
            locators=tuple(Locator(beat, 0.0, label) for beat, label in spots),
            scenes=tuple(draw(st.lists(scene, max_size=4))),
            plugins=(),
            samples=tuple(files),
            skipped_clips=SkippedClips(),
            unknown={},
        ),
        major,
    )


def _completed(draft: LiveSet, major: int) -> LiveSet:
    """Add what follows from the rest: indices, seconds, lines, inventory, uses, roles."""
    files, listed = _used(draft)
    for index, track in enumerate(listed):
        listed[index] = replace(track, index=index, id=0 if track.kind is TrackKind.MASTER else 20 + index)
    group = next((track.index for track in listed if track.kind is TrackKind.GROUP), None)
    for index, track in enumerate(listed):
        if group is not None and index > group and track.kind in {TrackKind.AUDIO, TrackKind.MIDI}:
            listed[index] = replace(track, group=group, depth=1)
    listed[-1] = replace(listed[-1], lanes=tuple(_lanes(draft, major)))
    tempo_map = TempoMap.of(list(draft.tempo_points))
    end = max((clip.end_beat or 0.0 for track in listed for clip in track.clips), default=0.0)
    return replace(
        draft,
        time_signature=draft.signature_points[0].time_signature,
        arrangement_beats=end,
        arrangement_s=tempo_map.seconds_as_played(end),
        tracks=tuple(replace(track, role=guess_role(track, files)) for track in listed),
        locators=tuple(replace(spot, time_s=tempo_map.seconds_as_played(spot.beat)) for spot in draft.locators),
        plugins=tuple(_inventory(listed)),
        samples=files,
    )


def _used(draft: LiveSet) -> tuple[tuple[Sample, ...], list[Track]]:
    """Number the samples in the order in which clips use them; what no clip uses is no sample."""
    order: dict[int, int] = {}
    uses: Counter[int] = Counter()
    # The document has the session before the arrangement.
    for track in draft.tracks:
        for clip in sorted(track.clips, key=lambda clip: not clip.is_session):
            if clip.audio is not None and clip.audio.sample is not None:
                order.setdefault(clip.audio.sample, len(order))
                uses[clip.audio.sample] += 1
    listed = [replace(track, clips=tuple(_renumbered(clip, order) for clip in track.clips)) for track in draft.tracks]
    return tuple(replace(draft.samples[old], uses=uses[old]) for old in order), listed


def _renumbered(clip: Clip, order: dict[int, int]) -> Clip:
    if clip.audio is None or clip.audio.sample is None:
        return clip
    return replace(clip, audio=replace(clip.audio, sample=order[clip.audio.sample]))


def _lanes(draft: LiveSet, major: int) -> Iterator[Lane]:
    """The lines of the main track: always in an envelope, else only where they reach into the song."""
    tempo = [(point.beat, point.tempo_bpm) for point in draft.tempo_points if draft.tempo_is_automated]
    signature = [(point.beat, float(signature_number(point.time_signature))) for point in draft.signature_points[1:]]
    first = draft.tempo_bpm, float(signature_number(draft.signature_points[0].time_signature))
    for label, start, points in (("Tempo", first[0], tempo), ("TimeSignature", first[1], signature)):
        values = [start, *(level for _beat, level in points)]
        if major > 9 or points:
            ends = (points[0][0], points[-1][0]) if points else (None, None)
            yield Lane(None, label, len(values), min(values), max(values), *ends)


def _inventory(listed: list[Track]) -> Iterator[PluginUse]:
    """Plug-ins by name, counted with those in racks."""
    found: Counter[tuple[str, str, DeviceKind]] = Counter()
    places: dict[tuple[str, str, DeviceKind], set[int]] = {}

    def count(chain: tuple[Device, ...], index: int) -> None:
        for device in chain:
            if device.kind in {DeviceKind.VST2, DeviceKind.VST3, DeviceKind.AU}:
                key = (device.name, device.maker, device.kind)
                found[key] += 1
                places.setdefault(key, set()).add(index)
            for inner in device.chains:
                count(inner.devices, index)

    for track in listed:
        count(track.devices, track.index)
    for key in sorted(found, key=lambda key: (key[0].casefold(), key)):
        yield PluginUse(*key, found[key], tuple(sorted(places[key])))
