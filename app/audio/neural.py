"""The one place that knows madmom.

madmom's code is under a BSD licence; its trained models are for non-commercial use
(CC BY-NC-SA 4.0) unless licensed. No other module may import the package. It is imported where it
is used, so that a process that never asks a network never loads one.

References
----------
S. Böck, F. Krebs, G. Widmer, "Joint beat and downbeat tracking with recurrent neural networks",
ISMIR 2016: the downbeat networks and their features.
F. Korzeniowski, G. Widmer, "Genre-agnostic key classification with convolutional neural
networks", ISMIR 2018: the key network.
F. Korzeniowski, G. Widmer, "Feature learning for chord recognition: the deep chroma extractor",
ISMIR 2016: the chroma network and the field of chords.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from app.audio.networks import Network, PooledNetwork
from app.audio.recurrent import RecurrentNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from app.audio.aside import Aside

    Matrix = npt.NDArray[np.float32]

SAMPLE_RATE_HZ = 44_100
"""The rate that the networks were trained at."""

BEAT_FRAMES_PER_S = 100
PITCH_FRAMES_PER_S = 10
BEAT_WINDOWS = ((1024, 3), (2048, 6), (4096, 12))
"""Sizes of the windows [samples] and their bands per octave."""

_PITCH_WINDOW = 8192
_PITCH_BANDS_PER_OCTAVE = 24
_KEY_STEP = 2
"""The key network listens to every second frame of those that the chroma network is given."""

_KEY_FRAMES_A_PLACE = 8
"""Three pools of two frames."""

_KEY_REACH_FRAMES = 32
"""Its convolutions of 5, 3 | 3, 3 | 3, 3 | 3, 3, 1 frames, each part twice as coarse as the one before, reach 31."""

_CHROMA_CONTEXT = 15
"""Frames that the chroma network sees at once, the middle one being the one that it answers for."""

_CHROMA_BLOCK = 1024
"""Frames that it is asked of at a time: each is fifteen times as large with what is around it."""

_NO_CHORD = 24


@dataclass(frozen=True, slots=True)
class Filterbank:
    """Triangular filters on a logarithmic axis for one size of window.

    Attributes
    ----------
    window_size
        Samples of a window.
    first_bin
        The first bin that any filter uses.
    weights : ndarray of float32 [shape=(bins, bands)]
    difference_frames
        How many frames back the spectral difference looks.
    """

    window_size: int
    first_bin: int
    weights: Matrix
    difference_frames: int


@lru_cache(maxsize=1)
def downbeat_networks() -> tuple[RecurrentNetwork, ...]:
    """Load the eight networks whose mean is the beat and downbeat activation, once."""
    from madmom.models import DOWNBEATS_BLSTM  # noqa: PLC0415

    return tuple(RecurrentNetwork(path) for path in DOWNBEATS_BLSTM)


@lru_cache(maxsize=1)
def key_network() -> PooledNetwork:
    """Load the key network, once."""
    from madmom.models import KEY_CNN  # noqa: PLC0415

    (path,) = KEY_CNN
    return PooledNetwork(path, frames_a_place=_KEY_FRAMES_A_PLACE, reach_frames=_KEY_REACH_FRAMES)


@lru_cache(maxsize=1)
def chroma_network() -> Network:
    """Load the network whose answer are the pitch classes of the chord that sounds, once."""
    from madmom.models import CHROMA_DNN  # noqa: PLC0415

    (path,) = CHROMA_DNN
    return Network(path)


@lru_cache(maxsize=1)
def chord_field() -> Any:
    """Load madmom's random field from pitch classes to chords, once."""
    from madmom.ml.crf import ConditionalRandomField  # noqa: PLC0415
    from madmom.models import CHORDS_DCCRF  # noqa: PLC0415

    return ConditionalRandomField.load(CHORDS_DCCRF[0])


@lru_cache(maxsize=1)
def key_names() -> tuple[str, ...]:
    """Names of the key network's 24 answers, such as "Bb major"."""
    from madmom.features.key import KEY_LABELS  # noqa: PLC0415

    return tuple(KEY_LABELS)


class DownbeatActivations:
    """The probabilities of a beat and of a downbeat at each frame.

    The other thread begins at once; whoever asks for the answer helps it to the end.

    Parameters
    ----------
    features : ndarray of float32 [shape=(frames, 314)]
        As `app.audio.beat_features` makes them.
    aside
        Asks networks as well.
    """

    def __init__(self, features: Matrix, aside: Aside) -> None:
        self._features = features
        self._aside = aside
        self._networks = downbeat_networks()
        self._answers: dict[int, Matrix] = {}
        self._next = iter(range(len(self._networks)))  # a thread that takes from it holds the interpreter's lock
        aside.do(partial(self._ask, lambda _: None))

    def answer(self, on_part: Callable[[float], None] = lambda _: None) -> Matrix:
        """Return them [shape=(frames, 2)]; `on_part` is told the part that is done."""
        self._ask(on_part)
        self._aside.finish()
        # Summed in one order, so that the last digits do not depend on which was faster.
        answers = [self._answers[place] for place in range(len(self._networks))]
        total = np.stack(answers).sum(axis=0, dtype=np.float32)
        return np.asarray(total[:, 1:] / np.float32(len(answers)))

    def _ask(self, on_part: Callable[[float], None]) -> None:
        for place in self._next:
            self._answers[place] = self._networks[place].run(self._features)
            on_part(len(self._answers) / len(self._networks))


