"""What decides the default model's training: networks, changes and optimisation of each step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of one network; see ``training.people.network``."""

    widths: tuple[int, ...]  # channels of each block
    convolutions: tuple[int, ...]  # 3×3 convolutions in each block


@dataclass(frozen=True, slots=True)
class Step:
    """One training run: a few networks on the same batches."""

    epochs: int
    learning_rate: float  # peak of a cosine that ends at zero (Loshchilov and Hutter 2017)
    batch_size: int = 192  # images
    warmup: float = 3.0  # epochs of linear warm-up
    ema: float = 0.999  # decay of the weights' moving average per step; the average is what is kept
    covered: float = 0.0  # share of the images that get a drawn cover
    strength: float = 1.0  # factor on the chances of every photo-like change
    erasing: float = 0.25  # share of the images with one erased rectangle (Zhong et al. 2020)
    mixup: float = 0.0  # share of the images mixed with another, up to half and half (Zhang et al. 2018)
    distillation: float = 0.0  # weight of the teachers' answers against votes and labels (Hinton et al. 2015)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for metadata.json."""
        return asdict(self)


WIDE = Shape((64, 128, 256, 512), (2, 2, 2, 2))  # 4.9 M parameters
MAIN = Shape((48, 96, 192, 384), (1, 2, 2, 2))  # 2.7 M
SMALL = Shape((32, 64, 128, 256), (1, 2, 2, 2))  # 1.2 M

TEACHERS = 5
TEACHER = Step(epochs=56, learning_rate=0.12, covered=0.12, strength=0.8, erasing=0.3)
STUDENT = Step(epochs=111, learning_rate=0.12, covered=0.3, mixup=0.25, distillation=0.75)
# The refinement: ``distillation`` is the weight of answers given once, on the clean image (``training.people.refine``).
REFINEMENT = Step(
    epochs=53,
    learning_rate=0.05,
    warmup=1.0,
    ema=0.998,
    covered=0.25,
    strength=0.9,
    mixup=0.15,
    distillation=0.7,
)
OWN_SHARE = {"label": 0.5, "votes": 0.4}  # of the network's own answers among those that it learns from
KEPT = 0.25  # of the weights that the refinement began with, in the average that is saved
RARE = {"fear": 1.0, "disgust": 3.0}  # an image's votes weigh 1 + Σ RARE · share of its votes
ATTENTION_IMAGES = 400  # of Training, whose occlusion maps teach the attention block
CLASS_WEIGHT_POWER = 0.3  # of the single label: (n / (classes · n_c)) to this power
LABEL_SMOOTHING = 0.05  # of the single label
DROPOUT = 0.2  # before the heads
L2 = 1e-4  # Keras' factor
SEED = 100
