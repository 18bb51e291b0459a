"""Trained networks as ONNX files, asked on one thread each: the one place that knows onnxruntime and onnx."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

_BLOCK_PLACES = 64
"""Places of what the pools leave that are asked for at once: what they need stays in the processor's cache."""


class Network:
    """A network that answers for all that it is given at once."""

    def __init__(self, path: str) -> None:
        self._session = _session(path)
        self._data = self._session.get_inputs()[0].name
        self._answer = self._session.get_outputs()[0].name

    def run(self, features: Matrix) -> Matrix:
        """Answer for all frames at once [features: shape=(frames, bands)]."""
        (answer,) = self._session.run([self._answer], {self._data: features})
        return np.asarray(answer, dtype=np.float32)


class PooledNetwork:
    """Convolutions and pools whose answer is the mean over all places, asked block by block.

    Parameters
    ----------
    frames_a_place
        How many frames the pools make one place of.
    reach_frames
        How far what an answer looks at goes beyond its place, a whole number of places.
    """

    def __init__(self, path: str, *, frames_a_place: int, reach_frames: int) -> None:
        graph = Graph(path)
        (mean,) = graph.nodes("ReduceMean")
        self._maps = graph.between([graph.input], [mean.input[0]])
        self._frames_a_place = frames_a_place
        self._reach_frames = reach_frames

    def run(self, features: Matrix) -> npt.NDArray[np.float64]:
        """Answer for all frames together [features: shape=(frames, bands)] -> [shape=(classes,)]."""
        total, places = np.zeros(1), 0
        for first in range(0, len(features), _BLOCK_PLACES * self._frames_a_place):
            maps = self._of_block(features, first)
            total = total + maps.sum(axis=(0, 1), dtype=np.float64)
            places += maps.shape[0] * maps.shape[1]
        return total / places

    def _of_block(self, features: Matrix, first: int) -> Matrix:
        """Answer for each place of a block, which is given what lies around it as well."""
        start = max(0, first - self._reach_frames)
        last = first + _BLOCK_PLACES * self._frames_a_place
        (maps,) = self._maps.run([np.ascontiguousarray(features[start : last + self._reach_frames])])
        skipped = (first - start) // self._frames_a_place
        return maps[skipped : skipped + _BLOCK_PLACES]


@dataclass(frozen=True, slots=True)
class _Part:
    """A network between some values of a larger one."""

    session: Any
    inputs: list[str]
    outputs: list[str]

    def run(self, values: list[Matrix]) -> list[Matrix]:
        answer: list[Matrix] = self.session.run(self.outputs, dict(zip(self.inputs, values, strict=True)))
        return answer


class Graph:
    """An ONNX file as a graph that can be read and cut."""

    def __init__(self, path: str) -> None:
        import onnx.shape_inference  # noqa: PLC0415 - a process that never asks a network never loads it
        import onnx.utils  # noqa: PLC0415

        model = onnx.shape_inference.infer_shapes(onnx.load(path))
        self._graph = model.graph
        self._cut = onnx.utils.Extractor(model).extract_model
        self._constants = {constant.name: constant for constant in model.graph.initializer}
        self.input = model.graph.input[0].name

    def nodes(self, kind: str) -> list[Any]:
        """Return the nodes of a kind, in order."""
        return [node for node in self._graph.node if node.op_type == kind]

    def constant(self, name: str) -> Matrix:
        """Return weights by their name."""
        import onnx.numpy_helper  # noqa: PLC0415

        return np.asarray(onnx.numpy_helper.to_array(self._constants[name]), dtype=np.float32)

    def between(self, inputs: list[str], outputs: list[str]) -> _Part:
        """Cut out what makes some values of others."""
        return _Part(_session(self._cut(inputs, outputs).SerializeToString()), inputs, outputs)


def _session(model: str | bytes) -> Any:
    """Load a network, from a path or as it is, with one thread and no memory arena."""
    runtime = _onnxruntime()
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _onnxruntime() -> Any:
    """Import onnxruntime with its reports to the maker switched off before the import."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415

    return onnxruntime
