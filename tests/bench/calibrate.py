"""Fit the curves of `app.audio.confidence` to the annotated clips and report their error.

    python -m tests.bench.calibrate

Logistic regression with a Gaussian prior on the weights: a few dozen clips, nearly all of them
right, would otherwise give curves that are never in doubt. The error is leave-one-out: each
clip is judged by a curve that was fitted without it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import numpy as np
from scipy.optimize import minimize

from app.audio.confidence import CLEAR_MARGIN, log_odds
from app.audio.rhythm import measure_rhythm
from app.audio.tonality import measure_key
from tests.bench.annotated import clips, hear, is_tempo_right, key_score

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_PRIOR_SPREAD = 1.5


def fit(evidence: Floats, right: Floats) -> Floats:
    """Weights of a logistic curve [evidence: shape=(clips, weights)]."""

    def cost(weights: Floats) -> float:
        signed = np.where(right > 0, 1.0, -1.0) * (evidence @ weights)
        return float(np.logaddexp(0.0, -signed).sum() + (weights**2).sum() / 2 / _PRIOR_SPREAD**2)

    return np.asarray(minimize(cost, np.zeros(evidence.shape[1])).x)


def leave_one_out(evidence: Floats, right: Floats) -> Floats:
    """Confidence in each clip by a curve that has not seen it."""
    kept = ~np.eye(len(right), dtype=bool)
    return np.array(
        [1.0 / (1.0 + np.exp(-evidence[index] @ fit(evidence[rows], right[rows]))) for index, rows in enumerate(kept)]
    )


def report(name: str, evidence: Floats, right: Floats) -> None:
    """Print the curve, and how far its confidences are from what happened."""
    confidence = leave_one_out(evidence, right)
    edges = np.array([0.0, 0.5, 0.7, 0.85, 1.0])
    places = np.clip(np.searchsorted(edges, confidence) - 1, 0, len(edges) - 2)
    error = sum(
        abs(confidence[places == place].mean() - right[places == place].mean()) * (places == place).mean()
        for place in np.unique(places)
    )
    click.echo(f"{name}: curve {np.round(fit(evidence, right), 2).tolist()}")
    click.echo(f"  right {right.sum():.0f} of {len(right)}, mean confidence {confidence.mean():.2f}")
    click.echo(f"  expected calibration error {error:.3f}, Brier {((confidence - right) ** 2).mean():.3f}")


def main() -> int:
    """Fit both curves."""
    tempo, tempo_right, key, key_right = [], [], [], []
    for clip in clips():
        heard = hear(clip)
        rhythm = measure_rhythm(heard.features, heard.activations, is_noise=False)
        if rhythm is not None:
            margin = min(rhythm.margin, CLEAR_MARGIN)
            tempo.append((1.0, margin, log_odds(rhythm.strength)))
            tempo_right.append(float(is_tempo_right(rhythm.tempo_bpm, clip)))
        tonality = measure_key(heard.spectra.windows.chroma, heard.key_features)
        if tonality is not None and clip.key is not None and not clip.is_key_doubtful:
            key.append((1.0, log_odds(float(tonality.weights[0]))))
            key_right.append(float(key_score(tonality.names[0], clip.key) == 1.0))
    if not tempo:
        click.echo("the annotated clips are not beside this checkout")
        return 1
    report("tempo", np.array(tempo), np.array(tempo_right))
    report("key", np.array(key), np.array(key_right))
    return 0


if __name__ == "__main__":
    sys.exit(main())
