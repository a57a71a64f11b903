"""MTCNN (``model.detection.mtcnn``) on photos of any size: resizing, padding, coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..geometry import Pixels, fit_inside
from ..store.files import SAVED
from ..types import LANDMARK_NAMES, Detection, Face, Photo
from .mtcnn import Detections, Mtcnn
from .passes import detect_in_passes

MAX_SIDE = 1024  # Pixels; larger photos are shrunk to this long side.
UPSCALED_SIDE = 2048  # Pixels; the long side of an upscaled photo, at most twice its own.
MIN_FACE_SIZE = 20.0  # Pixels of the resized photo.
BORDERED_SIDE = 160  # Pixels; the long side in the pass with a border.
BORDER_RATIO = 0.5  # That border, as a fraction of the short side.
BORDERED_MIN_FACE = 0.5  # The smallest face of that pass, as a fraction of the short side.
# The smallest face of the pass with low thresholds, as a fraction of the short side. With all from 20 pixels of
# 640×480, fewer of FER-2013's faces in larger photos were found (35 of 77 instead of 37), and there were false
# detections in 55 instead of 3 of 320 images without faces, mostly of grass and gravel.
LOW_THRESHOLD_MIN_FACE = 1 / 6


@dataclass(frozen=True, slots=True, eq=False)
class MtcnnDetector:
    """The ``Detector`` made of MTCNN; safe for threads."""

    mtcnn: Mtcnn
    min_face_size: float = MIN_FACE_SIZE  # Pixels of the resized photo.
    crop_scale: float | None = None  # The models' metadata is measured for these boxes.

    @classmethod
    def load(
        cls,
        directory: Path = SAVED / "mtcnn",
        *,
        threads: int | None = None,
        min_face_size: float = MIN_FACE_SIZE,
    ) -> MtcnnDetector:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: one a core).

        ``min_face_size`` is in pixels of the resized photo: a larger one is faster and misses small faces. Raises
        SavedModelError if a file is missing or altered.
        """
        return cls(Mtcnn.load(directory, threads=threads), min_face_size)

    def detect(self, photo: Photo) -> Detection:
        """Return the faces of a photo, detected in up to six passes (``model.detection.passes``)."""
        return detect_in_passes(self, photo)

    def detect_faces(self, pixels: Pixels, *, retry_bordered: bool = True) -> tuple[Face, ...]:
        """Return all faces of an RGB photo uint8 (height, width, 3), largest box first; none is an empty tuple.

        The networks were trained on faces with some background and often miss one that fills the frame. If nothing is
        found, ``retry_bordered`` tries again at low resolution and with a border added, for faces of at least half
        the photo's short side.
        """
        found = self._infer(pixels, _resized(pixels, MAX_SIDE, enlarge=False))
        if not len(found.boxes) and retry_bordered:
            found = self._detect_bordered(pixels)
        return _to_faces(found, pixels)

    def detect_upscaled(self, pixels: Pixels) -> tuple[Face, ...]:
        """Detect at up to 2,048 pixels, upscaled at most twice.

        Four times the work of ``detect_faces``, for faces too small for it: from 10 pixels in a photo that fits
        1,024 pixels; a larger photo is shrunk less.
        """
        side = min(UPSCALED_SIDE, 2 * max(pixels.shape[:2]))
        return _to_faces(self._infer(pixels, _resized(pixels, side, enlarge=True)), pixels)

    def detect_low_threshold(self, pixels: Pixels) -> tuple[Face, ...]:
        """Detect with P-Net threshold 0.2 and R-Net threshold 0.1, so that the O-Net alone decides.

        For photos in which the other passes find nothing; faces of at least a sixth of the short side.
        """
        return _to_faces(
            self._infer(pixels, _resized(pixels, MAX_SIDE, enlarge=False), low_threshold=True), pixels
        )

    def _infer(self, pixels: Pixels, resized: Pixels, *, low_threshold: bool = False) -> Detections:
        """Run MTCNN on the ``resized`` photo; boxes and landmarks are returned in pixels of the original."""
        smallest = max(
            self.min_face_size, LOW_THRESHOLD_MIN_FACE * min(resized.shape[:2]) if low_threshold else 0
        )
        found = self.mtcnn.detect(resized, smallest, low_threshold=low_threshold)
        return found.moved(0, _factors(pixels, resized))

    def _detect_bordered(self, pixels: Pixels) -> Detections:
        """Run MTCNN at low resolution, with a border that repeats the edge pixels."""
        small = _resized(pixels, BORDERED_SIDE, enlarge=True)
        border = round(BORDER_RATIO * min(small.shape[:2]))
        framed = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE)
        smallest = max(MIN_FACE_SIZE, BORDERED_MIN_FACE * min(small.shape[:2]))
        found = self.mtcnn.detect(np.asarray(framed, dtype=np.uint8), smallest)
        return found.moved(border, _factors(pixels, small))


def _factors(pixels: Pixels, resized: Pixels) -> tuple[float, float]:
    """Scale factors (x, y) from resized to original pixels."""
    return pixels.shape[1] / resized.shape[1], pixels.shape[0] / resized.shape[0]


def _resized(pixels: Pixels, side: int, *, enlarge: bool) -> Pixels:
    """Resize the photo to a long side of ``side`` pixels; a smaller one only if ``enlarge``."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor == 1 or (factor > 1 and not enlarge):
        return pixels
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, fit_inside(width, height, side), interpolation=how), dtype=np.uint8)


def _to_faces(found: Detections, pixels: Pixels) -> tuple[Face, ...]:
    """Clip boxes to the photo, as the mtcnn package does (0 … side − 1), and sort them by area, largest first."""
    height, width = pixels.shape[:2]
    limit = np.array([width - 1, height - 1] * 2, dtype=np.float32)
    boxes = np.clip(found.boxes, 0, limit)
    sides = boxes[:, 2:] - boxes[:, :2]
    areas = sides[:, 0] * sides[:, 1]
    faces = []
    for index in np.argsort(-areas, kind="stable"):
        if areas[index] <= 0:
            continue
        x, y, w, h = (float(v) for v in (*boxes[index, :2], *sides[index]))
        points = [(float(px), float(py)) for px, py in found.landmarks[index]]
        faces.append(
            Face((x, y, w, h), dict(zip(LANDMARK_NAMES, points, strict=True)), float(found.scores[index]))
        )
    return tuple(faces)
