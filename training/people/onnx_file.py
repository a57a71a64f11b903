"""The default model's network as an ONNX file with named outputs."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from model.store.files import MODEL_FILE
from training.export.onnx_maps import write_maps
from training.export.onnx_means import split_means
from training.export.parity import PARITY_TOLERANCE, check_parity, round_weights
from training.people.network import COVERED, SIDE

OUTPUTS = ("logits", "attention_map", COVERED)


def write_files(network: keras.Model, directory: Path, some: NDArray[np.float32]) -> None:
    """Write model.onnx with named outputs, weights in 16 bits, and its maps; raises ExportError where Keras differs."""
    path = directory / MODEL_FILE
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(network(some)[0]))
    write_onnx(network, path)
    check_parity(path, some, expected, PARITY_TOLERANCE)
    round_weights(path, some, expected)
    write_maps(directory, some)


def write_onnx(network: keras.Model, path: Path) -> None:
    """Write the network as ONNX with named outputs; any batch size."""
    network(np.zeros((1, SIDE, SIDE, 1), np.float32))  # the export needs a network that was called once
    network.export(str(path), format="onnx", verbose=False)
    split_means(path)
    name_outputs(path, OUTPUTS)


def name_outputs(path: Path, names: tuple[str, ...]) -> None:
    """Give the ONNX file's outputs these names, in their order."""
    model = onnx.load(str(path))
    old = {output.name: name for output, name in zip(model.graph.output, names, strict=True)}
    for node in model.graph.node:
        for values in (node.input, node.output):
            values[:] = [old.get(value, value) for value in values]
    for output in model.graph.output:
        output.name = old[output.name]
    onnx.save(model, str(path))
