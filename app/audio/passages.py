"""Which passages of a file stand for it where lossy encoders are tried, and their samples.

An encoder's highest peak lies where one of the highest peaks of the source was, but not always
where the very highest was: many short passages find more of it than few long ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio.dynamics import Span, merged
from app.audio.true_peak import HOPS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]
    Cut = list[tuple["Passage", Block]]

PASSAGE_S = 0.3
"""A tenth of a second with a high peak, and one before and after it."""

RUN_OUT_S = 0.1
"""So much behind it, which is not measured: where a passage is cut off its copy overshoots."""

LOUD_MOMENTS = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch that is encoded; its run-in and its run-out are not measured."""

    span: Span
    run_in_s: float = 0.0
    run_out_s: float = 0.0


def loudest_moments(true_peaks: Floats, power: Floats, most: int) -> list[float]:
    """Choose the middles of the loudest tenths of a second, and of those with the highest true peaks.

    Parameters
    ----------
    true_peaks : ndarray of float64 [shape=(hops,)]
        Highest true peak of each tenth of a second.
    power : ndarray of float64 [shape=(hops,)]
        Mean square of each tenth of a second.

    Returns
    -------
    list of float
        Times in seconds, the highest peaks first behind the two loudest; no two in one passage.
    """
    moments = []
    reach = round(PASSAGE_S * HOPS_PER_S) // 2
    for values, count in ((power.copy(), LOUD_MOMENTS), (true_peaks.copy(), most - LOUD_MOMENTS)):
        for _ in range(count):
            if not values.any():
                break
            middle = int(values.argmax())
            moments.append((middle + 0.5) / HOPS_PER_S)
            values[max(0, middle - reach) : middle + reach + 1] = 0.0
    return moments


def around(moment_s: float, duration_s: float) -> Span:
    """Return what is measured around a moment, within the file."""
    return Span(max(moment_s - PASSAGE_S / 2, 0.0), min(moment_s + PASSAGE_S / 2, duration_s))


def passages_around(
    moments_s: Sequence[float], *, run_in_s: float, head_s: float, frame_s: float, duration_s: float
) -> tuple[Passage, ...]:
    """Put a passage around each moment, from a run-in earlier, on an encoder's frame, to the run-out.

    The file's own head is one more. What overlaps becomes one. At the ends of the file nothing is cut off,
    and all is measured.
    """
    middles_s = np.array(moments_s)
    starts_s = np.maximum(middles_s - PASSAGE_S / 2 - run_in_s, 0.0) // frame_s * frame_s
    ends_s = np.minimum(middles_s + PASSAGE_S / 2 + RUN_OUT_S, duration_s)
    bounds_s = np.column_stack((starts_s, ends_s))
    if head_s:
        bounds_s = np.vstack(((0.0, min(head_s, duration_s)), bounds_s))
    return tuple(
        Passage(span, run_in_s if span.start_s > 0.0 else 0.0, RUN_OUT_S if span.end_s < duration_s else 0.0)
        for span in merged(bounds_s, gap_s=0.0)
    )


def places_in_line(firsts: Sequence[int], lengths: Sequence[int], cycle: int) -> list[int]:
    """Put passages in one line, each as far into a cycle of frames as it is in its file, with little between them.

    Parameters
    ----------
    firsts
        The frame of the file at which each begins.
    lengths
        How many frames each takes.

    Returns
    -------
    list of int
        The frame of the line at which each begins, in the order of `firsts`.
    """
    places, end, left = [0] * len(firsts), 0, list(range(len(firsts)))
    while left:
        nearest = min(left, key=lambda index: (firsts[index] - end) % cycle)
        left.remove(nearest)
        places[nearest] = end + (firsts[nearest] - end) % cycle
        end = places[nearest] + lengths[nearest]
    return places


class Excerpts:
    """Stretches of a file, kept while it is read once more from the front.

    Parameters
    ----------
    blocks
        The file's samples in order, each ndarray of float32 [shape=(frames, channels)].
    spans
        What is to be kept; they may overlap.
    """

    def __init__(self, blocks: Iterable[Block], spans: Iterable[Span], rate_hz: int) -> None:
        bounds = np.array([(span.start_s, span.end_s) for span in spans]).reshape(-1, 2)
        self._rate_hz = rate_hz
        self._stretches = [_frames_of(span, rate_hz) for span in merged(bounds, gap_s=0.0)]
        self._samples = _read(blocks, self._stretches)

    def cut(self, span: Span) -> Block:
        """Return the samples of what lies in one of the spans [shape=(frames, channels)]."""
        first, last = _frames_of(span, self._rate_hz)
        place = next(index for index, (start, end) in enumerate(self._stretches) if start <= first and last <= end)
        start = self._stretches[place][0]
        return self._samples[place][first - start : last - start]


def _frames_of(span: Span, rate_hz: int) -> tuple[int, int]:
    return round(span.start_s * rate_hz), round(span.end_s * rate_hz)


def _read(blocks: Iterable[Block], stretches: Sequence[tuple[int, int]]) -> list[Block]:
    """Keep of the blocks what lies in stretches [start, end) of frames, and what there is of one beyond the end."""
    kept: list[Block] = []
    frames = [0] * len(stretches)
    first, last = 0, max((end for _, end in stretches), default=0)
    for block in blocks:
        kept = kept or [np.empty((end - start, block.shape[1]), dtype=np.float32) for start, end in stretches]
        for place, (start, end) in enumerate(stretches):
            if start < first + len(block) and end > first:
                piece = block[max(0, start - first) : end - first]
                kept[place][frames[place] : frames[place] + len(piece)] = piece
                frames[place] += len(piece)
        first += len(block)
        if first >= last:
            break
    return [samples[:count] for samples, count in zip(kept, frames, strict=True)]
