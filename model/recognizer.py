"""A photo's whole way, every stage kept: photo → faces → crop → preprocess → classifier."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .classifier import Classifier
from .detection.detector import MtcnnDetector
from .detection.haar import HaarDetector
from .detection.search import DetectorName, detect, load_detector
from .faces.crop import crop_face, crop_region, preprocess
from .faces.eye_band import eye_band
from .faces.face_mesh import FaceMesh
from .faces.mesh_points import in_crop
from .faces.quality import assess
from .geometry import Box
from .store.files import SAVED
from .store.metadata import Metadata
from .types import (
    Analysis,
    CropGeometry,
    Detection,
    EyeBand,
    Face,
    FaceCrop,
    FaceResult,
    Mesh,
    ModelIdentity,
    Photo,
    Quality,
    Source,
    Timings,
)

QUALITY_SIDE = 48  # FER-2013's.


class Recognizer:
    """A detector and a classifier, loaded once; ``analyze`` may be called from several threads."""

    def __init__(
        self,
        detector: MtcnnDetector | HaarDetector,
        classifier: Classifier,
        mesh: FaceMesh | None = None,
    ) -> None:
        if classifier.metadata.input.points and mesh is None:
            raise ValueError(f"{classifier.metadata.name} reads face points, so it needs a face mesh")
        self._detector = detector
        self._classifier = classifier
        self._mesh = mesh

    @classmethod
    def load(
        cls,
        name: str = "attention_cnn",
        *,
        root: Path = SAVED,
        threads: int | None = None,
        detector: DetectorName | MtcnnDetector | HaarDetector = "mtcnn",
    ) -> Recognizer:
        """Load the saved model ``name``, the face detector and, where the model needs it, the face mesh from ``root``.

        ``threads`` bounds what one call uses (None: all cores). ``detector`` names the detector, or is one. Raises
        MetadataError, DetectorError or MeshError with a sentence if a file is missing or altered.
        """
        loaded = load_detector(detector, root, threads) if isinstance(detector, str) else detector
        classifier = Classifier.load(root / name, threads=threads)
        reads_points = classifier.metadata.input.points > 0
        mesh = FaceMesh.load(root / "face_mesh", threads=threads) if reads_points else None
        return cls(loaded, classifier, mesh)

    @property
    def classifier(self) -> Classifier:
        """The classifier, for whoever has network inputs already."""
        return self._classifier

    @property
    def mesh(self) -> FaceMesh | None:
        """The face mesh, where the model reads its points."""
        return self._mesh

    @property
    def metadata(self) -> Metadata:
        """The classifier's metadata."""
        return self._classifier.metadata

    def analyze(
        self, photo: bytes | str | os.PathLike[str] | NDArray[np.uint8], *, region: Box | None = None
    ) -> Analysis:
        """Read every face of a photo given as encoded bytes, a path, or an RGB uint8 array (height, width, 3).

        With a ``region`` (x, y, width, height in pixels of the upright image in the file) nothing is searched: that
        part is read as if it were a face, and the reading's ``source`` says so; the whole is (0, 0, width, height).

        Raises PhotoError (``model.photo.load``) if it cannot be read as a photo and ValueError for a region that lies
        outside it or is under 8 pixels; a photo without a face is no error.
        """
        return self.classify(self.detect(photo, region=region))

    def detect(
        self, photo: bytes | str | os.PathLike[str] | NDArray[np.uint8], *, region: Box | None = None
    ) -> Detection:
        """Decode the photo and find its faces: the first half of ``analyze``, the same for every model."""
        return detect(self._detector, photo, region=region)

    def classify(self, detection: Detection) -> Analysis:
        """Classify the faces that were found: the second half of ``analyze``."""
        started = time.perf_counter()
        readings = self._classify(detection)
        classify = 1000 * (time.perf_counter() - started)
        return Analysis(
            photo=detection.photo,
            faces=readings,
            timings_ms=Timings(decode=detection.decode_ms, detect=detection.detect_ms, classify=classify),
            model=ModelIdentity(self.metadata.name, self.metadata.version),
            passes=detection.passes,
            rotation=detection.rotation,
        )

    def _classify(self, detection: Detection) -> tuple[FaceResult, ...]:
        if not detection.faces:
            return ()
        pixels = detection.photo.pixels
        crops = [self._crop(detection.photo, face, detection.source) for face in detection.faces]
        bands = self._bands(pixels, detection.faces)
        inputs = [
            band.pixels if band else preprocess(crop.aligned, self.metadata.size)
            for band, crop in zip(bands, crops, strict=True)
        ]
        meshes = self._meshes(pixels, detection.faces)
        predictions = self._classifier.classify(np.stack(inputs), *self._points(meshes, crops))
        readings = zip(detection.faces, crops, inputs, predictions, bands, meshes, strict=True)
        return tuple(
            FaceResult(
                face, crop, given, prediction, _quality(face, crop, given), detection.source, band, mesh
            )
            for face, crop, given, prediction, band, mesh in readings
        )

    def _bands(self, pixels: NDArray[np.uint8], faces: tuple[Face, ...]) -> list[EyeBand | None]:
        """The band of each face, where the model reads only that."""
        if self.metadata.band is None:
            return [None] * len(faces)
        return [eye_band(pixels, face, self.metadata.band) for face in faces]

    def _meshes(self, pixels: NDArray[np.uint8], faces: tuple[Face, ...]) -> list[Mesh | None]:
        """The mesh of each face, where the model reads its points."""
        if self._mesh is None:
            return [None] * len(faces)
        return [*self._mesh.locate_all([(pixels, face) for face in faces])]

    def _points(
        self, meshes: list[Mesh | None], crops: list[FaceCrop]
    ) -> tuple[NDArray[np.float32] | None, NDArray[np.intp] | None]:
        """The points as the classifier takes them, and their mirror; NaN where a face's were not found."""
        if self._mesh is None:
            return None, None
        points = np.full((len(crops), self.metadata.input.points, 3), np.nan, np.float32)
        for i, (mesh, crop) in enumerate(zip(meshes, crops, strict=True)):
            if mesh is not None and mesh.found:
                points[i] = in_crop(mesh.points, crop)
        return points, self._mesh.topology.mirror

    def _crop(self, photo: Photo, face: Face, source: Source) -> FaceCrop:
        if source != "detected":
            return crop_region(photo.pixels, face.box)
        # Models say how MTCNN's box is to be cut; Haar's is FER-2013's framing as it is.
        framed = isinstance(self._detector, HaarDetector)
        return crop_face(photo.pixels, face, CropGeometry(1.0) if framed else self.metadata.crop)


def _quality(face: Face, crop: FaceCrop, given: NDArray[np.uint8]) -> Quality:
    """Judge what FER-2013's limits were measured on: the whole face at its size, whatever the network takes."""
    square = given if given.shape == (QUALITY_SIDE, QUALITY_SIDE) else preprocess(crop.aligned, QUALITY_SIDE)
    return assess(face, crop, square)
