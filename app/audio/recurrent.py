"""A network of bidirectional recurrent layers, asked block by block.

What a layer is given is multiplied by its weights as a matrix, many frames at once. What it remembers can only be
reckoned frame after frame: here the sums of sixteen units stay in registers until they are squashed, and a network
takes about 0.7 of the time that onnxruntime takes. The answers differ from those of madmom's own runtime by the
rounding of single precision, which tests hold.

References
----------
F. A. Gers, N. N. Schraudolph, J. Schmidhuber, "Learning precise timing with LSTM recurrent networks", JMLR 3 (2002):
the cell, whose gates see its memory by peepholes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from app.audio.networks import Graph
from app.audio.vectors import WIDTH, Vector, aligned, broadcast, clip, load, store, times_power_of_two

if TYPE_CHECKING:
    from typing import Any

    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

_BLOCK_FRAMES = 512
"""Frames whose products are made at once: they stay in the processor's second cache."""

_PART = 2 * WIDTH
"""Units whose sums stay in registers together, four of each."""

_LARGEST = np.float32(80.0)
"""Beyond, e to it is no float32; what is squashed is 1 or 0 long before."""

_ROUND = np.float32(1.5 * 2**23)
"""What is added to it stands in its lowest bits, rounded to a whole number."""

_PER_LN_2, _LN_2 = np.float32(1.0 / np.log(2.0)), np.float32(np.log(2.0))
_ONE, _TWO = np.float32(1.0), np.float32(2.0)
_E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(1.0 / part) for part in (2, 6, 24, 120, 720, 5040))
"""The series of e to a number, which is exact in single precision up to half of ln 2."""


class RecurrentNetwork:
    """Bidirectional recurrent layers and a last one whose answers are probabilities."""

    def __init__(self, path: str) -> None:
        """Read an ONNX file whose recurrent nodes alternate directions, forwards first, as madmom's do."""
        graph = Graph(path)
        directions = [_direction(graph, node) for node in graph.nodes("LSTM")]
        self._layers = list(zip(directions[::2], directions[1::2], strict=True))
        (product,), (total,) = graph.nodes("MatMul"), graph.nodes("Add")
        self._last, self._biases = graph.constant(product.input[1]), graph.constant(total.input[1])

    def run(self, features: Matrix) -> Matrix:
        """Answer for each frame [features: shape=(frames, bands)] -> [shape=(frames, classes)]."""
        for forwards, backwards in self._layers:
            answers = np.empty((len(features), forwards.units + backwards.units), dtype=np.float32)
            _run_layer(features, forwards, answers[:, : forwards.units], backwards=False)
            _run_layer(features, backwards, answers[:, forwards.units :], backwards=True)
            features = answers
        weights = features @ self._last + self._biases
        chances = np.exp(weights - weights.max(axis=1, keepdims=True))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))


class _Direction(NamedTuple):
    """One direction of a recurrent layer, its gates in the order input, forget, new, output.

    What leads to the new memory counts double, since the hyperbolic tangent is the sigmoid of twice as much.

    Attributes
    ----------
    units
        How many it has.
    given : ndarray of float32 [shape=(bands, 4 * units)]
    biases : ndarray of float32 [shape=(4 * units + room for a part,)]
    remembered : ndarray of float32
        By part of the units, remembered unit and gate, the weights of `_PART` units.
    peepholes : ndarray of float32
        From the memory to the gates input, forget and output, each for whole parts.
    """

    units: int
    given: Matrix
    biases: Matrix
    remembered: Matrix
    peepholes: Matrix


