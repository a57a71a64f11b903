"""Whether a map marks what decided: its first places are taken away (deletion), or they alone are shown (insertion).

After Petsiuk et al. 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models"
(https://arxiv.org/abs/1806.07421). Two fills stand in for what is taken away, the blurred face and its mean gray, and
the worse counts. A map is set beside random places of the same area, and beside the mean of the maps of all faces: what
one fixed image marks as well says nothing about this face.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.explain import FILLS, Fill, filled, log_probabilities
from model.geometry import Floats, Pixels

Masks = NDArray[np.bool_]
Labels = NDArray[np.int64]
SHARES = (0.1, 0.2, 0.3)
JUDGED = 0.2  # The share of the places at which maps are judged.
DRAWS = 2  # Random places for each face.
BLOB = 4 / 48  # How smooth random places are: standard deviation in parts of the image's side.
SAMPLES = 1000
PAIRS = 4000


class Faces:
    """Network inputs uint8 (n, h, w), read once each by the ``classifier``, and the label in question of each (n,).

    What was read, random places above all, is not read again for other labels (``about``).
    """

    def __init__(
        self,
        classifier: Classifier,
        images: Pixels,
        labels: Labels,
        readings: dict[bytes, Floats] | None = None,
    ) -> None:
        self.classifier, self.images, self.labels = classifier.with_one_view(), images, labels
        self._readings: dict[bytes, Floats] = {} if readings is None else readings
        self._fills = {fill: np.stack([filled(image, fill) for image in images]) for fill in FILLS}
        self.whole, self.wins = self.log_p(images)
        self.nothing = {fill: self.log_p(self._fills[fill])[0] for fill in FILLS}
        self._chance: dict[tuple[Effect, float, Fill], Floats] = {}

    def about(self, labels: Labels) -> Faces:
        """The same images and other labels (n,)."""
        return Faces(self.classifier, self.images, labels, self._readings)

    def log_p(self, images: Pixels) -> tuple[Floats, Masks]:
        """Ln p of each image's label (n,), and whether that label is the answer (n,)."""
        key = hashlib.sha256(images.tobytes()).digest()
        if key not in self._readings:
            self._readings[key] = log_probabilities(self.classifier, images)
        found = self._readings[key]
        return found[np.arange(len(images)), self.labels], found.argmax(axis=1) == self.labels

    def with_fill(self, masks: Masks, fill: Fill) -> Pixels:
        """The images with the places of the masks (n, h, w) filled."""
        return np.where(masks, self._fills[fill], self.images)

    def chance(self, effect: Effect, share: float, fill: Fill) -> Floats:
        """The effect of random places (n,), the mean of several draws, measured once."""
        key = effect, share, fill
        if key not in self._chance:
            rng, shape = np.random.default_rng(0), self.images.shape[1:]
            draws = [np.stack([blob(rng, shape, share) for _ in self.images]) for _ in range(DRAWS)]
            self._chance[key] = np.mean([effect(self, places, fill)[0] for places in draws], axis=0)
        return self._chance[key]


def deleted(faces: Faces, places: Masks, fill: Fill) -> tuple[Floats, Masks]:
    """How much −ln p of the label rises when these places are filled (n,), and whether another label then wins (n,)."""
    after, wins = faces.log_p(faces.with_fill(places, fill))
    return faces.whole - after, faces.wins & ~wins


def inserted(faces: Faces, places: Masks, fill: Fill) -> tuple[Floats, Masks]:
    """How much −ln p of the label falls when of a filled image these places are shown (n,), and whether it wins."""
    after, wins = faces.log_p(faces.with_fill(~places, fill))
    return after - faces.nothing[fill], wins


Effect = Callable[[Faces, Masks, Fill], tuple[Floats, Masks]]
EFFECTS: dict[str, tuple[Effect, tuple[float, ...]]] = {
    "deletion": (deleted, SHARES),
    "insertion": (inserted, (JUDGED,)),
}


