"""What each step of the engine costs, one after the other on one thread."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from app.audio import neural
from app.audio.aside import Aside
from app.audio.chords import measure_chords
from app.audio.decode import open_audio
from app.audio.downbeats import decode_bars
from app.audio.errors import Limits
from app.audio.meters import Meters, MonoListeners, sum_to_mono
from app.audio.rhythm import measure_rhythm
from app.audio.structure import measure_structure
from app.audio.tonality import measure_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


Answer = TypeVar("Answer")


class _Stopwatch:
    """Adds up CPU seconds under names."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, work: Callable[[], Answer]) -> Answer:
        started = time.process_time()
        answer = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - started
        return answer


def cpu_seconds(path: Path) -> dict[str, float]:
    """CPU seconds by step."""
    timed = _Stopwatch()
    with open_audio(path, name=path.name, limits=Limits()) as decoder:
        blocks = timed("decode", lambda: [block.copy() for block in decoder.blocks()])
        meters = Meters(decoder.sample_rate_hz, decoder.channels, models=False)
        mono = MonoListeners(decoder.sample_rate_hz)
        duration_s = decoder.duration_s
    for block in blocks:
        timed("loudness", partial(meters.loudness.add, block))
        timed("true peak", partial(meters.peaks.add, block))
        timed("levels", partial(meters.levels.add, block))
        timed("spectra", partial(meters.spectra.add, block))
        timed("flaws", partial(meters.flaws.add, block))
        line = timed("sum to mono", partial(sum_to_mono, block))
        timed("features of the networks", partial(mono.add, line))
    timed("features of the networks", mono.finish)
    beat_features, pitch_features = mono.beat_features, mono.pitch_features
    windows = meters.spectra.spectra().windows
    with Aside() as aside:
        heard = timed("beat networks", lambda: neural.DownbeatActivations(beat_features, aside).answer())
    timed("search for bars", lambda: decode_bars(heard))
    rhythm = timed("rhythm with its search", lambda: measure_rhythm(beat_features, heard, is_noise=False))
    beats_s = rhythm.beats.beats_s if rhythm else np.empty(0)
    downbeats_s = rhythm.beats.downbeats_s if rhythm else np.empty(0)
    timed("key", lambda: measure_key(windows.chroma, pitch_features))
    timed("chords", lambda: measure_chords(windows, pitch_features, beats_s, duration_s))
    timed("sections", lambda: measure_structure(windows, beat_features, meters.loudness.power(), downbeats_s))
    return timed.seconds
