"""What spoke for an expression: parts of the face are covered in turn, and what that takes away from it is kept.

Occlusion maps after Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks"
(https://arxiv.org/abs/1311.2901). Whether such a map tells the truth can be measured by deleting what it marks
(Petsiuk et al. 2018, "RISE", https://arxiv.org/abs/1806.07421): ``python -m training.faithful`` does. Patches
are filled with the blurred face and with its mean gray in turn: a map made with one fill knows that fill best.
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
BLUR = 6 / 48  # Standard deviation, in parts of the image's side.
LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Patches:
    """Squares of ``side`` pixels of a 48-pixel image, their middles in a grid of ``places`` × ``places``."""

    side: int
    places: int
    fill: Fill


# 200 runs of one view. Chosen on PublicTest and on photos kept for choosing: see training/EXPERIMENTS.md.
PATCHES: tuple[Patches, ...] = (Patches(9, 10, "blur"), Patches(9, 10, "gray"))


def occlusion_map(classifier: Classifier, network_input: Pixels, label: str | None = None) -> Floats:
    """What spoke for ``label`` (None: the answer) in a network input uint8 (h, w): float32 (h, w) in −1…1.

    Positive where covering the place makes the expression less probable, negative where it makes it more so; the
    strongest place is 1 or −1, and all are 0 where nothing changed. Raises as ``occlusion_maps``, and ValueError for a
    label that the network does not know.
    """
    labels = classifier.metadata.labels
    if label is not None and label not in labels:
        raise ValueError(f"{classifier.metadata.name} does not know “{label}”, only {', '.join(labels)}")
    answer, maps = occlusion_maps(classifier, network_input)
    return np.asarray(maps[answer if label is None else labels.index(label)], np.float32)


def occlusion_maps(
    classifier: Classifier, network_input: Pixels, patches: tuple[Patches, ...] = PATCHES
) -> tuple[int, Floats]:
    """The answer's index and the maps of all labels, float32 (classes, h, w): the same runs give every one.

    One view of the face is read, without its mirror image and zooms. Raises ValueError for a network that reads face
    points, which would have to be covered too, and as ``Classifier.classify``.
    """
    if classifier.metadata.input.points:
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
        # Each place gets the mean of what the patches over it took away.
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
    """What stands in for covered places, as a whole image (h, w): the face blurred beyond reading, or its mean gray."""
    if fill == "gray":
        return np.full_like(image, round(float(image.mean())))
    blurred = cv2.GaussianBlur(image, (0, 0), BLUR * max(image.shape), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.uint8)


@lru_cache(maxsize=16)
def _masks(side: int, places: int, height: int, width: int) -> NDArray[np.bool_]:
    """The patches' squares, bool (places², height, width), scaled to the image; the outer ones reach over its edge."""
    rows, columns = (_spans(side, places, length) for length in (height, width))
    masks = np.zeros((places * places, height, width), np.bool_)
    for index, mask in enumerate(masks):
        (top, bottom), (left, right) = rows[index // places], columns[index % places]
        mask[top:bottom, left:right] = True
    masks.setflags(write=False)
    return masks


def _spans(side: int, places: int, length: int) -> list[tuple[int, int]]:
    """Where each patch begins and ends along a side of ``length`` pixels."""
    half = side * length / 48 / 2
    middles = np.linspace(half - 2 * length / 48, length - half + 2 * length / 48, places)
    return [(max(0, round(m - half)), min(length, round(m + half))) for m in middles]
