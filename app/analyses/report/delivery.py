"""What happens to the file on its way: lossy copies and the platforms' normalisation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app.analyses.document import measured, number, rows, section, text
from app.analyses.report.findings import GRADES
from app.analyses.report.parts import Cell, FigureTable, Head, Row, Section, listed
from app.kernel.html import numbers
from app.kernel.html.charts import percent, place

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.report.findings import Found

_LOWEST_DBTP, _HIGHEST_DBTP = -3.0, 3.0
_MOST_GAIN_DB = 12.0
_ZERO = 0.8
"""Where no change stands among the platforms' bars: most turn down."""


def codec_section(document: Document, found: Found) -> Section:
    """Make the section of the codec preview."""
    copies = rows(document, "codecs")
    return Section(
        id="codecs",
        title="Codec preview",
        say=_said(copies),
        refs=found.refs("codec", "clipping.codec-headroom"),
        method=_method(copies),
        tables=_copies(document, copies) if copies else (),
    )


def _method(copies: list[Document]) -> str:
    covered_s = [seconds for copy in copies if (seconds := number(copy, "covered_s")) is not None]
    if not covered_s:
        return ""
    least, most = (numbers.fixed(seconds, 0) for seconds in (min(covered_s), max(covered_s)))
    length = f"{most} s in all" if least == most else f"{least} to {most} s of the file for each encoder"
    return (
        f"Real encodes of the loudest passages, {length}, decoded and measured. "
        "The whole file may peak a few tenths of a decibel higher."
    )


def platform_section(document: Document) -> Section:
    """Make the section of the platforms."""
    platforms = rows(document, "platforms")
    return Section(
        id="platforms",
        title="Platforms",
        say="What each would do to it. Information, never a fault." if platforms else "",
        method="Published levels, dated; a platform may change them. "
        + "; ".join(f"{grade}: {words}" for grade, words in GRADES.items() if grade != "P")
        + ".",
        tables=_platforms(platforms) if platforms else (),
    )


def _said(copies: list[Document]) -> str:
    over = [
        f"{_name(copy)} ({numbers.signed(peak)} dBTP)"
        for copy in copies
        if (peak := number(copy, "true_peak_dbtp")) is not None and peak > 0
    ]
    if not copies:
        return ""
    return (
        f"{listed(over)} {'pass' if len(over) > 1 else 'passes'} full scale." if over else "No copy passes full scale."
    )


def _name(copy: Document) -> str:
    return f"{text(copy, 'name')} {number(copy, 'bitrate_kbps') or 0:g}"


def _copies(document: Document, copies: list[Document]) -> tuple[FigureTable, ...]:
    source = section(document, "loudness")
    overs = section(document, "dynamics").get("inter_sample_overs")
    first = _copy("Source", number(source, "true_peak_dbtp"), overs, None)
    heads = (
        Head("Copy"),
        Head(f"{numbers.MINUS}3 to +3 dBTP, full scale dashed", "w-chart"),
        Head("dBTP", "num"),
        Head("Overs", "num"),
        Head("Highs, dB", "num"),
    )
    made = tuple(
        _copy(
            _name(copy),
            number(copy, "true_peak_dbtp"),
            copy.get("overs"),
            next(iter(measured(copy, "band_difference_db")[5:6]), None),
        )
        for copy in copies
    )
    return (FigureTable("True peak after decoding; level of 6 to 16 kHz against the source", heads, (first, *made)),)


def _copy(name: str, peak: float | None, overs: object, highs: float | None) -> Row:
    full_scale = place(0.0, _LOWEST_DBTP, _HIGHEST_DBTP)
    drawn = (
        Cell(
            kind="dot",
            start=place(peak, _LOWEST_DBTP, _HIGHEST_DBTP),
            zero="0%",
            limit=full_scale,
            is_over=peak > 0,
        )
        if peak is not None
        else Cell()
    )
    count = f"{len(overs)}" if isinstance(overs, list) else "none"
    return Row(
        name,
        (
            drawn,
            Cell(numbers.signed(peak), "num"),
            Cell(count, "num"),
            Cell(numbers.signed(highs) if highs is not None else "", "num"),
        ),
    )


def _platforms(platforms: list[Document]) -> tuple[FigureTable, ...]:
    heads = (
        Head("Platform"),
        Head("Target, LUFS", "num"),
        Head("Change", "w-chart hide-n"),
        Head("dB", "num"),
        Head("As of", "hide-n"),
        Head("Source", "hide-n"),
        Head("Note"),
    )
    return (FigureTable("Change of level on playback", heads, tuple(map(_platform, platforms))),)


def _platform(row: Document) -> Row:
    target, gain = number(row, "target_lufs"), number(row, "gain_db")
    return Row(
        text(row, "name"),
        (
            Cell(numbers.fixed(target, 0) if target is not None else "none", "num"),
            _change(gain),
            Cell(numbers.signed(gain) if gain is not None else "unknown", "num"),
            Cell(_month(text(row, "as_of")), "nowrap hide-n"),
            Cell(text(row, "grade"), "hide-n"),
            Cell(text(row, "note"), "quiet"),
        ),
    )


def _change(gain: float | None) -> Cell:
    if gain is None:
        return Cell(style="hide-n")
    part = min(abs(gain) / _MOST_GAIN_DB, 1.0) * (_ZERO if gain < 0 else 1 - _ZERO)
    start = _ZERO - part if gain < 0 else _ZERO
    return Cell(style="hide-n", kind="soft", start=percent(start), extent=percent(part), zero=percent(_ZERO))


def _month(as_of: str) -> str:
    try:
        return f"{date.fromisoformat(as_of):%b %Y}"
    except ValueError:
        return as_of
