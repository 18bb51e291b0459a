"""Eight numbers at a time, for the innermost loops of compiled functions.

The compiler turns a plain loop into such steps only where it can prove that what is written does not overlap what is
read, which in a transform or a recurrent layer it cannot. There a loop says it itself: it loads eight numbers of an
array, reckons with them and stores eight. Any processor will do; one with narrower registers does each step in parts.

What is compiled with these is kept by its own file's date: after a change in this one, `make clean`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

WIDTH = 8
"""Numbers of a vector, float32 each."""

Vector: TypeAlias = Any
"""A vector, as annotations of compiled functions name it; it adds, subtracts, multiplies and divides by places."""

_LANES = ir.VectorType(ir.FloatType(), WIDTH)
_BITS = ir.VectorType(ir.IntType(32), WIDTH)
_FRACTION_BITS = 23
_CACHE_LINE_BYTES = 64
_OPERATORS = {
    operator.add: "fadd",
    operator.iadd: "fadd",
    operator.sub: "fsub",
    operator.mul: "fmul",
    operator.truediv: "fdiv",
}


class _VectorType(types.Type):
    """The type that compiled functions know vectors by."""

    def __init__(self) -> None:
        super().__init__(name=f"vector of {WIDTH} float32")


_VECTOR = _VectorType()


@register_model(_VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _LANES)


def _compile_operator(symbol: Callable[..., Any], instruction: str) -> None:
    """Teach the compiler what an operator does between two vectors."""

    @type_callable(symbol)
    def _(_: Any) -> Callable[[Any, Any], Any]:
        return lambda left, right: _VECTOR if left is _VECTOR and right is _VECTOR else None

    @lower_builtin(symbol, _VectorType, _VectorType)
    def _(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        # A product and a sum may become one instruction, as in the other compiled loops.
        return getattr(builder, instruction)(*operands, flags=["contract"])


for _symbol, _instruction in _OPERATORS.items():
    _compile_operator(_symbol, _instruction)


def _operation(describe: Callable[..., Any]) -> Any:
    """Make something that compiled functions can call of a function that says its types and what it generates."""
    return intrinsic(describe)


def aligned(numbers: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Copy a line of numbers to where vectors do not cross the borders of the cache."""
    room = np.empty(len(numbers) + _CACHE_LINE_BYTES // 4, dtype=np.float32)
    first = -room.ctypes.data % _CACHE_LINE_BYTES // 4
    line = room[first : first + len(numbers)]
    line[:] = numbers
    return line


@_operation
def load(_: Any, array: Any, __: Any) -> Any:
    """Read the eight numbers that begin at a place of a line of float32; nothing checks the bounds."""

    def generate(context: Any, builder: Any, signature: Any, operands: Sequence[Any]) -> Any:
        return builder.load(_address(context, builder, signature.args[0], *operands), align=4)

    return _VECTOR(_line(array), types.intp), generate


@_operation
def store(_: Any, array: Any, __: Any, ___: Any) -> Any:
    """Write eight numbers from a place of a line of float32 on; nothing checks the bounds."""

    def generate(context: Any, builder: Any, signature: Any, operands: Sequence[Any]) -> Any:
        builder.store(operands[2], _address(context, builder, signature.args[0], *operands[:2]), align=4)
        return context.get_dummy_value()

    return types.void(_line(array), types.intp, _VECTOR), generate


@_operation
def broadcast(_: Any, __: Any) -> Any:
    """Make a vector of one number."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        one = builder.insert_element(ir.Constant(_LANES, ir.Undefined), operands[0], ir.IntType(32)(0))
        return _shuffled(builder, one, one, [0] * WIDTH)

    return _VECTOR(types.float32), generate


@_operation
def clip(_: Any, __: Any, ___: Any, ____: Any) -> Any:
    """Hold a vector between two others."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        value, low, high = operands
        value = builder.select(builder.fcmp_ordered("<", value, low), low, value)
        return builder.select(builder.fcmp_ordered(">", value, high), high, value)

    return _VECTOR(_VECTOR, _VECTOR, _VECTOR), generate


@_operation
def square_root(_: Any, __: Any) -> Any:
    """Take the root of each number."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        return builder.call(_function(builder, "llvm.sqrt.v8f32", _LANES, [_LANES]), operands)

    return _VECTOR(_VECTOR), generate


@_operation
def add_up(_: Any, __: Any) -> Any:
    """Sum the eight numbers, in no order that is promised."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        add = _function(builder, "llvm.vector.reduce.fadd.v8f32", ir.FloatType(), [ir.FloatType(), _LANES])
        return builder.call(add, [ir.FloatType()(-0.0), *operands], fastmath=["reassoc"])

    return types.float32(_VECTOR), generate


@_operation
def times_power_of_two(_: Any, __: Any, ___: Any) -> Any:
    """Multiply by 2 to the whole number that stands in the lowest bits of a second vector."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        value, whole = (builder.bitcast(operand, _BITS) for operand in operands)
        scaled = builder.add(value, builder.shl(whole, ir.Constant(_BITS, [_FRACTION_BITS] * WIDTH)))
        return builder.bitcast(scaled, _LANES)

    return _VECTOR(_VECTOR, _VECTOR), generate


@_operation
def every_second(_: Any, __: Any, ___: Any) -> Any:
    """Part sixteen numbers, given as two vectors, into those at even places and those at odd ones."""

    def generate(context: Any, builder: Any, signature: Any, operands: Sequence[Any]) -> Any:
        low, high = operands
        parts = [_shuffled(builder, low, high, range(first, 2 * WIDTH, 2)) for first in (0, 1)]
        return context.make_tuple(builder, signature.return_type, parts)

    return types.UniTuple(_VECTOR, 2)(_VECTOR, _VECTOR), generate


@_operation
def reverse(_: Any, __: Any) -> Any:
    """Put the last number first."""

    def generate(_: Any, builder: Any, __: Any, operands: Sequence[Any]) -> Any:
        return _shuffled(builder, operands[0], operands[0], range(WIDTH)[::-1])

    return _VECTOR(_VECTOR), generate


@_operation
def turn_square(_: Any, source: Any, __: Any, ___: Any, target: Any, ____: Any, _____: Any) -> Any:
    """Write the columns of a square of eight rows as rows.

    Called with the array that is read, the place of the first row in it and how far the rows are apart, and the same
    of the array that is written.
    """

    def generate(context: Any, builder: Any, signature: Any, operands: Sequence[Any]) -> Any:
        read, written = (_rows(context, builder, signature, operands, first) for first in (0, 3))
        square = [builder.load(row, align=4) for row in read]
        for size in (1, 2, 4):
            square = _turned_blocks(builder, square, size)
        for row, value in zip(written, square, strict=True):
            builder.store(value, row, align=4)
        return context.get_dummy_value()

    return types.void(_line(source), types.intp, types.intp, _line(target), types.intp, types.intp), generate


def _turned_blocks(builder: Any, square: Sequence[Any], size: int) -> list[Any]:
    """Exchange, in each block of two by two parts of a size, the part above on the right and that below on the left."""
    turned = list(square)
    for row in range(WIDTH):
        if row & size == 0:
            above, below = square[row], square[row + size]
            left = [place if place & size == 0 else WIDTH + place - size for place in range(WIDTH)]
            turned[row] = _shuffled(builder, above, below, left)
            turned[row + size] = _shuffled(builder, above, below, [place + size for place in left])
    return turned


def _shuffled(builder: Any, first: Any, second: Any, places: Sequence[int]) -> Any:
    return builder.shuffle_vector(first, second, ir.Constant(_BITS, list(places)))


def _function(builder: Any, name: str, answer: Any, arguments: Sequence[Any]) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(answer, arguments), name)


def _rows(context: Any, builder: Any, signature: Any, operands: Sequence[Any], first: int) -> list[Any]:
    """Addresses of eight rows; three of the operands say where they are."""
    array, place, apart = operands[first : first + 3]
    places = [builder.add(place, builder.mul(apart, apart.type(row))) for row in range(WIDTH)]
    return [_address(context, builder, signature.args[first], array, row) for row in places]


def _address(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    line = context.make_array(kind)(context, builder, array)
    return builder.bitcast(builder.gep(line.data, [place]), _LANES.as_pointer())


def _line(array: Any) -> Any:
    """Check that an array is one line of float32."""
    assert array.dtype == types.float32, array
    assert (array.ndim, array.layout) == (1, "C"), array
    return array
