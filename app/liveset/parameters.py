"""The parameters that matter in a mix, by device: where they stand in the set, and in which unit they are.

A set writes some levels as linear gain and some in dB, some times in milliseconds and some as the
place of a switch. Where the unit is known, the name says it; a switch keeps its number.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.values import OFF_LINEAR, claim, decibels, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Conversion = Callable[[float], float]

SILENT_DB = -70.0
"""What a linear level that is off reads in dB: Live's own lowest."""


def _in_db(linear: float) -> float:
    level = decibels(linear) if linear > OFF_LINEAR else None
    return SILENT_DB if level is None else level


def _as_is(value: float) -> float:
    return value


def _glue_attack_ms(place: float) -> float:
    return (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)[_place(place, 7)]


def _glue_ratio(place: float) -> float:
    return (2.0, 4.0, 10.0)[_place(place, 3)]


def _place(value: float, length: int) -> int:
    return max(0, min(length - 1, int(value)))


def _plain(*names: tuple[str, str]) -> dict[str, tuple[str, Conversion]]:
    return {path: (name, _as_is) for path, name in names}


_EQ_FIELDS = (("IsOn", "on"), ("Mode", "mode"), ("Freq", "hz"), ("Gain", "db"), ("Q", "q"))
_EQ_BANDS = _plain(
    *((f"Bands.{band}/ParameterA/{field}", f"band{band + 1}_{name}") for band in range(8) for field, name in _EQ_FIELDS)
)
_BANDS = ("Low", "Mid", "High")
_MULTIBAND_FIELDS = (
    ("InputGain{}", "{}_input_db"),
    ("Gain{}", "{}_gain_db"),
    ("AboveThreshold{}", "{}_above_threshold_db"),
    ("BelowThreshold{}", "{}_below_threshold_db"),
    ("AboveRatio{}", "{}_above_ratio"),
    ("BelowRatio{}", "{}_below_ratio"),
    ("Active{}", "{}_on"),
)
_MULTIBAND = _plain(
    *((path.format(band), name.format(band.lower())) for band in _BANDS for path, name in _MULTIBAND_FIELDS)
)

PARAMETERS: Mapping[str, Mapping[str, tuple[str, Conversion]]] = MappingProxyType(
    {
        "Eq8": {**_plain(("GlobalGain", "gain_db"), ("Scale", "scale")), **_EQ_BANDS},
        "Compressor2": {
            "Threshold": ("threshold_db", _in_db),
            **_plain(
                ("Ratio", "ratio"),
                ("Attack", "attack_ms"),
                ("Release", "release_ms"),
                ("AutoReleaseControlOnOff", "auto_release"),
                ("Gain", "makeup_db"),
                ("GainCompensation", "auto_makeup"),
                ("DryWet", "dry_wet"),
                ("Model", "model"),
                ("Knee", "knee_db"),
            ),
        },
        "GlueCompressor": {
            "Attack": ("attack_ms", _glue_attack_ms),
            "Ratio": ("ratio", _glue_ratio),
            **_plain(
                ("Threshold", "threshold_db"),
                ("Range", "range_db"),
                ("Makeup", "makeup_db"),
                ("Release", "release"),
                ("DryWet", "dry_wet"),
                ("PeakClipIn", "soft_clip"),
            ),
        },
        "Limiter": _plain(
            ("Gain", "gain_db"), ("Ceiling", "ceiling_db"), ("Release", "release_ms"), ("AutoRelease", "auto_release")
        ),
        "StereoGain": {
            # Before 10.1 the gain was in dB, beside a separation; the linear one has a width beside it.
            "Gain": ("gain_db", _as_is),
            **_plain(
                ("LegacyGain", "legacy_gain_db"),
                ("StereoWidth", "width"),
                ("StereoSeparation", "separation"),
                ("Mono", "mono"),
                ("BassMono", "bass_mono"),
                ("BassMonoFrequency", "bass_mono_hz"),
                ("Balance", "balance"),
                ("Panorama", "balance"),
                ("PhaseInvertL", "invert_left"),
                ("PhaseInvertR", "invert_right"),
                ("Mute", "mute"),
            ),
        },
        "Saturator": _plain(
            ("PreDrive", "drive_db"),
            ("PostDrive", "output_db"),
            ("Type", "type"),
            ("BaseDrive", "base_db"),
            ("ColorOn", "color"),
            ("PostClip", "soft_clip"),
            ("DryWet", "dry_wet"),
        ),
        "MultibandDynamics": {
            **_plain(
                ("OutputGain", "output_db"),
                ("GlobalAmount", "amount"),
                ("SplitLowMid", "low_mid_hz"),
                ("SplitMidHigh", "mid_high_hz"),
            ),
            **_MULTIBAND,
        },
        "Reverb": _plain(
            ("DecayTime", "decay_ms"),
            ("PreDelay", "pre_delay_ms"),
            ("RoomSize", "size"),
            ("StereoSeparation", "width"),
            ("BandLowOn", "low_cut"),
            ("BandHighOn", "high_cut"),
            ("FreezeOn", "freeze"),
            ("MixDirect", "dry_wet"),
        ),
        "Delay": _plain(
            ("Feedback", "feedback"),
            ("DryWet", "dry_wet"),
            ("DelayLine_PingPong", "ping_pong"),
            ("DelayLine_SyncL", "sync_left"),
            ("DelayLine_SyncR", "sync_right"),
            ("DelayLine_TimeL", "left_s"),
            ("DelayLine_TimeR", "right_s"),
            ("Filter_On", "filter"),
            ("Freeze", "freeze"),
        ),
        "AutoFilter": _plain(
            ("FilterType", "type"),
            ("Cutoff", "cutoff"),
            ("Resonance", "resonance"),
            ("Drive", "drive"),
            ("LfoAmount", "lfo_amount"),
            ("ModHub", "envelope_amount"),
        ),
        # The one that came with Live 12.2 has its cutoff in Hz.
        "AutoFilter2": _plain(("Filter_Frequency", "cutoff_hz"), ("Filter_Resonance", "resonance")),
    }
)


def read_parameters(tag: str, texts: Mapping[str, str]) -> dict[str, float | bool]:
    """Return the parameters of a device by their names here.

    Parameters
    ----------
    tag
        The set's name of the device.
    texts
        The value of each parameter as it is written, by its path below the device.
    """
    found: dict[str, float | bool] = {}
    for path, (name, convert) in PARAMETERS.get(tag, {}).items():
        text = texts.get(path)
        said, value = claim(text), number(text)
        if said is not None:
            found[name] = said
        elif value is not None:
            found[name] = convert(value)
    return _gain_of_utility(found) if tag == "StereoGain" else _without_idle_bands(found) if tag == "Eq8" else found


def _gain_of_utility(found: dict[str, float | bool]) -> dict[str, float | bool]:
    gain, old_gain_db = found.get("gain_db"), found.pop("legacy_gain_db", 0.0)
    if "width" in found and gain is not None:
        found["gain_db"] = round(_in_db(gain) + old_gain_db, 6)
    return found


def _without_idle_bands(found: dict[str, float | bool]) -> dict[str, float | bool]:
    """Leave out the bands that are off; a band that is on needs no more saying so."""
    idle = {name[:5] for name, value in found.items() if name.endswith("_on") and value is not True}
    return {name: value for name, value in found.items() if name[:5] not in idle and not name.endswith("_on")}
