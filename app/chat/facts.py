"""The report as single figures, each with its unit, its names and the place on the page that shows it.

The report guide answers from them, and the checker looks every quoted measurement up in them.
"""

from __future__ import annotations

from math import inf, log2
from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.chat.fact import Fact
from app.chat.measures import MEASURES, value_at
from app.chat.names import names_of
from app.chat.naming import BANDS, named_sections
from app.chat.verdict_facts import verdict_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document

CONCERT_PITCH_HZ = 440.0


def facts_of(document: Document) -> tuple[Fact, ...]:
    """Return every figure of a report that an answer may quote."""
    made = (
        *(_measures, _otherwise_said, _bands, _band_stereo, _octaves, _resonances, _codecs, _platforms, _rhythm, _keys),
        *(_faults, _loudest, _sections, verdict_facts, _edges, _live_set),
    )
    return tuple(fact for make in made for fact in make(document))


def _measures(document: Document) -> Iterator[Fact]:
    """Give each measure; one that was not measured has a value that no quote can have."""
    for measure in MEASURES:
        value = value_at(document, measure.path)
        yield Fact(measure.path, inf if value is None else value, measure.unit, measure.anchor, measure.path)


def _otherwise_said(document: Document) -> Iterator[Fact]:
    """Give what some measures are also said as, and what has no measure of its own."""
    width = value_at(document, "stereo.width")
    if width is not None:
        yield Fact("stereo.width", 100 * width, "%", "stereo", "stereo.width")
    peak = value_at(document, "loudness.true_peak_dbtp")
    if peak is not None:
        yield Fact("loudness.true_peak_dbtp", -peak, "dB", "timeline", "headroom")
    range_db = value_at(document, "dynamics.dr")
    if range_db is not None:
        yield Fact("dynamics.dr", range_db, "dB", "dynamics", "dynamics.dr")
    for path in ("dynamics.faults.lossy_cutoff_hz", "dynamics.faults.upsampled_from_hz"):
        hertz = value_at(document, path)
        if hertz is not None:
            yield Fact(path, hertz, "Hz", "findings", path)
    for offset in readings(section(document, "dynamics"), "dc_offset"):
        if offset is not None:
            yield Fact("dynamics.dc_offset", 100 * offset, "%", "dynamics", "dynamics.dc_offset")
    bits = value_at(document, "file.bit_depth")
    if bits is not None:
        yield Fact("file.bit_depth", bits, "bit", "record", "dynamics.faults.effective_bits")


def _faults(document: Document) -> Iterator[Fact]:
    faults = section(section(document, "dynamics"), "faults")
    # Where no hum is, none has any frequency.
    hertz = number(section(faults, "hum"), "frequency_hz") or inf
    yield Fact("dynamics.faults.hum", hertz, "Hz", "findings", "dynamics.faults.hum")
    for second in readings(faults, "clicks_s"):
        if second is not None:
            yield Fact("dynamics.faults.clicks_s", second, "s", "findings", "dynamics.faults.clicks")


def _bands(document: Document) -> Iterator[Fact]:
    for row in rows(section(document, "spectrum"), "bands"):
        subject = f"band.{text(row, 'name')}"
        path = f"spectrum.bands.{text(row, 'name')}"
        share, level = number(row, "share"), number(row, "level_db")
        if share is not None:
            yield Fact(path, 100 * share, "%", "tone", subject)
        if level is not None:
            yield Fact(path, level, "dBFS", "tone", subject)
        for edge in ("low_hz", "high_hz"):
            value = number(row, edge)
            if value is not None:
                yield Fact(path, value, "Hz", "tone", subject)


def _band_stereo(document: Document) -> Iterator[Fact]:
    for row in rows(section(document, "stereo"), "bands"):
        name = text(row, "name")
        for field, metric, unit in (
            ("fold_down_loss_db", "fold", "dB"),
            ("correlation", "correlation", ""),
            ("width", "width", ""),
        ):
            value = number(row, field)
            if value is not None:
                yield Fact(f"stereo.bands.{name}.{field}", value, unit, "stereo", f"{metric}.{name}")
                if metric == "width":
                    yield Fact(f"stereo.bands.{name}.{field}", 100 * value, "%", "stereo", f"{metric}.{name}")


def _octaves(document: Document) -> Iterator[Fact]:
    third = section(section(document, "spectrum"), "third_octave")
    centres, levels = third.get("centre_hz") or [], third.get("level_db") or []
    for index, (centre, level) in enumerate(zip(centres, levels, strict=False)):
        path = f"spectrum.third_octave.{index}"
        yield Fact(path, float(centre), "Hz", "tone")
        if level is not None:
            yield Fact(path, float(level), "dBFS", "tone", hz=float(centre))


def _resonances(document: Document) -> Iterator[Fact]:
    for row in rows(section(document, "spectrum"), "resonances"):
        centre, height = number(row, "centre_hz"), number(row, "height_db")
        if centre is not None and height is not None:
            yield Fact("spectrum.resonances", centre, "Hz", "tone", "resonance")
            yield Fact("spectrum.resonances", height, "dB", "tone", "resonance", hz=centre)


