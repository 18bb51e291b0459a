"""What lossy encoders make of the peaks: real encodes of the loudest passages.

An encoder moves peaks by what it leaves out, so that no margin under full scale is safe for
certain; the only way to know is to encode and to measure. Passages around the highest true peaks
(:mod:`app.audio.passages`) stand for the whole file.

The encoders are LAME and libvorbis in libsndfile, in memory, and for Opus and AAC ffmpeg's
(:mod:`app.audio.ffmpeg`), at the rates that streaming services use.
"""

from __future__ import annotations

import io
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]
from numba import njit

from app.audio import ffmpeg
from app.audio.aside import Aside
from app.audio.dynamics import hops_over, merged
from app.audio.passages import passages_around
from app.audio.spectra import BAND_EDGES_HZ, band_sums
from app.audio.transform import Plan, plan, transform
from app.audio.true_peak import HOPS_PER_S, PeakMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.audio.dynamics import Span
    from app.audio.passages import Block, Cut, Floats, Passage

    class Through(Protocol):
        """An encoder and its decoder."""

        def __call__(self, line: Block, *, rate_hz: int) -> Block:
            """Return what is left of a signal."""


MOST_CHANNELS = 2
RATES_HZ = (44_100, 48_000)
"""A rate of neither kind, which LAME would not take, becomes the second."""

LONGEST_STEP_S = 0.5
"""Frames that begin on a sample at both rates more seldom than that are not waited for."""

_WINDOW_FRAMES = 8192
"""Bins of about 5 Hz, against a lowest band that is 40 Hz wide."""