def judge(faces: Faces, maps: Floats) -> dict[str, Any]:
    """Deletion and insertion with ``maps`` float32 (n, h, w) of the images' size, beside chance and the mean map.

    ``against_random`` and ``against_mean_map`` are the ratios at a fifth of the places, each the smaller of the two
    fills', with 95 % intervals from 1,000 samples of the faces; None where there is nothing to divide by.
    """
    mean = np.broadcast_to(maps.mean(axis=0), maps.shape)
    figures: dict[str, Any] = {"faces": len(maps), "correlation": correlation(maps)}
    for what, (effect, shares) in EFFECTS.items():
        figures[what], random, fixed = {}, {}, {}
        for share in shares:
            marked, usual = first_places(maps, share), first_places(mean, share)
            row = {}
            for fill in FILLS:
                own, turned = effect(faces, marked, fill)
                by_chance, by_mean = faces.chance(effect, share, fill), effect(faces, usual, fill)[0]
                row[fill] = {
                    "map": _mean(own),
                    "random": _mean(by_chance),
                    "mean_map": _mean(by_mean),
                    "flips" if effect is deleted else "wins": _mean(turned),
                }
                if share == JUDGED:
                    random[fill], fixed[fill] = _ratio(own, by_chance), _ratio(own, by_mean)
            figures[what][f"{share:g}"] = row
        figures[what]["against_random"] = _worse(random)
        figures[what]["against_mean_map"] = _worse(fixed)
    return figures


def first_places(maps: Floats, share: float) -> Masks:
    """The places with the highest values, ``share`` of each map (n, h, w); among equals chance decides."""
    flat = maps.reshape(len(maps), -1)
    ties = np.random.default_rng(1).random(flat.shape[1])
    masks = np.zeros(flat.shape, np.bool_)
    for mask, values in zip(masks, flat, strict=True):
        mask[np.lexsort((ties, -values))[: round(share * flat.shape[1])]] = True
    return masks.reshape(maps.shape)


def blob(rng: np.random.Generator, shape: tuple[int, ...], share: float) -> Masks:
    """Random connected places (h, w) of this share of the area: where smoothed noise is highest."""
    smooth = np.asarray(cv2.GaussianBlur(rng.normal(size=shape), (0, 0), BLOB * max(shape)))
    return first_places(smooth[np.newaxis].astype(np.float32), share)[0]


def correlation(maps: Floats) -> float:
    """How alike the maps of two different faces are: Pearson's r, the mean of 4,000 random pairs at most."""
    if len(maps) < 2:
        return float("nan")
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    rng = np.random.default_rng(2)
    one = rng.integers(0, len(maps), PAIRS)
    other = (one + rng.integers(1, len(maps), PAIRS)) % len(maps)
    return round(float(np.einsum("ij,ij->i", flat[one], flat[other]).mean()), 3)


def _ratio(own: Floats, other: Floats) -> tuple[float, list[float]] | None:
    """The ratio of the means and its 95 % interval over the faces; None where the other does nothing or less."""
    if other.mean() <= 0:
        return None
    drawn = np.random.default_rng(3).integers(0, len(own), (SAMPLES, len(own)))
    below = other[drawn].mean(axis=1)
    ratios = own[drawn].mean(axis=1) / np.where(below > 0, below, np.nan)
    low, high = np.nanpercentile(ratios, [2.5, 97.5])
    return float(own.mean() / other.mean()), [round(float(low), 2), round(float(high), 2)]


def _worse(by_fill: dict[Fill, tuple[float, list[float]] | None]) -> dict[str, Any]:
    """The fill with the smaller ratio."""
    known = {fill: ratio for fill, ratio in by_fill.items() if ratio is not None}
    if not known:
        return {"value": None, "interval": None, "fill": None}
    fill = min(known, key=lambda name: known[name][0])
    return {"value": round(known[fill][0], 2), "interval": known[fill][1], "fill": fill}


def _mean(values: NDArray[Any]) -> float:
    return round(float(np.mean(values)), 3)
