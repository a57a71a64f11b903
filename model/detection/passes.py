"""Detection passes, each tried only if the previous found no confident face.

Upright; rotated by 90°, 180°, 270°; upscaled; with low thresholds. A phone photo without EXIF orientation lies on its
side, the faces of a group photo are small, and blurred or cut-off faces pass only low thresholds of the P- and R-Net.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ..geometry import Pixels
from ..types import Detection, DetectionPass, Face, Photo

ROTATIONS = (90, 180, 270)
# MTCNN also finds faces that lie or are upside down, with a lower score, and they are then classified upright all the
# same. Measured on the sample portrait: 0.999 upright, 0.973 and 0.822 lying. Below this score, rotations are tried.
ACCEPT_SCORE = 0.985
# A rotated photo is taken only if its best score reaches the first, and exceeds the upright photo's by the second.
MIN_ROTATED_SCORE = 0.97
MIN_ROTATED_GAIN = 0.01


class PassDetector(Protocol):
    """One pass of each kind over RGB uint8 (height, width, 3); faces are returned largest first."""

    def detect_faces(self, pixels: Pixels, *, retry_bordered: bool = True) -> tuple[Face, ...]: ...

    def detect_upscaled(self, pixels: Pixels) -> tuple[Face, ...]: ...

    def detect_low_threshold(self, pixels: Pixels) -> tuple[Face, ...]: ...


def detect_in_passes(detector: PassDetector, photo: Photo) -> Detection:
    """Run the passes. Of the rotated photos, the one with the highest score is taken.

    Without any face, ``Detection.photo`` is the upright one.
    """
    upright = detector.detect_faces(photo.pixels)
    passes = [DetectionPass(0, upscaled=False, faces=len(upright))]
    if _best(upright) >= ACCEPT_SCORE:
        return Detection(photo, upright, passes=tuple(passes))
    candidates = [(upright, 0, photo)]
    for rotation in ROTATIONS:
        rotated = rotate_clockwise(photo, rotation)
        faces = detector.detect_faces(rotated.pixels, retry_bordered=False)
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


def rotate_clockwise(photo: Photo, degrees: int) -> Photo:
    """Return the photo rotated clockwise by a multiple of 90 degrees."""
    rotated = np.ascontiguousarray(np.rot90(photo.pixels, -degrees // 90))
    size = photo.full_size
    return Photo(rotated, photo.format, size[::-1] if size and degrees % 180 else size)


def _best(faces: tuple[Face, ...]) -> float:
    return max((face.score for face in faces), default=0.0)
