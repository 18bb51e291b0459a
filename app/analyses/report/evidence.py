"""Evidence of a finding in words: which figure of the report, its value, its limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.analyses.document import number, text
from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.document import Document

UNITS = frozenset({"hz", "db", "lufs", "lu", "dbtp", "dbfs", "s", "bpm"})
WHOLE = 100
_NAMES = {
    "loudness.integrated_lufs": "Integrated loudness",
    "loudness.plr_db": "True peak over integrated loudness",
    "loudness.psr_min_db": "Least true peak over short-term loudness",
    "loudness.range_lu": "Loudness range",
    "dynamics.dr": "DR",
    "dynamics.crest_db": "Crest factor",
    "dynamics.clipping.samples": "Samples at the ceiling",
    "dynamics.clipping.ceiling_dbfs": "Ceiling",
    "stereo.low_end_side_to_mid_db": "Side to mid under 120 Hz",
    "stereo.inverted": "Part that is inverted",
    "stereo.low_end_inverted": "Part whose lows are inverted",
    "spectrum.tilt_db_per_octave": "Slope of the third octaves",
    "spectrum.bandwidth_hz": "Highest frequency with content",
    "dynamics.faults.lossy_cutoff_hz": "End of the spectrum",
    "dynamics.faults.dropouts": "Longest gap",
    "dynamics.faults.clicks_s": "Clicks",
    "dynamics.faults.hum.level_dbfs": "Level of the hum",
    "dynamics.faults.hum.frequency_hz": "Frequency of the hum",
}
_PART = "of the file"
"""A part from 0 to 1, which people read in percent."""
_SIGNED = frozenset({"dBTP"})
_SHORTENED = {"dBTP": 1, "LUFS": 1, "dBFS": 1, "dB": 1, "LU": 1}

ABBREVIATIONS = frozenset({"aac", "dr"})
"""Names that are letters, not words."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that a finding rests on, with the limit that applies to it."""

    name: str
    path: str
    value: str
    limit: str
    """Empty where none applies."""
    excess: float | None
    """How far the value lies beyond the limit, in its unit; none where there is no limit."""


def facts_of(finding: Document, document: Document) -> tuple[Fact, ...]:
    """Read the evidence of a finding."""
    given = finding.get("evidence")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list | tuple) else []
    return tuple(_fact(row, document) for row in rows)


def subject(path: str) -> str:
    """Name what a path leads to in words: ``tonality.tuning_hz`` becomes ``Tuning``."""
    words = path.rpartition(".")[2].split("_")
    plain = words[:-1] if len(words) > 1 and words[-1] in UNITS else words
    if plain == ["confidence"]:
        plain = [path.partition(".")[0], "confidence"]
    name = " ".join(plain)
    return name.upper() if name in ABBREVIATIONS else name.capitalize()


def said(value: Any, unit: str = "") -> str:
    """Write a value with its unit; whole numbers and large ones without decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{value} {unit}".strip()
    if unit == _PART:
        return f"{numbers.fixed(100 * float(value))} % {unit}"
    write = numbers.signed if unit in _SIGNED else numbers.fixed
    return f"{write(float(value), _decimals(float(value), unit))} {unit}".strip()


def _decimals(value: float, unit: str) -> int:
    if unit == "of full scale" or 0 < abs(value) < 0.1:
        return 4
    if abs(value) >= WHOLE or (value.is_integer() and unit not in _SHORTENED):
        return 0
    return _SHORTENED.get(unit, 2)


def _fact(row: Document, document: Document) -> Fact:
    path, unit = text(row, "path"), text(row, "unit")
    limit, value = row.get("limit"), number(row, "value")
    known = number(row, "limit")
    return Fact(
        name=_name(path, document),
        path=path,
        value=said(row.get("value"), unit),
        limit=said(limit, unit) if limit is not None else "",
        excess=value - known if value is not None and known is not None else None,
    )


def _name(path: str, document: Document) -> str:
    """Name a figure; one of a list by the row that it belongs to."""
    if path in _NAMES:
        return _NAMES[path]
    parts = path.split(".")
    places = [index for index, part in enumerate(parts) if part.isdigit()]
    if not places:
        return subject(path)
    at = places[0]
    row = _row(document, parts[:at], int(parts[at]))
    rest = [part for part in parts[at + 1 :] if not part.isdigit()]
    if not rest:
        return _listed(parts[:at], int(parts[at]), document)
    whose = text(row, "name") or _hertz(row)
    rate = number(row, "bitrate_kbps")
    named = f"{whose} {rate:g}" if rate else whose
    return f"{subject('.'.join(rest))}, {named}" if named else subject(".".join(rest))


def _listed(parts: list[str], place: int, document: Document) -> str:
    """Name an entry of a plain list, a third octave by its centre, else by its number."""
    folder: Any = document
    for part in parts[:-1]:
        folder = folder.get(part) if isinstance(folder, dict) else None
    centres = folder.get("centre_hz") if isinstance(folder, dict) else None
    if isinstance(centres, list) and place < len(centres) and parts[-1] == "level_db":
        return f"Level at {centres[place]:g} Hz"
    if parts[-1] == "dc_offset":
        return f"DC offset, {('left', 'right')[place] if place < 2 else f'channel {place + 1}'}"
    return f"{subject('.'.join(parts))} {place + 1}"


def _row(document: Document, parts: list[str], place: int) -> Document:
    value: Any = document
    for part in parts:
        value = value.get(part) if isinstance(value, dict) else None
    row = value[place] if isinstance(value, list) and place < len(value) else None
    return row if isinstance(row, dict) else {}


def _hertz(row: Document) -> str:
    centre = number(row, "centre_hz")
    return f"{centre:.0f} Hz" if centre else ""
