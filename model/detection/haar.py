"""Find faces with OpenCV's Haar cascade: the older way, which system E uses, selectable beside MTCNN.

It sees brightness only, knows upright frontal faces, places no landmarks and has no measure of certainty of its own.
Its box is FER-2013's framing as it is: over 102 FER-2013 faces laid on photographs, the image's square was 1.01 ×
the box (median), around the same centre. Equalising the photo's brightness first, as some do, finds fewer faces.
The cascade file is the one that OpenCV ships (``haarcascade_frontalface_default.xml``).

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", 2001.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ..geometry import Box, Pixels, fit_inside
from ..store.files import DetectorError
from ..types import Face

# Beside OpenCV's own files; ``cv2.data`` names the same folder, but its type is unknown.
CASCADE = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
MAX_SIDE = 1024  # As MTCNN here, larger photos are shrunk to this for detection.
SCALE_FACTOR = 1.1
MIN_NEIGHBORS = 5
MIN_SIZE = 60  # Pixels of the photo as it is searched.


@dataclass(frozen=True, slots=True, eq=False)
class HaarDetector:
    """A cascade of boosted classifiers; threads may share one, each gets a classifier of its own.

    ``scale_factor`` is from one size of the search to the next, ``min_neighbors`` how many overlapping hits make a
    face, ``min_size`` the smallest face in pixels of the photo as it is searched.
    """

    cascade: str
    scale_factor: float = SCALE_FACTOR
    min_neighbors: int = MIN_NEIGHBORS
    min_size: int = MIN_SIZE
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
        """Read the cascade file. Raises DetectorError when it is missing or no cascade."""
        try:
            text = cascade.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DetectorError(f"The Haar cascade {cascade} cannot be read: {error}.") from error
        _classifier(text, str(cascade))
        return cls(text, scale_factor, min_neighbors, min_size)

    def detect(self, pixels: Pixels, *, retry_bordered: bool = True) -> tuple[Face, ...]:
        """Return all faces of an RGB photo uint8 (height, width, 3), largest first; none is an empty tuple.

        The faces have no landmarks. Their score is the last stage's weight w brought to 0…1 as 1 − e^(−w/2): a
        ranking, not a probability. ``retry_bordered`` is for the interface's sake; there is no second pass.
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

    def largest(self, pixels: Pixels) -> tuple[Face, bool]:
        """Return the largest face and True; where there is none, the whole image as one of score 0, and False."""
        faces = self.detect(pixels)
        if faces:
            return faces[0], True
        height, width = pixels.shape[:2]
        return Face((0.0, 0.0, float(width), float(height)), {}, 0.0), False

    def _thread_classifier(self) -> cv2.CascadeClassifier:
        """This thread's classifier: OpenCV's keeps the photo it is searching inside itself."""
        if not hasattr(self._local, "classifier"):
            self._local.classifier = _classifier(self.cascade, "in memory")
        classifier: cv2.CascadeClassifier = self._local.classifier
        return classifier


def _classifier(text: str, name: str) -> cv2.CascadeClassifier:
    """Build a classifier from the text of a cascade file. Raises DetectorError when it is none."""
    classifier = cv2.CascadeClassifier()
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        whole = bool(classifier.read(storage.getFirstTopLevelNode())) and not classifier.empty()
        storage.release()
    except (
        cv2.error,
        SystemError,
    ) as error:  # SystemError is what its binding makes of a parser's complaint.
        raise DetectorError(f"The Haar cascade {name} is damaged: {error}.") from error
    if not whole:
        raise DetectorError(f"The Haar cascade {name} is damaged.")
    return classifier


def _box(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Box:
    x, y, width, height = (float(v) for v in values)
    return x, y, width, height
