"""OpenCV's Haar cascade as a ``Detector``: upright frontal faces in gray images, no landmarks.

Only the largest face is kept. Its box needs no scaling to be FER-2013's framing: over 102 FER-2013 faces pasted into
photographs, the side of the FER-2013 image was 1.01 × the box's (median), around the same centre. Histogram
equalization before detection finds fewer faces. The cascade file is the one shipped with OpenCV
(``haarcascade_frontalface_default.xml``).

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ..geometry import Box, Pixels, fit_inside
from ..store.files import SavedModelError
from ..types import Detection, DetectionPass, Face, Photo, SearchLimits

# Beside OpenCV's own files; ``cv2.data`` names the same folder, but its type is unknown.
CASCADE = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
MAX_SIDE = 1024  # Pixels; larger photos are shrunk to this long side, as for MTCNN.
SCALE_FACTOR = 1.1
MIN_NEIGHBORS = 5
MIN_SIZE = 60  # Pixels of the resized photo.


@dataclass(frozen=True, slots=True, eq=False)
class HaarDetector:
    """The ``Detector`` made of a Haar cascade; safe for threads, each has its own OpenCV classifier."""

    cascade: str  # The content of the cascade file.
    scale_factor: float = SCALE_FACTOR  # Between two window sizes.
    min_neighbors: int = MIN_NEIGHBORS  # Overlapping hits that make a face.
    min_size: int = MIN_SIZE  # Pixels of the resized photo.
    crop_scale: float | None = 1.0
    _local: threading.local = field(default_factory=threading.local, repr=False)

    @classmethod
    def load(
        cls,
        cascade: Path = CASCADE,
        *,
        scale_factor: float = SCALE_FACTOR,
        min_neighbors: int = MIN_NEIGHBORS,
        min_size: int = MIN_SIZE,
    ) -> HaarDetector:
        """Read the cascade file. Raises SavedModelError if it is missing or not a cascade."""
        try:
            text = cascade.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SavedModelError(f"The Haar cascade {cascade} cannot be read: {error}.") from error
        _classifier(text, str(cascade))
        return cls(text, scale_factor, min_neighbors, min_size)

    def detect(self, photo: Photo, *, rotate: bool = True) -> Detection:
        """Return the largest face; without any, the whole photo with score 0 and ``source`` "whole".

        The photo is never rotated.
        """
        faces = self.detect_faces(photo.pixels)
        whole = Face((0.0, 0.0, float(photo.width), float(photo.height)), {}, 0.0)
        return Detection(
            photo,
            faces[:1] or (whole,),
            passes=(DetectionPass(0, upscaled=False, faces=len(faces[:1])),),
            source="detected" if faces else "whole",
            limits=SearchLimits(self.min_size * max(1.0, max(photo.width, photo.height) / MAX_SIDE)),
        )

    def detect_faces(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return all faces of an RGB photo uint8 (height, width, 3), largest first; none is an empty tuple.

        They have no landmarks. The score is 1 − e^(−w/2), where w is the level weight of the last stage: a ranking in
        0…1, not a probability.
        """
        height, width = pixels.shape[:2]
        factor = min(1.0, MAX_SIDE / max(height, width))
        if min(height, width) * factor < self.min_size:
            return ()
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        if factor < 1:
            gray = cv2.resize(gray, fit_inside(width, height, MAX_SIDE), interpolation=cv2.INTER_AREA)
        boxes, _, weights = self._thread_classifier().detectMultiScale3(
            np.asarray(gray, np.uint8),
            scaleFactor=self.scale_factor,
            minNeighbors=self.min_neighbors,
            minSize=(self.min_size, self.min_size),
            outputRejectLevels=True,
        )
        back = np.array([width / gray.shape[1], height / gray.shape[0]] * 2)
        faces = [
            Face(_box(np.asarray(box) * back), {}, float(-np.expm1(-max(float(weight), 0.0) / 2)))
            for box, weight in zip(boxes, np.ravel(weights), strict=True)
        ]
        return tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3]))

    def _thread_classifier(self) -> cv2.CascadeClassifier:
        """Return this thread's classifier: OpenCV's holds the image during detection, so it cannot be shared."""
        if not hasattr(self._local, "classifier"):
            self._local.classifier = _classifier(self.cascade, "in memory")
        classifier: cv2.CascadeClassifier = self._local.classifier
        return classifier


def _classifier(text: str, name: str) -> cv2.CascadeClassifier:
    """Build a classifier from the content of a cascade file. Raises SavedModelError if it is damaged."""
    classifier = cv2.CascadeClassifier()
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        whole = bool(classifier.read(storage.getFirstTopLevelNode())) and not classifier.empty()
        storage.release()
    except (
        cv2.error,
        SystemError,
    ) as error:  # SystemError is what its binding makes of a parser's complaint.
        raise SavedModelError(f"The Haar cascade {name} is damaged: {error}.") from error
    if not whole:
        raise SavedModelError(f"The Haar cascade {name} is damaged.")
    return classifier


def _box(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Box:
    x, y, width, height = (float(v) for v in values)
    return x, y, width, height
