"""Tempo and key over clips whose truth is known from their sources."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.onsets import untrained_activations
from app.audio.rhythm import measure_rhythm
from app.audio.tonality import measure_key
from tests.bench.annotated import Clip, Heard, clips, hear, is_tempo_right, key_score

OCTAVES = (0.5, 1.0, 2.0)

pytestmark = pytest.mark.xdist_group("annotated clips")  # heard once, by one process


@pytest.fixture(scope="module")
def heard() -> list[tuple[Clip, Heard]]:
    """All clips, heard once."""
    if not clips():
        pytest.skip("real music is not beside this checkout")
    return [(clip, hear(clip)) for clip in clips()]


def tempi(heard: list[tuple[Clip, Heard]], *, models: bool) -> list[tuple[Clip, float, float]]:
    """Our tempo and the tracker's own for each clip that counts."""
    found = []
    for clip, sound in heard:
        if not clip.is_tempo_scored:
            continue
        heard_beats = sound.activations if models else untrained_activations(sound.features)
        rhythm = measure_rhythm(sound.features, heard_beats, is_noise=False)
        if rhythm is None:
            found.append((clip, 1.0, 1.0))
        else:
            found.append((clip, rhythm.tempo_bpm, rhythm.stock.tempo_bpm))
    return found


def test_tempo(heard: list[tuple[Clip, Heard]]) -> None:
    """At least 19 of 21 within 4 %, 20 with half and double, and better than the tracker alone."""
    found = tempi(heard, models=True)
    right = sum(is_tempo_right(tempo, clip) for clip, tempo, _ in found)
    assert len(found) == 21
    assert right >= 19
    assert sum(is_tempo_right(tempo, clip, OCTAVES) for clip, tempo, _ in found) >= 20
    assert right > sum(is_tempo_right(stock, clip) for clip, _, stock in found)


def test_tempo_without_models(heard: list[tuple[Clip, Heard]]) -> None:
    """Plain onsets in madmom's bar model: 18 of 21 at least."""
    found = tempi(heard, models=False)
    assert sum(is_tempo_right(tempo, clip) for clip, tempo, _ in found) >= 18


def test_key(heard: list[tuple[Clip, Heard]]) -> None:
    """MIREX score 0.80 at least, 0.05 over the network alone, and 0.70 without it."""
    ours, stock, without = [], [], []
    for clip, sound in heard:
        if clip.key is None or clip.is_key_doubtful:
            continue
        key = measure_key(sound.spectra.windows.chroma, sound.key_features)
        plain = measure_key(sound.spectra.windows.chroma, None)
        ours.append(key_score(key.names[0] if key else None, clip.key))
        stock.append(key_score(key.network_key if key else None, clip.key))
        without.append(key_score(plain.names[0] if plain else None, clip.key))
    assert np.mean(ours) >= 0.80
    assert np.mean(ours) >= np.mean(stock) + 0.05
    assert np.mean(without) >= 0.70
