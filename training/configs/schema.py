"""The training configurations as frozen dataclasses: everything that decides what a run gives.

A configuration is written whole into the saved model's metadata, so a figure can always be traced to its settings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
Labels = Literal["fer2013", "ferplus", "both"]


@dataclass(frozen=True, slots=True)
class InputConfig:
    """What the network takes."""

    width: int = 48  # pixels
    height: int = 48  # pixels
    channels: Literal[1, 3] = 1  # 1: gray; 3: the same gray three times
    region: Literal["face", "upper_face"] = "face"  # the whole square, or the band of eyes and eyebrows
    points: int = 0  # mesh points whose (x, y, z) go in beside the pixels; 0 is none


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """The network's shape; see ``training.network.build.build_network``."""

    backbone: Literal["convolutions", "mobilenet_v2", "efficientnet_b0"] = "convolutions"  # from scratch
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of each block of 3×3 convolutions
    convolutions: tuple[int, ...] = (1, 1, 1, 1)  # convolutions in each block
    stem_stride: int = 1  # stride of the first convolution
    residual: bool = False  # add a block's input to its output (He et al. 2016), from two convolutions on
    attention: bool = True  # spatial attention after the second block (CBAM, Woo et al. 2018)
    channel_attention: bool = False  # squeeze-and-excitation before it (CBAM)
    standardise: bool = False  # every image to mean 0, variance 1, inside the graph
    flatten: bool = False  # all places to the dense layers instead of their average
    dense: tuple[int, ...] = (128,)  # units of each dense layer before the head
    dense_norm: bool = False  # BatchNorm before the ReLU of each dense layer
    dropout: float = 0.25  # rate after each block
    dense_dropout: float = 0.5  # rate before each dense layer but the first, and before the head
    l2: float = 1e-4  # Keras' L2 factor


@dataclass(frozen=True, slots=True)
class AugmentConfig:
    """Ranges of the random changes to a training image."""

    flip: bool = True  # mirror every second image
    rotation: float = 10.0  # degrees to either side
    scale: tuple[float, float] = (0.9, 1.1)  # factor, log-uniform
    shift: float = 3.0  # pixels of 48, to each side
    contrast: float = 0.0  # relative, to either side of 1
    brightness: float = 0.0  # relative to 255, to either side of 0
    random_erasing: float = 0.0  # probability of one gray rectangle (Zhong et al. 2020)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One training: labels, input, network, augmentation, optimisation, and how the saved model reads a face.

    Schedules: "constant"; "cosine" decays to zero over the whole run (Loshchilov and Hutter 2017); "wsd"
    (warmup–stable–decay) stays, then falls linearly to zero, so that a run can be made longer after it began;
    "plateau" halves the rate when the validation loss has not fallen for five epochs.
    """

    name: str  # of the configuration
    epochs: int  # at most
    batch_size: int  # images
    optimizer: Literal["adam", "sgd"]  # sgd: Nesterov momentum 0.9
    learning_rate: float  # peak
    schedule: Literal["constant", "cosine", "wsd", "plateau"]
    labels: Labels = "fer2013"  # the single label, ten people's votes ("ferplus"), or a head for each
    classes: tuple[str, ...] = LABELS  # labels to tell apart; images of others take no part
    masked_fraction: float = 0.0  # of the training images wear a drawn mask (``training.masks.draw``)
    balanced: bool = False  # draw every class equally often instead of every image once an epoch
    input: InputConfig = field(default_factory=InputConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    warmup: float = 0.0  # epochs of linear warm-up ("cosine", "wsd")
    decay: float = 0.0  # last epochs of linear decay ("wsd")
    label_smoothing: float = 0.0  # of the single label
    class_weight_power: float = 1.0  # p of (n / (classes · n_c))^p; 1: inverse frequency, 0: off
    ema: float = 0.0  # decay of the weights' moving average per step; 0 is off
    patience: int | None = None  # epochs of early stopping on validation accuracy; None is off
    flip_average: bool = False  # the saved model averages with the mirror image
    zooms: tuple[float, ...] = (1.0,)  # the saved model averages over these magnifications
    average_checkpoints: bool = False  # try the average of best and last (``network.weight_averaging``)
    mixed_precision: bool = False  # compute in bfloat16
    seed: int = 20130601  # of weights, order and augmentation

    def to_dict(self) -> dict[str, Any]:
        """Plain data for metadata.json."""
        return asdict(self)
