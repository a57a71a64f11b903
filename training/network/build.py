"""The networks, all built by one function: blocks of convolutions, attention over space, dense layers, heads.

The core is the attention CNN as published (Conv2D + ReLU + L2, BatchNorm, MaxPool, Dropout in four blocks;
attention after block 2; GlobalAveragePooling; Dense; softmax over 7). The attention block follows CBAM (Woo et al.
2018, https://arxiv.org/abs/1807.06521) with its input added back, the optional skip over a block is that of residual
networks (He et al. 2016, https://arxiv.org/abs/1512.03385). MobileNetV2 (Sandler et al. 2018,
https://arxiv.org/abs/1801.04381) and EfficientNetB0 (Tan and Le 2019, https://arxiv.org/abs/1905.11946) are Keras'
own, with random weights and one stride fewer.

Only Keras layers and ``keras.ops`` are used, so any Keras backend trains it.
"""

from __future__ import annotations

from functools import partial

import keras
from keras import layers, ops

from training.configs.schema import InputConfig, NetworkConfig

ATTENTION_LAYER = "attention_map"
LOGITS_LAYER = "logits"
PIXELS, POINTS = "pixels", "points"
PROBABILITIES, VOTES = "probabilities", "votes"

POINT_UNITS = 256  # of the dense layer that reads mesh points, as published

# Published networks, and the block of each that does not halve its map here.
BACKBONES = {
    "mobilenet_v2": (keras.applications.MobileNetV2, "block_6"),
    "efficientnet_b0": (keras.applications.EfficientNetB0, "block4a"),
}


def build_network(
    config: NetworkConfig, inputs: InputConfig | None = None, classes: int = 7, *, votes: bool = False
) -> keras.Model:
    """Build the network: pixels 0…255, float (batch, height, width, channels) → class probabilities (batch, classes).

    Where ``inputs`` has face points, the network takes a dictionary: ``pixels`` and standardised ``points``
    (batch, 3 · points). With ``votes`` a second head on the same features reads how people would vote, and the output
    is a dictionary: ``probabilities`` of the label and ``votes``, each (batch, classes). Pixel scaling happens inside
    the graph, so no caller can scale differently from training.
    """
    inputs = inputs or InputConfig()
    pixels = keras.Input((inputs.height, inputs.width, inputs.channels), name=PIXELS)
    x = _collect(_backbone(pixels, config), config)
    source: keras.KerasTensor | dict[str, keras.KerasTensor] = pixels
    if inputs.points:
        points = keras.Input((3 * inputs.points,), name=POINTS)
        x = layers.Concatenate(name="join")([x, _read_points(points, config)])
        source = {PIXELS: pixels, POINTS: points}
    x = layers.Dropout(config.dense_dropout, name="dropout")(x)
    probabilities = _head(x, classes, config, LOGITS_LAYER, PROBABILITIES)
    if not votes:
        return keras.Model(source, probabilities, name="network")
    heads = {PROBABILITIES: probabilities, VOTES: _head(x, classes, config, f"{VOTES}_{LOGITS_LAYER}", VOTES)}
    return keras.Model(source, heads, name="network")


def single_head(
    model: keras.Model, config: NetworkConfig, inputs: InputConfig | None = None, *, votes: bool = False
) -> keras.Model:
    """A network of one head with the weights of ``model``, which has one or two; ``votes`` takes the second.

    It computes in the precision that is set when this is called, and carries no optimizer state.
    """
    classes = model.get_layer(LOGITS_LAYER).units
    chosen = build_network(config, inputs, classes)
    for layer in chosen.layers:
        name = f"{VOTES}_{LOGITS_LAYER}" if votes and layer.name == LOGITS_LAYER else layer.name
        if layer.weights:
            layer.set_weights(model.get_layer(name).get_weights())
    return chosen


def serving_model(model: keras.Model) -> keras.Model:
    """The trained network giving what the site needs, float32: logits, and the attention map if it has one."""
    outputs = [model.get_layer(LOGITS_LAYER).output]
    if any(layer.name == ATTENTION_LAYER for layer in model.layers):
        outputs.append(model.get_layer(ATTENTION_LAYER).output)
    return keras.Model(model.input, outputs, name="network")


def _backbone(pixels: keras.KerasTensor, config: NetworkConfig) -> keras.KerasTensor:
    """Pixels 0…255 → the last feature map."""
    x = layers.Rescaling(1 / 255, name="scale")(pixels)
    if config.standardise:
        # One group over height, width and channel: every image to mean 0, variance 1, nothing learned.
        x = layers.GroupNormalization(1, center=False, scale=False, epsilon=1e-5, name="standardise")(x)
    if config.backbone == "convolutions":
        return _convolutions(x, config)
    if x.shape[-1] == 1:
        x = layers.Concatenate(name="three_channels")([x] * 3)
    published, kept = BACKBONES[config.backbone]
    network = published(include_top=False, weights=None, input_shape=x.shape[1:])
    return keras.models.clone_model(network, clone_function=partial(_for_small_images, kept=kept))(x)


