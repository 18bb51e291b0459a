"""Real sets of Live 8 to 12 against facts that another reader extracted."""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.liveset.errors import LiveSetRefused, RefusalCode
from app.liveset.model.clips import WarpMode
from app.liveset.model.devices import DeviceKind
from app.liveset.model.inventory import Place
from app.liveset.model.tracks import TrackKind
from app.liveset.sets import every_device, read_live_set
from app.liveset.tempo import TempoMap

if TYPE_CHECKING:
    from app.liveset.model.clips import Clip
    from app.liveset.model.devices import Device
    from app.liveset.model.live_set import LiveSet
    from app.liveset.model.tracks import Track

DATA = Path(os.environ.get("TRACKSENSEI_DATA") or Path(__file__).parents[3] / "shared" / "data")
MANIFEST = DATA / "als" / "MANIFEST.json"

KIND_OF_TAG = {
    "AudioTrack": TrackKind.AUDIO,
    "MidiTrack": TrackKind.MIDI,
    "GroupTrack": TrackKind.GROUP,
    "ReturnTrack": TrackKind.RETURN,
    "MasterTrack": TrackKind.MASTER,
    "MainTrack": TrackKind.MASTER,
}
PLUGINS = {"VST": DeviceKind.VST2, "VST3": DeviceKind.VST3, "AU": DeviceKind.AU}
PLACES = {"0": Place.OUTSIDE, "1": Place.OUTSIDE, "2": Place.LIBRARY, "3": Place.PROJECT, "5": Place.PACK}
PLACES |= {"6": Place.LIBRARY, "7": Place.BUILT_IN}
WARP_NUMBERS = {
    WarpMode.BEATS: "0",
    WarpMode.TONES: "1",
    WarpMode.TEXTURE: "2",
    WarpMode.REPITCH: "3",
    WarpMode.COMPLEX: "4",
    WarpMode.COMPLEX_PRO: "6",
}


def sets() -> list[dict[str, Any]]:
    """The sets beside this checkout; one that is missing where there are none."""
    if not MANIFEST.exists():
        return [{"file": ""}]
    return list(json.loads(MANIFEST.read_text("utf-8")))


@cache
def read(file: str) -> LiveSet:
    """Read a set once for all tests."""
    return read_live_set(DATA / "als" / file)


@pytest.fixture(params=sets(), ids=lambda facts: facts["file"] or "absent")
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One set's facts."""
    if not request.param["file"]:
        pytest.skip("real sets are not beside this checkout")
    return dict(request.param)


@pytest.fixture
def live_set(facts: dict[str, Any]) -> LiveSet:
    """The same set as it is read here."""
    return read(facts["file"])


def linear(level_db: float | None) -> float:
    """The fader's gain; off is the least that Live writes."""
    return 0.000316 if level_db is None else 10 ** (level_db / 20)


def devices(live_set: LiveSet) -> list[Device]:
    """Every device of the set, those in racks too."""
    return [device for track in live_set.tracks for device in every_device(track.devices)]


def clips(live_set: LiveSet) -> list[Clip]:
    """Every clip of the set."""
    return [clip for track in live_set.tracks for clip in track.clips]


def count_clips(found: list[Clip]) -> tuple[int, int, int, int]:
    """Audio and MIDI clips of the arrangement, then of the session."""
    counted = Counter((clip.is_session, clip.audio is None) for clip in found)
    return counted[False, False], counted[False, True], counted[True, False], counted[True, True]


