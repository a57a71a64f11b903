"""The three MTCNN networks as ONNX graphs, from the weights of the Keras ones.

Every graph takes RGB pixels as float32 0…255 (n, height, width, 3), as they are cut, and answers with

- ``regression`` float32 (n, …, 4): shifts of x1, y1, x2, y2, as fractions of the box's side;
- ``score`` float32 (n, …): the probability of a face, 0…1;
- ``landmarks`` float32 (n, 10), the O-Net only: five x, then five y, as fractions of the box's side.

Three things that the Keras networks do at run time are done here once, exactly:

- the pixel scaling (p − 127.5) / 128 is folded into the first convolution, which has no padding, so it is
exact;
- the permutation before the first dense layer is folded into the order of that layer's rows;
- a softmax over (no face, face) is the sigmoid of the difference, so one output channel does for two.

Zhang et al., "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from training.convert.onnx_graph import BLOCK, Graph, padded


def build_graph(network: Any, side: int | None) -> onnx.ModelProto:
    """Return the ONNX twin of a built P-, R- or O-Net of the ``mtcnn`` package; ``side`` None is any."""
    graph = Graph(side)
    graph.add("Transpose", "channels_first", perm=[0, 3, 1, 2])
    layers = list(network.layers)
    heads = [layer for layer in layers if "-" in layer.name]
    shape: tuple[int, ...] = ()
    done: list[Any] = []
    for index, layer in enumerate(layers[: len(layers) - len(heads)]):
        if layer in done:
            continue
        kind = type(layer).__name__
        if kind == "Conv2D":
            kernel, bias = layer.get_weights()
            if layer.name == "conv1":
                kernel, bias = kernel / 128, bias - kernel.sum(axis=(0, 1, 2)) * (127.5 / 128)
            if _fits_pooled(layers[index : index + 3]):
                done = layers[index + 1 : index + 3]
                graph.pooled_prelu(kernel, bias, *done)
                continue
            graph.convolution(
                layer.name,
                padded(padded(kernel, 2) if kernel.shape[2] > 3 else kernel, 3),
                padded(bias, 0),
            )
        elif kind == "PReLU":
            graph.prelu(layer)
        elif kind == "MaxPooling2D":
            graph.pool(layer)
        elif kind == "Permute":
            shape = tuple(layer.compute_output_shape((1, *_features_before(layers, side))))[1:]
        elif kind == "Flatten":
            graph.add("Flatten", layer.name)
        elif kind == "Dense":
            kernel, bias = layer.get_weights()
            if (
                shape
            ):  # Rows come as (width, height, channels); the flattened tensor is (channels, height, width).
                kernel = kernel.reshape(*shape, -1).transpose(2, 1, 0, 3).reshape(kernel.shape)
                shape = ()
            graph.dense(layer.name, kernel, bias)
        else:
            raise TypeError(f"{layer.name}: no ONNX twin is known for a {kind} layer.")
    return _add_heads(
        graph, {layer.units if hasattr(layer, "units") else layer.filters: layer for layer in heads}
    )


def _fits_pooled(layers: list[Any]) -> bool:
    """Whether these are convolution, PReLU, pooling, and the falling channels fit into the padding."""
    if [type(layer).__name__ for layer in layers] != ["Conv2D", "PReLU", "MaxPooling2D"]:
        return False
    slope = layers[1].get_weights()[0]
    return int(np.sum(slope < 0)) <= -slope.size % BLOCK


def _features_before(layers: list[Any], side: int | None) -> tuple[int, int, int]:
    """(height, width, channels) of the tensor that reaches the dense layers of a fixed-side network."""
    shape: tuple[Any, ...] = (1, side, side, 3)
    for layer in layers:
        if type(layer).__name__ == "Permute":
            break
        shape = tuple(layer.compute_output_shape(shape))
    return shape[1:]


def _add_heads(graph: Graph, heads: dict[int, Any]) -> onnx.ModelProto:
    """Join the heads (4 shifts, perhaps 10 landmarks, 2 classes) into one layer and split its output."""
    kernels, biases = zip(
        *(heads[size].get_weights() for size in sorted(heads, reverse=True) if size != 2), strict=True
    )
    kernel, bias = heads[2].get_weights()
    kernel = np.concatenate([*kernels, kernel[..., 1:] - kernel[..., :1]], axis=-1)
    bias = np.concatenate([*biases, bias[1:] - bias[:1]])
    dense = kernel.ndim == 2
    if dense:
        graph.dense("heads", kernel, bias)
    else:
        graph.convolution("heads", kernel, bias)
        graph.add("Transpose", "channels_last", perm=[0, 2, 3, 1])
    sizes = [size for size in sorted(heads, reverse=True) if size != 2] + [1]
    names = ["landmarks", "regression"][-len(sizes) + 1 :]
    parts = graph.constant("sizes", np.array(sizes, dtype=np.int64))
    graph.split([*names, "difference"], parts)
    graph.add("Squeeze", "logit", graph.constant("last_axis", np.array([-1], dtype=np.int64)))
    graph.add("Sigmoid", "score")
    place: list[Any] = ["n"] if dense else ["n", "rows", "columns"]
    widths = {"landmarks": [*place, 10], "regression": [*place, 4], "score": place}
    return graph.model({name: widths[name] for name in [*names, "score"]})
