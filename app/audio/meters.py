"""Everything that listens while the file is decoded, fed block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr  # type: ignore[import-untyped]

from app.audio import neural
from app.audio.beat_features import BeatFeatures, LogSpectrogram
from app.audio.flaws import FlawMeter
from app.audio.levels import LevelMeter
from app.audio.loudness import LoudnessMeter
from app.audio.spectra import SpectrumMeter
from app.audio.true_peak import PeakMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from app.audio.aside import Aside

    Block = npt.NDArray[np.float32]


class MonoListeners:
    """What the networks need of the sum to mono at 44.1 kHz.

    Attributes
    ----------
    beat_features : ndarray of float32 [shape=(frames, 314)]
        As `app.audio.beat_features` makes them; nothing before the end.
    pitch_features : ndarray of float32 [shape=(frames, 105)]
        What key and chords are read from; nothing before the end.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self.beat_features = np.empty((0, 0), dtype=np.float32)
        self.pitch_features = np.empty((0, 0), dtype=np.float32)
        self._beats = BeatFeatures()
        self._pitch = LogSpectrogram(neural.pitch_filterbank(), neural.PITCH_FRAMES_PER_S)
        self._resampler = (
            None
            if sample_rate_hz == neural.SAMPLE_RATE_HZ
            else soxr.ResampleStream(sample_rate_hz, neural.SAMPLE_RATE_HZ, 1, dtype="float32")
        )

    def add(self, mono: Block) -> None:
        """Take more of the sum to mono [shape=(frames,)]."""
        self._pass_on(mono, last=False)

    def finish(self) -> None:
        """Let the resampler give what it holds back, and put the features together."""
        if self._resampler is not None:
            self._pass_on(np.empty(0, dtype=np.float32), last=True)
        self.beat_features = self._beats.finish()
        self.pitch_features = self._pitch.finish()

    def _pass_on(self, mono: Block, *, last: bool) -> None:
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono, last=last)
        if len(mono):
            self._beats.add(mono)
            self._pitch.add(mono)


class Meters:
    """All meters of one file.

    Parameters
    ----------
    aside
        A second thread that makes what the networks need and looks for flaws; without it this thread does.
    models
        Whether to make what tempo and key need at all.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        channels: int,
        aside: Aside | None = None,
        *,
        models: bool = True,
    ) -> None:
        self._aside = aside
        self.loudness = LoudnessMeter(sample_rate_hz, channels)
        self.peaks = PeakMeter(sample_rate_hz, channels)
        self.levels = LevelMeter(sample_rate_hz, channels)
        self.spectra = SpectrumMeter(sample_rate_hz, channels)
        self.flaws = FlawMeter(sample_rate_hz, channels)
        self._mono = MonoListeners(sample_rate_hz)
        self._listens = models

    def add(self, block: Block) -> None:
        """Take one more block [shape=(frames, channels)]."""
        kept = block.copy()  # the decoder uses its memory again while the other thread is at it
        self._beside(lambda: self._add_beside(kept))
        self.loudness.add(block)
        self.peaks.add(block)
        self.levels.add(block)
        self.spectra.add(block)

    def _add_beside(self, block: Block) -> None:
        """What has time until the first numbers are told."""
        if self._listens:
            self._mono.add(sum_to_mono(block))
        self.flaws.add(block)

    def finish(self) -> None:
        """Tell that there are no more blocks."""
        self._beside(self._mono.finish)
        self.peaks.finish()

    def listened(self) -> MonoListeners:
        """Wait for what the other thread makes, and give it away, once: of a long file it is the most that is held."""
        if self._aside is not None:
            self._aside.finish()
        mono = self._mono
        del self._mono
        return mono

    def _beside(self, work: Callable[[], None]) -> None:
        if self._aside is None:
            work()
        else:
            self._aside.do(work)


def sum_to_mono(block: Block) -> Block:
    """Mean of all channels [block: shape=(frames, channels)], column by column, which is fast."""
    mono = block[:, 0].copy()
    for channel in range(1, block.shape[1]):
        mono += block[:, channel]
    mono /= np.float32(block.shape[1])
    return mono