def _direction(graph: Graph, node: Any) -> _Direction:
    """Read a recurrent node: its weights lie in the order input, output, forget, new (ONNX, operator LSTM)."""
    given, remembered, biases, peepholes = (graph.constant(node.input[place])[0] for place in (1, 2, 3, 7))
    units = remembered.shape[1]
    parts = -(-units // _PART)
    padded = np.zeros((4, parts * _PART, units))
    padded[:, :units] = _reordered(remembered).reshape(4, units, units)
    through = np.zeros((3, parts * _PART))
    through[:, :units] = peepholes.reshape(3, units)[[0, 2, 1]]
    return _Direction(
        units=units,
        given=np.ascontiguousarray(_reordered(given).T, dtype=np.float32),
        biases=aligned(np.append(_reordered(biases.reshape(2, -1).sum(axis=0)[:, None]), np.zeros(_PART))),
        remembered=aligned(padded.reshape(4, parts, _PART, units).transpose(1, 3, 0, 2).ravel()),
        peepholes=aligned(through.ravel()),
    )


def _reordered(rows: Matrix) -> Matrix:
    """Gates in the order of `_Direction` [shape=(4 * units, ...)]."""
    into, out, forget, new = np.split(rows, 4)
    return np.concatenate((into, forget, 2.0 * new, out))


def _run_layer(features: Matrix, direction: _Direction, answers: Matrix, *, backwards: bool) -> None:
    """Answer for each frame into `answers` [shape=(frames, units)]."""
    width = 4 * direction.units
    room = np.zeros(_BLOCK_FRAMES * width + _PART, dtype=np.float32)
    sums = room[: _BLOCK_FRAMES * width].reshape(_BLOCK_FRAMES, width)
    whole = len(direction.peepholes) // 3
    answered, memory = aligned(np.zeros(2 * whole)), aligned(np.zeros(whole))
    blocks = range(0, len(features), _BLOCK_FRAMES)
    for first in reversed(blocks) if backwards else blocks:
        block = features[first : first + _BLOCK_FRAMES]
        np.matmul(block, direction.given, out=sums[: len(block)])
        _remember(room, direction, answered, memory, answers[first : first + _BLOCK_FRAMES], backwards)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _remember(
    sums: Matrix,
    direction: _Direction,
    answered: Matrix,
    memory: Matrix,
    answers: Matrix,
    backwards: bool,  # noqa: FBT001 - compiled functions are called by position
) -> None:
    """Go through a block of frames.

    Places of a part behind the last unit hold numbers of no meaning, which nothing reads.

    Parameters
    ----------
    sums : ndarray of float32 [shape=(frames * 4 * units + room for a part,)]
        What the gates are given.
    answered : ndarray of float32 [shape=(2 * whole parts,)]
        The answer to the frame before in its first half; in the other there is room for the next.
    memory : ndarray of float32 [shape=(whole parts,)]
    """
    units, whole = direction.units, len(memory)
    now, then = 0, whole
    for step in range(len(answers)):
        frame = len(answers) - 1 - step if backwards else step
        for first in range(0, whole, _PART):
            _remember_part(sums, 4 * units * frame, direction, answered[now:], answered[then:], memory, first)
        now, then = then, now
        for unit in range(units):
            answers[frame, unit] = answered[now + unit]
    for unit in range(whole):
        answered[unit] = answered[now + unit]


@njit(forceinline=True, error_model="numpy", fastmath={"contract"})
def _remember_part(  # noqa: PLR0917 - compiled functions are called by position
    sums: Matrix, row: int, direction: _Direction, before: Matrix, after: Matrix, memory: Matrix, first: int
) -> None:
    """One step of the units of a part, as two vectors."""
    units, whole = direction.units, len(memory)
    into, forget, new, out = first, units + first, 2 * units + first, 3 * units + first
    into_a, into_b = _pair(sums, row + into, direction.biases, into)
    forget_a, forget_b = _pair(sums, row + forget, direction.biases, forget)
    new_a, new_b = _pair(sums, row + new, direction.biases, new)
    out_a, out_b = _pair(sums, row + out, direction.biases, out)
    weights = direction.remembered
    for unit in range(units):
        value = broadcast(before[unit])
        place = 4 * (units * first + _PART * unit)
        into_a += value * load(weights, place)
        into_b += value * load(weights, place + WIDTH)
        forget_a += value * load(weights, place + 2 * WIDTH)
        forget_b += value * load(weights, place + 3 * WIDTH)
        new_a += value * load(weights, place + 4 * WIDTH)
        new_b += value * load(weights, place + 5 * WIDTH)
        out_a += value * load(weights, place + 6 * WIDTH)
        out_b += value * load(weights, place + 7 * WIDTH)
    peepholes = direction.peepholes
    _answer(into_a, forget_a, new_a, out_a, peepholes, memory, whole, first, after)
    _answer(into_b, forget_b, new_b, out_b, peepholes, memory, whole, first + WIDTH, after)


@njit(forceinline=True, fastmath={"contract"})
def _pair(sums: Matrix, place: int, biases: Matrix, unit: int) -> tuple[Vector, Vector]:
    """What a gate of two vectors of units is given."""
    return load(sums, place) + load(biases, unit), load(sums, place + WIDTH) + load(biases, unit + WIDTH)


@njit(forceinline=True, error_model="numpy", fastmath={"contract"})
def _answer(  # noqa: PLR0917 - compiled functions are called by position
    into: Vector,
    forget: Vector,
    new: Vector,
    out: Vector,
    peepholes: Matrix,
    memory: Matrix,
    whole: int,
    unit: int,
    after: Matrix,
) -> None:
    """Squash the gates, renew the memory and answer."""
    old = load(memory, unit)
    kept = _sigmoid(forget + old * load(peepholes, whole + unit)) * old
    fresh = kept + _sigmoid(into + old * load(peepholes, unit)) * _tangent_of_half(new)
    store(memory, unit, fresh)
    opened = _sigmoid(out + fresh * load(peepholes, 2 * whole + unit))
    store(after, unit, opened * _tangent_of_half(fresh + fresh))


@njit(forceinline=True, error_model="numpy", fastmath={"contract"})
def _tangent_of_half(value: Vector) -> Vector:
    """Hyperbolic tangent of half of what is given."""
    return broadcast(_TWO) * _sigmoid(value) - broadcast(_ONE)


@njit(forceinline=True, error_model="numpy", fastmath={"contract"})
def _sigmoid(value: Vector) -> Vector:
    """1 / (1 + exp(-value)): a power of two, times e to what is left over."""
    value = clip(value, broadcast(-_LARGEST), broadcast(_LARGEST))
    whole = broadcast(_ROUND) - value * broadcast(_PER_LN_2)
    rest = (broadcast(_ROUND) - whole) * broadcast(_LN_2) - value
    series = broadcast(_E5) + rest * (broadcast(_E6) + rest * broadcast(_E7))
    series = broadcast(_E2) + rest * (broadcast(_E3) + rest * (broadcast(_E4) + rest * series))
    series = broadcast(_ONE) + rest * (broadcast(_ONE) + rest * series)
    return broadcast(_ONE) / (broadcast(_ONE) + times_power_of_two(series, whole))
