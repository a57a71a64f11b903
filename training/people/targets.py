"""What the people networks learn of each image, and the batches it comes in."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.fer2013 import Split
from training.data.ferplus import require_votes, usable, vote_distribution, vote_weight
from training.data.labels import class_weights, one_hot
from training.people.config import CLASS_WEIGHT_POWER, LABEL_SMOOTHING

Floats = NDArray[np.float32]


def readable(split: Split) -> Split:
    """The images in which people saw a face with an expression."""
    return split.where(usable(require_votes(split)))


def targets(split: Split) -> Floats:
    """float32 (n, 16): smoothed label (7), shares of the votes (7), the label's weight, the votes' weight.

    Votes for contempt, unknown and not-a-face are left out of the shares; an image's votes weigh what is left of ten.
    """
    classes = split.classes
    label = one_hot(split.labels, len(classes)) * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / len(classes)
    by_class = class_weights(split, classes, CLASS_WEIGHT_POWER)[split.labels]
    votes = require_votes(split)
    parts = (
        label,
        vote_distribution(votes, classes),
        by_class[:, None],
        vote_weight(votes, classes)[:, None],
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


class Batches(keras.utils.PyDataset):
    """Shuffled uint8 images (b, 48, 48) with their targets; the order follows from the seed and the epoch."""

    def __init__(self, images: NDArray[np.uint8], wanted: Floats, batch_size: int, seed: int) -> None:
        super().__init__(workers=1)
        self.images, self.wanted, self.batch_size, self.seed, self.epoch = images, wanted, batch_size, seed, 0
        self._shuffle()

    def __len__(self) -> int:
        return len(self.images) // self.batch_size

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], Floats]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.images[chosen], self.wanted[chosen]

    def on_epoch_end(self) -> None:
        """The next epoch's order."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.images))
