"""The first half of the pipeline, the same for every model: decode the photo and detect its faces."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..geometry import Box, Pixels
from ..photo.load import load_photo
from ..photo.sources import PhotoSource, Scale
from ..store.files import SAVED
from ..types import Detection, Face, Photo
from .detector import MtcnnDetector
from .haar import HaarDetector

MIN_REGION = 8  # Pixels a side of a region that is given instead of detecting faces.


class Detector(Protocol):
    """A face detector as the pipeline uses it; it must be safe for threads.

    ``MtcnnDetector`` and ``HaarDetector`` are the two; ``model.detection`` says how to add a third.
    """

    @property
    def crop_scale(self) -> float | None:
        """The side of FER-2013's framing as a multiple of the height of this detector's boxes.

        None: as the model's metadata says, whose ``crop.scale`` is measured for MTCNN's boxes.
        """
        ...

    def detect(self, photo: Photo, *, rotate: bool = True) -> Detection:
        """Return the faces of ``photo``, largest first, with the passes that were run and what was left out.

        No face is an empty tuple. ``Detection.photo`` is the given photo, or the rotated one in whose pixels the faces
        are, which is never rotated unless ``rotate``; ``decode_ms`` and ``detect_ms`` are filled in by the caller.
        """
        ...


@runtime_checkable
class FrameDetector(Protocol):
    """A detector that has a quicker way with the frames of a film."""

    def look(self, photo: Photo) -> Detection: ...


Loader = Callable[[Path, int | None], Detector]

# Each takes the folder of the saved models and the number of threads of one call (None: one a core).
DETECTORS: dict[str, Loader] = {
    "mtcnn": lambda root, threads: MtcnnDetector.load(root / "mtcnn", threads=threads),
    "haar": lambda root, threads: HaarDetector.load(),
}
DetectorName = str  # One of DETECTORS.
DEFAULT_DETECTOR = "mtcnn"


def load_detector(name: DetectorName, root: Path = SAVED, threads: int | None = None) -> Detector:
    """Load the detector called ``name``.

    Raises ValueError for an unknown name, and SavedModelError if a file is missing or altered.
    """
    if name not in DETECTORS:
        raise ValueError(f"There is no detector {name!r}; there are: {', '.join(DETECTORS)}.")
    return DETECTORS[name](root, threads)


def detect(
    detector: Detector,
    photo: PhotoSource,
    *,
    region: Box | None = None,
    scale: Scale | None = None,
    rotate: bool = True,
) -> Detection:
    """Decode a photo and detect its faces; a ``region`` is taken as the only face instead.

    ``rotate``: where no face is upright in the photo, it is tried rotated by 90°, 180° and 270°.

    Raises as ``Recognizer.analyze``.
    """
    started = time.perf_counter()
    decoded = load_photo(photo, scale=scale)
    decoded_at = time.perf_counter()
    detection = (
        detector.detect(decoded, rotate=rotate) if region is None else _region_as_face(decoded, region)
    )
    ended = time.perf_counter()
    return dataclasses.replace(
        detection, decode_ms=1000 * (decoded_at - started), detect_ms=1000 * (ended - decoded_at)
    )


def look(detector: Detector, pixels: Pixels) -> Detection:
    """Detect the faces of a film's frame, RGB uint8 (height, width, 3), upright."""
    started = time.perf_counter()
    photo = Photo(pixels)
    quick = detector.look if isinstance(detector, FrameDetector) else None
    detection = quick(photo) if quick else detector.detect(photo, rotate=False)
    return dataclasses.replace(detection, detect_ms=1000 * (time.perf_counter() - started))


def surest(detection: Detection, most: int) -> Detection:
    """Return the detection with the ``most`` faces of the highest scores alone, still largest first."""
    scores = [-face.score for face in detection.faces]
    kept = sorted(np.argsort(scores, kind="stable")[:most].tolist())
    return dataclasses.replace(detection, faces=tuple(detection.faces[place] for place in kept))


def _region_as_face(photo: Photo, region: Box) -> Detection:
    """Take ``region`` (x, y, width, height in pixels of the file's upright image), clipped to the photo, as a face."""
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
