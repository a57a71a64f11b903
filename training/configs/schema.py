"""The training configurations: everything that decides what a run gives, as frozen dataclasses.

``published`` is the attention CNN's training as its authors describe it, ``default`` the recipe of the committed model.
A configuration is written whole into the saved model's metadata, so a figure can always be traced to its settings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
Labels = Literal["fer2013", "ferplus", "both"]


@dataclass(frozen=True, slots=True)
class InputConfig:
    """What the network sees: pixels of a region, gray or (the gray three times) as three channels, and face points.

    ``region`` "face" is the whole square, "upper_face" the band of eyes and eyebrows. ``points`` is the number of
    face points whose (x, y, z) go in beside the pixels; 0 is none.
    """

    width: int = 48
    height: int = 48
    channels: Literal[1, 3] = 1
    region: Literal["face", "upper_face"] = "face"
    points: int = 0


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The network's shape; see ``training.network.build.build_network``.

    ``backbone`` is the project's own blocks of 3×3 convolutions, or a published network of Keras, from scratch.
    ``widths`` are the channels of the blocks, ``convolutions`` how many convolutions each has, ``stem_stride`` the
    first one's stride. ``residual`` adds the input of a block of several convolutions to its output (He et al. 2016).
    ``attention`` weighs places after the second block, ``channel_attention`` puts a squeeze-and-excitation step
    before that (CBAM, Woo et al. 2018). ``standardise`` brings every image to mean 0 and variance 1 inside the graph.
    ``flatten`` hands all places to the ``dense`` layers instead of their average; ``dense_norm`` puts a BatchNorm
    before the ReLU of each. Face points pass through ``point_units`` units and join there. Rates are probabilities,
    ``l2`` is Keras' L2 factor.
    """

    backbone: Literal["convolutions", "mobilenet_v2", "efficientnet_b0"] = "convolutions"
    widths: tuple[int, ...] = (32, 64, 128, 256)
    convolutions: tuple[int, ...] = (1, 1, 1, 1)
    stem_stride: int = 1
    residual: bool = False
    attention: bool = True
    channel_attention: bool = False
    standardise: bool = False
    flatten: bool = False
    dense: tuple[int, ...] = (128,)
    dense_norm: bool = False
    point_units: int = 256
    dropout: float = 0.25
    dense_dropout: float = 0.5
    l2: float = 1e-4


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """Random changes to a training image: degrees, relative scale, pixels of 48, relative contrast and light."""

    flip: bool = True
    rotation: float = 10.0
    scale: tuple[float, float] = (0.9, 1.1)
    shift: float = 3.0
    contrast: float = 0.0
    brightness: float = 0.0
    erase: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training: network, augmentation and optimisation.

    ``class_weight_power`` p weighs class c by (n / (classes · n_c))^p, scaled so that the mean weight over the
    images is 1: p = 1 is the usual inverse frequency, 0 is off. ``ema`` is the decay of the weight average per
    step (0 is off). ``patience`` is early stopping's, in epochs of validation accuracy (None is off).
    ``schedule`` "cosine" warms up linearly for ``warmup`` epochs, then decays to zero over the whole run; "stable"
    warms up, stays, and goes down to zero in a straight line over the last ``decay`` epochs, so that a run can be
    made longer after it began; "plateau" halves the rate when the validation loss has not fallen for five epochs.

    ``classes`` are the labels to tell apart: images of other labels take no part. ``masked`` is the share of training
    images that wear a drawn mask (``training.masks.draw``). ``balanced`` draws every class equally often instead of
    every image once an epoch.

    ``flip_average`` and ``zooms`` are how the saved model reads a face: averaged with its mirror image, and over
    these magnifications. ``soup`` tries the average of the best and the last epoch's weights
    (``training.network.weight_averaging``).

    ``labels`` are what is learned: "fer2013" the data set's single label, "ferplus" the distribution of ten people's
    votes (``training.data.ferplus``), "both" the two at once, each with its own head on the shared network.
    """

    name: str
    epochs: int
    batch_size: int
    optimizer: Literal["adam", "sgd"]
    learning_rate: float
    schedule: Literal["constant", "cosine", "stable", "plateau"]
    labels: Labels = "fer2013"
    classes: tuple[str, ...] = LABELS
    masked: float = 0.0
    balanced: bool = False
    input: InputConfig = field(default_factory=InputConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    warmup: float = 0.0
    decay: float = 0.0
    label_smoothing: float = 0.0
    class_weight_power: float = 1.0
    ema: float = 0.0
    patience: int | None = None
    gradient_clip: float | None = None
    flip_average: bool = False
    zooms: tuple[float, ...] = (1.0,)
    soup: bool = False
    mixed_precision: bool = False
    seed: int = 20130601

    def to_dict(self) -> dict[str, Any]:
        """Plain data for metadata.json."""
        return asdict(self)
