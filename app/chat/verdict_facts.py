"""The figures of a report's verdict: scores and deductions, limits, and the evidence of findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.analyses.document import number, rows, section, text
from app.chat.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document

_OF_THE_FILE = "of the file"
_MOST_PLACES = 4
"""Places of a finding by which it is looked up."""


def verdict_facts(document: Document) -> Iterator[Fact]:
    """Give every figure of the verdict that an answer may quote."""
    yield from _scores(document)
    yield from _target(document)
    yield from _findings(document)


def _scores(document: Document) -> Iterator[Fact]:
    """Give each score, what it lacks, and each deduction, by its finding's band or measure too."""
    found = rows(document, "findings")
    evidence = {text(row, "id"): text(item, "path") for row in found for item in rows(row, "evidence")[:1]}
    for name, score in section(document, "scores").items():
        value = number(score, "value") if isinstance(score, Mapping) else None
        if value is not None:
            yield Fact(f"scores.{name}", value, "/100", "findings", f"score.{name}")
            yield Fact(f"scores.{name}", 100 - value, "point", "findings", f"score.{name}")
            for row in rows(score, "deductions"):
                points = number(row, "points")
                if points is not None:
                    yield Fact(f"scores.{name}", points, "point", "findings", f"score.{name}")
                    subject = _band_of(text(row, "finding")) or evidence.get(text(row, "finding"), "")
                    yield Fact(f"scores.{name}", points, "point", "findings", subject)


def _target(document: Document) -> Iterator[Fact]:
    """Give what the target asks of loudness and peaks, which is said of no metric by name."""
    for row in rows(section(document, "target"), "limits"):
        for degree in ("note", "check", "fix"):
            value = number(row, degree)
            if value is not None and text(row, "unit") in {"LUFS", "dBTP"}:
                yield Fact("target.limits", value, text(row, "unit"), "record", "limit")


def _findings(document: Document) -> Iterator[Fact]:
    for finding in rows(document, "findings"):
        anchor = f"finding-{text(finding, 'id').replace('.', '-')}"
        for item in rows(finding, "evidence"):
            yield from _evidence(document, item, anchor)
            yield from _of_its_band(finding, item, anchor)
            yield from _when(finding, item, anchor)
        for advice in rows(finding, "advice"):
            for setting in rows(advice, "settings"):
                value = number(setting, "value")
                if value is not None and text(setting, "unit"):
                    yield Fact("advice", value, _unit(text(setting, "unit")), anchor)


def _evidence(document: Document, item: Document, anchor: str) -> Iterator[Fact]:
    """Give a finding's value, its limit, and how far it is beyond it."""
    path, unit = text(item, "path"), _unit(text(item, "unit"))
    value, limit = number(item, "value"), number(item, "limit")
    hz = _octave_hz(document, path)
    if value is not None and unit == _OF_THE_FILE:
        kind = "inverted.bass" if "low_end" in path else "inverted.sides"
        yield from (Fact(path, 100 * value, "%", anchor, subject) for subject in (kind, "inverted"))
    elif value is not None and unit:
        yield Fact(path, value, unit, anchor, path if hz is None else "", hz)
    if limit is not None and unit:
        yield Fact(path, limit, unit, anchor, "limit", hz)
    if value is not None and limit is not None and unit:
        yield Fact(path, value - limit, "LU" if unit == "LUFS" else "dB", anchor, "limit", hz)


def _when(finding: Document, item: Document, anchor: str) -> Iterator[Fact]:
    """Give from when to when the first places of a finding reach."""
    for place in rows(finding, "ranges")[:_MOST_PLACES]:
        start_s, end_s = number(place, "start_s"), number(place, "end_s")
        for second in (start_s, end_s):
            if second is not None and start_s != end_s:
                yield Fact(text(item, "path"), second, "s", anchor, text(item, "path"))


def _of_its_band(finding: Document, item: Document, anchor: str) -> Iterator[Fact]:
    """Give what is too much or too little of a band under the band's name too."""
    band, value = _band_of(text(finding, "id")), number(item, "value")
    if band and value is not None and text(item, "unit") == "dBFS":
        yield Fact(text(item, "path"), value, "dBFS", anchor, band)


def _band_of(finding_id: str) -> str:
    """Return the subject of the band that a finding says is too loud or too quiet; others are of none."""
    found = re.fullmatch(r"tone\.corridor\.([a-z-]+)-(?:over|under)", finding_id)
    return f"band.{found[1].replace('-', ' ')}" if found else ""


def _octave_hz(document: Document, path: str) -> float | None:
    head, _, index = path.rpartition(".")
    if head != "spectrum.third_octave.level_db" or not index.isdigit():
        return None
    centres: list[Any] = section(section(document, "spectrum"), "third_octave").get("centre_hz") or []
    return float(centres[int(index)]) if int(index) < len(centres) else None


def _unit(unit: str) -> str:
    return {"bits": "bit", "dB per octave": "dB/oct", "kbps": "kbit/s"}.get(unit, unit)
