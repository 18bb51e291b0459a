"""The seven figures that a producer asks for first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.analyses.document import measured, number, section, text
from app.analyses.report.music import key_name, meter, sure
from app.analyses.report.parts import Figure, figure
from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.analyses.report.limits import Limits

_CHANNELS = {1: "mono", 2: "stereo"}


def badges_of(document: Document, limits: Limits, found: Found) -> tuple[Figure, ...]:
    """Make the badges; a value beyond its limit names its finding."""
    loudness, file = section(document, "loudness"), section(document, "file")
    rhythm, tonality = section(document, "rhythm"), section(document, "tonality")
    whole = limits.range_of("integrated_low_lufs", "integrated_high_lufs") or "whole track, gated"
    return (
        _marked(
            figure("Integrated", number(loudness, "integrated_lufs"), "LUFS", sub=whole),
            found,
            "loudness.quiet",
            "loudness.loud",
        ),
        _marked(_true_peak(number(loudness, "true_peak_dbtp"), limits), found, "clipping.true-peak"),
        figure("Range", number(loudness, "range_lu"), "LU", sub="10 to 95 % of short-term"),
        figure("Tempo", number(rhythm, "tempo_bpm"), "BPM", sub=sure(number(rhythm, "confidence"))),
        _key(tonality),
        _length(number(file, "duration_s"), rhythm),
        Figure("Format", text(file, "format").upper() or numbers.UNMEASURED, sub=kind_of(file)),
    )


def kind_of(file: Document) -> str:
    """Describe the file, such as ``24 bit, 44.1 kHz, stereo``."""
    depth, rate, channels = (number(file, name) for name in ("bit_depth", "sample_rate_hz", "channels"))
    parts = (
        f"{depth:g} bit" if depth else "",
        f"{rate / 1000:g} kHz" if rate else "",
        _CHANNELS.get(int(channels), f"{channels:g} channels") if channels else "",
    )
    return ", ".join(filter(None, parts))


def _marked(badge: Figure, found: Found, *rules: str) -> Figure:
    """Mark a value whose finding asks for more than to be known."""
    refs = found.refs(*rules)
    asked = {card.number for card in found.counting() if card.severity != "note"}
    return replace(badge, refs=refs, is_over=any(ref.number in asked for ref in refs))


def _true_peak(peak: float | None, limits: Limits) -> Figure:
    """Say what the target allows, or on which side of full scale the peak lies."""
    if peak is None:
        return figure("True peak", None)
    most = limits.bound("true_peak_dbtp")
    side = "above" if peak > 0 else "under"
    sub = f"at most {numbers.signed(most)}" if most is not None else f"{numbers.fixed(abs(peak))} dB {side} full scale"
    return Figure("True peak", numbers.signed(peak), "dBTP", sub)


def _key(tonality: Document) -> Figure:
    name = key_name(text(tonality, "key")).replace("minor", "min").replace("major", "maj")
    if not name:
        return figure("Key", None)
    return Figure("Key", name, text(tonality, "camelot"), sure(number(tonality, "confidence")))


def _length(seconds: float | None, rhythm: Document) -> Figure:
    bars = measured(rhythm, "downbeats_s")
    count = "1 bar" if len(bars) == 1 else f"{len(bars)} bars"
    said = f"{count} of {meter(rhythm)}" if "/" in meter(rhythm) else count
    return Figure("Duration", numbers.clock(seconds), sub=said if bars else "", is_measured=seconds is not None)
