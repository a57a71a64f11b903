"""A photo's whole way, every stage kept: photo → faces → crop → preprocess → classifier."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.crop import crop_face, crop_region
from model.faces import FaceDetector
from model.metadata import Metadata
from model.paths import SAVED
from model.photo import load_photo
from model.preprocess import preprocess
from model.quality import assess
from model.search import Search, find_faces
from model.stages import Analysis, Box, Face, FaceCrop, FaceReading, ModelIdentity, Photo, Timings

MIN_REGION = 8  # Pixels: anything less shows nothing that could be read.


class Recognizer:
    """A detector and a classifier, loaded once; ``analyze`` may be called from several threads."""

    def __init__(self, detector: FaceDetector, classifier: Classifier) -> None:
        self._detector = detector
        self._classifier = classifier

    @classmethod
    def load(
        cls, name: str = "attention_cnn", *, root: Path = SAVED, threads: int | None = None
    ) -> Recognizer:
        """Load the saved model ``name`` and the face detector from ``root``.

        ``threads`` bounds what one call uses (None: all cores). Raises MetadataError or DetectorError with a
        sentence if a file is missing or altered.
        """
        detector = FaceDetector.load(root / "mtcnn", threads=threads)
        return cls(detector, Classifier.load(root / name, threads=threads))

    @property
    def metadata(self) -> Metadata:
        """The classifier's metadata."""
        return self._classifier.metadata

    def analyze(
        self, photo: bytes | str | os.PathLike[str] | NDArray[np.uint8], *, region: Box | None = None
    ) -> Analysis:
        """Read every face of a photo given as encoded bytes, a path, or an RGB uint8 array (height, width, 3).

        With a ``region`` (x, y, width, height in pixels of the upright photo) nothing is searched: that part is
        read as if it were a face, and the reading's ``source`` says so; the whole photo is (0, 0, width, height).

        Raises PhotoError (``model.photo``) if it cannot be read as a photo and ValueError for a region that lies
        outside it or is under 8 pixels; a photo without a face is no error.
        """
        started = time.perf_counter()
        decoded = load_photo(photo)
        found_from = time.perf_counter()
        search = find_faces(self._detector, decoded) if region is None else _at(decoded, region)
        read_from = time.perf_counter()
        readings = self._read(search, "detected" if region is None else "region")
        ended = time.perf_counter()
        return Analysis(
            photo=search.photo,
            faces=readings,
            timings_ms=Timings(
                decode=1000 * (found_from - started),
                detect=1000 * (read_from - found_from),
                classify=1000 * (ended - read_from),
            ),
            model=ModelIdentity(self.metadata.name, self.metadata.version),
            attempts=search.attempts,
            turn=search.turn,
        )

    def _read(self, search: Search, source: Literal["detected", "region"]) -> tuple[FaceReading, ...]:
        crops = [self._crop(search.photo, face, source) for face in search.faces]
        inputs = [preprocess(crop.level, self.metadata.size) for crop in crops]
        if not inputs:
            return ()
        predictions = self._classifier.classify(np.stack(inputs))
        return tuple(
            FaceReading(face, crop, pixels, prediction, assess(face, crop, pixels), source)
            for face, crop, pixels, prediction in zip(search.faces, crops, inputs, predictions, strict=True)
        )

    def _crop(self, photo: Photo, face: Face, source: Literal["detected", "region"]) -> FaceCrop:
        if source == "region":
            return crop_region(photo.pixels, face.box)
        return crop_face(photo.pixels, face, self.metadata.crop)


def _at(photo: Photo, region: Box) -> Search:
    """Stand in for the search: a face is said to be at ``region``, cut to the photo."""
    x, y, width, height = region
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, float(photo.width)), min(y + height, float(photo.height))
    if not (right - left >= MIN_REGION and bottom - top >= MIN_REGION):
        raise ValueError(
            f"The region must cover at least {MIN_REGION}×{MIN_REGION} pixels of the photo, "
            f"which has {photo.width}×{photo.height}."
        )
    face = Face((left, top, right - left, bottom - top), {}, 0.0)
    return Search(photo, (face,), 0, ())
