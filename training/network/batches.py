"""Batches for Keras: augmented on the fly, the same for the same seed and epoch."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from training.configs.schema import TrainConfig
from training.data.fer2013 import Split
from training.data.ferplus import require_votes, vote_distribution, vote_weight
from training.data.inputs import Inputs, NetworkInput
from training.data.labels import class_weights, one_hot
from training.network.build import PROBABILITIES, VOTES

Array = NDArray[np.float32]
Heads = dict[str, Array]
Batch = tuple[NetworkInput, Array | Heads, Array | Heads]


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled, augmented batches: what ``Inputs.batch`` gives, targets (b, classes), weights (b,).

    Targets and weights are what ``targets`` makes of the split: dictionaries by head where there are two.
    Order and augmentation depend on the seed and the epoch alone, so a resumed run sees what it would have seen.
    """

    def __init__(self, inputs: Inputs, config: TrainConfig, first_epoch: int = 0) -> None:
        super().__init__(workers=1)
        self.inputs, self.config, self.epoch = inputs, config, first_epoch
        self.targets, self.weights = targets(inputs.split, config)
        self._shuffle()

    def __len__(self) -> int:
        return len(self.inputs) // self.config.batch_size

    def __getitem__(self, index: int) -> Batch:
        size = self.config.batch_size
        chosen = self.order[index * size : (index + 1) * size]
        rng = np.random.default_rng((self.config.seed, self.epoch, index))
        return self.inputs.batch(chosen, rng), _take(self.targets, chosen), _take(self.weights, chosen)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        rng, count = np.random.default_rng((self.config.seed, self.epoch)), len(self.inputs)
        if not self.config.balanced:
            self.order = rng.permutation(count)
            return
        chances = class_weights(self.inputs.split, self.config.classes, 1.0)[self.inputs.split.labels]
        self.order = rng.choice(count, count, p=chances / chances.sum())


class EvaluationBatches(keras.utils.PyDataset):
    """Every image once, in order and unchanged, with the same targets; no class weighs more than another."""

    def __init__(self, inputs: Inputs, config: TrainConfig, batch_size: int = 256) -> None:
        super().__init__(workers=1)
        self.inputs, self.size = inputs, batch_size
        self.targets, self.weights = targets(inputs.split, config, weigh=False)

    def __len__(self) -> int:
        return -(-len(self.inputs) // self.size)

    def __getitem__(self, index: int) -> Batch:
        chosen = np.arange(index * self.size, min((index + 1) * self.size, len(self.inputs)))
        return self.inputs.batch(chosen), _take(self.targets, chosen), _take(self.weights, chosen)


def targets(split: Split, config: TrainConfig, *, weigh: bool = True) -> tuple[Array | Heads, Array | Heads]:
    """What the heads are to say of each image (n, classes), and what the image counts (n,).

    The label is one-hot and counts by its class (``class_weights``; 1 for all unless ``weigh``). The votes are their
    distribution and count by how many of them went to one of the classes.
    """
    classes = config.classes
    labels, label_weights = one_hot(split.labels, len(classes)), np.ones(len(split), np.float32)
    if weigh:
        label_weights = class_weights(split, classes, config.class_weight_power)[split.labels]
    if config.labels == "fer2013":
        return labels, label_weights
    votes = vote_distribution(require_votes(split), classes)
    vote_weights = vote_weight(require_votes(split), classes)
    if config.labels == "ferplus":
        return votes, vote_weights
    return {PROBABILITIES: labels, VOTES: votes}, {PROBABILITIES: label_weights, VOTES: vote_weights}


def _take(values: Array | Heads, chosen: NDArray[np.int64]) -> Array | Heads:
    if isinstance(values, dict):
        return {name: array[chosen] for name, array in values.items()}
    return values[chosen]
