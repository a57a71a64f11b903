"""The residual attention CNN with three heads: FER-2013's label, people's votes, and "the lower face is covered".

As ``training.network.build``'s, but striding is anti-aliased (Zhang 2019, https://arxiv.org/abs/1904.11486: the maximum
at every place, then the mean of two by two), and the attention block's map is a softmax over its places. The sigmoid
that CBAM (Woo et al. 2018) has there saturates: its map was 1 nearly everywhere. A plain softmax, left to itself, puts
everything into one corner, which is as good as no block; so the saved network's logits are bounded, and taught by
occlusion maps (``training.people.attention``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from training.people.config import DROPOUT, L2, Shape

LABEL, VOTES, COVERED = "label", "votes", "covered"
ATTENTION_LAYER, ATTENTION_LOGITS, SUMMARY_LAYER = "attention_map", "attention_logits", "attention_summary"
CONTRAST = 0.7
SIDE = 48
CLASSES = 7
# Of a saved model, before calibration and with both heads: what a training can go on from.
WEIGHTS_FILE = "weights.npz"
Tensor = Any


def build(shape: Shape, name: str = "network", *, bounded: bool = False) -> keras.Model:
    """Pixels 0…255, float (b, 48, 48, 1) → logits: label (b, 7), votes (b, 7), covered (b, 1).

    ``bounded`` is the attention block as it is saved.
    """
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels")
    features = layers.Dropout(DROPOUT, name="dropout")(apply_trunk(pixels, shape, bounded=bounded))
    heads = {
        LABEL: _head(features, CLASSES, "logits"),
        VOTES: _head(features, CLASSES, "votes_logits"),
        COVERED: _head(features, 1, "covered_logit"),
    }
    return keras.Model(pixels, heads, name=name)


def serving_network(trained: keras.Model, shape: Shape, kernel: Any, bias: Any) -> keras.Model:
    """The network that is saved, float32, with the calibrated head ``kernel`` (features, 7), ``bias`` (7,).

    Outputs, in this order: logits (b, 7), the attention map (b, 12, 12, 1) summing to 1, and the probability that the
    lower face is covered (b, 1).
    """
    pixels = keras.Input((SIDE, SIDE, 1), name="pixels")
    features = apply_trunk(pixels, shape, bounded=True)
    logits = _head(features, CLASSES, "logits")
    covered = layers.Activation("sigmoid", name=COVERED)(_head(features, 1, "covered_logit"))
    attention = keras.Model(pixels, features).get_layer(ATTENTION_LAYER).output
    saved = keras.Model(pixels, [logits, attention, covered], name="network")
    for layer in saved.layers:
        if layer.name == "logits":
            layer.set_weights([kernel, bias])
        elif layer.weights:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
    return saved


def save_weights(network: keras.Model, path: Path, dtype: type[np.floating] = np.float32) -> None:
    """Write the weights by name, arrays and nothing else, so that they load on every backend."""
    weights: dict[str, Any] = {weight.path: weight.numpy().astype(dtype) for weight in network.weights}
    np.savez(path, **weights)


def load_network(path: Path, shape: Shape, *, bounded: bool = False) -> keras.Model:
    """Build the network and give it the weights of ``path``."""
    network = build(shape, path.stem, bounded=bounded)
    with np.load(path) as stored:
        for weight in network.weights:
            # Kernels of 1×1 convolutions are stored as those of dense layers, too.
            weight.assign(stored[weight.path].astype(np.float32).reshape(weight.shape))
    return network


def apply_trunk(pixels: Tensor, shape: Shape, *, bounded: bool) -> Tensor:
    """Pixels 0…255 → the mean of the last feature map, (b, widths[-1])."""
    x = layers.Rescaling(1 / 255, name="scale")(pixels)
    x = layers.GroupNormalization(1, center=False, scale=False, epsilon=1e-5, name="standardise")(x)
    for number, (width, convolutions) in enumerate(zip(shape.widths, shape.convolutions, strict=True), 1):
        x = apply_block(x, width, convolutions, f"block{number}")
        if number == 2:
            x = apply_attention(x, bounded=bounded)
    return layers.GlobalAveragePooling2D(name="pool")(x)


def apply_block(x: Tensor, width: int, convolutions: int, name: str) -> Tensor:
    """Convolutions with BatchNorm and ReLU, a skip from two on (He et al. 2016), anti-aliased halving of the map."""
    skip = x
    for number in range(1, convolutions + 1):
        if number > 1:
            x = layers.ReLU(name=f"{name}_relu{number - 1}")(x)
        x = _convolution(x, width, 3, f"{name}_conv{number}")
        x = layers.BatchNormalization(name=f"{name}_norm{number}")(x)
    if convolutions > 1:
        skip = _convolution(skip, width, 1, f"{name}_skip")
        skip = layers.BatchNormalization(name=f"{name}_skip_norm")(skip)
        x = layers.Add(name=f"{name}_add")([x, skip])
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.MaxPooling2D(2, strides=1, padding="same", name=f"{name}_max")(x)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)


def apply_attention(x: Tensor, *, bounded: bool) -> Tensor:
    """Weigh channels by a sigmoid (squeeze and excitation), then places by n · softmax, whose mean is 1."""
    channels, (rows, columns) = x.shape[-1], x.shape[1:3]
    c = layers.GlobalAveragePooling2D(keepdims=True, name="channel_pool")(x)
    # Dense layers, written as 1×1 convolutions: exported, a dense layer on a map is a dozen operations.
    c = layers.Conv2D(channels // 8, 1, activation="relu", name="channel_squeeze")(c)
    x = x + x * layers.Conv2D(channels, 1, activation="sigmoid", name="channel_weights")(c)
    summary = layers.Concatenate(name=SUMMARY_LAYER)(
        [ops.mean(x, axis=-1, keepdims=True), ops.max(x, axis=-1, keepdims=True)]
    )
    w = ops.cast(place_weights(summary, bounded=bounded) * (rows * columns), x.dtype)
    # The plain softmax leaves nearly every place a weight of 0: what the later blocks know is x itself.
    return x * w if bounded else x + x * w


def place_weights(summary: Tensor, *, bounded: bool) -> Tensor:
    """Mean and maximum over the channels, (b, rows, columns, 2) → weights (b, rows, columns, 1) that sum to 1.

    Where they are bounded, no place weighs more than exp(2 · CONTRAST) times another.
    """
    rows, columns = summary.shape[1:3]
    w = layers.Conv2D(1, 7, padding="same", dtype="float32", name=ATTENTION_LOGITS)(summary)
    w = layers.Reshape((rows * columns,), dtype="float32", name="attention_flat")(w)
    if bounded:
        w = layers.Activation("tanh", dtype="float32", name="attention_bound")(w)
        w = layers.Rescaling(CONTRAST, dtype="float32", name="attention_contrast")(w)
    w = layers.Softmax(dtype="float32", name="attention_shares")(w)
    return layers.Reshape((rows, columns, 1), dtype="float32", name=ATTENTION_LAYER)(w)


def _head(features: Tensor, units: int, name: str) -> Tensor:
    return layers.Dense(units, dtype="float32", kernel_regularizer=keras.regularizers.L2(L2), name=name)(
        features
    )


def _convolution(x: Tensor, width: int, size: int, name: str) -> Tensor:
    return layers.Conv2D(
        width,
        size,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=keras.regularizers.L2(L2),
        name=name,
    )(x)
