"""What lossy encoders make of the peaks: real encodes of the loudest passages.

An encoder moves peaks by what it leaves out, so that no margin under full scale is safe for
certain; the only way to know is to encode and to measure. The passages around the highest true
peaks and the loudest moments stand for the whole file: a test shows that its maximum is in them.

The encoders are those of libsndfile (LAME, libvorbis, libopus), in memory, and for AAC ffmpeg's
(:mod:`app.audio.aac`), at the rates that streaming services use.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]

from app.audio import aac
from app.audio.aside import Aside
from app.audio.dynamics import Span, hops_over, merged
from app.audio.spectra import BAND_EDGES_HZ, SpectrumMeter
from app.audio.true_peak import HOPS_PER_S, PeakMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]
    Through = Callable[[list[Block], int], list[Block]]

MOST_CHANNELS = 2
RATES_HZ = (44_100, 48_000)
"""A rate of neither kind, which LAME would not take, becomes the second."""

PEAKS, LOUD_MOMENTS = 14, 2
"""Passages around the highest true peaks, and around the loudest tenths of a second.

Many short ones find more than few long ones: on real music the peak of the copy lies where one of the highest
peaks of the source was, but not always where the very highest was.
"""

PASSAGE_S = 0.7
RUN_IN_S = 0.9
"""An encoder needs so long to forget that a passage has a beginning; it is not measured."""

ALIGNMENT_FRAMES = 18_432
"""Passages begin on a frame of MP3 (1152), AAC (1024) and Vorbis (2048), as in the whole file."""

_ENCODER_FRAMES = 4096


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder as a page names it, and the rate that it takes if it takes but one."""

    name: str
    bitrate_kbps: int
    rate_hz: int | None = None


@dataclass(frozen=True, slots=True)
class _Setting:
    """How libsndfile encodes; `level` is its scale from 0, best, to 1."""

    container: str
    subtype: str
    level: float


MP3, VORBIS, OPUS = Codec("MP3", 128), Codec("Ogg Vorbis", 160), Codec("Opus", 128, rate_hz=48_000)
AAC = Codec("AAC", aac.BITRATE_KBPS)
_SETTINGS = {
    MP3: _Setting("MP3", "MPEG_LAYER_III", (320 - 128) / (320 - 32)),
    VORBIS: _Setting("OGG", "VORBIS", 0.5),
    OPUS: _Setting("OGG", "OPUS", 1 - (64 - 6) / (256 - 6)),
}
CODECS = tuple(_SETTINGS)
"""Those of libsndfile, which are always there."""


@dataclass(frozen=True, slots=True)
class LoudestPassages:
    """Where the loudest passages are, and their samples."""

    spans: tuple[Span, ...]
    passages: list[Block]


@dataclass(frozen=True, slots=True)
class CodecReadings:
    """What one encoder did.

    Attributes
    ----------
    overs
        Stretches of the file that stand over full scale after decoding.
    band_difference_db : ndarray of float64 [shape=(7,)]
        Level after decoding over the level before, NaN where a band is silent.
    """

    codec: Codec
    true_peak_dbtp: float
    overs: tuple[Span, ...]
    band_difference_db: Floats


