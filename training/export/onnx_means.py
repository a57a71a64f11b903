"""Exact means in exported graphs: ONNX Runtime adds up all values of a mean one after the other, in 32 bits.

Over the 49,152 values of a 128×128×3 picture the rounding errors add up too, and what follows a standardisation by
such a mean can be off by 0.0006 in probability. Means of means over one axis at a time (the same number, since all rows
are equally long) add up no more than 128 values each, and are off by 10⁻⁶.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import helper


def split_means(path: Path) -> int:
    """Rewrite an ONNX file's means over several axes as one mean after the other; returns how many there were.

    Only means that keep their axes and name them as an attribute (operator sets below 18) are rewritten.
    """
    model = onnx.load(path)
    nodes: list[onnx.NodeProto] = []
    rewritten = 0
    for node in model.graph.node:
        chain = _one_axis_at_a_time(node)
        rewritten += len(chain) > 1
        nodes += chain
    if rewritten:
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        onnx.checker.check_model(model)
        onnx.save(model, path)
    return rewritten


def _one_axis_at_a_time(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    axes = sorted(attributes.get("axes", ()), reverse=True)
    if node.op_type != "ReduceMean" or len(axes) < 2 or not attributes.get("keepdims", 1):
        return [node]
    names = [node.input[0], *(f"{node.output[0]}_over_{axis}" for axis in axes[:-1]), node.output[0]]
    return [
        helper.make_node("ReduceMean", [source], [result], axes=[axis], keepdims=1)
        for axis, source, result in zip(axes, names[:-1], names[1:], strict=True)
    ]
