"""Flaws that are seen in the samples themselves: flat tops, clicks, gaps, unused bits.

All are found while the file streams by. What is found is kept as places; how much of it matters
is decided when the whole file is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]
    Places = npt.NDArray[np.float64]

CLICK_CONTEXT = 512
"""A click is judged by so many samples on both sides."""

FIRST_FRAMES, LAST_FRAMES = 2, 32

FEWEST_BITS, BIT_STEP, MOST_BITS = 8, 4, 24

FLATNESS = 2e-5
"""Samples of a flat top differ by less: under a step of 16 bits."""

SHORTEST_TOP = 3
"""Samples of the shortest flat top (a limiter leaves one or two at its ceiling)."""

EDGE = 2e-4
"""The wave falls off a clipped top by more than this; the top of a slow sine ends in steps of
single bits."""

LOWEST_TOP = 0.1

CLICK_OVER_MEAN = 25.0
"""A click bends the wave so many times more than the samples around it do on average,"""

CLICK_OVER_NEXT = 8.0
"""and so many times more than any of them."""

LOWEST_CLICK = 0.02

_FINITE_MATHS = {"nsz", "nnan", "ninf"}
"""The decoder lets no NaN and no infinity through; without them a maximum is one instruction."""

LONGEST_GAP_S = 0.05
"""Longer silences in the middle of sound are taken for arrangement."""

SHORTEST_GAP_S = 0.0005
LOUD_BESIDE_GAP = 0.01
_MOST_PLACES = 100_000

_RUN_FRAMES = 64
"""Runs of samples that cannot hold a flaw are passed over whole; the answer is the same."""


@dataclass(frozen=True, slots=True)
class FlawReadings:
    """Places of flaws; times in frames from the start.

    Attributes
    ----------
    tops : ndarray of float64 [shape=(tops, 4)]
        First frame, frames, channel and level of every flat top.
    clicks : ndarray of float64 [shape=(clicks, 2)]
        Frame and channel.
    gaps : ndarray of float64 [shape=(gaps, 2)]
        First frame and frames of silence in the middle of sound, all channels.
    effective_bits
        Bits that the samples use, at most 24.
    first_peak, last_peak
        Highest magnitude of the first two samples and of the last 32: a sound that begins with
        the file rises from zero at once, but no sound ends so fast.
    """

    tops: Places
    clicks: Places
    gaps: Places
    effective_bits: int
    first_peak: float
    last_peak: float


class FlawMeter:
    """Looks for flaws block by block, with some samples of context."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._rate_hz = sample_rate_hz
        self._context = max(CLICK_CONTEXT, int(1.2 * LONGEST_GAP_S * sample_rate_hz))
        self._line = np.zeros((2 * self._context, channels), dtype=np.float32)
        self._first = -2 * self._context  # frame at which the line begins
        self._tops: list[Places] = []
        self._clicks: list[Places] = []
        self._gaps: list[Places] = []
        self._bits = FEWEST_BITS
        self._first_peak = -1.0

    def add(self, block: Block) -> None:
        """Look through one more block [shape=(frames, channels)]."""
        self._bits = int(_used_bits(block, self._bits))
        if self._first_peak < 0.0:
            self._first_peak = float(np.abs(block[:FIRST_FRAMES]).max(initial=0.0))
        line = np.concatenate((self._line, block))
        self._look(line)
        kept = len(line) - 2 * self._context
        self._first += kept
        self._line = line[kept:]

    def finish(self) -> FlawReadings:
        """Look through the end and return all places."""
        silence = np.zeros((self._context, self._line.shape[1]), dtype=np.float32)
        self._look(np.concatenate((self._line, silence)))
        return FlawReadings(
            tops=_joined(self._tops, 4),
            clicks=_joined(self._clicks, 2),
            gaps=_joined(self._gaps, 2),
            effective_bits=self._bits,
            first_peak=self._first_peak,
            last_peak=float(np.abs(self._line[-LAST_FRAMES:]).max(initial=0.0)),
        )

    def _look(self, line: Block) -> None:
        """Look at the samples that have context on both sides; places become frames."""
        by_channel = np.ascontiguousarray(line.T)
        for places, found in (
            (self._tops, _flat_tops(by_channel, self._context)),
            (self._clicks, _clicks(by_channel, self._context)),
            (self._gaps, _gaps(by_channel, self._context, self._rate_hz)),
        ):
            found[:, 0] += self._first
            if len(found) and sum(map(len, places)) < _MOST_PLACES:
                places.append(found)


