"""A photo's whole way, every stage kept: photo → faces → crop → preprocess → classifier."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.crop import crop_face
from model.faces import FaceDetector
from model.metadata import Metadata
from model.paths import SAVED
from model.photo import load_photo
from model.preprocess import preprocess
from model.stages import Analysis, Face, FaceReading, ModelIdentity, Photo, Timings


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

    def analyze(self, photo: bytes | str | os.PathLike[str] | NDArray[np.uint8]) -> Analysis:
        """Read every face of a photo given as encoded bytes, a path, or an RGB uint8 array (height, width, 3).

        Raises PhotoError (``model.photo``) if it cannot be read as a photo; a photo without a face is no error.
        """
        started = time.perf_counter()
        decoded = load_photo(photo)
        found_from = time.perf_counter()
        faces = self._detector.detect(decoded.pixels)
        read_from = time.perf_counter()
        readings = self._read(decoded, faces)
        ended = time.perf_counter()
        return Analysis(
            photo=decoded,
            faces=readings,
            timings_ms=Timings(
                decode=1000 * (found_from - started),
                detect=1000 * (read_from - found_from),
                classify=1000 * (ended - read_from),
            ),
            model=ModelIdentity(self.metadata.name, self.metadata.version),
        )

    def _read(self, photo: Photo, faces: tuple[Face, ...]) -> tuple[FaceReading, ...]:
        crops = [crop_face(photo.pixels, face, self.metadata.crop) for face in faces]
        inputs = [preprocess(crop.pixels, self.metadata.size) for crop in crops]
        if not inputs:
            return ()
        predictions = self._classifier.classify(np.stack(inputs))
        return tuple(
            FaceReading(face, crop, network_input, prediction)
            for face, crop, network_input, prediction in zip(faces, crops, inputs, predictions, strict=True)
        )
