"""Result types of the pipeline, one per stage.

photo → faces → crop → preprocess → classifier. ``Analysis`` keeps every stage, so that results page, API, command line
and tests show the same.

Conventions: images are ``uint8`` NumPy arrays, RGB (height, width, 3) or gray (height, width); boxes are (x, y, width,
height) and points (x, y), in pixels of the decoded upright photo, x to the right and y down; "left" and "right" of a
face are as the viewer sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .geometry import Box, Floats, Pixels, Point, RotatedRect

# Where a face is from: a detector, the caller's ``region``, or the whole photo, because the Haar cascade found none.
Source = Literal["detected", "region", "whole"]

# What the probabilities are of: the shares of people who would choose each expression, or the label that the data set
# would give.
Target = Literal["people_votes", "label"]

LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded, upright photo. All positions in the program are in its decoded pixels."""

    pixels: Pixels  # RGB uint8 (height, width, 3).
    format: str | None = None  # A key of ``model.photo.formats.NAMES``; None for an array.
    full_size: tuple[int, int] | None = None  # (width, height) in the file, if decoded at 1/2, 1/4 or 1/8.
    oriented: bool = False  # Whether the file says which way is up, as by an EXIF orientation.
    truncated: bool = False  # Whether the end of the file is missing, and with it what is at the bottom.

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def original_size(self) -> tuple[int, int]:
        """The (width, height) of the upright image in the file."""
        return self.full_size or (int(self.pixels.shape[1]), int(self.pixels.shape[0]))

    @property
    def scale(self) -> float:
        """Pixels of the file's image per decoded pixel, along one axis: about 1, 2, 4 or 8."""
        return max(self.original_size) / int(max(self.pixels.shape[:2]))


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face."""

    box: Box
    landmarks: Mapping[str, Point]  # By ``LANDMARK_NAMES``; empty if the detector has none.
    score: float  # The detector's, 0…1; 0 if no detector found the face.


@dataclass(frozen=True, slots=True)
class CropGeometry:
    """From a face's box to its square, around the same centre."""

    scale: float  # The square's side as a multiple of the box's height.


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """The square crop of one face. Outside the photo, its border pixels are repeated."""

    pixels: Pixels  # RGB (side, side, 3); smaller than the square if ``Recognizer.classify`` was told to shrink it.
    square: Box  # Where it is in the photo.
    aligned: Pixels  # RGB (side, side, 3): the square from the photo rotated about its centre until the eyes are level.
    roll: float  # Degrees by which the head is tilted, clockwise as the viewer sees it; −180 to 180.


@dataclass(frozen=True, slots=True)
class BandGeometry:
    """From the eyes to the band around them; lengths in interocular distances.

    A support vector machine on gradients of this band classified five emotions in 55.9 % of 2,500 PublicTest images
    (trained on 8,000); with the band moved up by 0.08, 53.4 %, and there with every face's eyes assumed at the mean,
    46.6 %.
    """

    width: float = 2.4  # Around the midpoint of the eyes.
    above: float = 0.7  # From the line through the eyes up …
    below: float = 0.5  # … and down.
    columns: int = 64  # Width of the network input in pixels.
    detail: float = 17.2  # Sharper images are shrunk to so many pixels an eye distance, FER-2013's mean.

    @property
    def scale(self) -> float:
        """Network-input pixels per interocular distance."""
        return self.columns / self.width

    @property
    def rows(self) -> int:
        """The network input's height in pixels."""
        return max(1, round((self.above + self.below) * self.scale))


