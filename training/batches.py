"""Batches for Keras: augmented on the fly, the same for the same seed and epoch."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from training.augment import augment
from training.config import TrainConfig
from training.datasets import LABELS, Split
from training.network import PROBABILITIES, VOTES
from training.votes import distribution, votes_of, weight

Array = NDArray[np.float32]
Heads = dict[str, Array]
Batch = tuple[Array, Array | Heads, Array | Heads]


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled, augmented batches: pixels (b, 48, 48, 1) 0…255, targets (b, classes), weights (b,).

    Targets and weights are what ``targets`` makes of the split: dictionaries by head where there are two.
    Order and augmentation depend on the seed and the epoch alone, so a resumed run sees what it would have seen.
    """

    def __init__(self, split: Split, config: TrainConfig, first_epoch: int = 0) -> None:
        super().__init__(workers=1)
        self.split, self.config, self.epoch = split, config, first_epoch
        self.targets, self.weights = targets(split, config)
        self._shuffle()

    def __len__(self) -> int:
        return len(self.split) // self.config.batch_size

    def __getitem__(self, index: int) -> Batch:
        size = self.config.batch_size
        chosen = self.order[index * size : (index + 1) * size]
        rng = np.random.default_rng((self.config.seed, self.epoch, index))
        images = np.stack([augment(self.split.images[i], self.config.augment, rng) for i in chosen])
        return as_pixels(images), _take(self.targets, chosen), _take(self.weights, chosen)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self.order = np.random.default_rng((self.config.seed, self.epoch)).permutation(len(self.split))


def targets(split: Split, config: TrainConfig, *, weigh: bool = True) -> tuple[Array | Heads, Array | Heads]:
    """What the heads are to say of each image (n, classes), and what the image counts (n,).

    The label is one-hot and counts by its class (``class_weights``; 1 for all unless ``weigh``). The votes are their
    distribution and count by how many of them went to one of the classes.
    """
    labels, label_weights = one_hot(split.labels), np.ones(len(split), np.float32)
    if weigh:
        label_weights = class_weights(split, config.class_weight_power)[split.labels]
    if config.labels == "fer2013":
        return labels, label_weights
    votes, vote_weights = distribution(votes_of(split)), weight(votes_of(split))
    if config.labels == "ferplus":
        return votes, vote_weights
    return {PROBABILITIES: labels, VOTES: votes}, {PROBABILITIES: label_weights, VOTES: vote_weights}


def _take(values: Array | Heads, chosen: NDArray[np.int64]) -> Array | Heads:
    if isinstance(values, dict):
        return {name: array[chosen] for name, array in values.items()}
    return values[chosen]


def as_pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 (n, 48, 48) → the network's input, float32 (n, 48, 48, 1), still 0…255."""
    return images.astype(np.float32)[..., np.newaxis]


def one_hot(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Label indices (n,) → float32 (n, classes)."""
    return np.eye(len(LABELS), dtype=np.float32)[labels]


def class_weights(split: Split, power: float) -> NDArray[np.float32]:
    """A weight for each class, (n / (classes · n_c))^power, scaled so that the mean over the images is 1."""
    counts = np.bincount(split.labels, minlength=len(LABELS)).astype(np.float64)
    weights = (counts.sum() / (len(LABELS) * counts)) ** power
    weights *= counts.sum() / (weights * counts).sum()
    return weights.astype(np.float32)
