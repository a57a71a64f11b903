"""The pipeline, top to bottom: photo → faces → crop → preprocess → classifier. The result keeps every stage."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .classifier import Classifier
from .detection.search import DEFAULT_DETECTOR, DETECTORS, Detector, DetectorName, detect, load_detector, look
from .faces.crop import crop_face, crop_region, preprocess, shrink_crop
from .faces.eye_band import eye_band
from .faces.face_mesh import FaceMesh
from .faces.group import reading_order, which_are_faint
from .faces.mesh_points import in_crop
from .faces.quality import assess
from .geometry import Box
from .output.analysis import PhotoAnalysis, UnreadPhoto
from .photo.errors import PhotoError
from .photo.many import each_photo, in_batches, name_of
from .photo.sources import PhotoSource, Scale
from .store.files import METADATA_FILE, SAVED, UnknownModelError, saved_models
from .store.metadata import Metadata
from .types import (
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

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "attention_cnn_people"
# Former names of saved models, good for one more release.
FORMER_NAMES = {"attention_cnn_votes": "attention_cnn_people"}
QUALITY_SIDE = 48  # Pixels: FER-2013's images, on which the quality limits are measured.


@dataclass(frozen=True, slots=True, eq=False)
class _Input:
    """What is made of one face before it is classified."""

    pixels: NDArray[np.uint8]  # The network input, gray (rows, columns).
    crop: FaceCrop  # Shrunk, if that was asked for.
    band: EyeBand | None  # If the model takes only that.
    quality: Quality  # Assessed on the full crop.


class Recognizer:
    """A detector and a classifier, loaded once; safe for threads."""

    def __init__(
        self,
        detector: Detector,
        classifier: Classifier,
        mesh: FaceMesh | None = None,
    ) -> None:
        if classifier.metadata.input.points and mesh is None:
            raise ValueError(f"{classifier.metadata.name} takes mesh points, so it needs a face mesh")
        self._detector = detector
        self._classifier = classifier
        self._mesh = mesh

    @classmethod
    def load(
        cls,
        name: str = DEFAULT_MODEL,
        *,
        root: Path = SAVED,
        threads: int | None = None,
        detector: DetectorName | Detector = DEFAULT_DETECTOR,
    ) -> Recognizer:
        """Load the saved model ``name``, the face detector and, if the model needs it, the face mesh from ``root``.

        ``threads`` is the number of threads of one call (None: one a core); ``detector`` is one of ``DETECTORS``, or a
        loaded detector. Raises UnknownModelError, whose message names the models there are, SavedModelError if a file
        is missing or altered, and ValueError for an unknown detector.

        >>> from facevalue import Recognizer
        >>> Recognizer.load(detector="haar").metadata.labels
        ('angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise')
        """
        available = saved_models(root)
        name = current_name(name, available)
        # A folder that lacks its network is damaged, not unknown: loading it says so.
        if name not in available and not (root / str(name) / METADATA_FILE).is_file():
            listed = ", ".join(available) or "none"
            raise UnknownModelError(f"There is no model “{str(name)[:40]}” in {root}; there are: {listed}.")
        if not isinstance(detector, str) and not hasattr(detector, "detect"):
            raise TypeError(f"a detector is one of {', '.join(DETECTORS)}, or an object with a method detect")
        loaded = load_detector(detector, root, threads) if isinstance(detector, str) else detector
        classifier = Classifier.load(root / name, threads=threads)
        takes_points = classifier.metadata.input.points > 0
        mesh = FaceMesh.load(root / "face_mesh", threads=threads) if takes_points else None
        return cls(loaded, classifier, mesh)

    @property
    def classifier(self) -> Classifier:
        """The classifier, for callers that have network inputs already."""
        return self._classifier

    @property
    def mesh(self) -> FaceMesh | None:
        """The face mesh, if the model takes its points."""
        return self._mesh

    @property
    def metadata(self) -> Metadata:
        """The classifier's metadata."""
        return self._classifier.metadata

    def analyze(
        self,
        photo: PhotoSource,
        *,
        region: Box | None = None,
        rotate: bool = True,
        scale: Scale | None = None,
        crop_side: int | None = None,
    ) -> PhotoAnalysis:
        """Classify every face of a photo.

        ``photo`` is the content of a file as bytes, a path (``~`` is the home folder), a file opened for reading in
        binary, a Pillow image, or a uint8 array: RGB (height, width, 3), RGBA, or gray (height, width). Floats from 0
        to 1 are taken with ``scale="unit"``. OpenCV's arrays are BGR: turn them first, ``pixels[..., ::-1]``.

        >>> from facevalue import Recognizer
        >>> recognizer = Recognizer.load()
        >>> analysis = recognizer.analyze("photo.jpg")
        >>> [face.prediction.emotion for face in analysis.faces]
        ['happy']
        >>> analysis.to_dict()["faces"][0]["confident"]
        True

        With a ``region`` (x, y, width, height in pixels of the file's upright image) no detector runs: the region is
        classified as a face whose ``source`` is "region". The whole image is (0, 0, width, height). Without ``rotate``
        the photo is read as it came, even if no face is upright in it. For ``crop_side`` see ``classify``.

        Raises PhotoError (``model.photo.errors``) if it cannot be read as a photo, TypeError for what is none of these,
        and ValueError for an array of another type or range, and for a region that is outside the photo or smaller than
        8 pixels. A photo without a face is no error.
        """
        analysis = self.classify(
            self.detect(photo, region=region, rotate=rotate, scale=scale), crop_side=crop_side
        )
        path = name_of(photo)
        return replace(analysis, name=path or analysis.name, from_path=path is not None)

    def analyze_many(
        self,
        photos: PhotoSource | Iterable[PhotoSource],
        *,
        glob: str | None = None,
        batch: int = 8,
        scale: Scale | None = None,
    ) -> Iterator[PhotoAnalysis | UnreadPhoto]:
        """Classify the faces of many photos, in their order; ``batch`` of them are read at a time.

        ``photos`` are anything that ``analyze`` takes, and folders, whose pictures are read with those of the folders
        in them, sorted by name; ``glob`` chooses others by name. What cannot be read does not end it: that photo's
        answer is an ``UnreadPhoto``, without faces and with an ``error``.

        >>> from facevalue import Recognizer
        >>> recognizer = Recognizer.load()
        >>> for analysis in recognizer.analyze_many(["photo.jpg", "nothing.jpg"]):
        ...     print(analysis.name, len(analysis.faces), analysis.error)
        photo.jpg 1 None
        nothing.jpg 0 There is no file “nothing.jpg”. Check the path and its spelling.

        Raises TypeError for what is no photo, ValueError for a ``batch`` below 1, and UnreadablePath for a folder that
        cannot be listed.
        """

        def read(number: int, photo: PhotoSource) -> PhotoAnalysis | UnreadPhoto:
            name = name_of(photo) or f"photo {number}"
            try:
                return replace(self.analyze(photo, scale=scale), name=name)
            except PhotoError as error:
                return UnreadPhoto(name, error)

        return in_batches(read, enumerate(each_photo(photos, glob), start=1), batch)

    def detect(
        self,
        photo: PhotoSource,
        *,
        region: Box | None = None,
        rotate: bool = True,
        scale: Scale | None = None,
    ) -> Detection:
        """Decode the photo and detect its faces: the first half of ``analyze``, the same for every model."""
        return detect(self._detector, photo, region=region, rotate=rotate, scale=scale)

    def look(self, pixels: NDArray[np.uint8]) -> PhotoAnalysis:
        """Classify the faces of a film's frame, RGB uint8 (height, width, 3), by a quick search (``model.film``)."""
        return self.classify(look(self._detector, pixels))

    def classify(self, detection: Detection, *, crop_side: int | None = None) -> PhotoAnalysis:
        """Classify the detected faces: the second half of ``analyze``.

        With ``crop_side``, the crops are kept at no more than so many pixels a side, once the network input is made of
        them: the full crops of many faces would need more memory than the photo.
        """
        started = time.perf_counter()
        faces = self._classify(detection, crop_side)
        classify = 1000 * (time.perf_counter() - started)
        return PhotoAnalysis(
            photo=detection.photo,
            faces=faces,
            timings_ms=Timings(decode=detection.decode_ms, detect=detection.detect_ms, classify=classify),
            model=identity_of(self.metadata),
            passes=detection.passes,
            rotation=detection.rotation,
            limits=detection.limits,
        )

    def _classify(self, detection: Detection, crop_side: int | None) -> tuple[FaceResult, ...]:
        if not detection.faces:
            return ()
        given = self._inputs(detection, crop_side)
        meshes = self._meshes(detection.photo.pixels, detection.faces)
        predictions = self._classifier.classify(
            np.stack([each.pixels for each in given]), *self._points(meshes, [each.crop for each in given])
        )
        numbers = reading_order([face.box for face in detection.faces])
        faints = which_are_faint([each.quality for each in given])
        stages = zip(detection.faces, given, predictions, meshes, numbers, faints, strict=True)
        return tuple(
            FaceResult(
                face,
                each.crop,
                each.pixels,
                prediction,
                each.quality,
                detection.source,
                number=number,
                faint=faint,
                band=each.band,
                mesh=mesh,
            )
            for face, each, prediction, mesh, number, faint in stages
        )

    def _inputs(self, detection: Detection, crop_side: int | None) -> list[_Input]:
        """Return the network input of each face; only one face's full crop is held at a time."""
        photo, band_geometry = detection.photo, self.metadata.band
        gray = (
            None
            if band_geometry is None
            else np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        )
        made = []
        for face in detection.faces:
            crop = self._crop(photo, face, detection.source)
            band = None if gray is None else eye_band(gray, face, band_geometry)
            pixels = band.pixels if band else preprocess(crop.aligned, self.metadata.size)
            quality = _quality(face, crop, pixels)
            made.append(
                _Input(pixels, crop if crop_side is None else shrink_crop(crop, crop_side), band, quality)
            )
        return made

    def _meshes(self, pixels: NDArray[np.uint8], faces: tuple[Face, ...]) -> list[Mesh | None]:
        """The mesh of each face, if the model takes its points."""
        if self._mesh is None:
            return [None] * len(faces)
        return [*self._mesh.locate_all([(pixels, face) for face in faces])]

    def _points(
        self, meshes: list[Mesh | None], crops: list[FaceCrop]
    ) -> tuple[NDArray[np.float32] | None, NDArray[np.intp] | None]:
        """Return mesh points (faces, points, 3) normalized to the crop, NaN where there is no mesh, and the mirror."""
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
        scale = self._detector.crop_scale
        return crop_face(photo.pixels, face, self.metadata.crop if scale is None else CropGeometry(scale))


def current_name(name: str, available: Collection[str]) -> str:
    """Return what the model ``name`` is called now, and log a warning where that is a former name.

    A model that is still saved by its former name is meant itself.
    """
    if name in available or name not in FORMER_NAMES:
        return name
    logger.warning(renamed(name))
    return FORMER_NAMES[name]


def renamed(name: str) -> str:
    """Return the sentence about a former name."""
    return f"The model {name} is called {FORMER_NAMES[name]} now; the old name stops working in the next release."


def identity_of(metadata: Metadata) -> ModelIdentity:
    """Return what an analysis says of the model."""
    return ModelIdentity(metadata.name, metadata.version, metadata.target)


def _quality(face: Face, crop: FaceCrop, given: NDArray[np.uint8]) -> Quality:
    """Assess the whole face at FER-2013's size, for which the limits are measured."""
    square = given if given.shape == (QUALITY_SIDE, QUALITY_SIDE) else preprocess(crop.aligned, QUALITY_SIDE)
    return assess(face, crop, square)
