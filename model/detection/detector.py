"""MTCNN (``model.detection.mtcnn``) on photos of any size: resizing, padding, coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..geometry import Pixels, fit_inside
from ..store.files import SAVED
from ..types import LANDMARK_NAMES, Face
from .mtcnn import Detections, Mtcnn

MAX_SIDE = 1024  # Larger photos are shrunk to this for detection.
UPSCALED_SIDE = 2048  # What a photo is brought to for small faces: at most twice its own size.
MIN_FACE_SIZE = 20.0  # Pixels of the photo as it is searched.
BORDERED_SIDE = 160  # What a photo without a face is brought to for the second pass …
BORDER_RATIO = 0.5  # … and the border around it then, as a part of its short side.
BORDERED_MIN_FACE = 0.5  # A face worth that pass fills at least this part of the photo's short side.
# The same for a look at faint faces: smaller ones are seldom faces. With all from 20 pixels of 640×480, fewer of
# FER-2013's faces in larger photos were found (35 of 77 instead of 37), and faces seen in 55 instead of 3 of 320
# images without any, mostly of grass and gravel.
LOW_THRESHOLD_MIN_FACE = 1 / 6


@dataclass(frozen=True, slots=True, eq=False)
class MtcnnDetector:
    """The loaded cascade, and how small a face of a photo is worth finding; threads may share one."""

    mtcnn: Mtcnn
    min_face_size: float = MIN_FACE_SIZE

    @classmethod
    def load(
        cls,
        directory: Path = SAVED / "mtcnn",
        *,
        threads: int | None = None,
        min_face_size: float = MIN_FACE_SIZE,
    ) -> MtcnnDetector:
        """Load the networks of ``directory``; a call uses ``threads`` threads (None: as many as there are
        cores).

        ``min_face_size`` is in pixels of the photo as it is searched: a larger one is faster and misses
        small faces. Raises DetectorError when a file is missing or is not the one that ``metadata.json``
        describes.
        """
        return cls(Mtcnn.load(directory, threads=threads), min_face_size)

    def detect(self, pixels: Pixels, *, retry_bordered: bool = True) -> tuple[Face, ...]:
        """Return all faces of an RGB photo uint8 (height, width, 3), largest box first; none is an empty
        tuple.

        The networks were trained on faces with something around them and often miss one that fills the
        frame. When the first pass finds nothing, ``retry_bordered`` runs a second one, at low resolution and
        with a border added, for faces of at least half the photo's short side.
        """
        found = self._infer(pixels, _resized(pixels, MAX_SIDE, enlarge=False))
        if not len(found.boxes) and retry_bordered:
            found = self._detect_bordered(pixels)
        return _to_faces(found, pixels)

    def detect_upscaled(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces found when the photo is searched at up to 2,048 pixels, enlarged at most twice.

        Four times the work of ``detect``, for faces too small for it: from 10 pixels of a photo that fits
        1,024 pixels, and with less shrinking of a larger one.
        """
        side = min(UPSCALED_SIDE, 2 * max(pixels.shape[:2]))
        return _to_faces(self._infer(pixels, _resized(pixels, side, enlarge=True)), pixels)

    def detect_low_threshold(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces found when every proposal that is at all possible gets to the O-Net.

        For a photo in which the other passes find nothing, and faces of at least a sixth of its short side.
        """
        return _to_faces(
            self._infer(pixels, _resized(pixels, MAX_SIDE, enlarge=False), low_threshold=True), pixels
        )

    def _infer(self, pixels: Pixels, resized: Pixels, *, low_threshold: bool = False) -> Detections:
        """Search the photo as it was ``resized``; the faces are in pixels of the photo."""
        smallest = max(
            self.min_face_size, LOW_THRESHOLD_MIN_FACE * min(resized.shape[:2]) if low_threshold else 0
        )
        found = self.mtcnn.search(resized, smallest, low_threshold=low_threshold)
        return found.moved(0, _factors(pixels, resized))

    def _detect_bordered(self, pixels: Pixels) -> Detections:
        """Search the photo at low resolution with a border that repeats its edges."""
        small = _resized(pixels, BORDERED_SIDE, enlarge=True)
        border = round(BORDER_RATIO * min(small.shape[:2]))
        framed = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE)
        smallest = max(MIN_FACE_SIZE, BORDERED_MIN_FACE * min(small.shape[:2]))
        found = self.mtcnn.search(np.asarray(framed, dtype=np.uint8), smallest)
        return found.moved(border, _factors(pixels, small))


def _factors(pixels: Pixels, resized: Pixels) -> tuple[float, float]:
    """Scale factors (x, y) from resized to original pixels."""
    return pixels.shape[1] / resized.shape[1], pixels.shape[0] / resized.shape[0]


def _resized(pixels: Pixels, side: int, *, enlarge: bool) -> Pixels:
    """Bring the photo's long side to ``side`` pixels; a smaller one stays as it is unless ``enlarge``."""
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor == 1 or (factor > 1 and not enlarge):
        return pixels
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, fit_inside(width, height, side), interpolation=how), dtype=np.uint8)


def _to_faces(found: Detections, pixels: Pixels) -> tuple[Face, ...]:
    """Clip the boxes to the photo, as the package does (0 … side − 1), and order them by area."""
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
