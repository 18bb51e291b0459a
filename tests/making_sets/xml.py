"""The document of a LiveSet as the versions of Live write it."""

from __future__ import annotations

import gzip
from html import escape
from typing import TYPE_CHECKING

from app.liveset.model.clips import Fades, WarpMode
from app.liveset.model.devices import DeviceKind
from app.liveset.model.inventory import Place
from app.liveset.model.tracks import TrackKind
from app.liveset.scales import SCALE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.liveset.model.clips import AudioFacts, Clip, NoteFacts
    from app.liveset.model.devices import Chain, Device
    from app.liveset.model.inventory import Sample
    from app.liveset.model.live_set import LiveSet
    from app.liveset.model.song import Scale
    from app.liveset.model.tracks import Track

BEFORE = "-63072000"
OFF = 0.0003162277571
WARPS = (WarpMode.BEATS, WarpMode.TONES, WarpMode.TEXTURE, WarpMode.REPITCH, WarpMode.COMPLEX)
PLACES = {Place.OUTSIDE: 1, Place.PROJECT: 3, Place.PACK: 5, Place.LIBRARY: 6, Place.BUILT_IN: 7}


def tag(name: str, *inside: str, **attributes: object) -> str:
    """An element; `Value` attributes are what Live writes most."""
    said = "".join(f' {key}="{escape(text(value))}"' for key, value in attributes.items())
    return f"<{name}{said}>{''.join(inside)}</{name}>" if inside else f"<{name}{said} />"


def text(value: object) -> str:
    """A value as Live writes it."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def value(name: str, said: object) -> str:
    """An element with a `Value`."""
    return tag(name, Value=said)


def gain(level_db: float | None) -> float:
    """A fader's linear gain."""
    return OFF if level_db is None else 10 ** (level_db / 20)


def signature_number(signature: str) -> int:
    """Live's number of a time signature."""
    numerator, denominator = (int(part) for part in signature.split("/"))
    return numerator - 1 + 99 * (denominator.bit_length() - 1)


