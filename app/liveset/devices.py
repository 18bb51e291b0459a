"""Devices of a chain: Live's own, racks with chains inside, plug-ins and Max for Live.

A device is mostly parameters that nobody asks about, so its content is watched as it goes by:
values that are wanted, targets of automation, samples and sidechains are picked out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.automation import EVENT_TAGS, PARAMETER, Points, is_before_the_song, parameter_of
from app.liveset.capture import Element, Ledger, Rule, attribute, leaves
from app.liveset.model.devices import Chain, Device, DeviceKind, DeviceTask, Sidechain
from app.liveset.parameters import PARAMETERS, read_parameters
from app.liveset.products import DEVICE_TAGS, MAX_DEVICES, NAMES, RACKS, TASKS
from app.liveset.samples import FILE, SAMPLE, file_name
from app.liveset.values import decibels, name, whole
from app.liveset.vocabulary import PLUGIN_TAGS

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

MOST_LINES = 2_000
"""Lines of automation inside one device that are told apart, up to Live 9."""

MOST_SAMPLES = 1_000
"""Samples of one device that are named."""

SIDECHAIN_SWITCH, SIDECHAIN_TARGET = "SideChain/OnOff", "SideChain/RoutedInput/Routable/Target"
_SWITCHES = frozenset({"On", SIDECHAIN_SWITCH})

PLUGIN_KINDS = MappingProxyType(
    {"VstPluginInfo": DeviceKind.VST2, "Vst3PluginInfo": DeviceKind.VST3, "AuPluginInfo": DeviceKind.AU}
)
AU_INSTRUMENT, AU_EFFECT, AU_MUSIC_EFFECT = 0x61756D75, 0x61756678, 0x61756D66
"""Component types of Audio Units: aumu, aufx, aumf."""


@dataclass(slots=True)
class Readings:
    """What is picked out of a device: values as written by path, and lines of automation.

    `leaves` are the last names of the wanted paths, which are looked at first. `points` is the
    line that is being read, and `initial` the value that stands before the song, with the name of
    its parameter.
    """

    wanted: frozenset[str]
    leaves: frozenset[str]
    texts: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[str, Points]] = field(default_factory=list)
    points: Points | None = None
    initial: tuple[str, list[str]] = ("", [])
    listed_parameter: list[str] = field(default_factory=list)


def _wanted(tag: str) -> tuple[frozenset[str], frozenset[str]]:
    paths = frozenset(PARAMETERS.get(tag, ())) | _SWITCHES
    return paths, frozenset(path.rpartition("/")[2] for path in paths)


_WANTED = MappingProxyType({tag: _wanted(tag) for tag in PARAMETERS})
_WANTED_OF_ANY = _wanted("")


def _begin(element: Element) -> Readings:
    return Readings(*_WANTED.get(element.tag, _WANTED_OF_ANY))


def _path(element: Element, names: deque[str], up: int = 0) -> str:
    """Return the names below a device, down to so many above the innermost that is open."""
    below = islice(names, up, len(names) - element.depth)
    return "/".join(reversed([*below]))


def _take_text(readings: Readings, path: str, text: str | None) -> None:
    if text is not None and path in readings.wanted:
        readings.texts.setdefault(path, text)


def _see_value(element: Element, names: deque[str], attributes: list[str], _ledger: Ledger) -> None:
    """Take the `Manual` value of a parameter that is wanted."""
    readings = element.value
    if isinstance(readings, Readings) and names[1] in readings.leaves:
        _take_text(readings, _path(element, names, 1), attribute(attributes, "Value"))


def _see_event(element: Element, names: deque[str], attributes: list[str], _ledger: Ledger) -> None:
    """Take a point that stands inside its parameter; up to Live 8 the first is its value."""
    readings = element.value
    if names[2] != "ArrangerAutomation" or not isinstance(readings, Readings):
        return
    if is_before_the_song(attributes):
        readings.initial = (names[3], attributes)
        readings.points = None
        if names[3] in readings.leaves:
            _take_text(readings, _path(element, names, 3), attribute(attributes, "Value"))
        return
    if readings.points is None or readings.initial[0] != names[3]:
        readings.points = Points()
        if readings.initial[0] == names[3]:
            readings.points.add(readings.initial[1])
        readings.initial = (names[3], [])
        if len(readings.lines) < MOST_LINES:
            readings.lines.append((_label(element, names, 3), readings.points))
    readings.points.add(attributes)


def _label(element: Element, names: deque[str], up: int) -> str:
    """Return what a parameter is called: by a plug-in or Max where it is one of a list, else by its path."""
    path = _path(element, names, up)
    said = attribute(element.value.listed_parameter, "Value") if isinstance(element.value, Readings) else None
    return name(said if said and path.startswith("ParameterList") else path)


def _see_target(element: Element, names: deque[str], attributes: list[str], ledger: Ledger) -> None:
    """Remember which parameter an envelope of the track moves."""
    if not ledger.targets:
        return
    target = attribute(attributes, "Id")
    if target is not None and ledger.targets.get(target, element) is None and isinstance(element.value, Readings):
        ledger.targets[target] = (element, _label(element, names, 1))


def _see_listed_parameter(element: Element, _names: deque[str], attributes: list[str], _ledger: Ledger) -> None:
    if isinstance(element.value, Readings):
        element.value.listed_parameter = attributes


def _see_routing(element: Element, names: deque[str], attributes: list[str], _ledger: Ledger) -> None:
    text = attribute(attributes, "Value")
    if isinstance(element.value, Readings) and text and _path(element, names) == SIDECHAIN_TARGET:
        element.value.texts[SIDECHAIN_TARGET] = text


def _see_sample(_element: Element, _names: deque[str], _attributes: list[str], _ledger: Ledger) -> Rule:
    return SAMPLE


def _plugin(element: Element) -> tuple[DeviceKind, str, str, DeviceTask | None] | None:
    """Return kind, name, maker and task of a plug-in."""
    description = element.child("PluginDesc")
    for info in description.children if description else ():
        kind = PLUGIN_KINDS.get(info.tag)
        if kind is not None:
            label = name(info.text("PlugName") if kind is DeviceKind.VST2 else info.text("Name"))
            return kind, label, name(info.text("Manufacturer")), _plugin_task(kind, info)
    return None


def _plugin_task(kind: DeviceKind, info: Element) -> DeviceTask | None:
    if kind is DeviceKind.VST3:
        tasks = (None, DeviceTask.INSTRUMENT, DeviceTask.AUDIO_EFFECT, DeviceTask.MIDI_EFFECT)
        place = whole(info.text("DeviceType")) or 0
        return tasks[place] if 0 <= place < len(tasks) else None
    if kind is DeviceKind.AU:
        component = whole(info.text("ComponentType"))
        is_effect = component in {AU_EFFECT, AU_MUSIC_EFFECT}
        return DeviceTask.INSTRUMENT if component == AU_INSTRUMENT else DeviceTask.AUDIO_EFFECT if is_effect else None
    category = whole(info.text("Category")) or 0
    return DeviceTask.INSTRUMENT if category == 2 else DeviceTask.AUDIO_EFFECT if category > 0 else None


def _preset(element: Element) -> str:
    """Return the name of the preset's file; a device that started from Live's default has none."""
    reference = element.child("LastPresetRef", "Value")
    for kind in reference.children if reference else ():
        file = kind.child("FileRef")
        if file is not None and kind.tag != "AbletonDefaultPresetRef":
            return file_name(file).rpartition(".")[0] or file_name(file)
    return ""


def _max_patch(element: Element) -> str:
    slot = element.child("PatchSlot", "Value")
    for patch in slot.children if slot else ():
        file = patch.child("FileRef")
        if file is not None:
            return file_name(file).removesuffix(".amxd")
    return ""


def _sidechain(readings: Readings) -> Sidechain | None:
    target = readings.texts.get(SIDECHAIN_TARGET, "")
    if readings.texts.get(SIDECHAIN_SWITCH) != "true" or target in {"", "AudioIn/None"}:
        return None
    return Sidechain(name(target), tap=name(target.rpartition("/")[2]))


def _chain(element: Element, _ledger: Ledger) -> Chain:
    on, volume = parameter_of(element, "MixerDevice", "Speaker"), parameter_of(element, "MixerDevice", "Volume")
    return Chain(
        name=name(element.text("Name", "EffectiveName") or element.text("Name", "UserName") or element.text("Name")),
        is_on=on.text != "false",
        volume_db=decibels(1.0 if volume.value is None else volume.value),
        pan=parameter_of(element, "MixerDevice", "Panorama").value or 0.0,
        note=_pad_note(element),
        devices=tuple(devices_of(element)),
    )


def _pad_note(branch: Element) -> int | None:
    """Return the key of a drum pad: the set counts down from 128."""
    received = whole(branch.text("BranchInfo", "ReceivingNote"))
    return 128 - received if received is not None and 1 <= received <= 128 else None


def devices_of(branch: Element) -> Iterator[Device]:
    """Give the devices in the device chain of a branch."""
    chain = branch.child("DeviceChain")
    for kind in chain.children if chain else ():
        for element in kind.all("Devices") if kind.tag != "Devices" else (kind,):
            yield from (child.value for child in element.children if isinstance(child.value, Device))


def _kind(tag: str) -> DeviceKind:
    if tag in RACKS:
        return DeviceKind.RACK
    if tag in MAX_DEVICES:
        return DeviceKind.MAX
    return DeviceKind.NATIVE if tag in NAMES else DeviceKind.UNKNOWN


def _device(element: Element, ledger: Ledger) -> Device:
    readings = element.value if isinstance(element.value, Readings) else _begin(element)
    kind, label, maker, task = _plugin(element) or (_kind(element.tag), "", "", TASKS.get(element.tag))
    if kind is DeviceKind.MAX:
        label = _max_patch(element)
    label = label or NAMES.get(element.tag, name(element.tag))
    for parameter, points in readings.lines:
        ledger.add_lane(points.lane(label, parameter))
    branches = (*element.all("Branches"), *element.all("ReturnBranches"))
    chains = (child.value for group in branches for child in group.children)
    zones = (child.value for child in element.children if child.tag == "SampleRef")
    samples = list(dict.fromkeys(zone for zone in zones if isinstance(zone, int)))
    return Device(
        tag=name(element.tag),
        name=label,
        kind=kind,
        task=task,
        is_on=readings.texts.get("On") != "false",
        maker=maker,
        title=name(element.text("UserName")),
        preset=_preset(element),
        parameters=read_parameters(element.tag, readings.texts),
        sidechain=_sidechain(readings),
        chains=tuple(chain for chain in chains if isinstance(chain, Chain)),
        samples=tuple(samples[:MOST_SAMPLES]),
    )


_WATCH = MappingProxyType(
    {
        "Manual": _see_value,
        "AutomationTarget": _see_target,
        "ParameterName": _see_listed_parameter,
        "ShortName": _see_listed_parameter,
        "Target": _see_routing,
        "SampleRef": _see_sample,
        **dict.fromkeys(EVENT_TAGS, _see_event),
    }
)
_REFERENCE = Rule(children={"FileRef": FILE})
_PLUGIN_INFO = Rule(children=leaves("PlugName", "Name", "Manufacturer", "DeviceType", "ComponentType", "Category"))
_parts = {
    **leaves("UserName"),
    "LastPresetRef": Rule(children={"Value": Rule(other=_REFERENCE)}),
    "PluginDesc": Rule(children=dict.fromkeys(PLUGIN_KINDS, _PLUGIN_INFO), known=PLUGIN_TAGS),
    "PatchSlot": Rule(children={"Value": Rule(other=_REFERENCE)}),
}
DEVICE = Rule(children=_parts, begin=_begin, watch=_WATCH, reduce=_device)
DEVICES = Rule(other=DEVICE, known=DEVICE_TAGS)
_BRANCH = Rule(
    children={
        "Name": Rule(children=leaves("EffectiveName", "UserName")),
        "DeviceChain": Rule(children={"Devices": DEVICES}, other=Rule(children={"Devices": DEVICES})),
        "MixerDevice": Rule(children=dict.fromkeys(("Speaker", "Volume", "Panorama"), PARAMETER)),
        "BranchInfo": Rule(children=leaves("ReceivingNote")),
    },
    reduce=_chain,
)
# A rack holds chains, which hold devices, which may be racks: the circle is closed here.
_parts.update(dict.fromkeys(("Branches", "ReturnBranches"), Rule(other=_BRANCH)))