def test_version(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The program and the schema are as written, and no element is unknown."""
    assert live_set.creator == facts["creator"]
    assert live_set.schema == facts["minor"]
    assert live_set.unknown == {}


def test_tempo(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The tempo field, the tempo at the start and the points of the automation agree."""
    assert live_set.tempo_field_bpm == pytest.approx(facts["tempo"], abs=1e-6)
    assert live_set.tempo_is_automated is facts["tempo_automated"]
    points = [[point.beat, point.tempo_bpm] for point in live_set.tempo_points if point.beat > 0]
    # The manifest ends a long envelope after its first points, and says how many there are.
    listed = [pytest.approx(point, abs=1e-6) for point in facts["tempo_envelope"] if point[0] > 0]
    assert points[: len(listed)] == listed
    if facts["tempo_automated"]:
        before = len(facts["tempo_envelope"]) - len(listed)
        assert len(points) == facts["tempo_events"] - before
    if facts["file"] == "dawtool__automation-pathological.als":
        # Beat 0 has a step from 120.760574 to 120.699997: no time is ever played at the first.
        assert facts["tempo_envelope"][2] == [0.0, 120.699997]
        assert live_set.tempo_bpm == pytest.approx(120.699997, abs=1e-6)
        return
    assert live_set.tempo_bpm == pytest.approx(facts["tempo_at_start"], abs=1e-6)


def test_signature(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The time signature, and how often it changes, agree."""
    assert live_set.time_signature == facts["time_signature"]
    assert len(live_set.signature_points) == max(1, facts["time_signature_events"])


def test_scale(facts: dict[str, Any], live_set: LiveSet) -> None:
    """A scale is read where somebody chose one, and C major is nobody's choice."""
    said = facts["set_scale"]
    names = {"0": "Major", "1": "Minor"}
    chosen = (int(said["root"]), names.get(said["name"], said["name"])) if said else (0, "")
    expected = None if chosen in {(0, "Major"), (0, "")} else chosen
    assert (live_set.scale and (live_set.scale.root, live_set.scale.name)) == expected
    assert live_set.in_key is {"true": True, "false": False, None: None}[facts["in_key"]]


def test_counts_of_tracks(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Tracks of each kind and scenes are as many."""
    kinds = Counter(track.kind for track in live_set.tracks)
    for kind in ("audio", "midi", "return", "group"):
        assert kinds[TrackKind(kind)] == facts[f"{kind}_tracks"]
    assert len(live_set.scenes) == facts["scenes"]
    assert sum(track.is_frozen for track in live_set.tracks) == facts["frozen_tracks"]


def test_main_mixer(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The main fader and its pan agree."""
    main = live_set.tracks[-1]
    assert main.kind is TrackKind.MASTER
    assert linear(main.volume_db) == pytest.approx(facts["mixer_main"]["volume"], abs=2e-6)
    assert main.pan == pytest.approx(facts["mixer_main"]["pan"], abs=1e-6)


def test_devices(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Devices are as many at the top and in all, of the same kinds, and as many are off."""
    found = devices(live_set)
    assert sum(len(track.devices) for track in live_set.tracks) == facts["devices_top_level"]
    assert len(found) == facts["devices_all_levels"]
    assert Counter(device.tag for device in found) == facts["device_types"]
    assert sum(not device.is_on for device in found) == facts["devices_off"]


def test_plugins(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The inventory has the same plug-ins, and as many of them stand in the set."""
    assert {(plugin.kind, plugin.name) for plugin in live_set.plugins} == {
        (PLUGINS[kind], name) for kind, name in facts["plugins"]
    }
    assert sum(plugin.count for plugin in live_set.plugins) == facts["plugin_instances"]


def test_clips(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Clips of arrangement and session, their warping and their notes agree."""
    found = clips(live_set)
    counts = facts["clips"]
    expected = (counts["arr_audio"], counts["arr_midi"], counts["session_audio"], counts["session_midi"])
    assert count_clips(found) == expected
    audio = [clip.audio for clip in found if clip.audio is not None]
    assert sum(clip.warp is WarpMode.OFF for clip in audio) == facts["audio_clips_unwarped"]
    assert sum(clip.notes.count for clip in found if clip.notes is not None) == facts["midi_notes"]


def test_warp_modes(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Warped clips have their modes; the manifest counts the modes of unwarped clips too."""
    modes = Counter(clip.audio.warp for clip in clips(live_set) if clip.audio is not None)
    unwarped = modes.pop(WarpMode.OFF, 0)
    missing = Counter(facts["warp_modes"]) - Counter({WARP_NUMBERS[mode]: count for mode, count in modes.items()})
    assert missing.total() == unwarped
    assert modes.total() + unwarped == sum(facts["warp_modes"].values())


def test_skipped_clips(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Takes, freezes and grooves are counted apart."""
    skipped = live_set.skipped_clips
    # The manifest looks below every TakeLanes, and each stands in another of the same name: it
    # counts each clip twice (818 of them in the triplet set, by its XML).
    assert 2 * skipped.take_lanes == facts["take_lane_clips"]
    assert skipped.freezes == facts["freeze_sequencer_audio_clips"]
    assert skipped.grooves == facts["groove_pool_midi_clips"]


def test_arrangement(facts: dict[str, Any], live_set: LiveSet) -> None:
    """The arrangement ends at the same beat and, where the tempo is constant, second."""
    assert live_set.arrangement_beats == pytest.approx(facts["arrangement_end_beats"], abs=1e-5)
    if facts["arrangement_seconds_if_constant_tempo"] is not None:
        assert live_set.arrangement_s == pytest.approx(facts["arrangement_seconds_if_constant_tempo"], abs=1e-3)


def test_locators(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Locators stand at the same beats with the same names."""
    assert [locator.beat for locator in live_set.locators] == pytest.approx(
        [locator["time"] for locator in facts["locators"]], abs=1e-5
    )
    assert [locator.name for locator in live_set.locators] == [locator["name"] for locator in facts["locators"]]


def test_seconds_of_locators(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Published seconds of locators agree to 10 ms under the method that is stated with them."""
    published = facts["locator_seconds_published_by_dawtool_tests"]
    if published is None:
        return
    tempo_map = TempoMap.of(list(live_set.tempo_points))
    is_exact = published["method"].startswith("theoretical")
    seconds_at = tempo_map.seconds_exactly if is_exact else tempo_map.seconds_as_played
    assert [seconds_at(locator.beat) for locator in live_set.locators] == pytest.approx(published["seconds"], abs=0.010)
    if not is_exact:
        assert [locator.time_s for locator in live_set.locators] == pytest.approx(published["seconds"], abs=0.010)


def test_samples(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Sound files have the same names, places, sizes, lengths and uses."""
    expected = {sample_facts(sample) for sample in facts["samples"]}
    found = {
        (sample.name, sample.place, sample.size_bytes, sample.frames, sample.sample_rate_hz, sample.uses)
        for sample in live_set.samples
    }
    ours, theirs = SAMPLES_EXPLAINED.get(facts["file"], (set(), set()))
    assert found - expected == ours
    assert expected - found == theirs
    assert len(live_set.samples) == len(facts["samples"]) + len(ours) - len(theirs)


def sample_facts(sample: dict[str, Any]) -> tuple[str, Place, int | None, int | None, int | None, int]:
    """A sample of the manifest as it is read here; its Windows names are whole paths."""
    return (
        sample["name"].rpartition("\\")[2],
        PLACES[sample["relative_type"]],
        sample["file_size"] or None,
        int(sample["default_duration"]) or None,
        int(sample["default_sample_rate"]) or None,
        sample["uses"],
    )


SAMPLES_EXPLAINED: dict[str, tuple[set[Any], set[Any]]] = {
    # The file is the render of a frozen track (FreezeSequencer), which is no sample of the song.
    "abletoolz__9.0.1.als": (set(), {("p11571.wav", Place.PROJECT, None, 486621, 44100, 1)}),
    # Four uses of each stand in take lanes, which are no part of the song.
    "ableton-inspector__Fascination.als": (
        {
            ("Pink Noise - EDMtips.com.wav", Place.LIBRARY, 4130387, 1376781, 44100, 7),
            ("Tambourine 16th 84 bpm.aif", Place.PACK, 502386, 125488, 44100, 7),
        },
        {
            ("Pink Noise - EDMtips.com.wav", Place.LIBRARY, 4130387, 1376781, 44100, 11),
            ("Tambourine 16th 84 bpm.aif", Place.PACK, 502386, 125488, 44100, 11),
        },
    ),
}


def test_tracks(facts: dict[str, Any], live_set: LiveSet) -> None:
    """Each track has its name, group, mixer, flags, devices, clips and colour, in order."""
    listed = [expected for expected in facts["tracks"] if expected["type"] in KIND_OF_TAG]
    assert len(live_set.tracks) == len(listed)
    for track, expected in zip(live_set.tracks, listed, strict=True):
        check_names(track, expected, live_set)
        check_mixer(track, expected)
        check_content(track, expected, has_envelopes=int(live_set.version.split(".")[0]) >= 10)


def check_names(track: Track, expected: dict[str, Any], live_set: LiveSet) -> None:
    """Kind, number, names, group and colour."""
    assert track.kind is KIND_OF_TAG[expected["type"]]
    assert track.id == int(expected["id"] or 0)
    assert track.name == (expected["name"] or expected["user_name"])
    assert track.given_name == (expected["user_name"] or "")
    group = live_set.tracks[track.group].id if track.group is not None else -1
    assert group == int(expected["group_id"])
    assert track.colour == int(expected["color"])


def check_mixer(track: Track, expected: dict[str, Any]) -> None:
    """Fader, pan, sends and flags."""
    assert linear(track.volume_db) == pytest.approx(expected["volume"], abs=2e-6)
    assert track.pan == pytest.approx(expected["pan"], abs=1e-6)
    if expected["speaker_on"] is not None:  # the manifest has none for Live 8, which writes it as an event
        assert track.is_muted is (expected["speaker_on"] == "false")
    assert track.is_soloed is (expected["solo"] == "true")
    assert track.is_frozen is (expected["frozen"] == "true")
    assert [linear(send.level_db) for send in track.sends] == pytest.approx(expected["sends"], abs=2e-6)


def check_content(track: Track, expected: dict[str, Any], *, has_envelopes: bool) -> None:
    """Devices, clips and envelopes; up to Live 9 the lines stand in the parameters, which the manifest has not."""
    assert len(track.devices) == expected["devices_top"]
    assert sum(1 for _device in every_device(track.devices)) == expected["devices_all"]
    counts = (expected["arr_audio"], expected["arr_midi"], expected["ses_audio"], expected["ses_midi"])
    assert count_clips(list(track.clips)) == counts
    if has_envelopes:
        assert len(track.lanes) == expected["automation_envelopes"]


@pytest.mark.parametrize(("file", "code"), [("empty.als", RefusalCode.EMPTY), ("junk.als", RefusalCode.NOT_A_LIVE_SET)])
def test_files_that_are_no_sets(file: str, code: RefusalCode) -> None:
    """An empty file and junk under the name of a set are refused."""
    if not MANIFEST.exists():
        pytest.skip("real sets are not beside this checkout")
    with pytest.raises(LiveSetRefused) as caught:
        read_live_set(DATA / "als" / file)
    assert caught.value.code is code
