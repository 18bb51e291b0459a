"""Each section of the report out of the document; a section without data is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import measured, number, readings, rows, section, text
from app.analyses.report.loudness_chart import loudness_chart
from app.analyses.report.parts import Cell, Figure, FigureTable, Head, Row, Section, figure, known
from app.analyses.report.tone_chart import Band, tone_chart
from app.kernel.html import numbers
from app.kernel.html.charts import percent, place

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.kernel.html.charts import Chart

_FLATS = {"b": "\N{MUSIC FLAT SIGN}", "#": "\N{MUSIC SHARP SIGN}"}


def sections_of(document: Document) -> tuple[Section, ...]:
    """Make every section that has data, in the order of the page."""
    made = (_loudness(document), _tone(document), _stereo(document), _rhythm(document), _dynamics(document))
    return tuple(part for part in made if part.figures or part.chart or part.table)


def key_name(key: str) -> str:
    """Write a key with real signs: ``Bb major`` becomes ``B♭ major``."""
    tonic, _, mode = key.partition(" ")
    return f"{tonic[:1]}{''.join(_FLATS.get(sign, sign) for sign in tonic[1:])} {mode}".strip()


def _loudness(document: Document) -> Section:
    part = section(document, "loudness")
    chart, when = _timeline(part)
    short_term = number(part, "short_term_max_lufs")
    at = f" at {when}" if when else ""
    return Section(
        id="timeline",
        title="Timeline",
        say=f"Short-term loudness is highest{at}, {numbers.fixed(short_term)} LUFS." if short_term is not None else "",
        figures=known(
            figure("Short-term maximum", short_term, "LUFS", sub=at.strip()),
            figure("Momentary maximum", number(part, "momentary_max_lufs"), "LUFS"),
            figure("Range", number(part, "range_lu"), "LU"),
            _signed("True peak", number(part, "true_peak_dbtp"), 1, "dBTP"),
        ),
        method="ITU-R BS.1770-5; EBU Tech 3341 and 3342. Readings each 0.1 s, drawn with every peak kept.",
        chart=chart,
        is_broad=True,
    )


def _timeline(part: Document) -> tuple[Chart | None, str]:
    """Draw loudness over time and name the loudest moment."""
    line = section(part, "timeline")
    step_s = number(line, "step_s")
    short_term = readings(line, "short_term_lufs")
    momentary = readings(line, "momentary_lufs")
    heard = [value for value in short_term if value is not None]
    if not step_s or not heard or len(momentary) != len(short_term):
        return None, ""
    when = numbers.clock((short_term.index(max(heard)) + 1) * step_s)
    integrated = number(part, "integrated_lufs")
    said = f"Short-term loudness lies between {numbers.fixed(min(heard))} and {numbers.fixed(max(heard))} LUFS"
    whole = f"; integrated loudness is {numbers.fixed(integrated)} LUFS." if integrated is not None else "."
    return loudness_chart(momentary, short_term, step_s, integrated, said + f", highest at {when}" + whole), when


def _tone(document: Document) -> Section:
    part = section(document, "spectrum")
    tilt = number(part, "tilt_db_per_octave")
    chart, strongest = _spectrum(part)
    slope = f" Slope of the third octaves: {numbers.signed(tilt)} dB per octave." if tilt is not None else ""
    return Section(
        id="tone",
        title="Tone",
        say=strongest + slope,
        figures=known(
            _signed("Slope", tilt, 1, "dB per octave"),
            figure("Bandwidth", _kilo(number(part, "bandwidth_hz")), "kHz"),
        ),
        method="Mean of half overlapped Hann windows; third octaves by IEC 61260-1, a full-scale sine at 0 dBFS.",
        chart=chart,
        table=_shares(part),
    )


def _kilo(value: float | None) -> float | None:
    return None if value is None else value / 1000


def _spectrum(part: Document) -> tuple[Chart | None, str]:
    """Draw the third octaves and name the strongest."""
    third = section(part, "third_octave")
    centres, levels = measured(third, "centre_hz"), readings(third, "level_db")
    heard = [level for level in levels if level is not None]
    if not heard or len(centres) != len(levels):
        return None, ""
    top = max(heard)
    said = f"The strongest third octave is {centres[levels.index(top)]:g} Hz, at {numbers.fixed(top)} dBFS."
    bands = [Band(text(row, "name"), *_edges(row)) for row in rows(part, "bands")]
    return tone_chart(centres, levels, [band for band in bands if band.low_hz < band.high_hz], said), said


def _edges(row: Document) -> tuple[float, float]:
    return number(row, "low_hz") or 0.0, number(row, "high_hz") or 0.0


def _hertz(row: Document) -> Cell:
    low, high = _edges(row)
    return Cell(f"{low:g} to {high:g}", "nowrap hide-n")


def _shares(part: Document) -> FigureTable | None:
    """Tell how the energy is shared among the producer's bands."""
    bands = [row for row in rows(part, "bands") if number(row, "share") is not None]
    if not bands:
        return None
    return FigureTable(
        caption="Share of the energy by band",
        heads=(
            Head("Band"),
            Head("Hz", "hide-n"),
            Head("Share, 0 to 100 %", "w-chart"),
            Head("Level, dBFS", "num"),
            Head("Share, %", "num"),
        ),
        rows=tuple(Row(text(row, "name").capitalize(), _share_cells(row)) for row in bands),
    )


