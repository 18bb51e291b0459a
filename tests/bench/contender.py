"""One contender of the bench in a process of its own: warm up, run, print JSON.

python -m tests.bench.contender NAME FILE RUNS
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def engine(*, codecs: bool) -> Callable[[Path], dict[str, float]]:
    """Our engine, and when each step was done."""
    from app.analyses.encoding import lent_encoders
    from app.audio import warm  # noqa: F401
    from app.audio.engine import StepEvent, StepState, analyse

    def run(path: Path) -> dict[str, float]:
        started = time.perf_counter()
        done: dict[str, float] = {}

        def listen(event: StepEvent) -> None:
            if event.state is StepState.DONE:
                done[event.step.value] = time.perf_counter() - started

        with ExitStack() as stack:
            exchanges = stack.enter_context(lent_encoders()) if codecs else {}
            analyse(path, name=path.name, codecs=codecs, exchanges=exchanges, on_step=listen)
        return done

    return run


def loudness_alone() -> Callable[[Path], dict[str, float]]:
    """Our loudness and true peak, without the rest."""
    from app.audio.decode import open_audio
    from app.audio.errors import Limits
    from app.audio.loudness import LoudnessMeter
    from app.audio.true_peak import PeakMeter

    def run(path: Path) -> dict[str, float]:
        with open_audio(path, name=path.name, limits=Limits()) as decoder:
            loudness = LoudnessMeter(decoder.sample_rate_hz, decoder.channels)
            peaks = PeakMeter(decoder.sample_rate_hz, decoder.channels)
            for block in decoder.blocks():
                loudness.add(block)
                peaks.add(block)
        peaks.finish()
        loudness.readings()
        return {}

    return run


def plain_script() -> Callable[[Path], dict[str, float]]:
    """What one writes first: each library called plainly, each loading the file for itself."""
    import numpy as np
    import soundfile
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor
    from madmom.features.key import CNNKeyRecognitionProcessor
    from scipy.signal import resample_poly

    # Neither is a dependency of ours: who wants the comparison installs them.
    librosa, pyloudnorm = import_module("librosa"), import_module("pyloudnorm")
    hear_beats, track_beats = RNNBeatProcessor(), DBNBeatTrackingProcessor(fps=100)
    hear = RNNDownBeatProcessor()
    track = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    name_key = CNNKeyRecognitionProcessor()

    def run(path: Path) -> dict[str, float]:
        signal, rate_hz = soundfile.read(path, always_2d=True)
        meter = pyloudnorm.Meter(rate_hz)
        meter.integrated_loudness(signal)
        meter.loudness_range(signal)
        abs(resample_poly(signal, 4, 1, axis=0)).max()
        mono, rate_hz = librosa.load(path, sr=None)
        librosa.feature.spectral_contrast(y=mono, sr=rate_hz)
        librosa.feature.spectral_centroid(y=mono, sr=rate_hz)
        librosa.feature.spectral_bandwidth(y=mono, sr=rate_hz)
        librosa.feature.spectral_rolloff(y=mono, sr=rate_hz)
        librosa.feature.spectral_flatness(y=mono)
        librosa.beat.beat_track(y=mono, sr=rate_hz)
        chroma = librosa.feature.chroma_cqt(y=mono, sr=rate_hz)
        librosa.segment.agglomerative(np.vstack((chroma, librosa.feature.mfcc(y=mono, sr=rate_hz))), 8)
        track_beats(hear_beats(str(path)))
        track(hear(str(path)))
        name_key(str(path))
        return {}

    return run


def music_extractor() -> Callable[[Path], dict[str, float]]:
    """Essentia's whole extractor."""
    extractor = import_module("essentia.standard").MusicExtractor()

    def run(path: Path) -> dict[str, float]:
        extractor(str(path))
        return {}

    return run


def steps() -> Callable[[Path], dict[str, float]]:
    """CPU seconds of each step of our engine, one after the other on one thread."""
    from app.audio import warm  # noqa: F401
    from tests.bench.steps import cpu_seconds

    return cpu_seconds


YARDSTICKS = ("plain script", "MusicExtractor")
"""Contenders that need no code of ours, so that any Python can run them."""

CONTENDERS = {
    "steps": steps,
    "engine": lambda: engine(codecs=True),
    "engine, 24 bits, 96 kHz": lambda: engine(codecs=True),
    "engine without codecs": lambda: engine(codecs=False),
    "loudness alone": loudness_alone,
    "plain script": plain_script,
    "MusicExtractor": music_extractor,
}


def main(name: str, path: Path, runs: int) -> None:
    """Run once to warm up, then as often as asked."""
    run = CONTENDERS[name]()
    steps = run(path)
    # A child of the worker measures one file: what later runs leave in the heap is not its own.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, cpu_seconds = [], []
    for _ in range(runs):
        started, cpu_started = time.perf_counter(), time.process_time()
        steps = run(path)
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu_started)
    result = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb, "steps": steps}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