@dataclass(frozen=True, slots=True, eq=False)
class EyeBand:
    """The eye band of one face."""

    aligned: Pixels  # The aligned face, gray (n, n).
    box: Box  # The band in ``aligned``, in its pixels.
    pixels: Pixels  # The band, gray uint8 (rows, columns): exactly that part of ``aligned``.
    region: RotatedRect  # The band in the photo.
    measured: bool  # False: no landmarks, so FER-2013's mean geometry was used.


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """How the points of the mesh are connected."""

    edges: NDArray[np.intp]  # (n, 2): pairs of points joined by a line.
    mirror: NDArray[np.intp]  # (468,): each point's counterpart across the midline, on which it is its own.


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The 468 mesh points of one face."""

    points: Floats  # float32 (468, 3): x, y, depth in pixels of the photo; nearer is smaller. Meaningless if not found.
    presence: float  # Probability, 0…1, that there is a face in ``region``.
    region: RotatedRect  # What the network was given.
    found: bool  # Whether ``presence`` reaches the threshold.
    topology: Topology


@dataclass(frozen=True, slots=True)
class Quality:
    """Image quality of one face, as far as it bears on how reliable the prediction is."""

    face_size: float  # Shorter side of the box, in pixels of the photo.
    sharpness: float  # Variance of the Laplacian over the variance of the gray levels.
    brightness: float  # Mean gray level, 0…255.
    contrast: float  # Standard deviation of the gray levels.
    roll: float  # Degrees, as ``FaceCrop.roll``.
    score: float  # The detector's, 0…1.
    warnings: tuple[str, ...]  # What is bad enough to matter, see ``model.faces.quality``.
    evenness: float = 0.0  # Share, 0…1, of the face in even tones, without a photo's grain.


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The classifier's output for one face."""

    labels: tuple[str, ...]
    logits: NDArray[np.float32]  # (classes,), in the order of ``labels``.
    probabilities: NDArray[np.float32]  # (classes,): softmax of logits / temperature.
    attention: NDArray[np.float32] | None  # (rows, columns): weights of places, 0 or more; None without any.
    threshold: float  # The model's ``confidence_threshold``.
    covered: float | None = None  # Probability that the lower face is covered; None if it has no such output.
    covered_threshold: float | None = None  # From here on it counts as covered.
    target: Target = "label"

    @property
    def emotion(self) -> str:
        """The most probable label."""
        return self.labels[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The highest probability, 0…1."""
        return float(np.max(self.probabilities))

    @property
    def confident(self) -> bool:
        """Whether the confidence reaches the model's threshold."""
        return self.confidence >= self.threshold

    @property
    def looks_covered(self) -> bool:
        """Whether the lower face counts as covered."""
        return (
            self.covered is not None
            and self.covered_threshold is not None
            and self.covered >= self.covered_threshold
        )

    def ranked(self) -> list[tuple[str, float]]:
        """Return (label, probability) pairs, most probable first."""
        order = np.argsort(-self.probabilities, kind="stable")
        return [(self.labels[i], float(self.probabilities[i])) for i in order]


@dataclass(frozen=True, slots=True, eq=False)
class FaceResult:
    """Every stage of one face: detected → cropped → network input → prediction."""

    face: Face
    crop: FaceCrop
    network_input: Pixels  # Gray uint8 of the model's input size.
    prediction: Prediction
    quality: Quality
    source: Source = "detected"
    number: int = 1  # In reading order, from 1: by rows from top to bottom, in each from left to right.
    faint: bool = False  # Small, unsharp or doubtful, and far smaller than others: a face of the background.
    band: EyeBand | None = None  # If the model takes only eyes and eyebrows.
    mesh: Mesh | None = None  # If the model takes mesh points.

    @property
    def box(self) -> Box:
        """The face's box: (x, y, width, height) in pixels of the photo."""
        return self.face.box

    @property
    def score(self) -> float:
        """The detector's score, 0…1."""
        return self.face.score


@dataclass(frozen=True, slots=True)
class DetectionPass:
    """One detection pass over the photo."""

    rotation: int  # Degrees clockwise.
    upscaled: bool  # To a long side of at most 2,048 pixels.
    faces: int  # How many were found.
    low_threshold: bool = False  # P-Net 0.2, R-Net 0.1 instead of 0.6, 0.7.
    tiles: int = 0  # In how many tiles small faces were looked for; 0 if it is another pass.


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """What the search for faces left out."""

    smallest_face: float = (
        0.0  # Pixels of the photo: smaller faces were not looked for. 0 if there was no search.
    )
    left_out: int = 0  # Faces that were found and not kept, because others are surer.
    undone: tuple[str, ...] = ()  # Passes that there was no time for, of ``model.detection.passes``.


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A decoded photo and its faces, before classification."""

    photo: Photo  # Rotated clockwise by ``rotation`` degrees; boxes and landmarks are in its pixels.
    faces: tuple[Face, ...]  # Largest box first; empty if there is none.
    rotation: int = 0  # Degrees: 0, 90, 180 or 270.
    passes: tuple[DetectionPass, ...] = ()  # In the order in which they were run.
    source: Source = "detected"
    limits: SearchLimits = SearchLimits()
    decode_ms: float = 0.0
    detect_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Timings:
    """Duration of each stage in milliseconds."""

    decode: float
    detect: float
    classify: float


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """The saved model that classified the faces."""

    name: str
    version: str
    target: Target = "label"


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The result for one photo."""

    photo: Photo  # Rotated clockwise by ``rotation`` degrees; boxes are in its pixels.
    faces: tuple[FaceResult, ...]  # Largest box first; empty if there is none.
    timings_ms: Timings
    model: ModelIdentity
    passes: tuple[DetectionPass, ...] = ()  # The detection passes, in the order in which they were run.
    rotation: int = 0  # Degrees by which the photo was rotated until faces were found: 0, 90, 180 or 270.
    limits: SearchLimits = SearchLimits()