def key_probabilities(features: Matrix) -> npt.NDArray[np.float64]:
    """Return the probability of each of `key_names` [features: shape=(frames, 105)]."""
    answer = key_network().run(features[::_KEY_STEP])
    weights = np.exp(answer - answer.max())
    return np.asarray(weights / weights.sum())


def deep_chroma(features: Matrix) -> Matrix:
    """Return how sure each pitch class, from C, is part of a chord [shape=(frames, 12)].

    Parameters
    ----------
    features : ndarray of float32 [shape=(frames, 105)]
        The spectrogram of `pitch_filterbank`, `PITCH_FRAMES_PER_S` frames a second.
    """
    reach = _CHROMA_CONTEXT // 2
    padded = np.pad(features, ((reach, reach), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, _CHROMA_CONTEXT, axis=0).swapaxes(1, 2)
    blocks = (seen[first : first + _CHROMA_BLOCK] for first in range(0, len(seen), _CHROMA_BLOCK))
    answers = [chroma_network().run(block.reshape(len(block), -1)) for block in blocks]
    return np.concatenate([answer.reshape(-1, 12) for answer in answers])


def stock_chords(chroma: Matrix) -> npt.NDArray[np.int64]:
    """Return madmom's chord of each frame: 0 to 11 major from C, 12 to 23 minor, -1 for none."""
    states = np.asarray(chord_field().process(chroma)).astype(np.int64)
    # madmom counts from A.
    roots = (states + 9) % 12
    return np.where(states == _NO_CHORD, -1, roots + 12 * (states // 12))


@lru_cache(maxsize=1)
def beat_filterbanks() -> tuple[Filterbank, ...]:
    """Filterbanks of the beat features (ISMIR 2016, section 2.1)."""
    hop = SAMPLE_RATE_HZ // BEAT_FRAMES_PER_S
    return tuple(_filterbank(size, bands, 30, 17_000, hop) for size, bands in BEAT_WINDOWS)


@lru_cache(maxsize=1)
def pitch_filterbank() -> Filterbank:
    """Filterbank of the key and the chroma features (ISMIR 2016 and 2018, section 2.1 each)."""
    hop = SAMPLE_RATE_HZ // PITCH_FRAMES_PER_S
    return _filterbank(_PITCH_WINDOW, _PITCH_BANDS_PER_OCTAVE, 65, 2100, hop)


@lru_cache(maxsize=8)
def bar_model(beats: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the beat intervals [frames] that madmom's bar model allows and its tempo changes.

    Returns
    -------
    intervals : ndarray of int64 [shape=(tempi,)]
    log_change : ndarray of float64 [shape=(tempi, tempi)]
        Log probability to go from the row's interval to the column's at a beat.
    """
    from madmom.features import beats_hmm  # noqa: PLC0415
    from madmom.features.downbeats import DBNDownBeatTrackingProcessor as Stock  # noqa: PLC0415

    frames_per_minute = 60.0 * BEAT_FRAMES_PER_S
    space = beats_hmm.BarStateSpace(
        beats, frames_per_minute / Stock.MAX_BPM, frames_per_minute / Stock.MIN_BPM, Stock.NUM_TEMPI
    )
    intervals = np.unique(space.state_intervals).astype(np.int64)
    change = beats_hmm.exponential_transition(intervals, intervals, Stock.TRANSITION_LAMBDA)
    with np.errstate(divide="ignore"):
        return intervals, np.log(change)


def _filterbank(size: int, bands_per_octave: int, low_hz: int, high_hz: int, hop: int) -> Filterbank:
    from madmom.audio.filters import LogarithmicFilterbank  # noqa: PLC0415
    from madmom.audio.spectrogram import _diff_frames  # noqa: PLC0415
    from madmom.audio.stft import fft_frequencies  # noqa: PLC0415

    filters: Any = LogarithmicFilterbank(
        fft_frequencies(size // 2, SAMPLE_RATE_HZ),
        num_bands=bands_per_octave,
        fmin=low_hz,
        fmax=high_hz,
        norm_filters=True,
        unique_filters=True,
    )
    weights = np.asarray(filters, dtype=np.float32)
    used = np.flatnonzero(weights.any(axis=1))
    return Filterbank(
        window_size=size,
        first_bin=int(used[0]),
        weights=np.ascontiguousarray(weights[used[0] : used[-1] + 1]),
        difference_frames=_diff_frames(0.5, hop, size),
    )
