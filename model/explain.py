"""Occlusion maps: cover patches of a face one by one, and measure how much an expression's probability drops.

After Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks" (https://arxiv.org/abs/1311.2901).
``python -m training.faithful`` measures their faithfulness by deletion (Petsiuk et al. 2018, "RISE",
https://arxiv.org/abs/1806.07421). Two fills are averaged, the blurred face and its mean gray, because a map made with
one fill is biased towards it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from .classifier import Classifier
from .geometry import Floats, Pixels

Fill = Literal["blur", "gray"]
FILLS: tuple[Fill, ...] = ("blur", "gray")
BLUR = 6 / 48  # Standard deviation, as a fraction of the image's side.
LEAST = 1e-9  # Least probability of a logarithm, and least maximum of a map that is scaled.


@dataclass(frozen=True, slots=True)
class Patches:
    """A grid of square patches."""

    side: int  # Side of a patch in pixels of a 48-pixel image.
    places: int  # The centers form a grid of ``places`` × ``places``.
    fill: Fill  # What replaces the covered pixels.


# 200 runs of one view. Chosen on PublicTest and on real photos of the split select: see training/EXPERIMENTS.md.
PATCHES: tuple[Patches, ...] = (Patches(9, 10, "blur"), Patches(9, 10, "gray"))


def occlusion_map(classifier: Classifier, network_input: Pixels, label: str | None = None) -> Floats:
    """The occlusion map of ``label`` (None: the predicted one) for an input uint8 (h, w): float32 (h, w) in −1…1.

    Positive where covering a patch makes the expression less probable, negative where it makes it more probable; scaled
    so that the largest absolute value is 1, or all 0 if nothing changed. Raises as ``occlusion_maps``, and ValueError
    for a label that the network does not have.
    """
    labels = classifier.metadata.labels
    if label is not None and label not in labels:
        raise ValueError(f"{classifier.metadata.name} does not know “{label}”, only {', '.join(labels)}")
    answer, maps = occlusion_maps(classifier, network_input)
    return np.asarray(maps[answer if label is None else labels.index(label)], np.float32)


def occlusion_maps(
    classifier: Classifier, network_input: Pixels, patches: tuple[Patches, ...] = PATCHES
) -> tuple[int, Floats]:
    """The index of the predicted label and the maps of all labels, float32 (classes, h, w), from the same runs.

    Without test-time augmentation. Raises ValueError for a network that takes mesh points, which would have to be
    covered too, and as ``Classifier.classify``.
    """
    if not classifier.metadata.explainable:
        raise ValueError(
            f"{classifier.metadata.name} reads face points, so covering pixels does not explain it"
        )
    one_view = classifier.with_one_view()
    base = log_probabilities(one_view, network_input[np.newaxis])[0]
    total = np.zeros((len(base), *network_input.shape), np.float64)
    for part in patches:
        masks = _masks(part.side, part.places, *network_input.shape)
        covered = np.where(masks, filled(network_input, part.fill), network_input)
        drops = base - log_probabilities(one_view, covered)
        # Each pixel gets the mean drop over the patches that cover it.
        flat = masks.reshape(len(masks), -1).astype(np.float64)
        total += (drops.T @ flat / np.maximum(flat.sum(axis=0), 1)).reshape(total.shape)
    strongest = np.abs(total).max(axis=(1, 2), keepdims=True)
    scaled = np.divide(total, strongest, out=np.zeros_like(total), where=strongest > LEAST)
    return int(base.argmax()), np.asarray(scaled, np.float32)


def log_probabilities(classifier: Classifier, inputs: Pixels) -> Floats:
    """The logarithm of every label's probability, float32 (n, classes)."""
    probabilities = np.stack([prediction.probabilities for prediction in classifier.classify(inputs)])
    return np.asarray(np.log(np.maximum(probabilities, LEAST)), np.float32)


def filled(image: Pixels, fill: Fill) -> Pixels:
    """The fill of covered pixels, as a whole image (h, w): the blurred face, or its mean gray."""
    if fill == "gray":
        return np.full_like(image, round(float(image.mean())))
    blurred = cv2.GaussianBlur(image, (0, 0), BLUR * max(image.shape), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8)


@lru_cache(maxsize=16)
def _masks(side: int, places: int, height: int, width: int) -> NDArray[np.bool_]:
    """Masks of the patches, bool (places², height, width), scaled to the image; the outer patches cross its border."""
    rows, columns = (_spans(side, places, length) for length in (height, width))
    masks = np.zeros((places * places, height, width), np.bool_)
    for index, mask in enumerate(masks):
        (top, bottom), (left, right) = rows[index // places], columns[index % places]
        mask[top:bottom, left:right] = True
    masks.setflags(write=False)
    return masks


def _spans(side: int, places: int, length: int) -> list[tuple[int, int]]:
    """(start, end) of each patch along a side of ``length`` pixels."""
    half = side * length / 48 / 2
    middles = np.linspace(half - 2 * length / 48, length - half + 2 * length / 48, places)
    return [(max(0, round(m - half)), min(length, round(m + half))) for m in middles]
