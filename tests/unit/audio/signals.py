"""Signals with known truth, and files made of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import soundfile

from app.audio.decode import BLOCK_FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Floats = npt.NDArray[np.float64]


def amplitude(level_dbfs: float) -> float:
    """Peak of a sine of this level."""
    return float(10.0 ** (level_dbfs / 20.0))


def sine(frequency_hz: float, seconds: float, rate_hz: int, *, peak: float = 1.0, phase_deg: float = 0.0) -> Floats:
    """A sine [shape=(frames,)]."""
    frames = np.arange(round(seconds * rate_hz))
    turns = frequency_hz * frames / rate_hz
    return np.asarray(peak * np.sin(2 * np.pi * turns + np.radians(phase_deg)))


def tones(segments: Sequence[tuple[float, float | None]], rate_hz: int) -> Floats:
    """Stretches of a 1 kHz tone: pairs of seconds and dBFS, None for silence."""
    return np.concatenate(
        [sine(1000.0, seconds, rate_hz, peak=0.0 if level is None else amplitude(level)) for seconds, level in segments]
    )


def both(signal: Floats) -> Floats:
    """The same signal on two channels [shape=(frames, 2)]."""
    return np.column_stack((signal, signal))


def noise(seconds: float, rate_hz: int, *, rms: float = 0.1, seed: int = 0) -> Floats:
    """White noise [shape=(frames,)]."""
    return rms * np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))


def pink_noise(seconds: float, rate_hz: int, *, rms: float = 0.1, seed: int = 0) -> Floats:
    """Noise of equal energy in every octave [shape=(frames,)]."""
    bins = np.fft.rfft(noise(seconds, rate_hz, seed=seed))
    bins[1:] /= np.sqrt(np.arange(1, len(bins)))
    signal = np.fft.irfft(bins, round(seconds * rate_hz))
    return np.asarray(signal * (rms / signal.std()))


def drum_loop(tempo_bpm: float, seconds: float, rate_hz: int = 44_100) -> Floats:
    """Kick on every beat, a louder one on each first, a snare on two and four, hats between."""
    signal = np.zeros(round(seconds * rate_hz))
    step_s = 30.0 / tempo_bpm
    time_s = np.arange(round(0.25 * rate_hz)) / rate_hz
    kick = np.sin(2 * np.pi * (50.0 * time_s + 4.0 * (1 - np.exp(-30 * time_s))))
    kick *= np.exp(-14 * time_s)
    crack = np.random.default_rng(1).standard_normal(len(time_s))
    snare, hat = 0.5 * crack * np.exp(-18 * time_s), 0.2 * crack * np.exp(-90 * time_s)
    for step in range(int(seconds / step_s)):
        place = step % 8
        start = round(step * step_s * rate_hz)
        parts = [hat] if place % 2 else [kick * (1.0 if place == 0 else 0.7)]
        parts += [snare] if place in {2, 6} else []
        for part in parts:
            room = min(len(part), len(signal) - start)
            signal[start : start + room] += part[:room]
    return 0.4 * signal


def chords(progression: Sequence[Sequence[int]], seconds_each: float, rate_hz: int = 44_100) -> Floats:
    """Chords of notes by MIDI number, each note with five harmonics."""
    time_s = np.arange(round(seconds_each * rate_hz)) / rate_hz
    envelope = np.minimum(1.0, time_s / 0.01) * np.exp(-0.8 * time_s)
    signal = []
    for notes in progression:
        pitches_hz = [440.0 * 2.0 ** ((note - 69) / 12) for note in notes]
        waves = [
            np.sin(2 * np.pi * pitch * harmonic * time_s) / harmonic for pitch in pitches_hz for harmonic in range(1, 6)
        ]
        signal.append(0.05 * np.sum(waves, axis=0) * envelope)
    return np.concatenate(signal)


def blocks(signal: Floats, size: int = BLOCK_FRAMES) -> Iterator[npt.NDArray[np.float32]]:
    """Cut a signal [shape=(frames,) or (frames, channels)] as the decoder does."""
    frames = np.ascontiguousarray(signal.reshape(len(signal), -1), dtype=np.float32)
    for start in range(0, len(frames), size):
        yield frames[start : start + size]


def write(folder: Path, name: str, signal: Floats, rate_hz: int, *, subtype: str = "FLOAT") -> Path:
    """Write a file in the format of its name."""
    path = folder / name
    soundfile.write(path, signal, rate_hz, subtype=subtype)
    return path


def wav_bytes(signal: Floats, rate_hz: int, subtype: str = "PCM_16") -> bytes:
    """A WAV file in memory."""
    file = io.BytesIO()
    soundfile.write(file, signal, rate_hz, format="WAV", subtype=subtype)
    return file.getvalue()
