"""The configurations of all projects: the same reader, trainer and evaluator, another network, region or input.

``default`` is the committed attention CNN, ``deep`` the deep CNN, ``upper_face`` the eye band with its two baselines
(MobileNetV2, EfficientNetB0) and its upper bound on whole faces, ``landmarks`` the CNN with mesh points (and the same
without them), ``colour`` the colour CNN. ``reference`` and the names that end in ``_reference`` are the trainings as
the projects' authors describe them; the plain name is the one whose model is kept, with the default's optimisation.
Widths are smaller than published where the full ones would take a processor days.

Each is meant to fit 140 minutes on two otherwise idle cores (AVX-512, bf16); what a run took stands in its metadata.
"""

from __future__ import annotations

import dataclasses

from training.configs.schema import AugmentConfig, InputConfig, NetworkConfig, TrainConfig

REFERENCE = TrainConfig(
    name="reference",
    epochs=80,
    batch_size=32,
    optimizer="adam",
    learning_rate=5e-5,
    schedule="constant",
    patience=20,
)

DEFAULT = TrainConfig(
    name="default",
    labels="both",
    epochs=75,
    batch_size=64,
    optimizer="sgd",
    learning_rate=0.05,
    schedule="wsd",
    warmup=2.0,
    decay=15.0,
    label_smoothing=0.05,
    class_weight_power=0.3,
    ema=0.998,
    flip_average=True,
    zooms=(1.0, 1.06),
    average_checkpoints=True,
    mixed_precision=True,
    network=NetworkConfig(
        # Half as wide again as the published blocks; twice as wide costs more time than it brings on a CPU.
        widths=(48, 96, 192, 384),
        # One convolution at full resolution: that block costs the most and gives the least.
        convolutions=(1, 2, 2, 2),
        residual=True,
        channel_attention=True,
        standardise=True,
        dense=(),
        # So short a schedule under-fits: dropping features in the blocks only slows it.
        dropout=0.0,
        dense_dropout=0.2,
    ),
    # No contrast or light: the network standardises every image itself.
    augment=AugmentConfig(rotation=12.0, scale=(0.85, 1.18), shift=4.0, random_erasing=0.3),
)

FIVE = ("angry", "happy", "neutral", "sad", "surprise")
BAND = InputConfig(64, 32, region="upper_face")
COLOUR = InputConfig(128, 128, channels=3)

DEEP_REFERENCE = dataclasses.replace(
    REFERENCE,
    name="deep_reference",
    epochs=100,
    batch_size=64,
    learning_rate=1e-3,
    schedule="plateau",
    patience=15,
    network=NetworkConfig(
        widths=(64, 128, 256, 512),
        convolutions=(2, 2, 2, 2),
        attention=False,
        flatten=True,
        dense=(1024, 512),
    ),
)
DEEP = dataclasses.replace(
    DEFAULT,
    name="deep",
    epochs=40,
    decay=12.0,
    network=dataclasses.replace(
        DEFAULT.network,
        widths=(32, 64, 128, 256),
        convolutions=(2, 2, 2, 2),
        attention=False,
        channel_attention=False,
        dense=(512, 256),
        dense_norm=True,
        dense_dropout=0.3,
    ),
)

# Half of the images wear a mask, so that one network serves covered and uncovered faces; on the band alone a mask
# covers the lower edge at most.
UPPER_FACE = dataclasses.replace(
    DEFAULT,
    name="upper_face",
    epochs=30,
    decay=10.0,
    classes=FIVE,
    masked_fraction=0.5,
    input=BAND,
    network=dataclasses.replace(
        DEFAULT.network,
        widths=(32, 64, 128, 256),
        convolutions=(2, 2, 2, 2),
        attention=False,
        channel_attention=False,
    ),
    augment=AugmentConfig(rotation=8.0, scale=(0.9, 1.12), shift=2.5, random_erasing=0.2),
)
# The baselines have the same data, epochs and optimisation. In float32: bfloat16 slows their depthwise steps on CPUs.
UPPER_FACE_MOBILENET = dataclasses.replace(
    UPPER_FACE,
    name="upper_face_mobilenet",
    network=NetworkConfig(
        backbone="mobilenet_v2", attention=False, standardise=True, dense=(), dense_dropout=0.2, l2=1e-5
    ),
    mixed_precision=False,
)
UPPER_FACE_EFFICIENTNET = dataclasses.replace(
    UPPER_FACE,
    name="upper_face_efficientnet",
    network=NetworkConfig(
        backbone="efficientnet_b0", attention=False, standardise=True, dense=(), dense_dropout=0.2, l2=1e-5
    ),
    mixed_precision=False,
)
# The same network on whole faces, half of them masked: what the covered half would have told.
WHOLE_FACE_UPPER_BOUND = dataclasses.replace(
    UPPER_FACE, name="whole_face_upper_bound", input=InputConfig(), augment=DEFAULT.augment
)

# The two networks of 128 pixels. Wide where the map is small: at 64 and 32 places a side every step waits for memory.
LARGE = dataclasses.replace(
    DEFAULT.network,
    widths=(16, 64, 160, 320),
    convolutions=(1, 1, 2, 2),
    stem_stride=2,
    attention=False,
    channel_attention=False,
    flatten=True,
    dense=(256,),
    dense_norm=True,
    dense_dropout=0.4,
)
LANDMARKS = dataclasses.replace(
    DEFAULT,
    name="landmarks",
    epochs=36,
    decay=11.0,
    input=dataclasses.replace(COLOUR, points=468),
    network=LARGE,
)
LANDMARKS_ABLATION = dataclasses.replace(LANDMARKS, name="landmarks_ablation", input=COLOUR)
LANDMARKS_REFERENCE = dataclasses.replace(
    LANDMARKS,
    name="landmarks_reference",
    labels="fer2013",
    epochs=60,
    batch_size=32,
    optimizer="adam",
    learning_rate=1e-3,
    schedule="cosine",
    warmup=0.0,
    label_smoothing=0.0,
    class_weight_power=0.0,
    balanced=True,
    ema=0.0,
    patience=12,
    mixed_precision=False,
    augment=AugmentConfig(
        rotation=15.0, scale=(0.85, 1.15), contrast=0.2, brightness=0.1, random_erasing=0.25
    ),
    network=NetworkConfig(widths=(64, 128, 256), convolutions=(1, 1, 1), attention=False, dense=(256,)),
)

COLOUR_CNN = dataclasses.replace(
    DEFAULT,
    name="colour",
    epochs=60,
    classes=FIVE,
    input=COLOUR,
    network=LARGE,
)
COLOUR_REFERENCE = dataclasses.replace(
    REFERENCE,
    name="colour_reference",
    epochs=50,
    learning_rate=1e-3,
    schedule="plateau",
    patience=10,
    classes=FIVE,
    input=COLOUR,
    augment=AugmentConfig(rotation=20.0, scale=(0.8, 1.2), shift=4.8),
    network=NetworkConfig(
        widths=(32, 64, 128, 256), convolutions=(1, 1, 1, 1), attention=False, flatten=True, dense=(256,)
    ),
)

CONFIGURATIONS: dict[str, TrainConfig] = {
    config.name: config
    for config in (
        DEFAULT,
        REFERENCE,
        DEEP,
        DEEP_REFERENCE,
        UPPER_FACE,
        UPPER_FACE_MOBILENET,
        UPPER_FACE_EFFICIENTNET,
        WHOLE_FACE_UPPER_BOUND,
        LANDMARKS,
        LANDMARKS_ABLATION,
        LANDMARKS_REFERENCE,
        COLOUR_CNN,
        COLOUR_REFERENCE,
    )
}