def _for_small_images(layer: layers.Layer, kept: str) -> layers.Layer:
    """A new layer like this one of a network for large photos, changed where small images from scratch need it.

    The block ``kept`` does not halve its map: 32 pixels would be one place when the last block reads them. BatchNorm
    follows the last hundred batches, not the last thousand. Depthwise kernels start as EfficientNet's do;
    Keras' MobileNetV2 starts them smaller the more channels there are. Scaling is done already (and ONNX files cannot
    hold EfficientNet's, whose name is another one every time).
    """
    if isinstance(layer, layers.Normalization | layers.Rescaling):
        return layers.Identity(name="scaled" if isinstance(layer, layers.Rescaling) else "normalised")
    options = layer.get_config()
    if isinstance(layer, layers.BatchNormalization):
        options["momentum"] = 0.99
    if isinstance(layer, layers.DepthwiseConv2D):
        options["depthwise_initializer"] = keras.initializers.VarianceScaling(2.0, "fan_out")
    if layer.name.startswith(f"{kept}_"):
        if isinstance(layer, layers.ZeroPadding2D):
            return layers.Identity(name=layer.name)
        if isinstance(layer, layers.DepthwiseConv2D):
            options |= {"strides": 1, "padding": "same"}
    return layer.__class__.from_config(options)


def _convolutions(x: keras.KerasTensor, config: NetworkConfig) -> keras.KerasTensor:
    for number, width in enumerate(config.widths, start=1):
        stride = config.stem_stride if number == 1 else 1
        x = apply_block(x, width, config.convolutions[number - 1], config, f"block{number}", stride)
        if number == 2 and config.attention:
            x = apply_attention(x, config)
    return x


def _collect(x: keras.KerasTensor, config: NetworkConfig) -> keras.KerasTensor:
    """The feature map's average or all of it, through the dense layers."""
    x = layers.Flatten(name="flatten")(x) if config.flatten else layers.GlobalAveragePooling2D(name="pool")(x)
    for number, units in enumerate(config.dense, start=1):
        if number > 1:
            x = layers.Dropout(config.dense_dropout, name=f"dense{number - 1}_dropout")(x)
        name, norm = f"dense{number}", config.dense_norm
        x = layers.Dense(
            units, None if norm else "relu", use_bias=not norm, kernel_regularizer=_l2(config), name=name
        )(x)
        if norm:
            x = layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_norm")(x))
    return x


def _read_points(points: keras.KerasTensor, config: NetworkConfig) -> keras.KerasTensor:
    x = layers.Dense(POINT_UNITS, "relu", kernel_regularizer=_l2(config), name="points_dense")(points)
    return layers.BatchNormalization(name="points_norm")(x)


def apply_block(
    x: keras.KerasTensor, width: int, convolutions: int, config: NetworkConfig, name: str, stride: int = 1
) -> keras.KerasTensor:
    """Convolutions with ReLU, L2 and BatchNorm, an optional skip, then MaxPool and Dropout: halves the map.

    ``stride`` is the first convolution's.
    """
    if config.residual:
        x = _residual(x, width, convolutions, config, name, stride)
    else:
        for number in range(1, convolutions + 1):
            step = stride if number == 1 else 1
            x = _convolution(x, width, 3, config, f"{name}_conv{number}", activation="relu", strides=step)
            x = layers.BatchNormalization(name=f"{name}_norm{number}")(x)
    x = layers.MaxPooling2D(name=f"{name}_pool")(x)
    return layers.Dropout(config.dropout, name=f"{name}_dropout")(x)


def _residual(
    x: keras.KerasTensor, width: int, convolutions: int, config: NetworkConfig, name: str, stride: int
) -> keras.KerasTensor:
    """Convolutions with BatchNorm and ReLU; from two on, the input is added before the last ReLU."""
    skip = x
    for number in range(1, convolutions + 1):
        if number > 1:
            x = layers.ReLU(name=f"{name}_relu{number - 1}")(x)
        step = stride if number == 1 else 1
        x = _convolution(x, width, 3, config, f"{name}_conv{number}", use_bias=False, strides=step)
        x = layers.BatchNormalization(name=f"{name}_norm{number}")(x)
    if convolutions > 1:
        skip = _convolution(skip, width, 1, config, f"{name}_skip", use_bias=False, strides=stride)
        skip = layers.BatchNormalization(name=f"{name}_skip_norm")(skip)
        x = layers.Add(name=f"{name}_add")([x, skip])
    return layers.ReLU(name=f"{name}_relu")(x)


def apply_attention(x: keras.KerasTensor, config: NetworkConfig) -> keras.KerasTensor:
    """Weigh channels (optional), then places, by learned factors in 1…2.

    The input is added back (x + x·a): two plain sigmoids would shrink it fourfold and slow the learning.
    """
    channels = x.shape[-1]
    if config.channel_attention:
        c = layers.GlobalAveragePooling2D(keepdims=True, name="channel_pool")(x)
        c = layers.Dense(channels // 8, "relu", name="channel_squeeze")(c)
        c = layers.Dense(channels, "sigmoid", name="channel_weights")(c)
        x = x + x * c
    summary = layers.Concatenate(name="attention_summary")(
        [ops.mean(x, axis=-1, keepdims=True), ops.max(x, axis=-1, keepdims=True)]
    )
    weights = layers.Conv2D(
        1, 7, padding="same", activation="sigmoid", dtype="float32", name=ATTENTION_LAYER
    )(summary)
    return x + x * ops.cast(weights, x.dtype)


def _head(
    x: keras.KerasTensor, classes: int, config: NetworkConfig, logits: str, probabilities: str
) -> keras.KerasTensor:
    x = layers.Dense(classes, dtype="float32", kernel_regularizer=_l2(config), name=logits)(x)
    return layers.Softmax(dtype="float32", name=probabilities)(x)


def _convolution(
    x: keras.KerasTensor, width: int, size: int, config: NetworkConfig, name: str, **options: object
) -> keras.KerasTensor:
    return layers.Conv2D(
        width,
        size,
        padding="same",
        kernel_initializer="he_normal",
        kernel_regularizer=_l2(config),
        name=name,
        **options,
    )(x)


def _l2(config: NetworkConfig) -> keras.regularizers.Regularizer:
    return keras.regularizers.L2(config.l2)
