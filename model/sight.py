"""The first half of a photo's way, the same for every model: decode it and find its faces."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.faces import FaceDetector
from model.haar import HaarDetector
from model.paths import SAVED
from model.photo import load_photo
from model.search import Search, find_faces, find_largest
from model.stages import Box, Face, Photo, Source

Finder = Literal["mtcnn", "haar"]
FINDERS: tuple[Finder, ...] = ("mtcnn", "haar")
MIN_REGION = 8  # Pixels: anything less shows nothing that could be read.


@dataclass(frozen=True, slots=True)
class Sight:
    """A decoded photo and the faces found in it, before any model reads them.

    ``source`` tells who says that there are faces; ``decode`` and ``detect`` are milliseconds.
    """

    search: Search
    source: Source
    decode: float
    detect: float


def load_finder(name: Finder, root: Path = SAVED, threads: int | None = None) -> FaceDetector | HaarDetector:
    """Load the face detector of that name. Raises DetectorError with a sentence if a file is missing or altered."""
    if name == "haar":
        return HaarDetector.load()
    return FaceDetector.load(root / "mtcnn", threads=threads)


def look(
    detector: FaceDetector | HaarDetector,
    photo: bytes | str | os.PathLike[str] | NDArray[np.uint8],
    *,
    region: Box | None = None,
) -> Sight:
    """Decode a photo and find its faces, or with a ``region`` take that for one; raises as ``Recognizer.analyze``."""
    started = time.perf_counter()
    decoded = load_photo(photo)
    found_from = time.perf_counter()
    source: Source = "detected"
    if region is not None:
        search, source = _at(decoded, region), "region"
    elif isinstance(detector, HaarDetector):
        search, whole = find_largest(detector, decoded)
        source = "whole" if whole else "detected"
    else:
        search = find_faces(detector, decoded)
    ended = time.perf_counter()
    return Sight(search, source, 1000 * (found_from - started), 1000 * (ended - found_from))


def _at(photo: Photo, region: Box) -> Search:
    """Stand in for the search: a face is said to be at ``region``, cut to the photo."""
    x, y, width, height = (value / photo.scale for value in region)
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, float(photo.width)), min(y + height, float(photo.height))
    if not (right - left >= MIN_REGION and bottom - top >= MIN_REGION):
        raise ValueError(
            f"The region must cover at least {MIN_REGION}×{MIN_REGION} pixels of the photo, "
            f"which has {photo.original_size[0]}×{photo.original_size[1]}."
        )
    face = Face((left, top, right - left, bottom - top), {}, 0.0)
    return Search(photo, (face,), 0, ())
