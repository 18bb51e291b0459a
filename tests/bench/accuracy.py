"""How right the engine is on the annotated clips, and how much of it is the choice of weights.

    python -m tests.bench.accuracy

The weights between metrical levels were chosen with these clips in view. What such a choice is
worth on a clip that it has not seen is told by leaving each clip out in turn: of a wide grid of
weights all those that are best on the other clips are asked about it, and their mean counts. The
same is told of random halves, of which one chooses and the other is asked.
The clips carry no beats; the F-measure (70 ms, Dixon 2007) is against madmom's other beat tracker
(Böck, Krebs, Widmer, DAFx 2014), which has its own networks, at the level that we chose.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import TYPE_CHECKING

import click
import numpy as np
import soundfile
from madmom.audio.signal import Signal
from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor

from app.audio.onsets import onset_strength
from app.audio.rhythm import RhythmReadings, measure_rhythm
from app.audio.tempo import LevelWeights, OnsetSpectrum, weigh_levels
from app.audio.tonality import measure_key
from tests.bench.annotated import CLIPS, Clip, Heard, clips, hear, is_tempo_right, key_score

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

BEAT_TOLERANCE_S = 0.07
OCTAVES = (0.5, 1.0, 2.0)
GRID = tuple(
    LevelWeights(*values)
    for values in product(
        (110.0, 116.0, 120.0, 124.0, 126.0, 128.0, 132.0, 140.0),
        (0.3, 0.4, 0.5, 0.7, 1.0),
        (0.0, 0.25, 0.5, 1.0),
        (0.0, 0.25, 0.5, 1.0),
        (0.3, 0.6, 1.0),
    )
)


def f_measure(found_s: Floats, true_s: Floats) -> float:
    """Harmonic mean of precision and recall; each beat counts once."""
    hits, place = 0, 0
    for beat_s in found_s:
        while place < len(true_s) and true_s[place] < beat_s - BEAT_TOLERANCE_S:
            place += 1
        if place < len(true_s) and true_s[place] <= beat_s + BEAT_TOLERANCE_S:
            hits, place = hits + 1, place + 1
    return 2 * hits / max(len(found_s) + len(true_s), 1)


def right_by_weights(clip: Clip, sound: Heard, rhythm: RhythmReadings) -> list[bool]:
    """Whether each of `GRID` gives the clip its tempo."""
    onsets, pulses = OnsetSpectrum(onset_strength(sound.features)), OnsetSpectrum(sound.activations.sum(axis=1))
    return [
        is_tempo_right(weigh_levels(rhythm.stock.tempo_bpm, onsets, pulses, weights)[0].tempo_bpm, clip)
        for weights in GRID
    ]


def leave_one_out(right: npt.NDArray[np.bool_]) -> float:
    """Clips that are right by weights that have not seen them [right: shape=(clips, weights)]."""
    total = right.sum(axis=0)
    kept = [total - row for row in right]
    return float(sum(row[others == others.max()].mean() for row, others in zip(right, kept, strict=True)))


def held_out(right: npt.NDArray[np.bool_], splits: int = 500) -> float:
    """Part of the clips that are right by weights chosen on the other half, over many halvings."""
    shuffled = np.random.default_rng(0)
    parts = []
    for _ in range(splits):
        order = shuffled.permutation(len(right))
        chosen, others = right[order[: len(right) // 2]].sum(axis=0), right[order[len(right) // 2 :]]
        parts.append(others[:, chosen == chosen.max()].mean())
    return float(np.mean(parts))


def other_beats(clip: Clip, tempo_bpm: float) -> Floats:
    """Beats of madmom's other tracker near a tempo."""
    signal, rate_hz = soundfile.read(CLIPS / clip.name, dtype="float32", always_2d=True)
    activations = RNNBeatProcessor()(Signal(signal.mean(axis=1), sample_rate=rate_hz))
    track = DBNBeatTrackingProcessor(min_bpm=0.9 * tempo_bpm, max_bpm=1.1 * tempo_bpm, fps=100)
    return np.asarray(track(activations))


def main() -> int:
    """Print what was right."""
    right, octaves, stock_right, grid, beats, ours, stock = [], [], [], [], [], [], []
    for clip in clips():
        sound = hear(clip)
        rhythm = measure_rhythm(sound.features, sound.activations, is_noise=False)
        if clip.is_tempo_scored:
            tempo_bpm = rhythm.tempo_bpm if rhythm else 1.0
            right.append(is_tempo_right(tempo_bpm, clip))
            octaves.append(is_tempo_right(tempo_bpm, clip, OCTAVES))
            stock_right.append(is_tempo_right(rhythm.stock.tempo_bpm if rhythm else 1.0, clip))
            grid.append(right_by_weights(clip, sound, rhythm) if rhythm else [False] * len(GRID))
            if rhythm:
                beats.append(f_measure(rhythm.beats.beats_s, other_beats(clip, rhythm.tempo_bpm)))
        if clip.key is not None and not clip.is_key_doubtful:
            key = measure_key(sound.spectra.windows.chroma, sound.key_features)
            ours.append(key_score(key.names[0] if key else None, clip.key))
            stock.append(key_score(key.network_key if key else None, clip.key))
    if not right:
        click.echo("the annotated clips are not beside this checkout")
        return 1
    by_weights = np.array(grid)
    totals = by_weights.sum(axis=0)
    click.echo(f"tempo: {sum(right)} of {len(right)} within 4 %, {sum(octaves)} with half and double")
    click.echo(f"  the tracker alone {sum(stock_right)}; leaving one out {leave_one_out(by_weights):.1f}")
    click.echo(f"  chosen on one half, {100 * held_out(by_weights):.1f} % of the other half")
    click.echo(f"  {len(GRID)} weights: best {totals.max()}, median {np.median(totals):.0f}, worst {totals.min()}")
    click.echo(f"beats: F {np.mean(beats):.3f} against another tracker, worst clip {min(beats):.3f}")
    click.echo(f"key: MIREX {np.mean(ours):.3f} over {len(ours)} clips, the network alone {np.mean(stock):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
