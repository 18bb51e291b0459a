"""What a collaborator must own: plug-ins, packs, Max devices, and samples that are not in the project."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, text
from app.analyses.live_set.overview import OUTSIDE, count, every_device
from app.analyses.report.parts import Cell, FigureTable, Head, Row
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document
    from app.analyses.live_set.timeline import Timeline

MOST_ROWS = 200
FORMATS = {"vst2": "VST2", "vst3": "VST3", "au": "Audio Unit", "max": "Max for Live"}
PLACES = {
    "project": "in the project",
    "outside": "outside",
    "pack": "of a pack",
    "library": "of the library",
    "built_in": "built in",
    "unknown": "no place said",
}


def plugins_of(live_set: Document) -> FigureTable | None:
    """List the plug-ins and Max devices; none where the set is Live's alone."""
    owned = [*_plugins(live_set), *_max_devices(live_set)]
    heads = (Head("Plug-in"), Head("Maker"), Head("Format"), Head("Used", "num"), Head("On"))
    return FigureTable(_caption("Plug-ins and Max devices", owned), heads, tuple(owned[:MOST_ROWS])) if owned else None


def samples_of(live_set: Document) -> FigureTable | None:
    """List the samples that a collaborator would miss: those outside the project and of packs."""
    missed = [row for row in rows(live_set, "samples") if text(row, "place") in OUTSIDE or text(row, "place") == "pack"]
    ordered = sorted(missed, key=lambda row: (text(row, "place") == "pack", text(row, "name").casefold()))
    made = [_sample(sample) for sample in ordered]
    heads = (Head("Sample"), Head("Where"), Head("Length", "num"), Head("Used", "num"))
    return FigureTable(_caption("Samples outside the project", made), heads, tuple(made[:MOST_ROWS])) if made else None


def say_of(live_set: Document) -> str:
    """Say in a sentence what is needed beside Live."""
    plugins, samples = rows(live_set, "plugins"), rows(live_set, "samples")
    places = Counter(text(sample, "place") for sample in samples)
    packs = sorted({pack for sample in samples if (pack := text(sample, "pack"))})
    version = text(live_set, "version")
    where = ", ".join(f"{places[place]} {said}" for place, said in PLACES.items() if places[place])
    sentences = (
        f"Live {version} or newer" if version else "",
        count(len(plugins), "plug-in") if plugins else "no plug-in",
        f"{count(len(samples), 'sample')}: {where}" if samples else "no sample",
        f"packs: {', '.join(packs[:8])}" if packs else "",
    )
    return "; ".join(filter(None, sentences)) + "."


def locators_of(live_set: Document, timeline: Timeline) -> FigureTable | None:
    """List the locators by their time."""
    made = [
        Row(
            text(row, "name") or "Unnamed",
            (
                Cell(str(timeline.bar_at(number(row, "beat") or 0.0)), "num"),
                Cell(numbers.clock(number(row, "time_s")), "num"),
            ),
        )
        for row in rows(live_set, "locators")
    ]
    heads = (Head("Locator"), Head("Bar", "num"), Head("Time", "num"))
    return FigureTable(_caption("Locators", made), heads, tuple(made[:MOST_ROWS])) if made else None


def _plugins(live_set: Document) -> Iterator[Row]:
    tracks = rows(live_set, "tracks")
    for plugin in rows(live_set, "plugins"):
        yield _owned(plugin, text(plugin, "kind"), int(number(plugin, "count") or 0), _names(plugin, tracks))


def _max_devices(live_set: Document) -> Iterator[Row]:
    found: dict[str, list[str]] = {}
    for track in rows(live_set, "tracks"):
        for device in every_device(track):
            if text(device, "kind") == "max":
                title = text(device, "title") or text(device, "preset") or text(device, "name")
                found.setdefault(title, []).append(text(track, "name"))
    for title, names in sorted(found.items(), key=lambda item: item[0].casefold()):
        yield _owned({"name": title}, "max", len(names), list(dict.fromkeys(names)))


def _owned(plugin: Document, kind: str, used: int, names: list[str]) -> Row:
    on = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    cells = (Cell(text(plugin, "maker")), Cell(FORMATS.get(kind, kind)), Cell(str(used), "num"), Cell(on))
    return Row(text(plugin, "name") or "Unnamed", cells)


def _names(plugin: Document, tracks: list[Document]) -> list[str]:
    places = plugin.get("tracks")
    listed = [place for place in places if isinstance(place, int)] if isinstance(places, list) else []
    return [text(tracks[place], "name") for place in listed if 0 <= place < len(tracks)]


def _sample(sample: Document) -> Row:
    pack = text(sample, "pack")
    place = text(sample, "place")
    where = f"pack {pack}" if place == "pack" and pack else PLACES.get(place, place)
    length_s = number(sample, "length_s")
    length = f"{numbers.fixed(length_s, 2)} s" if length_s is not None and length_s < 60 else numbers.clock(length_s)
    cells = (Cell(where), Cell(length if length_s is not None else "", "num"))
    return Row(text(sample, "name") or "Unnamed", (*cells, Cell(str(int(number(sample, "uses") or 0)), "num")))


def _caption(what: str, made: list[Row]) -> str:
    return f"{what}, the first {MOST_ROWS} of {len(made)}" if len(made) > MOST_ROWS else what