def _joined(places: list[Places], columns: int) -> Places:
    return np.concatenate(places) if places else np.empty((0, columns))


@njit(cache=True, nogil=True)
def _used_bits(block: Block, bits: int) -> int:
    """Return the bits that the samples need: 8, 12, 16, 20 or 24, and `bits` at least."""
    scale = np.float32(2.0 ** (bits - 1))
    for frame in range(block.shape[0]):
        if bits >= MOST_BITS:
            break
        for channel in range(block.shape[1]):
            scaled = block[frame, channel] * scale
            while bits < MOST_BITS and scaled != np.floor(scaled):
                bits += BIT_STEP
                scale *= np.float32(2.0**BIT_STEP)
                scaled = block[frame, channel] * scale
    return bits


@njit(cache=True, nogil=True)
def _has_flat_pair(line: npt.NDArray[np.float32], first: int) -> bool:
    """Whether any loud sample of a run is followed by its like."""
    run = line[first : first + _RUN_FRAMES + 1]
    pairs = 0
    for place in range(len(run) - 1):
        pairs += (abs(run[place]) >= LOWEST_TOP) & (abs(run[place + 1] - run[place]) <= FLATNESS)
    return pairs > 0


@njit(cache=True, nogil=True)
def _flat_tops(lines: Block, context: int) -> Places:
    """Find plateaus that the wave leaves abruptly on both sides [shape=(tops, 4)]."""
    found = np.empty((64, 4))
    count = 0
    frames = lines.shape[1]
    for channel in range(len(lines)):
        line = lines[channel]
        beyond = context
        frame = context - 1
        while frame + 1 < frames - context:
            frame += 1
            if (frame - context) % _RUN_FRAMES == 0 and not _has_flat_pair(line, frame):
                frame += _RUN_FRAMES - 1
                continue
            level = line[frame]
            if abs(level) < LOWEST_TOP or frame < beyond or abs(line[frame + 1] - level) > FLATNESS:
                continue
            end = frame + 1
            while end < frames - 1 and abs(line[end] - level) <= FLATNESS:
                end += 1
            beyond = end
            sign = np.float32(1.0) if level > 0 else np.float32(-1.0)
            falls = sign * (level - line[frame - 1]) > EDGE and sign * (level - line[end]) > EDGE
            if end - frame >= SHORTEST_TOP and falls:
                if count == len(found):
                    found = np.concatenate((found, np.empty_like(found)))
                found[count, 0], found[count, 1] = frame, end - frame
                found[count, 2], found[count, 3] = channel, abs(level)
                count += 1
    return found[:count].copy()


@njit(cache=True, nogil=True)
def _bend(line: npt.NDArray[np.float32], frame: int) -> np.float32:
    """How much the wave bends at a sample: its second difference."""
    return np.float32(abs((line[frame + 1] - line[frame]) - (line[frame] - line[frame - 1])))


