"""What lossy encoders make of the peaks: real encodes of the loudest passages.

An encoder moves peaks by what it leaves out, so that no margin under full scale is safe for
certain; the only way to know is to encode and to measure.

The encoders are LAME and libvorbis in libsndfile, in memory, and for Opus and AAC ffmpeg's
(:mod:`app.audio.ffmpeg`), at the rates that streaming services use.
"""

from __future__ import annotations

import io
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soundfile
from numba import njit

from app.audio import ffmpeg
from app.audio.aside import Aside
from app.audio.codecs import AAC, CODECS, MP3, OPUS, VORBIS, Codec, at_rate
from app.audio.dynamics import hops_over, merged
from app.audio.passages import places_in_line
from app.audio.spectra import BAND_EDGES_HZ, band_sums
from app.audio.transform import Plan, plan, transform
from app.audio.true_peak import HOPS_PER_S, PeakMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.audio.dynamics import Span
    from app.audio.passages import Block, Cut, Floats, Passage

    class Through(Protocol):
        """An encoder and its decoder."""

        def __call__(self, line: Block, *, rate_hz: int) -> Block:
            """Return what is left of a signal."""


_WINDOW_FRAMES = 8192
"""Bins of about 5 Hz, against a lowest band that is 40 Hz wide."""

_ENCODER_FRAMES = 4096
_END_FRAMES = 4
"""Silence behind the last passage, out of which the last of it comes whatever an encoder looks ahead."""
_MORE_BYTES = 1 << 16
"""What ffmpeg may give back beyond what it was given: the end of its last frame."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """How libsndfile encodes; `level` is its scale from 0, best, to 1."""

    container: str
    subtype: str
    level: float


_SETTINGS = {
    MP3: _Setting("MP3", "MPEG_LAYER_III", (320 - MP3.bitrate_kbps) / (320 - 32)),
    VORBIS: _Setting("OGG", "VORBIS", 0.5),
}
"""Those of libsndfile, which are always there."""


@dataclass(frozen=True, slots=True)
class CodecReadings:
    """What one encoder did.

    Attributes
    ----------
    overs
        Stretches of the file that stand over full scale after decoding.
    band_difference_db : ndarray of float64 [shape=(7,)]
        Level after decoding over the level before, NaN where a band is silent.
    covered_s
        Length of what was encoded.
    """

    codec: Codec
    true_peak_dbtp: float
    overs: tuple[Span, ...]
    band_difference_db: Floats
    covered_s: float


def preview(
    passages: Callable[[Codec], Cut], rate_hz: int, exchanges: Mapping[str, ffmpeg.Exchange]
) -> list[CodecReadings]:
    """Encode and decode the passages that each codec is given and measure what comes back.

    LAME, the slowest, has this thread while libvorbis runs aside; Opus and AAC, which are left
    out where nothing encodes them or that fails, are mostly waited for.
    """
    readings: dict[Codec, CodecReadings] = {}

    def try_out(codec: Codec, through: Through) -> None:
        readings[codec] = _preview(codec, passages(codec), rate_hz, through)

    def try_elsewhere(codec: Codec, exchange: ffmpeg.Exchange) -> None:
        with suppress(OSError, ValueError):
            try_out(codec, partial(_through_ffmpeg, ffmpeg.ENCODINGS[codec.name], exchange))

    with ExitStack() as at_once:
        for codec in (OPUS, AAC):
            if codec.name in exchanges:
                at_once.enter_context(Aside()).do(partial(try_elsewhere, codec, exchanges[codec.name]))
        at_once.enter_context(Aside()).do(partial(try_out, VORBIS, partial(_through, VORBIS)))
        try_out(MP3, partial(_through, MP3))
    return [readings[codec] for codec in CODECS if codec in readings]


def _preview(codec: Codec, passages: Cut, rate_hz: int, through: Through) -> CodecReadings:
    target_hz = codec.rate_for(rate_hz)
    highest, overs = 0.0, []
    hann = plan(np.hanning(_WINDOW_FRAMES))
    before, after = np.zeros(len(hann.real)), np.zeros(len(hann.real))
    line, spans = _in_one_line(codec, passages, rate_hz)
    decoded = through(line, rate_hz=target_hz)
    if len(decoded) < max(span.stop for span in spans):
        raise ValueError("too short an answer")
    for (passage, _), place in zip(passages, spans, strict=True):
        span = passage.span
        peaks = _true_peaks(decoded[place], target_hz, passage)
        highest = max(highest, float(peaks.max(initial=0.0)))
        overs += [
            (span.start_s + over.start_s, min(span.start_s + over.end_s, span.end_s))
            for over in hops_over(peaks, 1.0, 1 / HOPS_PER_S)
        ]
        _add_energy(_in_whole_windows(line[place]), hann, before)
        _add_energy(_in_whole_windows(decoded[place]), hann, after)
    edges_hz, bin_hz = np.array(BAND_EDGES_HZ), target_hz / _WINDOW_FRAMES
    with np.errstate(divide="ignore", invalid="ignore"):
        difference_db = 10 * np.log10(band_sums(after, bin_hz, edges_hz) / band_sums(before, bin_hz, edges_hz))
    return CodecReadings(
        codec=codec,
        true_peak_dbtp=20 * float(np.log10(max(highest, 1e-9))),
        overs=merged(np.array(overs).reshape(-1, 2)),
        band_difference_db=np.where(np.isfinite(difference_db), difference_db, np.nan),
        covered_s=sum(passage.span.end_s - passage.span.start_s for passage, _ in passages),
    )


def _in_one_line(codec: Codec, passages: Cut, rate_hz: int) -> tuple[Block, list[slice]]:
    """Put passages one behind the other, each from a frame of its own on; return also where each lies.

    An encoder that comes from other music has bits in reserve as it has inside the whole file, and needs
    less of a run-in than one that has just begun.
    """
    target_hz = codec.rate_for(rate_hz)
    sources = [at_rate(samples, rate_hz, target_hz) for _, samples in passages]
    firsts = [round(passage.span.start_s * target_hz / codec.frame) for passage, _ in passages]
    places = places_in_line(firsts, [-(-len(source) // codec.frame) for source in sources], codec.cycle(rate_hz))
    spans = [
        slice(codec.frame * place, codec.frame * place + len(source))
        for place, source in zip(places, sources, strict=True)
    ]
    end = max(span.stop for span in spans)
    line = np.zeros((end + -end % codec.frame + _END_FRAMES * codec.frame, sources[0].shape[1]), dtype=np.float32)
    for span, source in zip(spans, sources, strict=True):
        line[span] = source
    return line, spans


def _through(codec: Codec, line: Block, rate_hz: int) -> Block:
    """Encode in memory and decode again, never clipping."""
    setting, file = _SETTINGS[codec], io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        rate_hz,
        line.shape[1],
        format=setting.container,
        subtype=setting.subtype,
        compression_level=setting.level,
        bitrate_mode="CONSTANT" if codec.constant_rate else None,
    ) as encoder:
        # In libsndfile 1.2.2 one long write of Vorbis overflows the stack.
        for first in range(0, len(line), _ENCODER_FRAMES):
            encoder.write(line[first : first + _ENCODER_FRAMES])
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(decoded, dtype=np.float32)


def _through_ffmpeg(encoding: ffmpeg.Encoding, exchange: ffmpeg.Exchange, line: Block, rate_hz: int) -> Block:
    """Let ffmpeg encode and decode.

    Raises
    ------
    OSError, ValueError
        If what should encode is not there, takes too long or answers something else.
    """
    samples = line.astype("<f4", copy=False)
    most_bytes = samples.nbytes + encoding.delay * samples.strides[0] + _MORE_BYTES
    answer = exchange(ffmpeg.wav_of(samples.data.cast("B"), rate_hz, line.shape[1]), most_bytes)
    decoded = np.frombuffer(answer, "<f4").astype(np.float32, copy=False)
    decoded = decoded.reshape(-1, line.shape[1])[encoding.delay :]
    if not np.isfinite(decoded).all():
        raise ValueError("no numbers")
    return decoded


def _true_peaks(signal: Block, rate_hz: int, passage: Passage) -> Floats:
    """Measure the true peak of each tenth of a second, 0 in the run-in and nothing behind the run-out's beginning."""
    run_in = round(passage.run_in_s * HOPS_PER_S)
    unheard = max(run_in - 1, 0)
    first, last = unheard * rate_hz // HOPS_PER_S, len(signal) - round(passage.run_out_s * rate_hz)
    meter = PeakMeter(rate_hz, signal.shape[1])
    meter.add(signal[first:last])
    if not passage.run_out_s:
        meter.finish()
    peaks = np.concatenate((np.zeros(unheard), meter.true_peaks().max(axis=1)))
    peaks[:run_in] = 0.0
    return peaks


def _in_whole_windows(signal: Block) -> Block:
    """Turn a passage into lines that end with a whole window [shape=(channels, frames)]."""
    lines = np.zeros((signal.shape[1], len(signal) + -len(signal) % _WINDOW_FRAMES), dtype=np.float32)
    lines[:, : len(signal)] = signal.T
    return lines


@njit(cache=True, nogil=True, fastmath={"contract"})
def _add_energy(lines: Block, plan: Plan, energy: Floats) -> None:
    """Add the energy of each bin over all channels and windows, which lie side by side."""
    for channel in range(len(lines)):
        for first in range(0, lines.shape[1], len(plan.window)):
            transform(lines[channel], first, plan)
            for place in range(len(energy)):
                energy[place] += plan.real[place] ** 2 + plan.imag[place] ** 2
