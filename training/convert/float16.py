"""16-bit weights in ONNX files: half the size, and the computation stays in 32 bits.

Measured on both test splits: probabilities of the saved classifiers differ by at most 3e-4 to 1.4e-3 (EfficientNetB0),
and only an answer that was a tie to the third digit may turn: one or two of a model's 6,000 to 7,000.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALL = 1024  # Numbers: biases and norms are not worth a cast each.


def store_float16(path: Path) -> None:
    """Store the large weights of an ONNX file in 16 bits; see ``with_float16``."""
    network = with_float16(onnx.load(str(path)))
    path.write_bytes(network.SerializeToString(deterministic=True))


def with_float16(network: onnx.ModelProto) -> onnx.ModelProto:
    """The network with its large weights in 16 bits, each widened by a Cast that is folded when the file is loaded.

    A network that is stored so already stays as it is. Raises ValueError for a weight that 16 bits cannot hold (over
    65,504).
    """
    network = onnx.ModelProto.FromString(network.SerializeToString())
    casts = []
    for tensor in network.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or value.size <= SMALL:
            continue
        name = tensor.name
        if np.abs(value).max() > np.finfo(np.float16).max:
            raise ValueError(f"{name} has weights that 16 bits cannot hold")
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), f"{name}/float16"))
        casts.append(
            helper.make_node("Cast", [f"{name}/float16"], [name], f"{name}/float32", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *network.graph.node]
    del network.graph.node[:]
    network.graph.node.extend(nodes)
    onnx.checker.check_model(network)
    return network