def _codecs(document: Document) -> Iterator[Fact]:
    for row in rows(document, "codecs"):
        subject = f"codec.{text(row, 'name').split()[-1].lower()}"
        peak, rate = number(row, "true_peak_dbtp"), number(row, "bitrate_kbps")
        if peak is not None:
            yield Fact("codecs", peak, "dBTP", "findings", subject)
        if rate is not None:
            yield Fact("codecs", rate, "kbit/s", "findings", subject)
        for band, change in zip(BANDS, readings(row, "band_difference_db"), strict=False):
            if change is not None:
                yield Fact("codecs", change, "dB", "findings", f"{subject}.{band}")


def _platforms(document: Document) -> Iterator[Fact]:
    integrated = value_at(document, "loudness.integrated_lufs")
    for row in rows(document, "platforms"):
        subject = f"platform.{text(row, 'name').lower()}"
        target, gain = number(row, "target_lufs"), number(row, "gain_db")
        if target is not None:
            yield Fact("platforms", target, "LUFS", "record", subject)
            yield Fact("platforms", target, "LUFS", "record", "platforms.target")
        if gain is not None and integrated is not None:
            yield Fact("platforms", integrated + gain, "LUFS", "record", subject)
        if gain is not None:
            yield Fact("platforms", gain, "dB", "record", subject)


def _rhythm(document: Document) -> Iterator[Fact]:
    rhythm = section(document, "rhythm")
    for name, subject in (("alternatives", "rhythm.alternatives"), ("tempo_segments", "rhythm.tempo_segments")):
        for row in rows(rhythm, name):
            tempo = number(row, "tempo_bpm")
            if tempo is not None:
                start_s = number(row, "start_s")
                yield Fact(f"rhythm.{name}", tempo, "BPM", "rhythm", subject, start_s=start_s)
                yield Fact(f"rhythm.{name}", tempo, "BPM", "rhythm", f"{subject}.{text(row, 'relation')}")
    segments = rows(rhythm, "tempo_segments")
    for row, place in ((segments[0], "first"), (segments[-1], "last")) if segments else ():
        tempo = number(row, "tempo_bpm")
        if tempo is not None:
            yield Fact("rhythm.tempo_segments", tempo, "BPM", "rhythm", f"rhythm.tempo_segments.{place}")
    for row in segments[:1]:
        yield Fact("rhythm.tempo_segments", number(row, "start_s") or 0.0, "s", "rhythm", "rhythm.first_beat")
    stability = number(rhythm, "stability")
    if stability is not None:
        yield Fact("rhythm.stability", 100 * stability, "%", "rhythm", "rhythm.stability")
    confidence = number(rhythm, "confidence")
    if confidence is not None:
        yield Fact("rhythm.confidence", 100 * confidence, "%", "rhythm", "confidence.tempo")


def _keys(document: Document) -> Iterator[Fact]:
    """Give how sure the key is, and how much speaks for the others."""
    tonality = section(document, "tonality")
    confidence = number(tonality, "confidence")
    if confidence is not None:
        for subject in ("confidence.key", f"key.{text(tonality, 'key')}"):
            yield Fact("tonality.confidence", 100 * confidence, "%", "rhythm", subject)
    for row in rows(tonality, "alternatives"):
        weight = number(row, "weight")
        if weight is not None:
            yield Fact("tonality.alternatives", 100 * weight, "%", "rhythm", f"key.{text(row, 'key')}")
    yield Fact("tonality.tuning_hz", CONCERT_PITCH_HZ, "Hz", "rhythm")
    tuning_hz = number(tonality, "tuning_hz")
    if tuning_hz:
        cents = 1200 * log2(tuning_hz / CONCERT_PITCH_HZ)
        yield Fact("tonality.tuning_hz", cents, "cent", "rhythm", "tonality.tuning_hz")


def _loudest(document: Document) -> Iterator[Fact]:
    place = section(section(document, "loudness"), "loudest")
    start_s, end_s = number(place, "start_s"), number(place, "end_s")
    if start_s is not None and end_s is not None:
        for value in (start_s, end_s, end_s - start_s):
            yield Fact("loudness.loudest", value, "s", "timeline", "loudness.loudest")


def _sections(document: Document) -> Iterator[Fact]:
    for name, row in named_sections(document):
        loudness, start_s = number(row, "loudness_lufs"), number(row, "start_s")
        for edge in (start_s, number(row, "end_s")):
            if edge is not None:
                yield Fact("structure.sections", edge, "s", "timeline", f"section.{name}")
        if loudness is not None:
            yield Fact("structure.sections", loudness, "LUFS", "timeline", f"section.{name}", start_s=start_s)


def _live_set(document: Document) -> Iterator[Fact]:
    """Give the set's tempo and its faders, each by the placeholder of its track."""
    live_set = section(document, "live_set")
    tempo = number(live_set, "tempo_bpm")
    if tempo is not None:
        yield Fact("live_set.tempo_bpm", tempo, "BPM", "record", "live_set.tempo_bpm")
    names = names_of(document)
    for index, row in enumerate(rows(live_set, "tracks")):
        volume = number(row, "volume_db")
        if volume is not None:
            yield Fact("live_set.tracks", volume, "dB", "record", f"track.{names.track(index)}")


def _edges(document: Document) -> Iterator[Fact]:
    if value_at(document, "stereo.low_end_side_to_mid_db") is not None:
        yield Fact("stereo.low_end_side_to_mid_db", 120.0, "Hz", "stereo")
