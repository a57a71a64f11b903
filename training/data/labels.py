"""Labels as a loss takes them: one-hot, and what an image of each class counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.data.fer2013 import Split


def one_hot(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Label indices (n,) → float32 (n, classes)."""
    return np.eye(classes, dtype=np.float32)[labels]


def class_weights(split: Split, classes: tuple[str, ...], power: float) -> NDArray[np.float32]:
    """A weight for each class, (n / (classes · n_c))^power, scaled so that the mean over the images is 1."""
    counts = np.bincount(split.labels, minlength=len(classes)).astype(np.float64)
    weights = (counts.sum() / (len(classes) * counts)) ** power
    weights *= counts.sum() / (weights * counts).sum()
    return weights.astype(np.float32)
