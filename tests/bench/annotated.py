"""The annotated clips, where they are beside this checkout."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.audio import neural
from app.audio.aside import Aside
from app.audio.decode import open_audio
from app.audio.errors import Limits
from app.audio.meters import Meters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.audio.spectra import Spectra

    Matrix = npt.NDArray[np.float32]

DATA = Path(os.environ.get("TRACKSENSEI_DATA") or Path(__file__).parents[3] / "shared" / "data")
CLIPS = DATA / "tempo_key"


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip with its truth; None where it has none or must not be scored."""

    name: str
    tempo_bpm: float
    is_tempo_scored: bool
    key: str | None
    is_key_doubtful: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What the meters and networks made of a clip."""

    features: Matrix
    activations: Matrix
    key_features: Matrix
    spectra: Spectra


def clips() -> list[Clip]:
    """All clips, none where the folder is absent."""
    manifest = CLIPS / "MANIFEST.json"
    if not manifest.exists():
        return []
    return [
        Clip(
            name=row["file"],
            tempo_bpm=float(row["tempo_bpm"]),
            is_tempo_scored=row.get("tempo_scored", True),
            key=row.get("key"),
            is_key_doubtful=str(row.get("key_confidence", "")).startswith("doubtful"),
        )
        for row in json.loads(manifest.read_text("utf-8"))
    ]


def hear(clip: Clip) -> Heard:
    """Decode a clip and ask the networks."""
    with Aside() as aside, open_audio(CLIPS / clip.name, name=clip.name, limits=Limits()) as decoder:
        meters = Meters(decoder.sample_rate_hz, decoder.channels, aside)
        for block in decoder.blocks():
            meters.add(block)
        meters.finish()
        heard = meters.listened()
        return Heard(
            features=heard.beat_features,
            activations=neural.DownbeatActivations(heard.beat_features, aside).answer(),
            key_features=heard.pitch_features,
            spectra=meters.spectra.spectra(),
        )


def is_tempo_right(tempo_bpm: float, clip: Clip, ratios: tuple[float, ...] = (1.0,)) -> bool:
    """Whether a tempo is within 4 % of the truth, or of a multiple of it."""
    return min(abs(tempo_bpm / clip.tempo_bpm / ratio - 1.0) for ratio in ratios) < 0.04


_PITCHES = {
    name: pitch
    for pitch, names in enumerate(("C", "Db C#", "D", "Eb D#", "E", "F", "F# Gb", "G", "Ab G#", "A", "Bb A#", "B"))
    for name in names.split()
}


def key_score(estimate: str | None, truth: str) -> float:
    """MIREX weights: same 1, fifth 0.5, relative 0.3, parallel 0.2 (mir_eval.key)."""
    if estimate is None:
        return 0.0
    (tonic, mode), (true_tonic, true_mode) = ((_PITCHES[key.split()[0]], key.split()[1]) for key in (estimate, truth))
    steps = (tonic - true_tonic) % 12
    if mode == true_mode:
        return {0: 1.0, 7: 0.5, 5: 0.5}.get(steps, 0.0)
    if steps == 0:
        return 0.2
    return 0.3 if steps == (9 if mode == "minor" else 3) else 0.0
