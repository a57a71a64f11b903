"""Whether an ONNX file computes what the Keras network computes; weights in 16 bits where it then still does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime

from training.convert.float16 import store_float16
from training.data.inputs import NetworkInput

PARITY_TOLERANCE = 1e-4  # of the converted network
ROUNDING_TOLERANCE = 2e-3  # with its weights in 16 bits: 1.4e-3 is the most that was measured


class ExportError(Exception):
    """The exported file does not compute what the trained network computes."""


def check_parity(path: Path, given: NetworkInput, expected: Any, tolerance: float) -> float:
    """The largest |Δp| between ``expected`` and the ONNX file on ``given``; raises ExportError over ``tolerance``."""
    gap = float(np.abs(onnx_probabilities(path, given) - expected).max())
    if gap > tolerance:
        raise ExportError(f"ONNX and Keras differ by {gap:.2g} in probability (allowed: {tolerance:.0e}).")
    return gap


def onnx_probabilities(path: Path, given: NetworkInput) -> Any:
    """The ONNX file's own probabilities (n, classes) for network inputs, without test-time augmentation."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feed = given if isinstance(given, dict) else {session.get_inputs()[0].name: given}
    return keras.ops.convert_to_numpy(keras.ops.softmax(session.run(None, feed)[0]))


def round_weights(path: Path, given: NetworkInput, expected: Any) -> None:
    """Store the file's weights in 16 bits.

    Raises ExportError, and leaves the file as it was, where that moves a probability of ``given`` from ``expected`` by
    more than ROUNDING_TOLERANCE, as in a network that is hardly trained.
    """
    content = path.read_bytes()
    store_float16(path)
    try:
        check_parity(path, given, expected, ROUNDING_TOLERANCE)
    except ExportError:
        path.write_bytes(content)
        raise
