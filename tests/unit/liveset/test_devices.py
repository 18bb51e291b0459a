"""What is read of a device: its parameters by version, and the names of what moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.liveset.sets import read_live_set
from tests.making_sets.xml import tag, value

if TYPE_CHECKING:
    from app.liveset.model.tracks import Track


def track_of(device: str, *, envelopes: str = "") -> Track:
    """Read a set with one device on one track; return the track."""
    chain = tag("DeviceChain", tag("DeviceChain", tag("Devices", device)))
    track = tag("MidiTrack", tag("AutomationEnvelopes", tag("Envelopes", envelopes)), chain, Id=1)
    return read_live_set(
        tag("Ableton", tag("LiveSet", tag("Tracks", track)), Creator="Ableton Live 12.3").encode()
    ).tracks[0]


def manual(name: str, level: object) -> str:
    """A parameter as Live 9 and later write it."""
    return tag(name, value("Manual", level))


def test_both_auto_filters_are_read() -> None:
    """The one of 12.2 has its own names, and its cutoff is in Hz."""
    old = tag("AutoFilter", manual("Cutoff", 77.5), manual("Resonance", 0.5), manual("Slope", 1))
    new = tag("AutoFilter2", manual("Filter_Frequency", 9999.5), manual("Filter_Resonance", 0.25))
    assert track_of(old).devices[0].parameters == {"cutoff": 77.5, "resonance": 0.5}
    device = track_of(new).devices[0]
    assert (device.name, device.parameters) == ("Auto Filter", {"cutoff_hz": 9999.5, "resonance": 0.25})


def test_utility_says_its_gain_in_decibels_in_both_generations() -> None:
    """Before 10.1 it wrote dB, since then a linear gain beside what an older set had."""
    old = tag("StereoGain", manual("Gain", -6), manual("StereoSeparation", 100))
    new = tag("StereoGain", manual("Gain", 0.5), manual("LegacyGain", -3), manual("StereoWidth", 1))
    assert track_of(old).devices[0].parameters["gain_db"] == -6
    assert track_of(new).devices[0].parameters["gain_db"] == -9.0206


def test_an_equaliser_tells_of_the_bands_that_are_on() -> None:
    """A band that is off is left out, whatever it is set to."""
    bands = (
        tag(f"Bands.{band}", tag("ParameterA", manual("IsOn", "true" if band == 2 else "false"), manual("Freq", 90)))
        for band in range(8)
    )
    assert track_of(tag("Eq8", *bands)).devices[0].parameters == {"band3_hz": 90}


def test_a_parameter_of_a_max_device_has_the_name_that_its_patch_gives() -> None:
    """As a plug-in's has, instead of the path in the document."""
    moved = tag("Timeable", value("Manual", 0), tag("AutomationTarget", Id=77))
    listed = tag("MxDFloatParameter", value("Name", "Filter sweep"), value("ShortName", "Filter"), moved)
    points = tag("Events", tag("FloatEvent", Time=0, Value=1), tag("FloatEvent", Time=4, Value=2))
    envelope = tag("AutomationEnvelope", tag("EnvelopeTarget", value("PointeeId", 77)), tag("Automation", points), Id=0)
    device = tag("MxDeviceAudioEffect", tag("ParameterList", tag("ParameterList", listed)))
    (lane,) = track_of(device, envelopes=envelope).lanes
    assert (lane.device, lane.parameter) == ("Max Audio Effect", "Filter")


def test_a_device_of_a_later_live_keeps_the_name_that_the_set_has() -> None:
    """It is counted as unknown, and read past."""
    device = track_of(tag("Hologram", manual("On", "false"))).devices[0]
    assert (device.kind, device.name, device.is_on) == ("unknown", "Hologram", False)
