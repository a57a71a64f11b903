"""Detection passes, each tried only if the previous found no confident face.

Upright; rotated by 90°, 180°, 270°; upscaled; with low thresholds. A phone photo without EXIF orientation lies on its
side, the faces of a group photo are small, and blurred or cut-off faces pass only low thresholds of the P- and R-Net.

A photo that stands upright must stay so. MTCNN may score its face higher lying than upright, with the landmarks where
they are, so a rotated photo is taken only if the mouth of its best face is below the eyes.
"""

from __future__ import annotations

from dataclasses import replace
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
# Degrees between the line from the eyes to the mouth and straight down, at most, of the best face in a rotated photo.
# Measured on press photos: at most 19 in 77 that lay on their side, 43 to 92 in seven that a rotation laid there.
MAX_LEAN = 30.0
# The same where nothing is found upright; beyond it, another rotation would be nearer. A head that leans by 60° is
# often found only in a rotated photo: of 134 portraits turned by as much, a limit of 30 there lost 12.
MAX_LEAN_ALONE = 45.0


class PassDetector(Protocol):
    """One pass of each kind over RGB uint8 (height, width, 3); faces are returned largest first."""

    def detect_faces(self, pixels: Pixels, *, retry_bordered: bool = True) -> tuple[Face, ...]: ...

    def detect_upscaled(self, pixels: Pixels) -> tuple[Face, ...]: ...

    def detect_low_threshold(self, pixels: Pixels) -> tuple[Face, ...]: ...


def detect_in_passes(detector: PassDetector, photo: Photo) -> Detection:
    """Run the passes. Of the rotated photos whose best face is upright, the one with the highest score is taken.

    A photo whose file says which way is up is rotated only if no face at all is found in it as it is. Without any
    face, ``Detection.photo`` is the upright one.
    """
    upright = detector.detect_faces(photo.pixels)
    passes = [DetectionPass(0, upscaled=False, faces=len(upright))]
    if _best(upright) >= ACCEPT_SCORE or (upright and photo.oriented):
        return Detection(photo, upright, passes=tuple(passes))
    candidates = [(upright, 0)]
    limit = MAX_LEAN if upright else MAX_LEAN_ALONE
    for rotation in ROTATIONS:
        rotated = rotate_clockwise(photo, rotation)
        faces = detector.detect_faces(rotated.pixels, retry_bordered=False)
        passes.append(DetectionPass(rotation, upscaled=False, faces=len(faces)))
        sure = _best(faces) >= max(MIN_ROTATED_SCORE, _best(upright) + MIN_ROTATED_GAIN)
        if sure and lean(max(faces, key=lambda face: face.score)) <= limit:
            candidates.append((faces, rotation))
        # Before the next one is made; the one that wins is made again.
        del rotated
    faces, rotation = max(candidates, key=lambda candidate: _best(candidate[0]))
    if not faces:
        faces = detector.detect_upscaled(photo.pixels)
        passes.append(DetectionPass(0, upscaled=True, faces=len(faces)))
    if not faces:
        faces = detector.detect_low_threshold(photo.pixels)
        passes.append(DetectionPass(0, upscaled=False, faces=len(faces), low_threshold=True))
    found_in = rotate_clockwise(photo, rotation) if rotation else photo
    return Detection(found_in, faces, rotation, tuple(passes))


def rotate_clockwise(photo: Photo, degrees: int) -> Photo:
    """Return the photo rotated clockwise by a multiple of 90 degrees."""
    rotated = np.ascontiguousarray(np.rot90(photo.pixels, -degrees // 90))
    size = photo.full_size
    return replace(photo, pixels=rotated, full_size=size[::-1] if size and degrees % 180 else size)


def lean(face: Face) -> float:
    """Degrees, 0…180, between straight down and the line from the eyes' midpoint to the mouth's; 180 if unknown."""
    if not face.landmarks.keys() >= {"left_eye", "right_eye", "mouth_left", "mouth_right"}:
        return 180.0
    points = {name: np.asarray(point) for name, point in face.landmarks.items()}
    across, down = points["mouth_left"] + points["mouth_right"] - points["left_eye"] - points["right_eye"]
    return float(np.degrees(np.arctan2(abs(across), down)))


def _best(faces: tuple[Face, ...]) -> float:
    return max((face.score for face in faces), default=0.0)
