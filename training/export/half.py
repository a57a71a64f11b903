"""Weights in 16 bits, for networks whose files would be too large for the repository otherwise.

Only the files shrink: the network's weights are rounded first, so that Keras and ONNX Runtime still compute the same
numbers, and both compute in 32 bits.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LIMIT = 25_000_000  # bytes of a file
SMALL = 1024  # Numbers: biases and norms are not worth a cast each.


def too_large(model: keras.Model) -> bool:
    """Whether the network's weights in 32 bits pass the limit."""
    return 4 * model.count_params() > LIMIT


def round_weights(model: keras.Model) -> None:
    """Round every large weight to the nearest number of 16 bits, in place."""
    for weight in model.weights:
        value = keras.ops.convert_to_numpy(weight)
        if value.size > SMALL:
            weight.assign(value.astype(np.float16).astype(np.float32))


def shrink_onnx(path: Path) -> None:
    """Keep the large weights of an ONNX file as 16-bit numbers, widened when the file is loaded."""
    network = onnx.load(str(path))
    casts = []
    for tensor in network.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or value.size <= SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), f"{name}/16"))
        casts.append(
            helper.make_node("Cast", [f"{name}/16"], [name], name=f"{name}/widen", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *network.graph.node]
    del network.graph.node[:]
    network.graph.node.extend(nodes)
    onnx.save(network, str(path))


def shrink_keras(path: Path) -> None:
    """Compress a ``.keras`` file, which is an uncompressed zip: rounded weights end in zeros."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
