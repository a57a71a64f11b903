"""Face Mesh as ``tf2onnx`` writes it, brought into the form that runs fast and is easy to ask.

ONNX Runtime's convolutions work in a blocked layout, and PReLU as an operator pulls every feature map out of it.
Written as a·x + (1 − a)·max(x, 0) with convolutions of each channel by itself, a call takes a third of the time;
the numbers are the same but for rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.convert.onnx_graph import IR_VERSION

SIDE = 192
POINTS = 468
OUTPUTS = ("points", "presence")


def build_graph(converted: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network with RGB ``pixels`` 0…255 (n, 192, 192, 3) going in; ``points`` and ``presence`` come out.

    ``points`` float32 (n, 468, 3) are in pixels of the crop, ``presence`` float32 (n,) is a probability.
    """
    model = onnx.ModelProto.FromString(converted.SerializeToString())
    graph = model.graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    before, (points, presence) = graph.input[0].name, (one.name for one in graph.output)
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        node.input[:] = ["pixels" if name == before else name for name in node.input]
        if node.op_type == "PRelu":
            nodes += _prelu(node, weights)
        elif node.op_type == "Reshape":
            weights[node.input[1]] = np.array([-1, POINTS, 3] if node.output[0] == points else [-1], np.int64)
            nodes.append(node)
        else:
            nodes.append(node)
    first = next(node for node in nodes if node.op_type == "Conv")
    # Its padding is zeros before and after the division, so this is exact.
    weights[first.input[1]] = weights[first.input[1]] / np.float32(255)
    nodes.append(helper.make_node("Identity", [points], ["points"], "points"))
    nodes.append(helper.make_node("Sigmoid", [presence], ["presence"], "presence"))
    _rename(nodes, weights)
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", SIDE, SIDE, 3])
    outputs = [
        helper.make_tensor_value_info("points", TensorProto.FLOAT, ["n", POINTS, 3]),
        helper.make_tensor_value_info("presence", TensorProto.FLOAT, ["n"]),
    ]
    tensors = [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in weights.items()]
    whole = helper.make_graph(nodes, "face_mesh", [pixels], outputs, tensors)
    built = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=IR_VERSION)
    onnx.checker.check_model(built)
    return built


def _prelu(node: onnx.NodeProto, weights: dict[str, NDArray[np.float32]]) -> list[onnx.NodeProto]:
    """The nodes that stand in for one PReLU; their weights are added to ``weights``."""
    source, name = node.input[0], node.output[0]
    slope = weights[node.input[1]].reshape(-1, 1, 1, 1)
    weights[f"{name}_slope"], weights[f"{name}_gain"] = slope, 1 - slope
    each: dict[str, Any] = {"kernel_shape": [1, 1], "group": len(slope)}
    return [
        helper.make_node("Relu", [source], [f"{name}_relu"]),
        helper.make_node("Conv", [f"{name}_relu", f"{name}_gain"], [f"{name}_positive"], **each),
        helper.make_node("Conv", [source, f"{name}_slope"], [f"{name}_linear"], **each),
        helper.make_node("Add", [f"{name}_linear", f"{name}_positive"], [name]),
    ]


def _rename(nodes: list[onnx.NodeProto], weights: dict[str, NDArray[np.float32]]) -> None:
    """Name weights and tensors by the order in which they are used, and drop the weights that are not.

    The converter's own names and order change from run to run; the file should not.
    """
    used = list(dict.fromkeys(name for node in nodes for name in node.input if name in weights))
    names = {name: f"weight_{index}" for index, name in enumerate(used)}
    for index, node in enumerate(nodes):
        if node.output[0] not in OUTPUTS:
            names[node.output[0]] = node.name = f"tensor_{index}"
    ordered = {names[name]: weights[name] for name in used}
    weights.clear()
    weights.update(ordered)
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
