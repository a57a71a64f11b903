"""The first half of a photo's way, the same for every model: decode it and look for faces until some are found.

Upright, then turned, then closer, then in spite of doubt. A phone photo without its EXIF orientation lies on its
side, a group photo's faces are small, and a blurred or cut-off face hardly looks like one to the detector's first
networks. Each further look is taken only when those before it were in vain.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..geometry import Box
from ..photo.load import load_photo
from ..store.files import SAVED
from ..types import Attempt, Face, Photo, Source
from .detector import FaceDetector
from .haar import HaarDetector

TURNS = (90, 180, 270)
# MTCNN also finds faces that lie or stand on their head, with a lower score, and reads them upright all the same.
# Measured on the sample portrait: 0.999 upright, 0.973 and 0.822 lying. So a find below SURE is checked by turning.
SURE = 0.985
# A turned photo must be clearly better than the upright one, and beyond doubt in itself.
TURNED_SCORE = 0.97
TURNED_GAIN = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What was found: ``faces`` in the pixels of ``photo``, which is turned clockwise by ``turn`` degrees."""

    photo: Photo
    faces: tuple[Face, ...]
    turn: int
    attempts: tuple[Attempt, ...]


def find_faces(detector: FaceDetector, photo: Photo) -> Search:
    """Search the photo upright; without a sure face, turned by 90°, 180° and 270°; without any, closer, and
    at last for faint ones.

    Of the turned photos the one with the surest face wins, if it is clearly surer than the upright one. Without
    any face, ``photo`` is the upright one.
    """
    upright = detector.detect(photo.pixels)
    attempts = [Attempt(0, closer=False, faces=len(upright))]
    if _best(upright) >= SURE:
        return Search(photo, upright, 0, tuple(attempts))
    finds = [(upright, 0, photo)]
    for turn in TURNS:
        turned = turn_clockwise(photo, turn)
        faces = detector.detect(turned.pixels, look_closer=False)
        attempts.append(Attempt(turn, closer=False, faces=len(faces)))
        if _best(faces) >= max(TURNED_SCORE, _best(upright) + TURNED_GAIN):
            finds.append((faces, turn, turned))
    faces, turn, found_in = max(finds, key=lambda find: _best(find[0]))
    if not faces:
        faces = detector.detect_small(photo.pixels)
        attempts.append(Attempt(0, closer=True, faces=len(faces)))
    if not faces:
        faces = detector.detect_faint(photo.pixels)
        attempts.append(Attempt(0, closer=False, faces=len(faces), faint=True))
    return Search(found_in, faces, turn, tuple(attempts))


def find_largest(detector: HaarDetector, photo: Photo) -> tuple[Search, bool]:
    """The largest face alone, as system E has it; without any, the whole photo stands in, and the second is true."""
    find = detector.largest(photo.pixels)
    attempt = Attempt(0, closer=False, faces=0 if find.whole_image else len(find.faces))
    return Search(photo, find.faces, 0, (attempt,)), find.whole_image


def _best(faces: tuple[Face, ...]) -> float:
    return max((face.score for face in faces), default=0.0)


def turn_clockwise(photo: Photo, degrees: int) -> Photo:
    """The photo turned clockwise by a multiple of 90 degrees."""
    turned = np.ascontiguousarray(np.rot90(photo.pixels, -degrees // 90))
    size = photo.full_size
    return Photo(turned, photo.format, size[::-1] if size and degrees % 180 else size)


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
