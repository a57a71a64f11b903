"""A small builder of ONNX graphs: a chain of layers with Keras' weights, in forms that run fast.

ONNX Runtime's convolutions work in a blocked layout, and PReLU as an operator would pull every feature map
out of it. Written with convolutions and Relu, the networks take half the time; the numbers are the same.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = NDArray[np.float32]
OPSET = 17
BLOCK = 16  # Channels that ONNX Runtime's convolutions handle together; it would pad to this itself.
IR_VERSION = 9  # What that operator set was published with; older runtimes read it too.


def file_record(content: bytes) -> dict[str, Any]:
    """What metadata.json says of a file: its sha256 and its size in bytes."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def padded(array: Weights, axis: int) -> Weights:
    """Fill an axis with zeros to a whole number of blocks."""
    missing = -array.shape[axis] % BLOCK
    return np.pad(array, [(0, missing if i == axis else 0) for i in range(array.ndim)])


class Graph:
    """A chain of nodes under construction; ``last`` names the tensor that the next layer takes."""

    def __init__(self, side: int | None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.last = "pixels"
        self.input = helper.make_tensor_value_info(
            "pixels", TensorProto.FLOAT, ["n", side or "height", side or "width", 3]
        )

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, name: str, *inputs: str, **attributes: Any) -> str:
        """Append a node that reads the last tensor and ``inputs``."""
        self.nodes.append(helper.make_node(operator, [self.last, *inputs], [name], name, **attributes))
        self.last = name
        return name

    def split(self, names: list[str], sizes: str) -> None:
        """Split the last tensor along its last axis into ``names``; the last of them is the new last tensor."""
        self.nodes.append(helper.make_node("Split", [self.last, sizes], names, "split", axis=-1))
        self.last = names[-1]

    def convolution(self, name: str, kernel: Weights, bias: Weights) -> None:
        """Convolve without padding; ``kernel`` as Keras keeps it, (height, width, inputs, outputs)."""
        weight = self.constant(f"{name}_weight", kernel.transpose(3, 2, 0, 1))
        self.add(
            "Conv", name, weight, self.constant(f"{name}_bias", bias), kernel_shape=list(kernel.shape[:2])
        )

    def dense(self, name: str, kernel: Weights, bias: Weights) -> None:
        self.add("Gemm", name, self.constant(f"{name}_weight", kernel), self.constant(f"{name}_bias", bias))

    def scaled(self, name: str, source: str, factors: Weights) -> str:
        """Multiply each channel of ``source`` by its factor: a 1×1 convolution of each by itself."""
        weight = self.constant(f"{name}_weight", factors.reshape(-1, 1, 1, 1))
        self.last = source
        return self.add("Conv", name, weight, kernel_shape=[1, 1], group=len(factors))

    def prelu(self, layer: Any) -> None:
        """Append PReLU with one slope a per channel, as a·x + (1 − a)·max(x, 0), which is the same."""
        slope, name, source = layer.get_weights()[0], layer.name, self.last
        if slope.ndim == 1:  # After a dense layer, where it is too small to matter.
            self.add("PRelu", name, self.constant(f"{name}_slope", slope))
            return
        slope = padded(slope.reshape(-1), 0)
        if np.all(slope <= 1):
            self.scaled(f"{name}_gain", source, 1 - slope)
            positive = self.add("Relu", f"{name}_positive")
        else:
            self.add("Relu", f"{name}_relu")
            positive = self.scaled(f"{name}_positive", self.last, 1 - slope)
        self.scaled(f"{name}_linear", source, slope)
        self.add("Add", name, positive)

    def pooled_prelu(self, kernel: Weights, bias: Weights, activation: Any, pool: Any) -> None:
        """Append convolution, PReLU and max pooling with the PReLU after the pooling, on a fraction of the pixels.

        Where the slope a ≥ 0, PReLU never falls, so the largest stays the largest. Where a < 0 it is max(x,
        a·x), so its largest is the larger of the pooled x and the pooled a·x, which the
        convolution computes too.
        """
        slope, count = activation.get_weights()[0].reshape(-1), kernel.shape[3]
        falling = np.flatnonzero(slope < 0)
        kernel = np.concatenate([kernel, kernel[..., falling] * slope[falling]], axis=3)
        bias = np.concatenate([bias, bias[falling] * slope[falling]])
        self.convolution(f"{activation.name}_both", padded(kernel, 3), padded(bias, 0))
        self.pool(pool)
        source, size = self.last, len(padded(bias, 0))
        # max(x, a·x) = a·x + max(x − a·x, 0) where a·x came along, else a·x + (1 − a)·max(x, 0).
        first, last = np.zeros((2, 1, 1, size, size), np.float32)
        rising = np.flatnonzero(slope >= 0)
        along = count + np.arange(len(falling))
        first[0, 0, np.arange(count), np.arange(count)] = 1
        first[0, 0, along, falling] = -1
        last[0, 0, rising, rising] = slope[rising]
        last[0, 0, along, falling] = 1
        gain = padded(np.where(slope < 0, 1, 1 - slope).astype(np.float32), 0)
        nothing = np.zeros(size, np.float32)
        self.convolution(f"{activation.name}_first", first, nothing)
        self.add("Relu", f"{activation.name}_relu")
        positive = self.scaled(f"{activation.name}_positive", self.last, gain)
        self.last = source
        self.convolution(f"{activation.name}_last", last, nothing)
        self.add("Add", activation.name, positive)

    def pool(self, layer: Any) -> None:
        padding = "SAME_UPPER" if layer.padding == "same" else "VALID"
        size, stride = list(layer.pool_size), list(layer.strides)
        self.add("MaxPool", layer.name, kernel_shape=size, strides=stride, auto_pad=padding)

    def model(self, outputs: dict[str, list[Any]]) -> onnx.ModelProto:
        infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, s) for name, s in outputs.items()]
        graph = helper.make_graph(self.nodes, "mtcnn", [self.input], infos, self.weights)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="convert_mtcnn",
        )
        onnx.checker.check_model(model, full_check=True)
        return model
