"""A fake classifier that depends on one known square, which an occlusion map must mark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SpotReader:
    """Says "happy" the surer, the more the pixels of a square differ from one another, else "sad"."""

    def __init__(self, top: int = 30, left: int = 8, side: int = 9) -> None:
        self.metadata = SimpleNamespace(name="spot", labels=("happy", "sad"), explainable=True)
        self.images_read = 0
        self.place = slice(top, top + side), slice(left, left + side)

    def with_one_view(self) -> SpotReader:
        """The same: it has one view."""
        return self

    def classify(self, images: NDArray[Any]) -> tuple[SimpleNamespace, ...]:
        """Predictions with probabilities alone."""
        self.images_read += len(images)
        spread = images[(slice(None), *self.place)].reshape(len(images), -1).std(axis=1)
        happy = 1 / (1 + np.exp(2 - spread / 15))
        return tuple(
            SimpleNamespace(probabilities=np.array([p, 1 - p], np.float32), attention=None) for p in happy
        )

    def mask(self) -> NDArray[np.bool_]:
        """Where it looks, bool (48, 48)."""
        found = np.zeros((48, 48), bool)
        found[self.place] = True
        return found


def noisy_faces(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Images in which every place varies, uint8 (n, 48, 48)."""
    return np.random.default_rng(seed).integers(0, 256, (count, 48, 48), np.uint8)
