"""Sound files of a set: two ways of writing a reference, one list of files with how often each is used."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.capture import Element, Ledger, Rule, leaves
from app.liveset.model.inventory import Place, Sample
from app.liveset.values import base_name, name, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES: Mapping[int, Place] = MappingProxyType(
    {
        0: Place.OUTSIDE,
        1: Place.OUTSIDE,
        2: Place.LIBRARY,
        3: Place.PROJECT,
        5: Place.PACK,
        6: Place.LIBRARY,
        7: Place.BUILT_IN,
    }
)
"""RelativePathType -> place."""


def _folders(reference: Element, *path: str) -> tuple[str, ...]:
    return tuple(element.get("Dir") or ".." for element in reference.all(*path, "RelativePathElement"))


def file_name(reference: Element) -> str:
    """Return the base name of a FileRef in either form: `Path` since Live 11, `Name` before."""
    return (
        base_name(reference.text("Path")) or name(reference.text("Name")) or base_name(reference.text("RelativePath"))
    )


def place_of(reference: Element) -> Place:
    """Return where a FileRef points to."""
    return PLACES.get(whole(reference.text("RelativePathType")) or 0, Place.UNKNOWN)


def _location(reference: Element) -> object:
    """Return what makes two references one file: the absolute path, or its folders and its name."""
    path = reference.text("Path")
    if path:
        return path
    folders = _folders(reference, "SearchHint", "PathHint") or _folders(reference, "RelativePath")
    return (*folders, reference.text("Name") or reference.text("RelativePath"))


def _positive(text: str | None) -> int | None:
    value = whole(text)
    return value if value is not None and value > 0 else None


def _sample(element: Element, ledger: Ledger) -> int | None:
    """Enter the file into the list and return its index; None for a reference that is empty."""
    reference = element.child("FileRef")
    if reference is None or not file_name(reference):
        return None
    frames, rate_hz = _positive(element.text("DefaultDuration")), _positive(element.text("DefaultSampleRate"))
    size = _positive(reference.text("OriginalFileSize")) or _positive(reference.text("SearchHint", "FileSize"))
    key = (_location(reference), size)
    if key not in ledger.samples:
        sample = Sample(
            name=file_name(reference),
            place=place_of(reference),
            pack=name(reference.text("LivePackName")),
            size_bytes=size,
            frames=frames,
            sample_rate_hz=rate_hz,
            length_s=frames / rate_hz if frames and rate_hz else None,
            uses=0,
        )
        ledger.samples[key] = (sample, [len(ledger.samples), 0])
    entry = ledger.samples[key][1]
    entry[1] += 1
    return entry[0]


_FOLDERS = Rule(children=leaves("RelativePathElement"))
FILE = Rule(
    children={
        **leaves("RelativePathType", "Path", "Name", "OriginalFileSize", "LivePackName"),
        "RelativePath": _FOLDERS,
        "SearchHint": Rule(children={**leaves("FileSize"), "PathHint": _FOLDERS}),
    }
)
SAMPLE = Rule(children={"FileRef": FILE, **leaves("DefaultDuration", "DefaultSampleRate")}, reduce=_sample)
