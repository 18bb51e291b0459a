"""Third-octave levels as one line, with the producer's bands as a strip below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    WIDTH,
    Chart,
    Curve,
    Line,
    Strip,
    Table,
    level_scale,
    path_at,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.kernel.html.charts import Reading

PLOT_HEIGHT = 240
MOST_DB = 60
STRIP_PX = 24
_OCTAVES_HZ = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_HALF_BAND = 10**0.05
_SHORT_NAMES = {"low mids": "LM", "mids": "Mid", "high mids": "HM", "highs": "High", "sub": "Sub", "bass": "Bass"}


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of frequencies."""

    name: str
    low_hz: float
    high_hz: float


@dataclass(frozen=True, slots=True)
class _FrequencyScale:
    low_hz: float
    high_hz: float

    def part(self, hertz: float) -> float:
        inside = min(max(hertz, self.low_hz), self.high_hz)
        return math.log(inside / self.low_hz) / math.log(self.high_hz / self.low_hz)


def tone_chart(centre_hz: Sequence[float], level_db: Sequence[Reading], bands: Sequence[Band], said: str) -> Chart:
    """Draw the long-term spectrum."""
    across = _FrequencyScale(min(centre_hz) / _HALF_BAND, max(centre_hz) * _HALF_BAND)
    scale = level_scale(level_db, PLOT_HEIGHT, most=MOST_DB)
    base = TOP_PX + PLOT_HEIGHT
    return Chart(
        id="tone-chart",
        title="Spectrum in third octaves",
        description=said,
        caption="Level of each third octave, dBFS, over the whole track",
        plot_height=PLOT_HEIGHT,
        height=base + 24 + (STRIP_PX if bands else 0),
        top=TOP_PX,
        base=base,
        levels=scale.lines("dBFS"),
        places=tuple(_octave(hertz, across) for hertz in _OCTAVES_HZ if across.low_hz < hertz < across.high_hz),
        curves=(Curve("line", path_at([WIDTH * across.part(hertz) for hertz in centre_hz], level_db, scale)),),
        reference=None,
        strips=tuple(_strip(band, index, across) for index, band in enumerate(bands)),
        table=_table(centre_hz, level_db),
    )


def hertz_label(hertz: float) -> str:
    """Name a frequency on an axis, such as ``63`` or ``16k``."""
    return f"{hertz / 1000:g}k" if hertz >= 1000 else f"{hertz:g}"


def _octave(hertz: float, across: _FrequencyScale) -> Line:
    return Line(at=percent(across.part(hertz)), label="31" if hertz == _OCTAVES_HZ[0] else hertz_label(hertz))


def _strip(band: Band, index: int, across: _FrequencyScale) -> Strip:
    start, end = across.part(band.low_hz), across.part(band.high_hz)
    name = band.name.capitalize()
    return Strip(
        start=percent(start),
        extent=percent(end - start),
        middle=percent((start + end) / 2),
        name=name,
        short_name=_SHORT_NAMES.get(band.name.lower(), name),
        style="sect sect-alt" if index % 2 else "sect",
    )


def _table(centre_hz: Sequence[float], level_db: Sequence[Reading]) -> Table:
    return Table(
        caption="Spectrum as a table",
        heads=("Centre, Hz", "Level, dBFS"),
        rows=tuple(
            (f"{hertz:g}", "none" if level is None else numbers.fixed(level))
            for hertz, level in zip(centre_hz, level_db, strict=True)
        ),
        reading="band",
    )
