"""From a 48-pixel image to the network's input: which part of it, how large, and changed by chance in training.

One warp does it all: the placement of the region in the network's input, and the augmentation on top of it.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.stages import Pixels
from training.augment import augment
from training.config import AugmentConfig, InputConfig, TrainConfig
from training.datasets import Split

Matrix = NDArray[np.float64]
UNCHANGED = AugmentConfig(flip=False, rotation=0.0, scale=(1.0, 1.0), shift=0.0)


class Placement(Protocol):
    """Where the network looks in an image: the 2×3 matrix from the image's pixels to the input's."""

    def __call__(self, index: int) -> Matrix: ...


class Inputs:
    """The network inputs of one split: ``render`` gives any of them, augmented or plain.

    ``place`` is the placement of each image; by default the whole image fills the input.
    """

    def __init__(self, split: Split, config: TrainConfig, place: Placement | None = None) -> None:
        self.split, self.config = split, config
        self.place = place or whole_image(split, config.input)

    def __len__(self) -> int:
        return len(self.split)

    def render(self, index: int, rng: np.random.Generator | None = None) -> Pixels:
        """Gray uint8 (height, width) of one image; changed by chance where ``rng`` is given."""
        described = self.config.input
        return augment(
            self.split.images[index],
            self.config.augment if rng is not None else UNCHANGED,
            rng or np.random.default_rng(0),
            self.place(index),
            (described.width, described.height),
        )

    def batch(self, chosen: NDArray[np.int64], rng: np.random.Generator | None = None) -> NDArray[np.float32]:
        """The network's pixels 0…255, float32 (b, height, width, channels), of the chosen images."""
        images = np.stack([self.render(int(i), rng) for i in chosen])
        return as_pixels(images, self.config.input.channels)


def whole_image(split: Split, described: InputConfig) -> Placement:
    """The whole image fills the input, corner to corner."""
    height, width = split.images.shape[1:]
    across, down = described.width / width, described.height / height
    matrix = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
    return lambda index: matrix


def as_pixels(images: Pixels, channels: int = 1) -> NDArray[np.float32]:
    """Gray uint8 (n, h, w) → the network's input, float32 (n, h, w, channels), still 0…255."""
    pixels = images.astype(np.float32)[..., np.newaxis]
    return pixels if channels == 1 else np.repeat(pixels, channels, axis=-1)
