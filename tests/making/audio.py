"""Short music in every accepted format: an excerpt of real music where there is some, else drums and chords."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

RATE_HZ = 44_100
SECONDS = 6.0
EXCERPT_FROM_S = 20.0
REAL_MUSIC = Path(__file__).resolve().parents[3] / "shared" / "data" / "audio"

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One accepted kind of file."""

    name: str
    """Name of the file, whose ending is the format's."""
    container: str
    """As libsndfile calls it."""
    subtype: str
    report_format: str
    """What the report says of it."""
    rate_hz: int = RATE_HZ
    endian: str = "FILE"

    @property
    def label(self) -> str:
        """A name for the test's report."""
        return self.name.replace(".", "-")


ENCODINGS = (
    Encoding("wav16.wav", "WAV", "PCM_16", "wav"),
    Encoding("wav24.wav", "WAV", "PCM_24", "wav"),
    Encoding("wav32.wav", "WAV", "PCM_32", "wav"),
    Encoding("float.wav", "WAV", "FLOAT", "wav"),
    Encoding("rf64.wav", "RF64", "PCM_24", "wav"),
    Encoding("extensible.wav", "WAVEX", "PCM_24", "wav"),
    Encoding("layer3.mp3", "MP3", "MPEG_LAYER_III", "mp3"),
    Encoding("lossless.flac", "FLAC", "PCM_24", "flac"),
    Encoding("big.aiff", "AIFF", "PCM_24", "aiff"),
    Encoding("little.aifc", "AIFF", "PCM_16", "aiff", endian="LITTLE"),
    Encoding("vorbis.ogg", "OGG", "VORBIS", "ogg"),
    Encoding("opus.opus", "OGG", "OPUS", "ogg", rate_hz=48_000),
)


@cache
def music(seconds: float = SECONDS, rate_hz: int = RATE_HZ) -> Frames:
    """Return stereo music [shape=(frames, 2)] with a peak of about -3 dBFS."""
    real = _excerpt(seconds) if rate_hz == RATE_HZ else None
    frames = real if real is not None else _synthesised(seconds, rate_hz)
    return np.ascontiguousarray(frames / max(float(np.abs(frames).max()), 1e-9) * 0.7, dtype=np.float32)


@cache
def encoded(encoding: Encoding, seconds: float = SECONDS) -> bytes:
    """Return music as a file of this kind."""
    return encode(
        music(seconds, encoding.rate_hz),
        encoding.rate_hz,
        container=encoding.container,
        subtype=encoding.subtype,
        endian=encoding.endian,
    )


@cache
def wav(seconds: float = SECONDS) -> bytes:
    """Return music as a plain WAV of 16 bits."""
    return encode(music(seconds), RATE_HZ)


def encode(
    frames: npt.NDArray[np.generic],
    rate_hz: int,
    *,
    container: str = "WAV",
    subtype: str = "PCM_16",
    endian: str = "FILE",
) -> bytes:
    """Encode samples by libsndfile."""
    file = io.BytesIO()
    soundfile.write(file, frames, rate_hz, format=container, subtype=subtype, endian=endian)
    return file.getvalue()


def _excerpt(seconds: float) -> Frames | None:
    """Cut real music out of the first file that is there and long enough."""
    for path in sorted(REAL_MUSIC.glob("*.wav")) if REAL_MUSIC.is_dir() else ():
        with soundfile.SoundFile(path) as source:
            start = round(EXCERPT_FROM_S * RATE_HZ)
            wanted = round(seconds * RATE_HZ)
            if (source.samplerate, source.channels) != (RATE_HZ, 2) or source.frames < start + wanted:
                continue
            source.seek(start)
            frames: Frames = source.read(wanted, dtype="float32", always_2d=True)
            return frames
    return None


def _synthesised(seconds: float, rate_hz: int) -> Frames:
    """Make four chords over a kick and hats, at 120 beats a minute."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    within_beat_s = time_s % 0.5
    kick = 0.6 * np.sin(2 * np.pi * 55 * within_beat_s) * np.exp(-12 * within_beat_s)
    hats = 0.1 * np.random.default_rng(1).standard_normal(len(time_s)) * np.exp(-60 * (time_s % 0.25))
    roots_hz = np.array([220.0, 174.61, 130.81, 196.0])[(time_s // 1.5).astype(int) % 4]
    chord = sum(0.12 * np.sin(2 * np.pi * roots_hz * ratio * time_s) for ratio in (1.0, 1.2, 1.5, 2.0))
    left = kick + hats + chord
    right = kick + 0.8 * hats + np.roll(chord, round(0.004 * rate_hz))
    return np.column_stack((left, right)).astype(np.float32)