_ENCODER_FRAMES = 4096
_END_FRAMES = 4
"""Silence behind the last passage, out of which the last of it comes whatever an encoder looks ahead."""
_MORE_BYTES = 1 << 16
"""What ffmpeg may give back beyond what it was given: the end of its last frame."""


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder as a page names it, and what it needs to hear.

    Attributes
    ----------
    passages
        How many stand for the whole file: more of them where the encoder is fast or forgets soon.
    run_in_s
        So much before a passage, and the encoder has forgotten that it began there: what it makes of it is then
        what it makes of it in the whole file.
    frame : int
        Samples of a frame, at whose beginning in the whole file a passage begins.
    head_s
        So much of the file's own head comes first. ffmpeg's AAC remembers to the end how the sound began.
    rate_hz
        The rate that it takes if it takes but one.
    """

    name: str
    bitrate_kbps: int
    passages: int
    run_in_s: float
    frame: int
    rate_hz: int | None = None
    head_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Setting:
    """How libsndfile encodes; `level` is its scale from 0, best, to 1."""

    container: str
    subtype: str
    level: float


MP3 = Codec("MP3", 128, passages=24, run_in_s=0.8, frame=1152)
VORBIS = Codec("Ogg Vorbis", 160, passages=48, run_in_s=0.3, frame=2048)
OPUS = Codec("Opus", ffmpeg.OPUS_KBPS, passages=48, run_in_s=0.2, frame=960, rate_hz=48_000)
AAC = Codec("AAC", ffmpeg.AAC_KBPS, passages=32, run_in_s=0.2, frame=1024, head_s=1.0)
CODECS = (MP3, VORBIS, OPUS, AAC)
MOST_PASSAGES = max(codec.passages for codec in CODECS)
_SETTINGS = {
    MP3: _Setting("MP3", "MPEG_LAYER_III", (320 - 128) / (320 - 32)),
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


def passages_for(moments_s: Sequence[float], rate_hz: int, duration_s: float) -> dict[Codec, tuple[Passage, ...]]:
    """Put passages around the first of the moments for each codec, as many and as long as it needs."""
    return {
        codec: passages_around(
            moments_s[: codec.passages],
            run_in_s=codec.run_in_s,
            head_s=codec.head_s,
            frame_s=_step_s(codec, rate_hz),
            duration_s=duration_s,
        )
        for codec in CODECS
    }


def _step_s(codec: Codec, rate_hz: int) -> float:
    """Return the time between frames that begin on a sample at both rates, or between frames where that is long."""
    target_hz = _rate_for(codec, rate_hz)
    frames = Fraction(codec.frame * rate_hz, target_hz).denominator
    frame_s = codec.frame / target_hz
    return frames * frame_s if frames * frame_s <= LONGEST_STEP_S else frame_s


def preview(
    passages: Mapping[Codec, Cut], rate_hz: int, exchanges: Mapping[str, ffmpeg.Exchange]
) -> list[CodecReadings]:
    """Encode and decode the passages of each codec and measure what comes back.

    LAME, the slowest, has this thread while libvorbis runs aside; Opus and AAC, which are left
    out where nothing encodes them or that fails, are mostly waited for.
    """
    readings: dict[Codec, CodecReadings] = {}

    def try_out(codec: Codec, through: Through) -> None:
        readings[codec] = _preview(codec, passages[codec], rate_hz, through)

    def try_elsewhere(codec: Codec, exchange: ffmpeg.Exchange) -> None:
        with suppress(OSError, ValueError):
            try_out(codec, partial(_through_ffmpeg, ffmpeg.ENCODINGS[codec.name], exchange))

    with ExitStack() as at_once:
        for codec in (OPUS, AAC):
            if codec.name in exchanges:
                at_once.enter_context(Aside()).do(partial(try_elsewhere, codec, exchanges[codec.name]))
        at_once.enter_context(Aside()).do(partial(try_out, VORBIS, partial(_through, _SETTINGS[VORBIS])))
        try_out(MP3, partial(_through, _SETTINGS[MP3]))
    return [readings[codec] for codec in CODECS if codec in readings]


def _rate_for(codec: Codec, rate_hz: int) -> int:
    return codec.rate_hz or (rate_hz if rate_hz in RATES_HZ else RATES_HZ[-1])


def _preview(codec: Codec, passages: Cut, rate_hz: int, through: Through) -> CodecReadings:
    target_hz = _rate_for(codec, rate_hz)
    highest, overs = 0.0, []
    hann = plan(np.hanning(_WINDOW_FRAMES))
    before, after = np.zeros(len(hann.real)), np.zeros(len(hann.real))
    sources = [_at_rate(samples, rate_hz, target_hz) for _, samples in passages]
    copies = _in_one_line(sources, codec.frame, partial(through, rate_hz=target_hz))
    for (passage, _), source, decoded in zip(passages, sources, copies, strict=True):
        span = passage.span
        peaks = _true_peaks(decoded, target_hz, passage.run_out_s)
        peaks[: round(passage.run_in_s * HOPS_PER_S)] = 0.0
        highest = max(highest, float(peaks.max(initial=0.0)))
        overs += [
            (span.start_s + over.start_s, min(span.start_s + over.end_s, span.end_s))
            for over in hops_over(peaks, 1.0, 1 / HOPS_PER_S)
        ]
        _add_energy(_in_whole_windows(source), hann, before)
        _add_energy(_in_whole_windows(decoded), hann, after)
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


def _at_rate(passage: Block, rate_hz: int, target_hz: int) -> Block:
    """Resample a passage where an encoder does not take its rate."""
    if target_hz == rate_hz:
        return passage
    return np.asarray(soxr.resample(passage, rate_hz, target_hz), dtype=np.float32)


def _in_one_line(sources: list[Block], frame: int, through: Callable[[Block], Block]) -> list[Block]:
    """Encode the passages in one go, each on whole frames, and take what came back apart.

    An encoder that comes from other music has bits in reserve as it has inside the whole file, and needs
    less of a run-in than one that has just begun.
    """
    starts = np.cumsum([0, *(len(source) + -len(source) % frame for source in sources)])
    places = [slice(start, start + len(source)) for start, source in zip(starts, sources, strict=False)]
    line = np.zeros((starts[-1] + _END_FRAMES * frame, sources[0].shape[1]), dtype=np.float32)
    for place, source in zip(places, sources, strict=True):
        line[place] = source
    decoded = through(line)
    if len(decoded) < starts[-1]:
        raise ValueError("too short an answer")
    return [decoded[place] for place in places]


def _through(setting: _Setting, line: Block, rate_hz: int) -> Block:
    """Encode in memory and decode again, never clipping."""
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        rate_hz,
        line.shape[1],
        format=setting.container,
        subtype=setting.subtype,
        compression_level=setting.level,
        bitrate_mode="CONSTANT" if setting.container == "MP3" else None,
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


def _true_peaks(signal: Block, rate_hz: int, run_out_s: float) -> Floats:
    """Measure the true peak of each tenth of a second, but not behind the last samples, where the file goes on."""
    meter = PeakMeter(rate_hz, signal.shape[1])
    meter.add(signal[: len(signal) - round(run_out_s * rate_hz)])
    if not run_out_s:
        meter.finish()
    return np.asarray(meter.true_peaks().max(axis=1))


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
