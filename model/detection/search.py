"""The first half of a photo's way, the same for every model: decode it and detect its faces.

Upright, then rotated by 90°, 180° and 270°, then upscaled, then with low thresholds. A phone photo without its EXIF
orientation lies on its side, a group photo's faces are small, and a blurred or cut-off face hardly looks like one to
the detector's first networks. Each further pass is run only when those before it found no confident face.
"""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..geometry import Box
from ..photo.load import load_photo
from ..store.files import SAVED
from ..types import Detection, DetectionPass, Face, Photo
from .detector import MtcnnDetector
from .haar import HaarDetector

ROTATIONS = (90, 180, 270)
# MTCNN also finds faces that lie or stand on their head, with a lower score, and reads them upright all the same.
# Measured on the sample portrait: 0.999 upright, 0.973 and 0.822 lying. So a find below SURE is checked by turning.
ACCEPT_SCORE = 0.985
# A turned photo must be clearly better than the upright one, and beyond doubt in itself.
MIN_ROTATED_SCORE = 0.97
MIN_ROTATED_GAIN = 0.01


DetectorName = Literal["mtcnn", "haar"]
DETECTORS: tuple[DetectorName, ...] = ("mtcnn", "haar")
MIN_REGION = 8  # Pixels: anything less shows nothing that could be read.


def load_detector(
    name: DetectorName, root: Path = SAVED, threads: int | None = None
) -> MtcnnDetector | HaarDetector:
    """Load the face detector of that name. Raises DetectorError with a sentence if a file is missing or altered."""
    if name == "haar":
        return HaarDetector.load()
    return MtcnnDetector.load(root / "mtcnn", threads=threads)


def detect(
    detector: MtcnnDetector | HaarDetector,
    photo: bytes | str | os.PathLike[str] | NDArray[np.uint8],
    *,
    region: Box | None = None,
) -> Detection:
    """Decode a photo and find its faces, or with a ``region`` take that for one; raises as ``Recognizer.analyze``."""
    started = time.perf_counter()
    decoded = load_photo(photo)
    found_from = time.perf_counter()
    if region is not None:
        found = _region_as_face(decoded, region)
    elif isinstance(detector, HaarDetector):
        found = detect_largest(detector, decoded)
    else:
        found = detect_in_passes(detector, decoded)
    ended = time.perf_counter()
    return dataclasses.replace(
        found, decode_ms=1000 * (found_from - started), detect_ms=1000 * (ended - found_from)
    )


def detect_in_passes(detector: MtcnnDetector, photo: Photo) -> Detection:
    """Search the photo upright; without a confident face, rotated by 90°, 180° and 270°; without any, upscaled, and
    at last with low thresholds.

    Of the rotated photos the one with the highest score wins, if it is clearly higher than the upright one's. Without
    any face, ``photo`` is the upright one.
    """
    upright = detector.detect(photo.pixels)
    passes = [DetectionPass(0, upscaled=False, faces=len(upright))]
    if _best(upright) >= ACCEPT_SCORE:
        return Detection(photo, upright, passes=tuple(passes))
    candidates = [(upright, 0, photo)]
    for rotation in ROTATIONS:
        rotated = rotate_clockwise(photo, rotation)
        faces = detector.detect(rotated.pixels, retry_bordered=False)
        passes.append(DetectionPass(rotation, upscaled=False, faces=len(faces)))
        if _best(faces) >= max(MIN_ROTATED_SCORE, _best(upright) + MIN_ROTATED_GAIN):
            candidates.append((faces, rotation, rotated))
    faces, rotation, found_in = max(candidates, key=lambda candidate: _best(candidate[0]))
    if not faces:
        faces = detector.detect_upscaled(photo.pixels)
        passes.append(DetectionPass(0, upscaled=True, faces=len(faces)))
    if not faces:
        faces = detector.detect_low_threshold(photo.pixels)
        passes.append(DetectionPass(0, upscaled=False, faces=len(faces), low_threshold=True))
    return Detection(found_in, faces, rotation, tuple(passes))


def detect_largest(detector: HaarDetector, photo: Photo) -> Detection:
    """The largest face alone, as system E has it; without any, the whole photo stands in, as ``source`` says."""
    face, detected = detector.largest(photo.pixels)
    taken = DetectionPass(0, upscaled=False, faces=int(detected))
    return Detection(photo, (face,), passes=(taken,), source="detected" if detected else "whole")


def rotate_clockwise(photo: Photo, degrees: int) -> Photo:
    """The photo rotated clockwise by a multiple of 90 degrees."""
    rotated = np.ascontiguousarray(np.rot90(photo.pixels, -degrees // 90))
    size = photo.full_size
    return Photo(rotated, photo.format, size[::-1] if size and degrees % 180 else size)


def _best(faces: tuple[Face, ...]) -> float:
    return max((face.score for face in faces), default=0.0)


def _region_as_face(photo: Photo, region: Box) -> Detection:
    """Stand in for a detector: a face is said to be at ``region``, cut to the photo."""
    x, y, width, height = (value / photo.scale for value in region)
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, float(photo.width)), min(y + height, float(photo.height))
    if not (right - left >= MIN_REGION and bottom - top >= MIN_REGION):
        raise ValueError(
            f"The region must cover at least {MIN_REGION}×{MIN_REGION} pixels of the photo, "
            f"which has {photo.original_size[0]}×{photo.original_size[1]}."
        )
    face = Face((left, top, right - left, bottom - top), {}, 0.0)
    return Detection(photo, (face,), source="region")