@njit(cache=True, nogil=True)
def _clicks(lines: Block, context: int) -> Places:
    """Find single bends that stand alone in a smooth surrounding [shape=(clicks, 2)]."""
    found = np.empty((64, 2))
    count = 0
    near, far = 6, CLICK_CONTEXT - 8
    for channel in range(len(lines)):
        line = lines[channel]
        last = len(line) - context
        runs = _sharpest_bends(line)
        beyond = 0
        for run in range(context // _RUN_FRAMES, -(-last // _RUN_FRAMES)):
            if runs[run] < LOWEST_CLICK or _is_among_others(runs, run):
                continue
            for frame in range(max(run * _RUN_FRAMES, context), min((run + 1) * _RUN_FRAMES, last)):
                if frame < beyond or _bend(line, frame) < LOWEST_CLICK:
                    continue
                if _stands_alone(line, frame, near, far):
                    if count == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    found[count, 0], found[count, 1] = frame, channel
                    count += 1
                    beyond = frame + CLICK_CONTEXT
    return found[:count].copy()


@njit(cache=True, nogil=True, fastmath=_FINITE_MATHS)
def _sharpest_bends(line: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Sharpest bend of every run of the line [shape=(runs,)]; the runs at its ends have none."""
    runs = np.zeros(-(-len(line) // _RUN_FRAMES), dtype=np.float32)
    for run in range(1, len(runs) - 1):
        part = line[run * _RUN_FRAMES - 1 : (run + 1) * _RUN_FRAMES + 1]
        sharpest = np.float32(0.0)
        for place in range(1, _RUN_FRAMES + 1):
            sharpest = max(sharpest, abs((part[place + 1] - part[place]) - (part[place] - part[place - 1])))
        runs[run] = sharpest
    return runs


@njit(cache=True, nogil=True)
def _is_among_others(runs: npt.NDArray[np.float32], run: int) -> bool:
    """Whether a run near by bends the wave so much that nothing in this one stands alone.

    All samples of the second to the fifth run on both sides are among those that a click of this
    run is held against.
    """
    for away in range(2, 6):  # noqa: SIM110 - compiled code knows no generators
        if max(runs[run - away], runs[run + away]) * CLICK_OVER_NEXT > runs[run]:
            return True
    return False


@njit(cache=True, nogil=True)
def _stands_alone(line: npt.NDArray[np.float32], frame: int, near: int, far: int) -> bool:
    """Whether a bend is far over all others from `near` to `far` samples away, and their mean.

    The edges of a sawtooth are as sharp as clicks, but they have each other for neighbours.
    """
    bend = _bend(line, frame)
    for side in (-1, 1):
        total = 0.0
        for distance in range(near, far):
            other = _bend(line, frame + side * distance)
            if other * CLICK_OVER_NEXT > bend:
                return False
            total += float(other)
        if total / (far - near) * CLICK_OVER_MEAN > bend:
            return False
    return True


@njit(cache=True, nogil=True)
def _gaps(lines: Block, context: int, rate_hz: int) -> Places:
    """Find short runs of digital silence on all channels with sound on both sides."""
    found = np.empty((64, 2))
    count = 0
    shortest = max(8, int(SHORTEST_GAP_S * rate_hz))
    longest = int(LONGEST_GAP_S * rate_hz)
    frames = lines.shape[1]
    last = frames - context
    frame = context
    while frame < last:
        if not _is_silent(lines, frame):
            frame += _frames_of_sound(lines[0], frame, last)
            continue
        end = frame
        while end < frames - 8 and _is_silent(lines, end):
            end += 1
        before = np.abs(lines[:, frame - 8 : frame]).max()
        after = np.abs(lines[:, end : end + 8]).max()
        short = shortest <= end - frame <= longest
        if short and before > LOUD_BESIDE_GAP and after > LOUD_BESIDE_GAP:
            if count == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[count, 0], found[count, 1] = frame, end - frame
            count += 1
        frame = end
    return found[:count].copy()


@njit(cache=True, nogil=True)
def _frames_of_sound(line: npt.NDArray[np.float32], first: int, last: int) -> int:
    """How far to go on from a sample that sounds: a whole run if no sample of it is zero."""
    run = line[first : min(first + _RUN_FRAMES, last)]
    zeros = 0
    for place in range(len(run)):
        zeros += run[place] == 0.0
    return 1 if zeros else len(run)


@njit(cache=True, nogil=True)
def _is_silent(lines: Block, frame: int) -> bool:
    """Whether all channels are exactly zero."""
    for channel in range(len(lines)):  # noqa: SIM110 - compiled code knows no generators
        if lines[channel, frame] != 0.0:
            return False
    return True
