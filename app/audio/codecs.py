"""The lossy encoders that are tried on a mix, and what each of them has to hear of it.

Passages around the highest true peaks (:mod:`app.audio.passages`) stand for the whole file. They
are put to an encoder (:mod:`app.audio.preview`) so that it makes of them what it makes of them in
the whole file: behind a run-in, on its frames, and at the same place in the cycle of its frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import soxr  # type: ignore[import-untyped]

from app.audio import ffmpeg
from app.audio.passages import Excerpts, around, passages_around
from app.audio.true_peak import PeakMeter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.audio.passages import Block, Cut, Passage

MOST_CHANNELS = 2
RATES_HZ = (44_100, 48_000)
"""A rate of neither kind, which LAME would not take, becomes the second."""

LONGEST_STEP_S = 0.5
"""Frames that begin on a sample at both rates more seldom than that are not waited for."""


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
    cut_hz
        It leaves out what lies above; where it is told, those moments come first that are highest without it.
    constant_rate : bool
        Whether its frames are all as long as its rate says, in whole bytes.
    """

    name: str
    bitrate_kbps: int
    passages: int
    run_in_s: float
    frame: int
    rate_hz: int | None = None
    head_s: float = 0.0
    cut_hz: int | None = None
    constant_rate: bool = False

    def rate_for(self, rate_hz: int) -> int:
        """Return the rate at which it encodes a file of this one."""
        return self.rate_hz or (rate_hz if rate_hz in RATES_HZ else RATES_HZ[-1])

    def step_s(self, rate_hz: int) -> float:
        """Return the time between frames that begin on a sample at both rates, or between frames if that is long."""
        target_hz = self.rate_for(rate_hz)
        frames = Fraction(self.frame * rate_hz, target_hz).denominator
        frame_s = self.frame / target_hz
        return frames * frame_s if frames * frame_s <= LONGEST_STEP_S else frame_s

    def cycle(self, rate_hz: int) -> int:
        """Return after how many frames the lengths of frames recur.

        Where a frame of a constant rate is no whole number of bytes, some are padded by one (ISO/IEC 11172-3,
        2.4.3.1): 47 of 49 at 128 kbit/s and 44.1 kHz. So few bits decide how the next are spent.
        """
        frame_bytes = Fraction(self.frame * self.bitrate_kbps * 1000, 8 * self.rate_for(rate_hz))
        return frame_bytes.denominator if self.constant_rate else 1


MP3 = Codec("MP3", 128, passages=16, run_in_s=0.8, frame=1152, cut_hz=17_000, constant_rate=True)
VORBIS = Codec("Ogg Vorbis", 160, passages=40, run_in_s=0.2, frame=2048)
OPUS = Codec("Opus", ffmpeg.OPUS_KBPS, passages=44, run_in_s=0.2, frame=960, rate_hz=48_000)
AAC = Codec("AAC", ffmpeg.AAC_KBPS, passages=24, run_in_s=0.2, frame=1024, head_s=1.0)
CODECS = (MP3, VORBIS, OPUS, AAC)
MOST_PASSAGES = max(codec.passages for codec in CODECS)
"""So many moments are chosen from."""


@dataclass(frozen=True, slots=True)
class Loudest:
    """The loudest moments of a file, out of which each codec gets those that count for it.

    Attributes
    ----------
    moments_s
        Middles of the loudest tenths of a second, `MOST_PASSAGES` at most.
    """

    excerpts: Excerpts
    moments_s: Sequence[float]
    rate_hz: int
    duration_s: float

    @classmethod
    def read(cls, blocks: Iterable[Block], moments_s: Sequence[float], rate_hz: int, duration_s: float) -> Loudest:
        """Keep what any codec may need while the file is read once more from the front."""
        spans = [passage.span for codec in CODECS for passage in passages_for(codec, moments_s, rate_hz, duration_s)]
        return cls(Excerpts(blocks, spans, rate_hz), moments_s, rate_hz, duration_s)

    def passages(self, codec: Codec) -> Cut:
        """Choose and cut out what a codec is to hear."""
        chosen_s = self._by_what_is_left(codec)[: codec.passages]
        passages = passages_for(codec, chosen_s, self.rate_hz, self.duration_s)
        return [(passage, self.excerpts.cut(passage.span)) for passage in passages]

    def _by_what_is_left(self, codec: Codec) -> list[float]:
        """Put those moments first that are highest in what an encoder leaves, where it leaves something out."""
        if codec.cut_hz is None:
            return list(self.moments_s)
        left = {
            moment_s: _peak_below(codec.cut_hz, self.excerpts.cut(around(moment_s, self.duration_s)), self.rate_hz)
            for moment_s in self.moments_s
        }
        return sorted(left, key=left.__getitem__, reverse=True)


def passages_for(codec: Codec, moments_s: Sequence[float], rate_hz: int, duration_s: float) -> tuple[Passage, ...]:
    """Put passages around moments, as long as a codec needs them and on its frames."""
    return passages_around(
        moments_s,
        run_in_s=codec.run_in_s,
        head_s=codec.head_s,
        frame_s=codec.step_s(rate_hz),
        duration_s=duration_s,
    )


def _peak_below(cut_hz: int, samples: Block, rate_hz: int) -> float:
    """Measure the true peak of what lies below a frequency."""
    meter = PeakMeter(2 * cut_hz, samples.shape[1])
    meter.add(at_rate(samples, rate_hz, 2 * cut_hz))
    meter.finish()
    return float(meter.true_peaks().max(initial=0.0))


def at_rate(passage: Block, rate_hz: int, target_hz: int) -> Block:
    """Resample a passage where an encoder does not take its rate."""
    if target_hz == rate_hz:
        return passage
    return np.asarray(soxr.resample(passage, rate_hz, target_hz), dtype=np.float32)
