"""A file goes in, a report of measured numbers comes out.

`analyse` is the whole engine in one call. It knows nothing of who asks: no settings, no
database, no network; progress goes out by a callback.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from app.audio import music_parts, neural, parts
from app.audio.aside import Aside
from app.audio.bandwidth import measure_bandwidth
from app.audio.chords import measure_chords
from app.audio.codecs import MOST_CHANNELS, MOST_PASSAGES, Loudest
from app.audio.decode import Decoder, open_audio
from app.audio.dynamics_parts import dynamics_part
from app.audio.errors import Limits
from app.audio.ffmpeg import ENCODINGS
from app.audio.fingerprint import make_fingerprint
from app.audio.meters import Meters
from app.audio.model import SCHEMA, EngineFacts, FileFacts, NoteCode, Report
from app.audio.notes import Notes
from app.audio.onsets import transients_per_s, untrained_activations
from app.audio.passages import loudest_moments
from app.audio.preview import preview
from app.audio.rhythm import measure_rhythm
from app.audio.steps import OnStep, Progress, Step, StepEvent, StepState, ignore
from app.audio.structure import measure_structure
from app.audio.tonality import NOISE_FLATNESS, flatness, measure_key, measure_tuning

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.audio.bandwidth import BandwidthReadings
    from app.audio.ffmpeg import Exchange
    from app.audio.meters import Block
    from app.audio.model import (
        CodecPreview,
        Dynamics,
        Loudness,
        Rhythm,
        Spectrum,
        Stereo,
        Structure,
        Tonality,
    )
    from app.audio.spectra import Spectra
    from app.audio.tonality import KeyReadings

__all__ = ["ENGINE_VERSION", "Step", "StepEvent", "StepState", "analyse", "preload"]

ENGINE_VERSION = "0.1.0"

_SHORTEST_MUSIC_S = 5.0
"""Two bars at 96 beats a minute; less carries neither tempo nor key."""

_NOT_TRIED = "{} was not tried: no ffmpeg is set up to encode it."
_FAILED = "{} was tried, but ffmpeg gave no usable answer within its limits."

_LATER = ("platforms", "live_set")


def analyse(
    source: Path | int,
    *,
    name: str,
    limits: Limits | None = None,
    models: bool = True,
    codecs: bool = True,
    exchanges: Mapping[str, Exchange] | None = None,
    on_step: OnStep = ignore,
) -> Report:
    """Measure one file.

    Parameters
    ----------
    source
        A path, or an open descriptor (which stays open).
    name
        The file's name as the person knows it; it goes into the report.
    limits
        What is refused as too long, too wide, too slow or too fast.
    models
        Whether madmom's trained models may be used; without them its bar model works on plain
        onsets, and the key comes from the pitch classes alone.
    codecs
        Whether lossy encoders are tried on the loudest passages.
    exchanges
        What encodes and decodes elsewhere, by the name of the codec; a note says which was not tried.
    on_step
        Told each step as it starts, advances and ends.

    Raises
    ------
    AudioRefused
        If the file can never be measured as it is.
    OSError
        If it cannot be opened or read from the disk.
    """
    progress = Progress(on_step)
    with Aside() as aside, open_audio(source, name=name, limits=limits or Limits()) as decoder:
        meters = Meters(decoder.sample_rate_hz, decoder.channels, aside)
        _decode(decoder, meters, progress)
        facts = _file_facts(decoder)
        notes = Notes()
        for code, reason in decoder.remarks:
            notes.add("file", NoteCode(code), reason)
        measurement = _Measurement(facts, meters, notes, progress, aside, models=models)
        loudness = measurement.loudness()
        encoders = dict(exchanges or {})
        is_encoded = codecs and not meters.levels.is_silent() and facts.channels <= MOST_CHANNELS
        for encoder in encoders.values() if is_encoded else ():
            encoder.wake()
        report = measurement.report(loudness)
        del measurement  # with what the networks were given, the most that is held of a long file
        # Last of all, since it reads the file once more: whoever waits has the numbers by now.
        loudest = _loudest_passages(decoder, meters) if is_encoded else None
        return replace(report, codecs=_codecs(loudest, facts, notes, encoders), notes=notes.all())


def preload() -> None:
    """Load models, compile or load the compiled loops, and run each path once.

    Afterwards a forked child imports nothing more, and the process has one thread.
    """
    neural.downbeat_networks()
    neural.key_network()
    neural.chroma_network()
    neural.chord_field()
    for rate_hz, channels in ((44_100, 1), (48_000, 2)):
        with tempfile.TemporaryFile() as file:
            file.write(_click_track(rate_hz, channels))
            file.flush()
            analyse(file.fileno(), name="warm.wav")


def _decode(decoder: Decoder, meters: Meters, progress: Progress) -> None:
    progress.start(Step.DECODE)
    claimed = max(decoder.claimed_frames, 1)
    for block in decoder.blocks():
        meters.add(block)
        progress.advance(Step.DECODE, decoder.frames_read / claimed)
    meters.finish()
    minutes, seconds = divmod(round(decoder.duration_s), 60)
    progress.finish(Step.DECODE, f"{minutes}:{seconds:02d}")


def _loudest_passages(decoder: Decoder, meters: Meters) -> Loudest:
    """Read the loudest passages once more."""
    squares, _ = meters.levels.hops()
    moments_s = loudest_moments(meters.peaks.true_peaks().max(axis=1), squares.sum(axis=1), MOST_PASSAGES)
    return Loudest.read(decoder.again(), moments_s, decoder.sample_rate_hz, decoder.duration_s)


def _codecs(
    loudest: Loudest | None, facts: FileFacts, notes: Notes, exchanges: Mapping[str, Exchange]
) -> list[CodecPreview] | None:
    if loudest is None:
        notes.add("codecs", NoteCode.NOT_MEASURED, "Encoders were not tried on this file.")
        return None
    readings = preview(loudest.passages, facts.sample_rate_hz, exchanges)
    tried = {reading.codec.name for reading in readings}
    for name in ENCODINGS:
        if name not in tried:
            reason = _FAILED if name in exchanges else _NOT_TRIED
            notes.add(f"codecs.{name.lower()}", NoteCode.NOT_MEASURED, reason.format(name))
    return parts.codec_parts(readings)


def _file_facts(decoder: Decoder) -> FileFacts:
    return FileFacts(
        name=decoder.name,
        format=decoder.kind.value,
        codec=decoder.codec,
        duration_s=decoder.duration_s,
        sample_rate_hz=decoder.sample_rate_hz,
        channels=decoder.channels,
        bit_depth=decoder.bit_depth,
        sha256=decoder.sha256(),
    )


class _Measurement:
    """The steps behind the decoder, in the order that is shown."""

    def __init__(
        self,
        facts: FileFacts,
        meters: Meters,
        notes: Notes,
        progress: Progress,
        aside: Aside,
        *,
        models: bool,
    ) -> None:
        self._facts = facts
        self._meters = meters
        self._notes = notes
        self._progress = progress
        self._models = models
        self._aside = aside
        self._silent = meters.levels.is_silent()

    def report(self, loudness: Loudness) -> Report:
        """Go through the other steps and put the document together."""
        self._heard = self._meters.listened()
        self._features = self._heard.beat_features
        self._activations = self._listen_for_beats()
        spectra = self._meters.spectra.spectra()
        bandwidth = measure_bandwidth(spectra)
        dynamics = self._dynamics(spectra, bandwidth)
        spectrum = self._tone(spectra, bandwidth)
        stereo = self._stereo(spectra)
        is_noise = flatness(spectra) > NOISE_FLATNESS
        rhythm = self._rhythm(is_noise=is_noise)
        tonality = self._tonality(spectra, rhythm, is_noise=is_noise)
        structure = self._structure(spectra, rhythm)
        fingerprint = None if self._silent else make_fingerprint(self._features)
        for path in _LATER:
            self._notes.add(path, NoteCode.NOT_MEASURED, "Not measured by this version.")
        return Report(
            schema=SCHEMA,
            engine=EngineFacts(ENGINE_VERSION),
            file=self._facts,
            loudness=loudness,
            dynamics=dynamics,
            spectrum=spectrum,
            stereo=stereo,
            rhythm=rhythm,
            tonality=tonality,
            structure=structure,
            fingerprint=fingerprint,
            codecs=None,
            platforms=None,
            live_set=None,
            findings=None,
            scores=None,
            notes=self._notes.all(),
        )

    def loudness(self) -> Loudness:
        """Tell the first numbers, while the other thread may still listen."""
        self._progress.start(Step.LOUDNESS)
        loudness = parts.loudness_part(self._meters, self._notes, silent=self._silent)
        integrated = loudness.integrated_lufs
        result = None if integrated is None else f"{_signed(integrated)} LUFS"
        self._progress.finish(Step.LOUDNESS, result)
        return loudness

    def _dynamics(self, spectra: Spectra, bandwidth: BandwidthReadings) -> Dynamics | None:
        if self._silent:
            self._notes.add("dynamics", NoteCode.SILENT, "The file is silent.")
            return None
        transients = transients_per_s(self._features)
        return dynamics_part(self._meters, spectra, bandwidth, self._facts, transients, self._notes)

    def _tone(self, spectra: Spectra, bandwidth: BandwidthReadings) -> Spectrum:
        self._progress.start(Step.TONE)
        spectrum = parts.spectrum_part(spectra, bandwidth, self._notes, silent=self._silent)
        bands = sum(level is not None for level in spectrum.third_octave.level_db)
        self._progress.finish(Step.TONE, f"{bands} bands" if bands else None)
        return spectrum

    def _stereo(self, spectra: Spectra) -> Stereo | None:
        self._progress.start(Step.STEREO)
        stereo = parts.stereo_part(self._meters, spectra, self._notes, silent=self._silent)
        correlation = None if stereo is None else stereo.correlation
        result = None if correlation is None else f"correlation {_signed(correlation, 2)}"
        self._progress.finish(Step.STEREO, result)
        return stereo

    def _rhythm(self, *, is_noise: bool) -> Rhythm | None:
        self._progress.start(Step.RHYTHM)
        rhythm = None
        if self._is_music("rhythm"):
            activations = self._beat_activations()
            readings = measure_rhythm(self._features, activations, self._aside, is_noise=is_noise)
            rhythm = music_parts.rhythm_part(readings, self._notes, models=self._models)
        result = None if rhythm is None else f"{rhythm.tempo_bpm:.1f} BPM"
        self._progress.finish(Step.RHYTHM, result)
        return rhythm

    def _listen_for_beats(self) -> neural.DownbeatActivations | None:
        """Let the other thread begin with the networks while this one sums up what needs none."""
        if not self._models or self._silent or self._facts.duration_s < _SHORTEST_MUSIC_S:
            return None
        return neural.DownbeatActivations(self._features, self._aside)

    def _beat_activations(self) -> Block:
        if self._activations is None:
            return untrained_activations(self._features)
        return self._activations.answer(lambda part: self._progress.advance(Step.RHYTHM, part))

    def _tonality(self, spectra: Spectra, rhythm: Rhythm | None, *, is_noise: bool) -> Tonality | None:
        self._progress.start(Step.TONALITY)
        tonality = None
        if self._is_music("tonality"):
            features = self._heard.pitch_features if self._models else None
            keys: list[KeyReadings | None] = []
            self._aside.do(lambda: keys.append(None if is_noise else measure_key(spectra.windows.chroma, features)))
            beats_s = np.array(rhythm.beats_s if rhythm is not None else [])
            harmony = measure_chords(spectra.windows, features, beats_s, self._facts.duration_s)
            tuning = measure_tuning(spectra)
            self._aside.finish()
            tonality = music_parts.tonality_part(keys[0], harmony, tuning, self._notes)
        self._progress.finish(Step.TONALITY, None if tonality is None else tonality.key)
        return tonality

    def _structure(self, spectra: Spectra, rhythm: Rhythm | None) -> Structure | None:
        if self._silent:
            self._notes.add("structure", NoteCode.SILENT, "The file is silent.")
            return None
        downbeats_s = np.array(rhythm.downbeats_s if rhythm is not None else [])
        sections = measure_structure(spectra.windows, self._features, self._meters.loudness.power(), downbeats_s)
        return music_parts.structure_part(sections, self._notes)

    def _is_music(self, path: str) -> bool:
        """Whether there is enough sound to ask; a note says why not."""
        if self._silent:
            self._notes.add(path, NoteCode.SILENT, "The file is silent.")
        elif self._facts.duration_s < _SHORTEST_MUSIC_S:
            self._notes.add(path, NoteCode.TOO_SHORT, f"This needs {_SHORTEST_MUSIC_S:g} s of music at least.")
        return not self._silent and self._facts.duration_s >= _SHORTEST_MUSIC_S


def _signed(value: float, decimals: int = 1) -> str:
    """Write a number with a true minus sign."""
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _click_track(rate_hz: int, channels: int) -> bytes:
    """Six seconds of ticks over a chord, as a WAV file."""
    time_s = np.arange(6 * rate_hz) / rate_hz
    chord = sum(np.sin(2 * np.pi * pitch_hz * time_s) for pitch_hz in (220.0, 277.2, 329.6))
    ticks = np.where(time_s % 0.5 < 0.01, 0.5, 0.0)
    wave = np.repeat((0.1 * chord + ticks)[:, None], channels, axis=1)
    file = io.BytesIO()
    soundfile.write(file, wave, rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()
