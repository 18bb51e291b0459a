"""Networks that are asked block by block answer as madmom's own runtime does, which asks them whole."""

from __future__ import annotations

import numpy as np
import pytest
from madmom.ml.nn.onnx_runtime import OnnxNeuralNetworkRuntime
from madmom.models import CHROMA_DNN, DOWNBEATS_BLSTM, KEY_CNN

from app.audio import neural

BLOCK = 512


def features(frames: int, bands: int) -> np.ndarray:
    """Make something like a log spectrogram."""
    chance = np.random.default_rng(frames)
    return np.abs(chance.standard_normal((frames, bands))).astype(np.float32) * np.float32(0.3)


@pytest.mark.parametrize("frames", [1, 500, BLOCK, 2 * BLOCK + 1])
def test_a_recurrent_network_hands_its_state_on(frames: int) -> None:
    """Both directions over borders of blocks, and a last block of one frame: the same numbers."""
    given = features(frames, 314)
    whole = OnnxNeuralNetworkRuntime(DOWNBEATS_BLSTM[0], intra_op_num_threads=1)(given)
    assert np.abs(neural.downbeat_networks()[0].run(given) - whole).max() < 1e-6


def test_a_recurrent_network_is_sure_where_gates_are_wide_open() -> None:
    """Far beyond any music, nothing overflows; sums of ten thousands are rounded to thousandths."""
    given = features(300, 314) * np.float32(1e4)
    whole = OnnxNeuralNetworkRuntime(DOWNBEATS_BLSTM[1], intra_op_num_threads=1)(given)
    ours = neural.downbeat_networks()[1].run(given)
    assert np.isfinite(ours).all()
    assert np.abs(ours - whole).max() < 1e-4


@pytest.mark.parametrize("frames", [25, 512, 513, 1200])
def test_a_pooled_network_sees_beyond_the_border_of_a_block(frames: int) -> None:
    """A mean over blocks that see what lies around them is the mean over the whole, but for its rounding."""
    given = features(frames, 105)
    whole = np.ravel(OnnxNeuralNetworkRuntime(KEY_CNN[0], intra_op_num_threads=1)(given))
    assert np.abs(neural.key_network().run(given) - whole).max() < 1e-5


def test_pitch_classes_are_those_of_the_network_as_a_whole() -> None:
    """The frames around each are given in blocks, the last of one frame."""
    given = features(1025, 105)
    padded = np.pad(given, ((7, 7), (0, 0)))
    around = np.stack([padded[place : place + 15].ravel() for place in range(len(given))])
    whole = OnnxNeuralNetworkRuntime(CHROMA_DNN[0], intra_op_num_threads=1)(around)
    assert np.abs(neural.deep_chroma(given) - whole).max() < 1e-6