def _share_cells(row: Document) -> tuple[Cell, ...]:
    share = number(row, "share") or 0.0
    return (
        _hertz(row),
        Cell(kind="bar", start="0%", extent=percent(share), zero="0%"),
        Cell(numbers.fixed(number(row, "level_db")), "num"),
        Cell(numbers.fixed(100 * share), "num"),
    )


def _stereo(document: Document) -> Section:
    part = section(document, "stereo")
    loss, correlation = number(part, "fold_down_loss_db"), number(part, "correlation")
    said = f"The sum to mono loses {numbers.fixed(loss)} dB." if loss is not None else ""
    balance = number(part, "balance_db")
    side = "right" if (balance or 0) > 0 else "left"
    return Section(
        id="stereo",
        title="Stereo",
        say=said,
        figures=known(
            _signed("Correlation", correlation, 2),
            figure("Fold-down loss", loss, "dB"),
            figure("Width", number(part, "width"), decimals=2, sub="0 mono, 0.5 unrelated"),
            figure("Balance", None if balance is None else abs(balance), f"dB {side}"),
            figure("Side to mid under 120 Hz", number(part, "low_end_side_to_mid_db"), "dB"),
        ),
        method="Correlation of the two sides over the whole track; side over side plus mid as width.",
        table=_stereo_bands(part, correlation),
    )


def _signed(name: str, value: float | None, decimals: int, unit: str = "") -> Figure:
    plain = figure(name, value, decimals=decimals)
    return Figure(name, numbers.signed(value, decimals), unit) if plain.is_measured else plain


def _stereo_bands(part: Document, correlation: float | None) -> FigureTable | None:
    """Draw correlation and width, of the whole and of each band where they are known."""
    if correlation is None:
        return None
    whole = Row("Whole mix", (Cell("all", "hide-n"), *_stereo_cells(correlation, number(part, "width"))))
    return FigureTable(
        caption="Correlation and width by band" if rows(part, "bands") else "Correlation and width",
        heads=(
            *(Head("Band"), Head("Hz", "hide-n"), Head(f"Correlation, {numbers.MINUS}1 to +1", "w-chart")),
            *(Head("Correlation", "num"), Head("Width", "num")),
        ),
        rows=(whole, *(_stereo_row(row) for row in rows(part, "bands"))),
    )


def _stereo_row(row: Document) -> Row:
    cells = _stereo_cells(number(row, "correlation"), number(row, "width"))
    return Row(text(row, "name").capitalize(), (_hertz(row), *cells))


