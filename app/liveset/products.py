"""Live's devices: the set's name of each, the name on the screen, and what it does."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.model.devices import DeviceTask

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTRUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "UltraAnalog": "Analog",
        "Collision": "Collision",
        "LoungeLizard": "Electric",
        "StringStudio": "Tension",
        "Operator": "Operator",
        "OriginalSimpler": "Simpler",
        "MultiSampler": "Sampler",
        "InstrumentImpulse": "Impulse",
        "InstrumentVector": "Wavetable",
        "InstrumentMeld": "Meld",
        "Drift": "Drift",
        "DrumSampler": "Drum Sampler",
        "ProxyInstrumentDevice": "External Instrument",
        "InstrumentGroupDevice": "Instrument Rack",
        "DrumGroupDevice": "Drum Rack",
        "MxDeviceInstrument": "Max Instrument",
    }
)

AUDIO_EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "Amp": "Amp",
        "AudioEffectGroupDevice": "Audio Effect Rack",
        "AutoFilter": "Auto Filter",
        "AutoFilter2": "Auto Filter",
        "AutoPan": "Auto Pan",
        "AutoPan2": "Auto Pan-Tremolo",
        "AutoShift": "Auto Shift",
        "BeatRepeat": "Beat Repeat",
        "Cabinet": "Cabinet",
        "ChannelEq": "Channel EQ",
        "Chorus": "Chorus",
        "Chorus2": "Chorus-Ensemble",
        "Compressor": "Compressor I",
        "Compressor2": "Compressor",
        "Corpus": "Corpus",
        "CrossDelay": "Simple Delay",
        "Delay": "Delay",
        "DrumBuss": "Drum Buss",
        "Echo": "Echo",
        "Eq8": "EQ Eight",
        "Erosion": "Erosion",
        "Erosion2": "Erosion",
        "FilterDelay": "Filter Delay",
        "FilterEQ3": "EQ Three",
        "Flanger": "Flanger",
        "FrequencyShifter": "Frequency Shifter",
        "Gate": "Gate",
        "GlueCompressor": "Glue Compressor",
        "GrainDelay": "Grain Delay",
        "Hybrid": "Hybrid Reverb",
        "Limiter": "Limiter",
        "Looper": "Looper",
        "MultibandDynamics": "Multiband Dynamics",
        "MxDeviceAudioEffect": "Max Audio Effect",
        "Overdrive": "Overdrive",
        "Pedal": "Pedal",
        "Phaser": "Phaser",
        "PhaserNew": "Phaser-Flanger",
        "PingPongDelay": "Ping Pong Delay",
        "ProxyAudioEffectDevice": "External Audio Effect",
        "Redux": "Redux",
        "Redux2": "Redux",
        "Resonator": "Resonators",
        "Reverb": "Reverb",
        "Roar": "Roar",
        "Saturator": "Saturator",
        "Shifter": "Shifter",
        "Spectral": "Spectral Time",
        "SpectralResonator": "Spectral Resonator",
        "SpectrumAnalyzer": "Spectrum",
        "StereoGain": "Utility",
        "Transmute": "Spectral Resonator",
        "Tube": "Dynamic Tube",
        "Tuner": "Tuner",
        "Vinyl": "Vinyl Distortion",
        "Vocoder": "Vocoder",
    }
)

MIDI_EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "MidiArpeggiator": "Arpeggiator",
        "MidiChord": "Chord",
        "MidiNoteLength": "Note Length",
        "MidiPitcher": "Pitch",
        "MidiRandom": "Random",
        "MidiScale": "Scale",
        "MidiVelocity": "Velocity",
        "MidiCcControl": "CC Control",
        "MidiEffectGroupDevice": "MIDI Effect Rack",
        "MxDeviceMidiEffect": "Max MIDI Effect",
    }
)

TASKS: Mapping[str, DeviceTask] = MappingProxyType(
    {
        **dict.fromkeys(INSTRUMENTS, DeviceTask.INSTRUMENT),
        **dict.fromkeys(AUDIO_EFFECTS, DeviceTask.AUDIO_EFFECT),
        **dict.fromkeys(MIDI_EFFECTS, DeviceTask.MIDI_EFFECT),
    }
)

NAMES: Mapping[str, str] = MappingProxyType({**INSTRUMENTS, **AUDIO_EFFECTS, **MIDI_EFFECTS})

RACKS = frozenset({"InstrumentGroupDevice", "DrumGroupDevice", "AudioEffectGroupDevice", "MidiEffectGroupDevice"})
MAX_DEVICES = frozenset({"MxDeviceInstrument", "MxDeviceAudioEffect", "MxDeviceMidiEffect"})
PLUGIN_DEVICES = frozenset({"PluginDevice", "AuPluginDevice"})

DEVICE_TAGS = frozenset(NAMES) | PLUGIN_DEVICES
"""Every device that has a name here."""