def loudest_passages(true_peaks: Floats, power: Floats, rate_hz: int, duration_s: float) -> tuple[Span, ...]:
    """Choose passages around the highest peaks and the loudest tenths of a second.

    Parameters
    ----------
    true_peaks : ndarray of float64 [shape=(hops,)]
        Highest true peak of each tenth of a second.
    power : ndarray of float64 [shape=(hops,)]
        Mean square of each tenth of a second.
    """
    spans = []
    for values, count in ((true_peaks.copy(), PEAKS), (power.copy(), LOUD_MOMENTS)):
        for _ in range(count):
            if not values.any():
                break
            middle = int(values.argmax())
            end_s = (middle + 0.5) / HOPS_PER_S + PASSAGE_S / 2
            start_s = max(0.0, end_s - PASSAGE_S - RUN_IN_S)
            frame_s = ALIGNMENT_FRAMES / rate_hz
            spans.append((start_s // frame_s * frame_s, min(end_s, duration_s)))
            reach = round(PASSAGE_S / 2 * HOPS_PER_S)
            values[max(0, middle - reach) : middle + reach + 1] = 0.0
    return merged(np.array(spans).reshape(-1, 2))


def cut_passages(blocks: Iterable[Block], spans: tuple[Span, ...], rate_hz: int) -> list[Block]:
    """Cut passages out of a file that is read once more from the front."""
    borders = [(round(span.start_s * rate_hz), round(span.end_s * rate_hz)) for span in spans]
    pieces: list[list[Block]] = [[] for _ in spans]
    first = 0
    for block in blocks:
        for place, (start, end) in enumerate(borders):
            if start < first + len(block) and end > first:
                pieces[place].append(block[max(0, start - first) : end - first].copy())
        first += len(block)
        if first >= max((end for _, end in borders), default=0):
            break
    return [np.concatenate(parts) for parts in pieces if parts]


def preview(loudest: LoudestPassages, rate_hz: int, exchange: aac.Exchange | None = None) -> list[CodecReadings]:
    """Encode and decode the passages with each codec and measure what comes back.

    LAME, the slowest, has this thread while libopus and libvorbis run aside; AAC, which is left
    out where it fails, is mostly waited for.
    """
    readings: dict[Codec, CodecReadings] = {}

    def try_out(codec: Codec) -> None:
        readings[codec] = _preview(codec, loudest, rate_hz, partial(_all_through, codec))

    def try_out_aac() -> None:
        if exchange is not None:
            with suppress(OSError, ValueError):
                readings[AAC] = _preview(AAC, loudest, rate_hz, partial(_through_aac, exchange))

    with Aside() as waiting, Aside() as aside:
        waiting.do(try_out_aac)
        aside.do(partial(try_out, OPUS))
        aside.do(partial(try_out, VORBIS))
        try_out(MP3)
    return [readings[codec] for codec in (*CODECS, AAC) if codec in readings]


def _preview(codec: Codec, loudest: LoudestPassages, rate_hz: int, through: Through) -> CodecReadings:
    target_hz = codec.rate_hz or (rate_hz if rate_hz in RATES_HZ else RATES_HZ[-1])
    highest, overs = 0.0, []
    before, after = np.zeros(len(BAND_EDGES_HZ) - 1), np.zeros(len(BAND_EDGES_HZ) - 1)
    spans = loudest.spans
    sources = [_at_rate(*cut, rate_hz, target_hz) for cut in zip(loudest.passages, spans, strict=True)]
    for source, decoded, span in zip(sources, through(sources, target_hz), spans, strict=True):
        peaks = _true_peaks(decoded, target_hz)
        if span.start_s > 0.0:
            peaks[: round(RUN_IN_S * HOPS_PER_S)] = 0.0
        highest = max(highest, float(peaks.max(initial=0.0)))
        overs += [
            (span.start_s + over.start_s, min(span.start_s + over.end_s, span.end_s))
            for over in hops_over(peaks, 1.0, 1 / HOPS_PER_S)
        ]
        before += _band_energy(source, target_hz)
        after += _band_energy(decoded, target_hz)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference_db = 10 * np.log10(after / before)
    return CodecReadings(
        codec=codec,
        true_peak_dbtp=20 * float(np.log10(max(highest, 1e-9))),
        overs=merged(np.array(overs).reshape(-1, 2)),
        band_difference_db=np.where(np.isfinite(difference_db), difference_db, np.nan),
    )


def _at_rate(passage: Block, span: Span, rate_hz: int, target_hz: int) -> Block:
    """Resample a passage where an encoder does not take its rate."""
    if target_hz == rate_hz:
        return passage
    # Frames of 20 ms begin where they do in the whole file.
    late = -round(span.start_s * rate_hz) % (rate_hz // 50)
    return np.asarray(soxr.resample(passage[late:], rate_hz, target_hz), dtype=np.float32)


def _all_through(codec: Codec, sources: list[Block], rate_hz: int) -> list[Block]:
    return [_through(_SETTINGS[codec], source, rate_hz) for source in sources]


def _through(setting: _Setting, source: Block, rate_hz: int) -> Block:
    """Encode in memory and decode again, never clipping."""
    file = io.BytesIO()
    with soundfile.SoundFile(
        file,
        "w",
        rate_hz,
        source.shape[1],
        format=setting.container,
        subtype=setting.subtype,
        compression_level=setting.level,
        bitrate_mode="CONSTANT" if setting.container == "MP3" else None,
    ) as encoder:
        # In libsndfile 1.2.2 one long write of Vorbis overflows the stack.
        for first in range(0, len(source), _ENCODER_FRAMES):
            encoder.write(source[first : first + _ENCODER_FRAMES])
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    return np.ascontiguousarray(decoded, dtype=np.float32)


def _through_aac(exchange: aac.Exchange, sources: list[Block], rate_hz: int) -> list[Block]:
    """Encode the passages in one go, each on whole frames, and take what came back apart.

    Raises
    ------
    OSError, ValueError
        If what should encode is not there, takes too long or answers something else.
    """
    whole = [np.pad(source, ((0, -len(source) % aac.FRAME), (0, 0))) for source in sources]
    line = np.concatenate([*whole, np.zeros((aac.FRAME, whole[0].shape[1]))]).astype("<f4")
    most_bytes = line.nbytes + 4 * aac.FRAME * line.strides[0]
    answer = exchange(aac.wav_of(line.tobytes(), rate_hz, line.shape[1]), most_bytes)
    decoded = np.frombuffer(answer, "<f4").reshape(-1, line.shape[1])[aac.DELAY_FRAMES :]
    starts = np.cumsum([0, *map(len, whole)])
    if len(decoded) < starts[-1] or not np.isfinite(decoded).all():
        raise ValueError("too short an answer, or no numbers")
    return [
        # A copy that can be written to, as every other signal: the compiled loops know no other kind.
        decoded[start : start + len(source)].astype(np.float32)
        for start, source in zip(starts, sources, strict=False)
    ]


def _true_peaks(signal: Block, rate_hz: int) -> Floats:
    meter = PeakMeter(rate_hz, signal.shape[1])
    meter.add(signal)
    meter.finish()
    return np.asarray(meter.true_peaks().max(axis=1))


def _band_energy(signal: Block, rate_hz: int) -> Floats:
    meter = SpectrumMeter(rate_hz, signal.shape[1])
    meter.add(signal)
    spectra = meter.spectra()
    bands = spectra.band(spectra.power.mean(axis=0), np.array(BAND_EDGES_HZ))
    return np.asarray(bands * len(signal))