def _stereo_cells(correlation: float | None, width: float | None) -> tuple[Cell, ...]:
    dot = Cell(kind="dot", start=place(correlation, -1.04, 1.04), zero="50%") if correlation is not None else Cell()
    return dot, Cell(numbers.signed(correlation, 2), "num"), Cell(numbers.fixed(width, 2), "num")


def _rhythm(document: Document) -> Section:
    rhythm, tonality = section(document, "rhythm"), section(document, "tonality")
    tempo, key = number(rhythm, "tempo_bpm"), text(tonality, "key")
    beats, bars = measured(rhythm, "beats_s"), measured(rhythm, "downbeats_s")
    parts = [f"{numbers.fixed(tempo)} BPM" if tempo is not None else "", key_name(key)]
    return Section(
        id="rhythm",
        title="Rhythm and key",
        say=f"{', '.join(filter(None, parts))}." if any(parts) else "",
        figures=known(
            figure("Tempo", tempo, "BPM", sub=sure(number(rhythm, "confidence"))),
            _word("Or felt as", _tempos(rhythm), "BPM"),
            _word("Meter", meter(rhythm)),
            figure("Beats", float(len(beats)) if beats else None, decimals=0),
            figure("Bars", float(len(bars)) if bars else None, decimals=0),
            figure("Steadiness", number(rhythm, "stability"), decimals=2),
            _word("Key", key_name(key), text(tonality, "camelot"), sure(number(tonality, "confidence"))),
            _word("Or heard as", _alternatives(tonality)),
            figure("Tuning", number(tonality, "tuning_hz"), "Hz"),
        ),
        method="Beats, downbeats and key by madmom's networks; beside the key, its place on the Camelot wheel.",
    )


def _word(name: str, value: str, unit: str = "", sub: str = "") -> Figure:
    return Figure(name, value, unit, sub, is_measured=bool(value))


def meter(rhythm: Document) -> str:
    """Write the meter, whether it is given as ``4/4`` or as beats a bar."""
    beats = number(rhythm, "meter")
    return text(rhythm, "meter") or (f"{beats:g} beats a bar" if beats else "")


def sure(confidence: float | None) -> str:
    """Write a confidence, such as ``0.86 sure``."""
    return f"{numbers.fixed(confidence, 2)} sure" if confidence is not None else ""


def _tempos(rhythm: Document) -> str:
    """Name the other tempos that fit, whether they come as figures or as objects."""
    named = [number(row, "tempo_bpm") for row in rows(rhythm, "alternatives")]
    found = [tempo for tempo in named if tempo is not None] or measured(rhythm, "alternatives")
    return " or ".join(numbers.fixed(tempo) for tempo in found[:2])


def _alternatives(tonality: Document) -> str:
    """Name the next likely keys, whether they come as words or as objects."""
    given = tonality.get("alternatives")
    names = [text(row, "key") for row in rows(tonality, "alternatives")]
    plain = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    return ", ".join(key_name(name) for name in (names or plain)[:2] if name)


def _dynamics(document: Document) -> Section:
    part, loudness = section(document, "dynamics"), section(document, "loudness")
    clipping = section(part, "clipping")
    plr = number(loudness, "plr_db")
    return Section(
        id="dynamics",
        title="Dynamics",
        say=f"True peak stands {numbers.fixed(plr)} dB above integrated loudness." if plr is not None else "",
        figures=known(
            figure("Crest factor", number(part, "crest_db"), "dB"),
            figure("Peak to loudness", plr, "dB"),
            figure("Peak to short-term, least", number(loudness, "psr_min_db"), "dB"),
            figure("Sample peak", number(loudness, "sample_peak_dbfs"), "dBFS"),
            figure("DR", number(part, "dr"), decimals=0),
            figure("Clipped runs", number(clipping, "runs"), decimals=0),
            figure("Inter-sample overs", number(part, "inter_sample_overs"), decimals=0),
            figure("Noise floor", number(part, "noise_floor_dbfs"), "dBFS"),
        ),
        method="True peak by oversampling, ITU-R BS.1770-5 Annex 2.",
    )