class Writer:
    """Writes one set as a version of Live does.

    Parameters
    ----------
    live_set
        The model.
    major
        8 to 12.
    """

    def __init__(self, live_set: LiveSet, major: int) -> None:
        self.live_set = live_set
        self.major = major
        self.targets = 100

    def packed(self) -> bytes:
        """The set as a file."""
        return gzip.compress(self.document().encode(), 1)

    def document(self) -> str:
        """The XML."""
        model = self.live_set
        listed = "".join(self.track(track) for track in model.tracks[:-1])
        locators = (tag("Locator", value("Time", spot.beat), value("Name", spot.name)) for spot in model.locators)
        body = (
            tag("Tracks", listed or " "),
            self.main_track(model.tracks[-1]),
            self.scenes(),
            tag("Locators", tag("Locators", *locators)),
            self.transport(),
            self.scale(model.scale) if self.major > 8 else "",
            value("InKey", model.in_key) if model.in_key is not None else "",
        )
        root = tag("Ableton", tag("LiveSet", *body), MajorVersion=5, MinorVersion=model.schema, Creator=model.creator)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'

    def transport(self) -> str:
        """The loop brace."""
        model = self.live_set
        parts = ("LoopOn", model.loop_is_on), ("LoopStart", model.loop_start_beat), ("LoopLength", model.loop_beats)
        return tag("Transport", *(value(name, said) for name, said in parts))

    def scale(self, scale: Scale | None) -> str:
        """A scale, by text up to Live 11; nobody's choice is C major."""
        root, name = (scale.root, scale.name) if scale else (0, "Major")
        if self.major == 12:
            return tag("ScaleInformation", value("Root", root), value("Name", SCALE_NAMES.index(name)))
        return tag("ScaleInformation", value("RootNote", root), value("Name", name))

    def scenes(self) -> str:
        """The rows of the session."""
        if self.major < 11:
            return tag("SceneNames", *(tag("Scene", Value=scene.name) for scene in self.live_set.scenes))
        return tag(
            "Scenes",
            *(
                tag(
                    "Scene",
                    value("Name", scene.name),
                    value("Tempo", scene.tempo_bpm or 120),
                    value("IsTempoEnabled", scene.tempo_bpm is not None),
                    value("TimeSignatureId", signature_number(scene.time_signature or "4/4")),
                    value("IsTimeSignatureEnabled", scene.time_signature is not None),
                )
                for scene in self.live_set.scenes
            ),
        )

    def parameter(self, name: str, said: object, event: str, points: Iterable[tuple[float, object]] = ()) -> str:
        """A parameter: points inside it up to Live 9, a value since Live 9, a target since Live 10."""
        first = tag(event, Time=BEFORE, Value=said)
        events = "".join(tag(event, Time=beat, Value=level) for beat, level in points)
        self.targets += 1
        return tag(
            name,
            tag("ArrangerAutomation", tag("Events", first, events)) if self.major < 10 else "",
            value("Manual", said) if self.major > 8 else "",
            tag("AutomationTarget", tag("LockEnvelope", Value=0), Id=self.targets) if self.major > 8 else "",
        )

    def envelope(self, first: object, event: str, points: Iterable[tuple[float, object]]) -> str:
        """The envelope of the parameter that comes next."""
        events = "".join(tag(event, Time=beat, Value=level) for beat, level in [(BEFORE, first), *points])
        self.targets += 1
        return tag(
            "AutomationEnvelope",
            tag("EnvelopeTarget", value("PointeeId", self.targets)),
            tag("Automation", tag("Events", events)),
        )

    def main_track(self, track: Track) -> str:
        """The main track with tempo and time signature."""
        model = self.live_set
        tempos = [(point.beat, point.tempo_bpm) for point in model.tempo_points if model.tempo_is_automated]
        signatures = [(point.beat, signature_number(point.time_signature)) for point in model.signature_points[1:]]
        first = model.tempo_bpm, signature_number(model.time_signature)
        envelopes = ""
        if self.major > 9:
            before = self.targets
            lines = self.envelope(first[0], "FloatEvent", tempos), self.envelope(first[1], "EnumEvent", signatures)
            envelopes = tag("AutomationEnvelopes", tag("Envelopes", *lines))
            self.targets = before
        tempo_now = first[0] if self.major < 9 else model.tempo_field_bpm
        mixer = (
            self.parameter("Tempo", tempo_now, "FloatEvent", tempos)
            if self.major != 9
            else self.parameter("Tempo", first[0], "FloatEvent", tempos).replace(
                value("Manual", first[0]), value("Manual", tempo_now)
            ),
            self.parameter("TimeSignature", first[1], "EnumEvent", signatures),
        )
        name = "MainTrack" if self.major == 12 else "MasterTrack"
        return self.track(track, name=name, before=envelopes, mixer=mixer)

    def track(self, track: Track, *, name: str = "", before: str = "", mixer: tuple[str, ...] = ()) -> str:
        """A track."""
        kinds = {TrackKind.AUDIO: "AudioTrack", TrackKind.MIDI: "MidiTrack", TrackKind.GROUP: "GroupTrack"}
        group = self.live_set.tracks[track.group].id if track.group is not None else -1
        chain = "MasterChain" if self.major == 8 and name else "DeviceChain"
        return tag(
            name or kinds.get(track.kind, "ReturnTrack"),
            tag(
                "Name",
                value("EffectiveName", track.name) if self.major > 8 else "",
                value("UserName", track.given_name),
            ),
            value("Color" if self.major > 10 else "ColorIndex", track.colour),
            before,
            value("TrackGroupId", group),
            value("TrackUnfolded", not track.is_folded),
            tag(
                "TrackDelay",
                value("Value", track.delay.value),
                value("IsValueSampleBased", track.delay.is_in_samples),
            ),
            value("Freeze", track.is_frozen),
            tag(
                chain,
                self.routings(track),
                self.mixer(track, mixer),
                self.sequencer(track),
                self.devices(track.devices),
            ),
            Id=track.id,
        )

    def routings(self, track: Track) -> str:
        """Where sound comes from and goes to."""
        routing = track.routing
        pairs = [("AudioInput", routing.audio_in), ("AudioOutput", routing.audio_out)]
        pairs += [("MidiInput", routing.midi_in), ("MidiOutput", routing.midi_out)]
        return "".join(tag(f"{name}Routing", value("Target", target)) for name, target in pairs)

    def mixer(self, track: Track, more: tuple[str, ...]) -> str:
        """Fader, pan, sends and switches; the main track's tempo comes first, as its envelopes do."""
        switch = "EnabledByUser" if self.major > 10 else "Active"
        sends = (
            tag(
                "TrackSendHolder",
                self.parameter("Send", gain(send.level_db), "FloatEvent"),
                value(switch, send.is_on),
            )
            for send in track.sends
        )
        return tag(
            "Mixer",
            *more,
            tag("Sends", *sends),
            self.parameter("Speaker", not track.is_muted, "BoolEvent"),
            value("SoloSink", track.is_soloed),
            self.parameter("Pan", track.pan, "FloatEvent"),
            self.parameter("Volume", gain(track.volume_db), "FloatEvent"),
        )

    def sequencer(self, track: Track) -> str:
        """Clips of the session and the arrangement, and the arm switch."""
        slots = []
        for slot in range(1 + max((clip.slot or 0 for clip in track.clips), default=0)):
            here = "".join(self.clip(clip) for clip in track.clips if clip.slot == slot)
            slots.append(tag("ClipSlot", tag("ClipSlot", tag("Value", here))))
        arranged = "".join(self.clip(clip) for clip in track.clips if not clip.is_session)
        holder = "ClipTimeable" if track.kind is TrackKind.MIDI else "Sample"
        return tag(
            "MainSequencer",
            tag("ClipSlotList", *slots),
            tag(holder, tag("ArrangerAutomation", tag("Events", arranged))),
            tag("Recorder", value("IsArmed", track.is_armed)),
        )

    def clip(self, clip: Clip) -> str:
        """A clip; one of the session has its length from 0."""
        start = clip.start_beat or 0.0
        end = clip.length_beats if clip.end_beat is None else clip.end_beat
        common = (
            value("CurrentStart", start),
            value("CurrentEnd", end),
            tag(
                "Loop",
                value("LoopStart", clip.loop.start),
                value("LoopEnd", clip.loop.end),
                value("LoopOn", clip.loop.is_on),
            ),
            value("Name", clip.name),
            value("Color" if self.major > 10 else "ColorIndex", clip.colour),
            value("Disabled", clip.is_muted),
        )
        if clip.audio is not None:
            return tag("AudioClip", *common, *self.audio(clip.audio))
        return tag("MidiClip", *common, self.notes(clip.notes, start))

    def audio(self, audio: AudioFacts) -> tuple[str, ...]:
        """What only an audio clip has."""
        coarse = int(audio.transpose_semitones)
        mode = 6 if audio.warp is WarpMode.COMPLEX_PRO else WARPS.index(audio.warp) if audio.warp in WARPS else 0
        seconds = 60 * 64 / audio.segment_bpm if audio.segment_bpm else 0.0
        markers = tag("WarpMarker", SecTime=0, BeatTime=0) + tag("WarpMarker", SecTime=seconds, BeatTime=64)
        sample = self.live_set.samples[audio.sample] if audio.sample is not None else None
        fades = audio.fades or Fades(0.0, 0.0)
        return (
            value("IsWarped", audio.warp is not WarpMode.OFF),
            value("WarpMode", mode),
            value("PitchCoarse", coarse),
            value("PitchFine", round(100 * (audio.transpose_semitones - coarse))),
            value("SampleVolume", gain(audio.gain_db)),
            value("Fade", audio.fades is not None),
            tag("Fades", value("FadeInLength", fades.in_beats), value("FadeOutLength", fades.out_beats)),
            tag("WarpMarkers", markers) if audio.segment_bpm else "",
            self.sample(sample) if sample else "",
        )

    def sample(self, sample: Sample) -> str:
        """A reference to a file in the form of the version."""
        kind = value("RelativePathType", PLACES[sample.place])
        if self.major > 10:
            path = value("Path", f"/Volumes/Sounds/{sample.name}")
            file = tag("FileRef", kind, path, value("OriginalFileSize", sample.size_bytes))
        else:
            hint = tag("SearchHint", value("FileSize", sample.size_bytes))
            file = tag("FileRef", kind, value("Name", sample.name), hint)
        length = value("DefaultDuration", sample.frames), value("DefaultSampleRate", sample.sample_rate_hz)
        return tag("SampleRef", file, *length)

    def notes(self, notes: NoteFacts | None, start: float) -> str:
        """As many notes as the facts count, spread over as many keys."""
        if notes is None:
            return tag("Notes", tag("KeyTracks"))
        keys = [notes.low_key, *range(notes.low_key + 1, notes.low_key + notes.keys - 1), notes.high_key][: notes.keys]
        counts = [1] * (len(keys) - 1) + [notes.count - len(keys) + 1]
        enabled = {} if self.major == 12 else {"IsEnabled": True}
        tracks = []
        for key, count in zip(keys, counts, strict=True):
            note = tag("MidiNoteEvent", Time=start, Duration=notes.mean_beats, Velocity=notes.velocity_mean, **enabled)
            tracks.append(tag("KeyTrack", tag("Notes", note * count), value("MidiKey", key)))
        return tag("Notes", tag("KeyTracks", *tracks))

    def devices(self, devices: tuple[Device, ...]) -> str:
        """A device chain."""
        return tag("DeviceChain", tag("Devices", *(self.device(device) for device in devices)))

    def device(self, device: Device) -> str:
        """A device: native, a rack or a plug-in."""
        side = device.sidechain
        return tag(
            device.tag,
            self.parameter("On", device.is_on, "BoolEvent"),
            value("UserName", device.title),
            self.plugin(device),
            self.parameter("Ceiling", device.parameters["ceiling_db"], "FloatEvent") if device.parameters else "",
            tag(
                "SideChain",
                self.parameter("OnOff", said=True, event="BoolEvent"),
                tag("RoutedInput", tag("Routable", value("Target", side.target))),
            )
            if side
            else "",
            tag("Branches", *(self.chain(chain) for chain in device.chains)) if device.chains else "",
        )

    def plugin(self, device: Device) -> str:
        """The description of a plug-in."""
        kinds = {
            DeviceKind.VST2: ("VstPluginInfo", value("PlugName", device.name) + value("Category", 2)),
            DeviceKind.VST3: ("Vst3PluginInfo", value("Name", device.name) + value("DeviceType", 1)),
            DeviceKind.AU: (
                "AuPluginInfo",
                value("Name", device.name) + value("Manufacturer", device.maker) + value("ComponentType", 0x61756D75),
            ),
        }
        if device.kind not in kinds:
            return ""
        name, inside = kinds[device.kind]
        return tag("PluginDesc", tag(name, inside, tag("Preset", tag("Buffer", "00FF" * 100))))

    def chain(self, chain: Chain) -> str:
        """A chain of a rack."""
        mixer = (
            self.parameter("Speaker", chain.is_on, "BoolEvent"),
            self.parameter("Volume", gain(chain.volume_db), "FloatEvent"),
            self.parameter("Panorama", chain.pan, "FloatEvent"),
        )
        inside = tag("MidiToAudioDeviceChain", tag("Devices", *(self.device(device) for device in chain.devices)))
        note = value("ReceivingNote", 128 - chain.note) if chain.note is not None else ""
        return tag(
            "DrumBranch",
            tag("Name", value("EffectiveName", chain.name) if self.major > 8 else value("UserName", chain.name)),
            tag("DeviceChain", inside),
            tag("MixerDevice", *mixer),
            tag("BranchInfo", note) if note else "",
        )
